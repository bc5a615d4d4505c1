"""Builders of valid records, for everybody's tests: say only what the test is about.

`proactive()` and `multi_turn()` are a 12 s stream with three events. Every record built here passes
`validate`; break it with `dataclasses.replace`, `with_entry` or, as a row, `mutate`.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from streamit.ids import record_id
from streamit.record import (
    Clip,
    Entry,
    Frame,
    Provenance,
    Record,
    Score,
    Span,
    Video,
    Word,
    to_dict,
)
from streamit.timeline import answer_window, cut_stretches

END_S = 12.0
HASH = "0123456789abcdef" * 4
EVENTS = (
    (Span(1.0, 3.5), "A red circle appears."),
    (Span(3.0, 6.0), "A square turns blue."),
    (Span(8.25, 10.5), "A triangle crosses from left to right."),
)


def provenance(**changes: Any) -> Provenance:
    """Provenance of a record without model-made text, at 1 FPS and at most 256 frames."""
    known = Provenance(
        licence="CC-BY-4.0",
        annotation_file="train.json",
        annotation_key="v_demo0000001",
        item_hash=HASH,
        recipe_fingerprint=HASH,
        streamit_version="0.1.0",
        seed=0,
        sampling_fps=1.0,
        sampling_max_frames=256,
    )
    return replace(known, **changes)


def clip(uri: str = "v_demo0000001.mp4", length_s: float | None = END_S, **changes: Any) -> Clip:
    """A clip from the start of its file."""
    return replace(Clip(uri, None, None, 0.0, length_s, 0.0), **changes)


def video(
    duration_s: float | None = END_S, id: str = "v_demo0000001", clips: Sequence[Clip] = ()
) -> Video:
    """A plain video of one clip, or the joined stream of the clips given."""
    return Video(id, duration_s, 320, 240, tuple(clips) or (clip(f"{id}.mp4", duration_s),))


def stretch(start_s: float, end_s: float, **changes: Any) -> Entry:
    """A video entry."""
    return replace(Entry("video", 0, start_s, end_s, loss=True), **changes)


def user(at_s: float, text: str = "What has just happened?", **changes: Any) -> Entry:
    """A question that expects one answer."""
    asked = Entry(
        "user", 0, at_s, at_s, text=text, kind="question", expects="one", origin="template"
    )
    return replace(asked, **changes)


def answer(
    at_s: float,
    text: str,
    evidence: Span,
    reply_to: int,
    next_s: float | None = None,
    **changes: Any,
) -> Entry:
    """A learned answer from the annotation; `next_s` is the next one to the same question."""
    said = Entry(
        "assistant",
        0,
        at_s,
        at_s,
        text=text,
        kind="answer",
        reply_to=reply_to,
        evidence=(evidence,),
        window=answer_window(evidence, at_s, next_s, END_S),
        origin="annotation",
        loss=True,
    )
    return replace(said, **changes)


def record(timeline: Sequence[Entry], **changes: Any) -> Record:
    """A record of these entries, numbered by place."""
    entries = tuple(replace(entry, id=i) for i, entry in enumerate(timeline))
    built = Record(
        id=record_id("dense_caption", "demo", "v_demo0000001", 0),
        recipe="dense_caption",
        source="demo",
        split="train",
        task="dense_caption",
        layout="multi_turn",
        language="en",
        video=video(),
        timeline=entries,
        provenance=provenance(),
        n_turns=sum(entry.type in ("user", "assistant") for entry in entries),
    )
    return replace(built, **changes)


def multi_turn(**changes: Any) -> Record:
    """V Q A, V Q A, V Q A, V: asked and answered at the end of each event."""
    timeline: list[Entry] = []
    begin_s = 0.0
    for span, text in EVENTS:
        timeline.append(stretch(begin_s, span.end_s))
        timeline.append(user(span.end_s))
        timeline.append(answer(span.end_s, text, span, reply_to=len(timeline) - 1))
        begin_s = span.end_s
    return record([*timeline, stretch(begin_s, END_S)], **changes)


def proactive(**changes: Any) -> Record:
    """Q V A V A V A V: one instruction at 0, an answer at the end of each event."""
    ends_s = [span.end_s for span, _ in EVENTS]
    cuts = cut_stretches(ends_s, END_S)
    timeline = [user(0.0, "Tell me what happens.", kind="instruction", expects="many")]
    for (span, text), cut, next_s in zip(EVENTS, cuts, [*ends_s[1:], None], strict=False):
        timeline.append(stretch(cut.start_s, cut.end_s))
        timeline.append(answer(span.end_s, text, span, 0, next_s, kind="narration"))
    timeline.append(stretch(cuts[-1].start_s, cuts[-1].end_s))
    return record(timeline, layout="proactive", **changes)


def joined() -> Record:
    """The stream of `multi_turn`, joined from two clips of 7.5 s and 4.5 s."""
    clips = (
        clip("a/first.mp4", 7.5),
        Clip("b/second.mp4", HASH, True, 2.0, 6.5, 7.5),
    )
    return multi_turn(video=video(id="first+second", clips=clips))


def full() -> Record:
    """`proactive()` with every optional column and field filled: words, frames, scores."""
    built = proactive()
    words = (Word(3.5, 3.75, "A"), Word(3.75, 4.0, "circle"))
    timeline = tuple(
        replace(entry, end_s=4.0, words=words, question_type="OP") if entry.id == 2 else entry
        for entry in built.timeline
    )
    return replace(
        built,
        timeline=timeline,
        frame_times_s=(0.0, 1.0),
        n_frames=2,
        frames=(Frame(b"\xff\xd8\xff\xe0"), Frame(b"\xff\xd8\xff\xe1", "1.jpg")),
        scores=(Score("similarity", 0.75),),
    )


def with_entry(built: Record, place: int, **changes: Any) -> Record:
    """The record with one entry changed."""
    timeline = list(built.timeline)
    timeline[place] = replace(timeline[place], **changes)
    return replace(built, timeline=tuple(timeline))


def mutate(built: Record, path: Sequence[str | int], value: Any) -> dict[str, Any]:
    """The record as a row, with the value at the path (`("timeline", 0, "text")`) replaced."""
    row = copy.deepcopy(to_dict(built))
    *parents, last = path
    at: Any = row
    for step in parents:
        at = at[step]
    at[last] = value
    return row
