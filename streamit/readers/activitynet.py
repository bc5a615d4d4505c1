"""ActivityNet Captions: `{"v_<id>": {"duration", "timestamps": [[s, s]], "sentences": [str]}}`.

Times are seconds. `val_1.json` and `val_2.json` are two annotators' views of the same videos and
both are used. Krishna et al., Dense-Captioning Events in Videos, ICCV 2017.
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
    check_lengths,
    clean_text,
    read_duration,
    read_events,
    read_object,
    read_pair,
    read_video_id,
    show,
)

_LISTS = ("timestamps", "sentences")


def read(file: SourceFile) -> Iterator[Item | Reject]:
    """One item per video. Raises SourceError when the file is no object keyed by video id."""
    seen: set[str] = set()
    for member in stream_json(file.path):
        if member.key is None:
            raise SourceError(
                f"{file.path}: its members have no keys; an ActivityNet Captions file is one JSON "
                "object keyed by video id"
            )
        yield from read_video(file, member, member.key in seen)
        seen.add(member.key)


def read_video(file: SourceFile, member: Member, repeated: bool) -> Iterator[Item | Reject]:
    """The item and rejects of one video; `repeated`: its key is in the file already."""
    key = member.key or ""
    place = Place(file, key, key)
    n_annotations = 0
    try:
        entry = read_object(member.value, *_LISTS)
        n_annotations = max(len(entry[name]) for name in _LISTS)
        if repeated:
            raise Refusal("duplicate_key", f"{show(key)} is in the file already; that one is used")
        video_id = read_video_id(key)
        check_lengths(entry, _LISTS)
        duration_s = read_duration(entry.get("duration"))
        if not n_annotations:
            raise Refusal("no_events", "the video has no annotations")
    except Refusal as fault:
        yield from place.reject_each(n_annotations, fault.reason, str(fault))
        return
    events, rejects = read_events(place, n_annotations, lambda index: _read_event(entry, index))
    yield from rejects
    if events:
        yield place.make_item(
            member.ordinal, video_id, events, duration_s=duration_s, n_refused=len(rejects)
        )


def _read_event(entry: Mapping[str, Any], index: int) -> Event:
    start_s, end_s = read_pair(entry["timestamps"][index])
    return Event(index, start_s, end_s, clean_text(entry["sentences"][index]))
