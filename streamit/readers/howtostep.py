"""HowToStep: steps of HowTo100M videos, written and placed by models from what is said in them.

Published as `HowToStep.tar.gz` with a file per video, of which none could be read: the fields are
not known for certain. Taken are the shapes that the authors' code writes and reads, and those of
its relatives; everything else is refused with a look at what was found. Videos: the files of the
archive, an object keyed by the YouTube id, or a list (or lines) of objects with `vid`, `video_id`,
`video` or `id`. Steps: parallel lists `start`, `end` and `text`, or a list (also under `steps` or
`pos_anno`) of `[start, end, text]` or of objects with these keys. Times are seconds. Li et al.,
Multi-Sentence Grounding for Long-term Instructional Video, ECCV 2024.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import zip_longest
from typing import Any

from streamit.errors import SourceError
from streamit.ids import normalise_video_id
from streamit.item import Event, Item, Reject
from streamit.readers.base import SourceFile
from streamit.readers.json_stream import Member, stream_json
from streamit.readers.json_tar import is_tar, stream_tar
from streamit.readers.parse import (
    Place,
    Refusal,
    check_lengths,
    clean_text,
    read_duration,
    read_events,
    read_line,
    read_object,
    read_video_id,
    show,
)
from streamit.timeline import read_seconds

_ID_KEYS = ("vid", "video_id", "video", "id")
_STEP_LISTS = ("steps", "pos_anno")
_STEP = ("start", "end", "text")
_YOUTUBE_ID = re.compile(r"[A-Za-z0-9_-]{11}", re.ASCII)
_EXPECTED = (
    'a file, key or object with "vid" per video, named by its 11 character id, and in it lists '
    '"start", "end" and "text", or a list (also under "steps" or "pos_anno") of [start, end, text] '
    'or {"start", "end", "text"}'
)


def read(file: SourceFile) -> Iterator[Item | Reject]:
    """One item per video. Raises SourceError when the first video has none of the shapes."""
    seen: set[str] = set()
    understood = False
    for member in stream_tar(file.path) if is_tar(file.path) else stream_json(file.path):
        if member.problem is not None:
            yield _reject_broken(file, member)
            continue
        if not understood:
            understood = _check_shape(file, member)
        key = _find_key(member)
        yield from _read_video(file, member, key, key in seen)
        seen.add(key or "")


def _reject_broken(file: SourceFile, member: Member) -> Reject:
    if member.key is None:
        return read_line(file, member)
    return Place(file, member.key, member.key).reject(None, "bad_json", member.problem or "")


def _find_key(member: Member) -> str | None:
    """The video's id: the key or file name, or else what its object says; None without any."""
    value = member.value
    if member.key is not None or not isinstance(value, Mapping):
        return member.key
    return next((value[key] for key in _ID_KEYS if isinstance(value.get(key), str)), None)


def _find_steps(value: object) -> list[Any]:
    """The steps as they stand, parallel lists row by row. Raises Refusal `bad_item`."""
    if isinstance(value, list):
        return value
    fields = read_object(value)
    if _is_parallel(fields):
        return [list(row) for row in zip_longest(*(fields[key] for key in _STEP))]
    for key in _STEP_LISTS:
        if isinstance(fields.get(key), list):
            return list(fields[key])
    raise Refusal("bad_item", f"{show(value)} holds no steps")


def _is_parallel(fields: Mapping[str, Any]) -> bool:
    return all(isinstance(fields.get(key), list) for key in _STEP)


def _check_shape(file: SourceFile, member: Member) -> bool:
    """Whether the first video's steps have a known shape; False where it has no steps.

    Raises SourceError where it, its id or none of its steps is what this reader knows.
    """
    try:
        _read_id(_find_key(member))
        steps = _find_steps(member.value)
        if steps and not any(map(_is_step, steps)):
            raise Refusal("bad_item", f"{show(steps[0])} is no step")
    except Refusal as fault:
        name = "" if member.key is None else f"under {show(member.key)} "
        raise SourceError(
            f"{file.path}: its first entry {name}is {show(member.value)}: {fault}; "
            f"expected {_EXPECTED}"
        ) from fault
    return bool(steps)


def _is_step(step: object) -> bool:
    if isinstance(step, Mapping):
        return all(key in step for key in _STEP)
    return isinstance(step, list) and len(step) == len(_STEP)


def _read_id(key: str | None) -> str:
    video_id = read_video_id(key)
    if not _YOUTUBE_ID.fullmatch(normalise_video_id(video_id)):
        raise Refusal("bad_id", f"{show(key)} is not the id of a YouTube video")
    return video_id


def _read_video(
    file: SourceFile, member: Member, key: str | None, repeated: bool
) -> Iterator[Item | Reject]:
    place = Place(file, f"[{member.ordinal}]" if key is None else key, key)
    fields = member.value if isinstance(member.value, Mapping) else {}
    steps: Sequence[Any] = ()
    try:
        steps = _find_steps(member.value)
        if repeated:
            raise Refusal("duplicate_key", f"{show(key)} is in the file already; that one is used")
        video_id = _read_id(key)
        if _is_parallel(fields):
            check_lengths(fields, _STEP)
        duration_s = read_duration(fields.get("duration"))
        if not steps:
            raise Refusal("no_events", "the video has no steps")
    except Refusal as fault:
        yield from place.reject_each(len(steps), fault.reason, str(fault))
        return
    events, rejects = read_events(place, len(steps), lambda i: _read_step(steps[i], i))
    yield from rejects
    if events:
        yield place.make_item(
            member.ordinal, video_id, events, duration_s=duration_s, n_refused=len(rejects)
        )


def _read_step(step: object, index: int) -> Event:
    if isinstance(step, list) and len(step) == len(_STEP):
        start, end, text = step
    elif isinstance(step, Mapping):
        start, end, text = (read_object(step).get(key) for key in _STEP)
    else:
        raise Refusal("bad_item", f"{show(step)} is no step [start, end, text]")
    return Event(index, read_seconds(start), read_seconds(end), clean_text(text))
