"""QaEgo4D and EgoTimeQA: a row per question about an Ego4D clip, with the stretch that answers it.

A list of `{"video_id", "sample_id", "question", "answer", "moment_start_frame",
"moment_end_frame"}`, where `video_id` is the clip. Frames are counted at 30 per second whatever the
rate of the video: the authors divide by 30. EgoTimeQA's frames are no whole numbers, since its
authors shortened every window around its middle, and may be negative or past the clip's end.

Rows of the natural-language-query variant have `clip_start_sec` and `clip_end_sec` instead; frames
win where a row has both. `wrong_answers`, for multiple choice, are not read.

Baermann and Waibel, Where Did I Leave My Keys?, CVPR Workshops 2022; Di and Xie, Grounded
Question-Answering in Long Egocentric Videos, CVPR 2024.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

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
)
from streamit.readers.questions import QuestionsByVideo
from streamit.timeline import TimeFault, frames_to_s, read_number, read_seconds

FPS = 30.0
_FRAMES = ("moment_start_frame", "moment_end_frame")
_SECONDS = ("clip_start_sec", "clip_end_sec")
_EXPECTED = (
    "a QaEgo4D or EgoTimeQA file is a list of questions with 'video_id', 'question', 'answer', "
    "'moment_start_frame' and 'moment_end_frame'"
)


def read(file: SourceFile) -> Iterator[Item | Reject]:
    """One item per clip. Raises SourceError when the file is no list of such questions."""
    with QuestionsByVideo(file) as questions:
        for member in stream_json(file.path):
            if member.key is not None:
                raise SourceError(f"{file.path}: is an object; {_EXPECTED}")
            if member.ordinal == 0:
                check_format(file.path, member.value, ("video_id", "question"), _EXPECTED)
            yield from _read_row(file, member, questions)
        yield from questions.make_items()


def _read_row(file: SourceFile, member: Member, questions: QuestionsByVideo) -> Iterator[Reject]:
    if member.problem is not None:
        yield read_line(file, member)
        return
    try:
        row = read_object(member.value)
    except Refusal as fault:
        yield Place(file, f"[{member.ordinal}]").reject(None, fault.reason, str(fault))
        return
    yield from questions.add(
        member.ordinal,
        row.get("sample_id"),
        row.get("video_id"),
        lambda: _read_event(row, file.split),
    )


def _read_event(row: Mapping[str, Any], split: str) -> Event:
    if split == "test" and not row.get("answer"):
        raise Refusal("hidden_label", "the question of a test split has no answer")
    question, answer = clean_text(row.get("question")), clean_text(row.get("answer"))
    start_s, end_s = _read_times(row)
    return Event(0, start_s, end_s, answer, question)


def _read_times(row: Mapping[str, Any]) -> tuple[float, float]:
    if any(row.get(key) is not None for key in _FRAMES):
        start, end = (read_number(row.get(key), "frames") for key in _FRAMES)
        return frames_to_s(start, FPS), frames_to_s(end, FPS)
    if any(row.get(key) is not None for key in _SECONDS):
        start_s, end_s = (read_seconds(row.get(key)) for key in _SECONDS)
        return start_s, end_s
    raise TimeFault("bad_time", f"has neither {' and '.join(_FRAMES)} nor {' and '.join(_SECONDS)}")
