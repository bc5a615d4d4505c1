"""The rules about one record, each a small pure function over it; rules.py names them all.

None raises on a row whose shape is right. Entries of a type that this release does not know are
skipped, as every reader does.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from streamit.record import Entry, Record, Span
from streamit.timeline import clip_end, find_outside, holds_sample
from streamit.wording import find_fault, find_leak

Finding = tuple[str, str]
"""Where in the record, and what is wrong there."""

# The order at equal times. A video entry is placed where it begins, so that the one that ends at
# this time, having begun earlier, stands before all of these. A transcript runs along unranked.
_RANKS = {"system": 0, "user": 1, "assistant": 2, "video": 3}
_KNOWN = frozenset(_RANKS) | {"speech"}


@dataclass(frozen=True, slots=True)
class Stream:
    """A record as the rules look at it. Places are indices in the record's timeline.

    `end_s` is the video's duration or, where nobody knows it, the end of what is last.
    """

    record: Record
    fps: float
    max_frames: int | None
    end_s: float
    entries: list[tuple[int, Entry]]
    stretches: list[tuple[int, Entry]]
    answers: list[tuple[int, Entry]]
    users: dict[int, tuple[int, Entry]]


def look_at(record: Record, fps: float, max_frames: int | None) -> Stream:
    """The record as the rules look at it; E1 and F1 measure by `fps` and `max_frames`."""
    entries: list[tuple[int, Entry]] = []
    stretches: list[tuple[int, Entry]] = []
    answers: list[tuple[int, Entry]] = []
    users: dict[int, tuple[int, Entry]] = {}
    for placed in enumerate(record.timeline):
        entry = placed[1]
        if entry.type not in _KNOWN:
            continue
        entries.append(placed)
        if entry.type == "video":
            stretches.append(placed)
        elif entry.type == "assistant":
            answers.append(placed)
        elif entry.type == "user":
            users.setdefault(entry.id, placed)
    end_s = record.video.duration_s
    if end_s is None:
        end_s = max((e.end_s for _, e in entries), default=0.0)
    return Stream(record, fps, max_frames, end_s, entries, stretches, answers, users)


def _at(i: int) -> str:
    return f"timeline[{i}]"


def find_disorder(stream: Stream) -> Iterator[Finding]:
    """Entries are sorted by start. At equal times: system, the video that ends there, user,
    assistant, the video that begins there. An id is the entry's place, counted from 0. No entry
    ends before it starts, and the words of a timed text are in order inside their entry. A system
    entry only comes first, at 0.
    """
    now_s, reached = 0.0, 0
    for place, (i, entry) in enumerate(stream.entries):
        if entry.id != i:
            yield _at(i) + ".id", f"is {entry.id}; entries are numbered by place, so this is {i}"
        if entry.end_s < entry.start_s:
            yield _at(i), f"ends at {entry.end_s} s, before it starts at {entry.start_s} s"
        if entry.start_s < now_s:
            yield _at(i), f"starts at {entry.start_s} s, before the entry above it ({now_s} s)"
        else:
            reached = reached if entry.start_s == now_s else 0
            now_s = entry.start_s
            rank = _RANKS.get(entry.type, reached)
            if rank < reached:
                yield _at(i), f"this {entry.type} entry must stand higher among those at {now_s} s"
            reached = max(rank, reached)
        if entry.type == "system" and (place > 0 or entry.start_s > 0):
            yield _at(i), f"a system entry at {entry.start_s} s; it only comes first, at 0 s"
        if entry.words:
            yield from _find_word_disorder(entry, _at(i))


def _find_word_disorder(entry: Entry, where: str) -> Iterator[Finding]:
    last_s = entry.start_s
    for k, word in enumerate(entry.words or ()):
        if not last_s <= word.start_s <= word.end_s <= entry.end_s:
            yield (
                f"{where}.words[{k}]",
                f"[{word.start_s}, {word.end_s}) s is out of order, or outside its entry's"
                f" [{entry.start_s}, {entry.end_s}) s",
            )
        last_s = max(word.start_s, last_s)


def find_bad_stretches(stream: Stream) -> Iterator[Finding]:
    """Video entries have a length, do not overlap, begin at 0 and together reach the end of the
    stream: its duration, or the end of what is last where nobody knows it. Nothing lies beyond.
    """
    reached_s = 0.0
    for i, entry in sorted(stream.stretches, key=lambda found: found[1].start_s):
        if entry.end_s <= entry.start_s:
            yield _at(i), f"the stretch [{entry.start_s}, {entry.end_s}) s has no length"
        elif entry.start_s < reached_s:
            yield _at(i), f"starts at {entry.start_s} s, but the video is covered to {reached_s} s"
        elif entry.start_s > reached_s:
            yield _at(i), f"leaves [{reached_s}, {entry.start_s}) s of the video uncovered"
        reached_s = max(reached_s, entry.end_s)
    if not stream.stretches:
        yield "timeline", "has no video entry"
    elif reached_s < stream.end_s:
        yield "timeline", f"covers {reached_s} s of {stream.end_s} s; add the video that remains"
    for i, entry in stream.entries:
        if entry.end_s > stream.end_s:
            yield _at(i), f"ends at {entry.end_s} s, after the stream's {stream.end_s} s"


def find_text_inside(stream: Stream) -> Iterator[Finding]:
    """System, user and assistant entries start where a video entry starts or ends. A transcript
    (`speech`) runs along with the picture and may start anywhere.
    """
    edges = {e.start_s for _, e in stream.stretches} | {e.end_s for _, e in stream.stretches}
    for i, entry in stream.entries:
        if entry.start_s not in edges and entry.type in ("user", "assistant", "system"):
            yield (
                _at(i),
                f"{entry.type} text at {entry.start_s} s is inside a stretch; cut the video there",
            )


def find_orphans(stream: Stream) -> Iterator[Finding]:
    """`reply_to` of every assistant entry, and of any other entry that has one, is the id of a
    user entry that stands above it, at the same time or earlier.
    """
    for i, entry in stream.entries:
        if entry.reply_to is None:
            if entry.type == "assistant":
                yield _at(i) + ".reply_to", "an answer names no user entry"
            continue
        place, question = stream.users.get(entry.reply_to, (None, None))
        if place is None or question is None:
            yield _at(i) + ".reply_to", f"no user entry has the id {entry.reply_to}"
        elif place >= i or question.start_s > entry.start_s:
            yield (
                _at(i) + ".reply_to",
                f"user entry {entry.reply_to} comes at {question.start_s} s, not before"
                f" {entry.start_s} s",
            )


def find_early_answers(stream: Stream) -> Iterator[Finding]:
    """Every stretch of evidence has a length and ends at or before the start of its answer."""
    for i, entry in stream.answers:
        for k, span in enumerate(entry.evidence):
            if span.end_s <= span.start_s:
                yield _at(i) + f".evidence[{k}]", f"[{span.start_s}, {span.end_s}) s has no length"
            if span.end_s > entry.start_s:
                yield (
                    _at(i) + f".evidence[{k}]",
                    f"ends at {span.end_s} s, after the answer at {entry.start_s} s; answer later",
                )


def find_missed_windows(stream: Stream) -> Iterator[Finding]:
    """Where an answer has a window, earliest_s <= start_s <= latest_s."""
    for i, entry in stream.answers:
        window = entry.window
        if window is not None and not window.earliest_s <= entry.start_s <= window.latest_s:
            yield (
                _at(i) + ".window",
                f"[{window.earliest_s}, {window.latest_s}] s does not hold the answer at"
                f" {entry.start_s} s",
            )


def find_cancelled_answers(stream: Stream) -> Iterator[Finding]:
    """No answer replies to a question at or after the time of a user entry of kind `cancel` that
    acts upon it.
    """
    cancels = [e for _, e in stream.users.values() if e.kind == "cancel" and e.reply_to is not None]
    for i, entry in stream.answers if cancels else ():
        for cancel in cancels:
            if cancel.reply_to == entry.reply_to and entry.start_s >= cancel.start_s:
                yield (
                    _at(i),
                    f"answers user entry {entry.reply_to} at {entry.start_s} s, which was"
                    f" cancelled at {cancel.start_s} s",
                )


def find_unseen_evidence(stream: Stream) -> Iterator[Finding]:
    """At the recipe's sampling, at least one sampling time lies in the last evidence of each
    answer that is learned (`loss` true). An answer without evidence is not judged.
    """
    for i, entry in stream.answers:
        if not entry.loss or not entry.evidence:
            continue
        last = max(entry.evidence, key=lambda span: span.end_s)
        if not holds_sample(last, stream.end_s, stream.fps, stream.max_frames):
            yield (
                _at(i),
                f"no sampled frame lies in its evidence [{last.start_s}, {last.end_s}) s;"
                " set loss to false",
            )


def find_bad_frame_times(stream: Stream) -> Iterator[Finding]:
    """`frame_times_s` strictly increase, lie in the stretches, and are at most as many as the
    recipe allows.
    """
    times_s = stream.record.frame_times_s
    if stream.max_frames is not None and len(times_s) > stream.max_frames:
        yield "frame_times_s", f"{len(times_s)} frames; the recipe allows {stream.max_frames}"
    for k, (earlier_s, later_s) in enumerate(pairwise(times_s), start=1):
        if later_s <= earlier_s:
            yield f"frame_times_s[{k}]", f"{later_s} s does not follow {earlier_s} s"
    spans = [Span(e.start_s, e.end_s) for _, e in stream.stretches] if times_s else []
    for k in find_outside(times_s, spans):
        yield f"frame_times_s[{k}]", f"{times_s[k]} s lies in no stretch of video"


def find_unclean_text(stream: Stream) -> Iterator[Finding]:
    """Text is not empty, is in NFC, has single spaces only between words, and holds no control
    characters and no halves of surrogate pairs.
    """
    for i, entry in stream.entries:
        if entry.text is not None and (fault := find_fault(entry.text)):
            yield _at(i) + ".text", fault
        for k, word in enumerate(entry.words or ()):
            if fault := find_fault(word.text):
                yield _at(i) + f".words[{k}].text", fault


def find_leaks(stream: Stream) -> Iterator[Finding]:
    """Text of origin `model` holds no phrase of schemas/leak_phrases.txt: about the caption, a
    frame, a photo, the beginning of the video and their like.
    """
    for i, entry in stream.entries:
        if entry.origin == "model" and entry.text and (leak := find_leak(entry.text)):
            yield _at(i) + ".text", f"says {leak!r}; ask the model again without it"


def find_bad_joints(stream: Stream) -> Iterator[Finding]:
    """The first clip is at offset 0, each begins where the one before ends, and the last ends with
    the stream. Only the end of the last clip may be unknown, where the duration is unknown too or
    there is but this clip.
    """
    video = stream.record.video
    reached_s: float | None = 0.0
    for k, clip in enumerate(video.clips):
        where = f"video.clips[{k}]"
        if reached_s is None:
            yield where, "follows a clip without an end"
        elif clip.offset_s != reached_s:
            yield (
                where,
                f"is at {clip.offset_s} s of the stream, the clips before reach {reached_s} s",
            )
        if clip.end_s is not None and clip.end_s <= clip.start_s:
            yield where, f"[{clip.start_s}, {clip.end_s}) s has no length"
        reached_s = clip_end(clip)
    if reached_s is not None and video.duration_s is not None and reached_s != video.duration_s:
        yield "video.clips", f"add up to {reached_s} s, the stream lasts {video.duration_s} s"
    if reached_s is None and video.duration_s is not None and len(video.clips) > 1:
        yield "video.clips", f"the last has no end, but the stream lasts {video.duration_s} s"
