"""MovieChat-1K: questions about a whole film clip, and questions at moments of it.

One object per file and video: `{"info": {"video_path", "fps", "num_frame"}, "global": [{"question",
"answer"}], "breakpoint": [{"time", "question", "answer"}]}`. `time` is a frame number; the authors
divide it by `info.fps`. A breakpoint is a moment: what shows it ends with that frame, and where it
starts nobody says. A global question is about the whole video.

The test split comes twice: `annotations/` without the answers and `gt/` with them. The stored name
ends in `.mp4` where the video may end in `.MP4` or `.mkv`, so videos are found by their stem. The
`caption` of the video belongs to another task and is not read. Song et al., MovieChat, CVPR 2024.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any

from streamit.errors import SourceError
from streamit.item import Event, Item, Reject
from streamit.readers.base import SourceFile
from streamit.readers.json_stream import join_members, stream_json
from streamit.readers.parse import (
    Place,
    Refusal,
    check_format,
    clean_text,
    read_duration,
    read_events,
    read_object,
    read_video_id,
    show,
)
from streamit.timeline import TimeFault, frame_end_s, frames_to_s, read_number

_LISTS = ("global", "breakpoint")
_EXPECTED = "a MovieChat-1K file is one object with 'info', 'global' and 'breakpoint'"


def read(file: SourceFile) -> Iterator[Item | Reject]:
    """The item of the file's video. Its global questions are numbered first.

    Raises SourceError when the file is no such object.
    """
    entry = _read_document(file)
    info = entry.get("info")
    name = info.get("video_path") if isinstance(info, Mapping) else None
    place = Place(file, name if isinstance(name, str) else file.name, name)
    n_annotations = 0
    try:
        read_object(entry)
        questions = list(chain.from_iterable(_list_questions(entry, key) for key in _LISTS))
        n_annotations = len(questions)
        facts = read_object(info)
        fps = _read_fps(facts.get("fps"))
        video_id = read_video_id(name)
        duration_s = _read_length(facts.get("num_frame"), fps)
        if not questions:
            raise Refusal("no_events", "the video has no questions")
    except Refusal as fault:
        yield from place.reject_each(n_annotations, fault.reason, str(fault))
        return
    events, rejects = read_events(
        place, n_annotations, lambda i: _read_question(*questions[i], i, fps, file.split)
    )
    yield from rejects
    if events:
        yield place.make_item(0, video_id, events, duration_s=duration_s, n_refused=len(rejects))


def _read_document(file: SourceFile) -> dict[str, Any]:
    members = stream_json(file.path)
    first = next(members, None)
    if first is None or first.key is None:
        raise SourceError(f"{file.path}: is {'empty' if first is None else 'a list'}; {_EXPECTED}")
    entry = join_members(chain([first], members))
    check_format(file.path, entry, ("info", *_LISTS), _EXPECTED)
    return entry


def _list_questions(entry: Mapping[str, Any], key: str) -> Iterator[tuple[str, object]]:
    """(list, question) for each question of a list, which a video may lack."""
    if entry.get(key) is not None:
        yield from ((key, question) for question in read_object(entry, key)[key])


def _read_fps(value: object) -> float | None:
    """The frame rate; None where it is none, which costs the breakpoints alone."""
    try:
        fps = read_number(value, "frames per second")
    except TimeFault:
        return None
    return fps if fps > 0 else None


def _read_length(n_frames: object, fps: float | None) -> float | None:
    if fps is None or n_frames is None:
        return None
    try:
        return read_duration(frames_to_s(read_number(n_frames, "frames"), fps))
    except TimeFault as fault:
        raise Refusal("bad_duration", f"the number of frames cannot be used: {fault}") from fault


def _read_question(key: str, entry: object, index: int, fps: float | None, split: str) -> Event:
    qa = read_object(entry)
    if split == "test" and not qa.get("answer"):
        raise Refusal("hidden_label", "the question has no answer; the files in gt/ hold them")
    question, answer = clean_text(qa.get("question")), clean_text(qa.get("answer"))
    if key == "global":
        return Event(index, 0.0, None, answer, question)
    frame = read_number(qa.get("time"), "frames")
    if fps is None:
        raise TimeFault("bad_time", f"frame {show(qa['time'])} has no time: info.fps is no rate")
    return Event(index, None, frame_end_s(frame, fps), answer, question)
