"""MultiHop-EgoQA: questions whose answer rests on several stretches of a 180 s segment of Ego4D.

Training file: a list of `{"segment_id", "annotated_QA": [{"Q", "A", "T", "Evidence"}]}`. Test file:
a list of questions, each with its own `segment_id` and `sample_id`. `T` is `[[first, last], ...]`
or one bare pair: numbers of one-second cells with the last one included, so `[s, e]` is
`[s, e + 1)` (the authors set `mask[s:e + 1]`). `Evidence` gives the same per thing that was seen,
`{"<entity>": pairs}`; a pair of it that no pair of `T` holds is evidence, too. In a training answer
`<T1>...</T1>` marks the words that each piece of evidence belongs to; the tags are taken out.

What the authors' own loader drops is refused here: no `T`, a pair that is none or reversed, tags
that are nested wrongly, repeated, beyond T5, or not as many as the pieces of evidence. So is what
their evaluation skips: an answer with empty tags, whose question asks for times alone.
Chen et al., Grounded Multi-Hop VideoQA in Long-Form Egocentric Videos, AAAI 2025.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import partial

from streamit.errors import SourceError
from streamit.item import Event, Item, Reject
from streamit.readers.base import SourceFile
from streamit.readers.json_stream import Member, stream_json
from streamit.readers.parse import (
    Place,
    Refusal,
    check_format,
    clean_text,
    read_line,
    read_object,
    show,
)
from streamit.readers.questions import QuestionsByVideo
from streamit.timeline import TimeFault, read_second_cells

SEGMENT_S = 180.0
_TAG = re.compile(r"<(/?)(T\d+)>", re.ASCII)
_EMPTY_TAG = re.compile(r"<T\d+>\s*</T\d+>", re.ASCII)
_TAGS = ("T1", "T2", "T3", "T4", "T5")
_BLANK_BEFORE_MARK = re.compile(r"\s+([.,!?])")
_EXPECTED = (
    "a MultiHop-EgoQA file is a list of segments with 'segment_id' and 'annotated_QA', or of "
    "questions with 'segment_id', 'Q', 'A' and 'T'"
)

Stretch = tuple[float, float]


def read(file: SourceFile) -> Iterator[Item | Reject]:
    """One item per segment. Raises SourceError when the file is no list of such entries."""
    with QuestionsByVideo(file, SEGMENT_S) as questions:
        for member in stream_json(file.path):
            if member.key is not None:
                raise SourceError(f"{file.path}: is an object; {_EXPECTED}")
            if member.ordinal == 0:
                check_format(file.path, member.value, ("segment_id", "annotated_QA"), _EXPECTED)
            yield from _read_entry(file, member, questions)
        yield from questions.make_items()


def _read_entry(file: SourceFile, member: Member, questions: QuestionsByVideo) -> Iterator[Reject]:
    if member.problem is not None:
        yield read_line(file, member)
        return
    try:
        entry = read_object(member.value)
        is_question = "annotated_QA" not in entry
        rows = [entry] if is_question else read_object(entry, "annotated_QA")["annotated_QA"]
        if not rows:
            raise Refusal("no_events", "the segment has no questions")
    except Refusal as fault:
        yield Place(file, f"[{member.ordinal}]").reject(None, fault.reason, str(fault))
        return
    for row in rows:
        own_id = entry.get("sample_id") if is_question else None
        segment_id = entry.get("segment_id")
        yield from questions.add(member.ordinal, own_id, segment_id, partial(_read_question, row))


def _read_question(row: object) -> Event:
    qa = read_object(row)
    question, answer = clean_text(qa.get("Q")), clean_text(qa.get("A"))
    stretches = _read_pairs(qa.get("T"))
    if "Evidence" in qa:
        pieces = read_object(qa["Evidence"])
        _check_tags(answer, len(pieces))
        for pairs in pieces.values():
            stretches += [s for s in _read_pairs(pairs) if not _is_held(s, stretches)]
    *earlier, last = sorted(set(stretches), key=lambda s: (s[1], s[0]))
    return Event(0, *last, strip_tags(answer), question, tuple(earlier))


def _read_pairs(value: object) -> list[Stretch]:
    """Stretches in seconds of a list of pairs, or of one bare pair."""
    if not isinstance(value, list) or not value:
        raise Refusal("no_evidence", f"{show(value)} is no list of the stretches that show it")
    pairs = value if any(isinstance(part, list) for part in value) else [value]
    return [_read_pair(pair) for pair in pairs]


def _read_pair(pair: object) -> Stretch:
    if not isinstance(pair, list) or len(pair) != 2:
        raise TimeFault("bad_time", f"{show(pair)} is not a pair of seconds")
    return read_second_cells(*pair)


def _is_held(stretch: Stretch, others: Sequence[Stretch]) -> bool:
    return any(start_s <= stretch[0] and stretch[1] <= end_s for start_s, end_s in others)


def _check_tags(answer: str, n_pieces: int) -> None:
    """Refuses `bad_tags` what the authors' loader would drop."""
    opened: list[str] = []
    closed: list[str] = []
    for slash, name in _TAG.findall(answer):
        if not slash:
            opened.append(name)
        elif opened and opened[-1] == name:
            closed.append(opened.pop())
        else:
            raise Refusal("bad_tags", f"</{name}> in {show(answer)} closes nothing")
    if opened:
        raise Refusal("bad_tags", f"<{opened[-1]}> in {show(answer)} is not closed")
    if len(set(closed)) < len(closed) or not set(closed) <= set(_TAGS):
        raise Refusal("bad_tags", f"the tags of {show(answer)} are not each of T1 to T5 once")
    if len(closed) != n_pieces:
        raise Refusal("bad_tags", f"{len(closed)} tags in {show(answer)}, {n_pieces} in Evidence")


def strip_tags(answer: str) -> str:
    """The answer in plain words, without a blank that a tag left before a mark.

    Raises Refusal `bad_tags` where a tag stands in place of words: such an answer tells a time.
    """
    if _EMPTY_TAG.search(answer):
        raise Refusal("bad_tags", f"a tag in {show(answer)} stands in place of words")
    return clean_text(_BLANK_BEFORE_MARK.sub(r"\1", clean_text(_TAG.sub("", answer))))
