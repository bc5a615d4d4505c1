"""Holds the items of a plan on disk, so that a corpus never has to fit in memory.

A SQLite file in the scratch folder, gone with the build. It sorts better than we would. What the
plan decides on stands in columns; the item itself is packed once and unpacked only to be built.
"""

from __future__ import annotations

import pickle
import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from streamit.build.batch import Batch
from streamit.build.packing import pack_item, unpack_item
from streamit.build.types import NO_MEDIA, Media, PlannedItem
from streamit.draws import draw_bits
from streamit.item import Item, Reject

# 64 MB of cache, and as much again while rows are sorted: a larger one only adds to the peak.
_TABLES = """
pragma journal_mode = off;
pragma synchronous = off;
pragma cache_size = -64000;
create table items (
  row integer primary key, rank blob, source text, split text, file text, ordinal integer,
  key text, video_id text, source_video text, media_id text, n_events integer, duration_s real,
  item_hash text, payload blob);
create table kept (
  place integer primary key, row integer, split text, n integer, media blob);
create table rejects (payload blob);
"""
_LISTED = (
    "row, source, split, file, key, video_id, source_video, media_id, n_events, duration_s, "
    "item_hash"
)


class Listed(NamedTuple):
    """What the plan has to know of an item. `media_id` is the stem its video file should have."""

    row: int
    source: str
    split: str
    file: str
    key: str
    video_id: str
    source_video: str
    media_id: str
    n_events: int
    duration_s: float | None
    item_hash: str


class Kept(NamedTuple):
    """A listed item that will be built: its place, split, number and files."""

    place: int
    split: str
    n: int
    media: Media
    listed: Listed


class Spool:
    """First takes items as read, gives them in order of their rank, then keeps the planned ones."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="streamit-plan-")
        self._db = sqlite3.connect(Path(self._folder.name) / "plan.sqlite")
        self._db.executescript(_TABLES)
        self._items = Batch(self._db, "items", 14, self._folder.name)
        self._kept = Batch(self._db, "kept", 5, self._folder.name)
        self._rejects = Batch(self._db, "rejects", 1, self._folder.name)

    def __enter__(self) -> Spool:
        return self

    def __exit__(self, *error: object) -> None:
        self._db.close()
        self._folder.cleanup()

    def add_item(self, item: Item) -> None:
        """Keep an item; the rank of its source video decides its place."""
        packed, item_hash = pack_item(item)
        self._items.add(
            None,
            rank_video(item.source_video),
            item.source,
            item.split,
            item.file,
            item.ordinal,
            item.key,
            item.video_id,
            item.source_video,
            item.media_id or item.video_id,
            len(item.events),
            item.duration_s,
            item_hash,
            packed,
        )

    def add_reject(self, reject: Reject) -> None:
        """Keep what a reader refused."""
        self._rejects.add(pickle.dumps(reject, protocol=5))

    def iterate_items(self) -> Iterator[Listed]:
        """All items by rank; those of one video by source, file and place in the file."""
        self._items.flush()
        query = f"select {_LISTED} from items order by rank, source, file, ordinal"
        return map(Listed._make, self._db.execute(query))

    def read_item(self, row: int) -> Item:
        """The item of a listed row."""
        query = "select payload from items where row = ?"
        return unpack_item(self._db.execute(query, (row,)).fetchone()[0])

    def replace_item(self, row: int, item: Item) -> None:
        """Put an item in the place of a listed one, whose source video it has."""
        packed, item_hash = pack_item(item)
        statement = "update items set payload = ?, item_hash = ? where row = ?"
        self._db.execute(statement, (packed, item_hash, row))

    def iterate_rejects(self) -> Iterator[Reject]:
        """All rejects, in no particular order."""
        self._rejects.flush()
        for (payload,) in self._db.execute("select payload from rejects"):
            yield pickle.loads(payload)

    def keep(self, kept: Kept) -> None:
        """Keep a planned item at its place."""
        media = None if kept.media == NO_MEDIA else pickle.dumps(kept.media, protocol=5)
        self._kept.add(kept.place, kept.listed.row, kept.split, kept.n, media)

    def iterate_kept(self) -> Iterator[Kept]:
        """All planned items by place."""
        self._kept.flush()
        query = (
            f"select place, kept.split, n, media, items.{_LISTED.replace(', ', ', items.')} "
            "from kept join items using (row) order by place"
        )
        for place, split, n, media, *listed in self._db.execute(query):
            yield Kept(place, split, n, _unpack(media), Listed._make(listed))

    def load(self, split: str, first: int, last: int) -> tuple[PlannedItem, ...]:
        """The planned items of one split between two places, both included; still packed."""
        query = (
            "select payload, n, item_hash, media from kept join items using (row) "
            "where place between ? and ? and kept.split = ? order by place"
        )
        return tuple(
            PlannedItem(payload, n, item_hash, _unpack(media))
            for payload, n, item_hash, media in self._db.execute(query, (first, last, split))
        )


def rank_video(source_video: str) -> bytes:
    """By what the videos of a split are ordered; equal in every build, and shuffled."""
    return draw_bits(0, source_video, "order").to_bytes(8, "big") + source_video.encode()


def _unpack(media: bytes | None) -> Media:
    return NO_MEDIA if media is None else pickle.loads(media)
