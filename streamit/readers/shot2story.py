"""Shot2Story: multi-shot clips with a caption per shot, and no times in the JSON.

A list of `{"image_id": "<clip>.mp4", "video_names": [shot files], "captions": [str], ...}`; the
bounds of a shot stand in its file name, `<clip>_<start>_<end>.mp4`, as frame numbers of the clip:
the authors' process_videos.py cuts [start / fps, end / fps) with the clip's own frame rate. So the
seconds are known only with the video. Han et al., Shot2Story, ICLR 2025.

The events are the shots' captions. The summary of the clip (`whole_caption`), the speech (`ASR`)
and the captions of what is said (`audio_captions`) belong to other tasks and are not read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from streamit.errors import SourceError
from streamit.item import SECONDS, VIDEO_FRAMES, Event, Item, Reject
from streamit.readers.base import SourceFile
from streamit.readers.json_stream import Member, stream_json
from streamit.readers.parse import (
    Place,
    Refusal,
    check_lengths,
    clean_text,
    read_events,
    read_line,
    read_object,
    read_video_id,
    show,
)
from streamit.timeline import TimeFault, frames_to_s

_IDS = ("image_id", "video", "nvid")
_LISTS = ("video_names", "captions")
# Ids of clips hold `_` themselves, so the frame numbers are taken from the right.
_SHOT = re.compile(r".+_(\d{1,9})_(\d{1,9})(?:\.[A-Za-z0-9]+)?", re.ASCII | re.DOTALL)


def read(file: SourceFile) -> Iterator[Item | Reject]:
    """One item per clip, in frames, or in seconds where `options.fps` states the frame rate.

    Raises SourceError when the file is no list, or the stated rate no positive number.
    """
    fps = _read_fps(file)
    seen: set[str | None] = set()
    for member in stream_json(file.path):
        if member.key is not None:
            raise SourceError(f"{file.path}: is an object; a Shot2Story file is a list of clips")
        if member.problem is not None:
            yield read_line(file, member)
        else:
            key = _find_key(member.value)
            yield from _read_clip(file, member, key, fps, repeated=key in seen)
            seen.add(key)


def _read_fps(file: SourceFile) -> float | None:
    fps = file.options.get("fps")
    if fps is None:
        return None
    if isinstance(fps, bool) or not isinstance(fps, int | float) or not fps > 0:
        raise SourceError(f"{file.path}: options.fps is {show(fps)}; state a positive frame rate")
    return float(fps)


def _read_clip(
    file: SourceFile, member: Member, key: str | None, fps: float | None, repeated: bool
) -> Iterator[Item | Reject]:
    place = Place(file, f"[{member.ordinal}]" if key is None else key, key)
    n_annotations = 0
    try:
        entry = read_object(member.value, "video_names")
        if not entry.get("captions"):
            raise Refusal("no_events", "the clip has no shot captions")
        read_object(entry, *_LISTS)
        n_annotations = max(len(entry[name]) for name in _LISTS)
        video_id = read_video_id(key)
        if repeated:
            raise Refusal("duplicate_key", f"{show(key)} is in the file already; that one is used")
        check_lengths(entry, _LISTS)
    except Refusal as fault:
        yield from place.reject_each(n_annotations, fault.reason, str(fault))
        return
    events, rejects = read_events(place, n_annotations, lambda i: _read_shot(entry, i, fps))
    yield from rejects
    if events:
        time_unit = VIDEO_FRAMES if fps is None else SECONDS
        yield place.make_item(
            member.ordinal, video_id, events, time_unit=time_unit, n_refused=len(rejects)
        )


def _find_key(value: object) -> str | None:
    """The clip's file name; the corpus repeats it under three keys."""
    if not isinstance(value, Mapping):
        return None
    return next((value[key] for key in _IDS if isinstance(value.get(key), str)), None)


def _read_shot(entry: Mapping[str, Any], index: int, fps: float | None) -> Event:
    name = entry["video_names"][index]
    match = _SHOT.fullmatch(name) if isinstance(name, str) else None
    if match is None:
        raise TimeFault("bad_time", f"{show(name)} is not a shot name <clip>_<start>_<end>.mp4")
    bounds = [float(number) for number in match.groups()]
    start_s, end_s = bounds if fps is None else [frames_to_s(frame, fps) for frame in bounds]
    return Event(index, start_s, end_s, clean_text(entry["captions"][index]))
