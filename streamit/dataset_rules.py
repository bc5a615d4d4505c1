"""The rules between records, D1 and P1, checked while the records stream by."""

from __future__ import annotations

from collections.abc import Sequence

from streamit.ids import normalise_video_id
from streamit.record import Record
from streamit.rules import Problem


def source_videos(record: Record) -> tuple[str, ...]:
    """The normalised names of a record's original videos; of a joined stream those of all clips."""
    return name_source_videos(record.video.id, [clip.uri for clip in record.video.clips])


def name_source_videos(video_id: str, uris: Sequence[str]) -> tuple[str, ...]:
    """The same from the two columns that decide it, without the whole record."""
    if len(uris) > 1:
        return tuple(dict.fromkeys(normalise_video_id(uri) for uri in uris))
    return (normalise_video_id(video_id),)


class DatasetRules:
    """Sees every record of a build once; keeps one entry per record id and per source video."""

    def __init__(self) -> None:
        self._ids: set[str] = set()
        self._first: dict[str, tuple[str, str]] = {}

    def see(self, identity: str, videos: tuple[str, ...], split: str) -> list[Problem]:
        """What this record breaks together with those seen before; `videos` is `source_videos`."""
        problems = []
        if identity in self._ids:
            problems.append(Problem("D1", identity, "is the id of an earlier record too"))
        self._ids.add(identity)
        for video in videos:
            first_split, first_id = self._first.setdefault(video, (split, identity))
            if first_split != split:
                where = f"{video!r} is in {split} here and in {first_split} in {first_id}"
                problems.append(Problem("P1", identity, f"its video {where}"))
        return problems
