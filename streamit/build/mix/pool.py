"""Holds every record of all builds while it is decided which of them the mix takes.

A SQLite file in the scratch folder, one short row per record and no text, so that memory does not
grow with the builds. What is decided depends on ids, videos and the mix alone, never on the order
in which builds were read, but for this: of two records with one id that of the first build stays.
"""

from __future__ import annotations

import sqlite3
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from streamit.build.counts import Ledger
from streamit.build.plan import SPLIT_RANKS
from streamit.errors import StorageError

TAKEN, MIX, SPLIT_CONFLICT, DUPLICATE_ID = "taken", "mix", "split_conflict", "duplicate_id"

_BATCH = 5000
_TABLES = """
pragma journal_mode = off;
pragma synchronous = off;
pragma cache_size = -200000;
create table records (
  place integer primary key, build integer, shard integer, row_group integer, row integer,
  id text, source text, task text, layout text, split text, part integer, draw blob, rank blob,
  video text, n_frames integer, n_bytes integer, decoder text, clips text, fate text);
create table videos (video text, place integer);
create table kept (position integer primary key, place integer);
create table held (video text primary key) without rowid;
"""
_INDEXES = """
create index videos_by_name on videos (video);
create index records_by_id on records (id);
create index records_by_part on records (part, split, draw);
"""


class Candidate(NamedTuple):
    """A record and where it stands: build, shard, row group and row in that, by number.

    `part` is that of the mix which it belongs to, None for none. `draw` decides whether it is
    taken, `rank` (of its source video, as in a build) where it goes. `clips` are the files that its
    video consists of, one per line, where the build brings them along.
    """

    build: int
    shard: int
    row_group: int
    row: int
    id: str
    source: str
    task: str
    layout: str
    split: str
    part: int | None
    draw: bytes
    rank: bytes
    video: str
    n_frames: int
    n_bytes: int
    decoder: str | None
    clips: str | None


_COLUMNS = ", ".join(Candidate._fields)


class Pool:
    """First takes all records, then decides, then gives those that are taken in order of rank."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="streamit-mix-")
        self._db = sqlite3.connect(Path(self._folder.name) / "mix.sqlite")
        self._db.executescript(_TABLES)
        self._n_records = 0

    def __enter__(self) -> Pool:
        return self

    def __exit__(self, *error: object) -> None:
        self._db.close()
        self._folder.cleanup()

    def add(self, records: Iterator[tuple[Candidate, tuple[str, ...]]]) -> int:
        """Add records with their source videos; how many there were."""
        marks = f"?, {', '.join('?' * len(Candidate._fields))}, null"
        before = self._n_records
        while batch := list(islice(records, _BATCH)):
            first = self._n_records + 1
            rows = [(place, *one) for place, (one, _) in enumerate(batch, first)]
            videos = [(video, n) for n, (_, names) in enumerate(batch, first) for video in names]
            self._n_records += len(batch)
            with self._explain():
                self._db.executemany(f"insert into records values ({marks})", rows)
                self._db.executemany("insert into videos values (?, ?)", videos)
        return self._n_records - before

    def drop_conflicts(self) -> None:
        """Set aside what may not stand beside other records: rules P1 and D1.

        A record loses to one of a stronger split that has a video in common with it and stays
        itself, so that no record falls for one that has fallen.
        """
        with self._explain():
            self._db.executescript(_INDEXES)
            for split in SPLIT_RANKS:
                self._db.execute(
                    "update records set fate = ? where split = ? and place in "
                    "(select videos.place from videos join held using (video))",
                    (SPLIT_CONFLICT, split),
                )
                self._db.execute(
                    "insert or ignore into held select videos.video from videos join records "
                    "using (place) where split = ? and fate is null",
                    (split,),
                )
            self._db.execute(
                "update records set fate = ? where fate is null and exists (select 1 from records "
                "other where other.id = records.id and other.place < records.place "
                "and other.fate is null)",
                (DUPLICATE_ID,),
            )

    def count_parts(self) -> Counter[tuple[int, str]]:
        """Records that may be taken, by part and split."""
        query = (
            "select part, split, count(*) from records "
            "where part is not null and fate is null group by part, split"
        )
        return Counter({(part, split): n for part, split, n in self._db.execute(query)})

    def take(self, part: int, split: str, n: int) -> None:
        """Take `n` records of a part and split: those with the smallest draws."""
        with self._explain():
            self._db.execute(
                "update records set fate = ? where place in (select place from records "
                "where part = ? and split = ? and fate is null order by draw, id limit ?)",
                (TAKEN, part, split, n),
            )

    def close(self) -> None:
        """Set aside what was not taken."""
        with self._explain():
            self._db.execute("update records set fate = ? where fate is null", (MIX,))
            self._db.execute(
                "insert into kept select null, place from records where fate = ? "
                "order by split, rank, id",
                (TAKEN,),
            )

    def settle(self) -> Ledger:
        """What became of the records of each source, of all builds."""
        ledger = Ledger()
        query = "select source, fate, count(*) from records group by source, fate"
        for source, fate, n in self._db.execute(query):
            counts = ledger[source]
            counts.read += n
            if fate == TAKEN:
                counts.recorded += n
            else:
                counts.set_aside[fate] += n
        return ledger

    def count_taken(self) -> Counter[tuple[int, str]]:
        """Taken records by part and split."""
        query = "select part, split, count(*) from records where fate = ? group by part, split"
        return Counter({(part, split): n for part, split, n in self._db.execute(query, (TAKEN,))})

    def count_tasks(self) -> dict[str, int]:
        """Taken records by task."""
        query = "select task, count(*) from records where fate = ? group by task order by task"
        return dict(self._db.execute(query, (TAKEN,)).fetchall())

    def iterate_taken(self, first: int | None = None, last: int = 0) -> Iterator[Candidate]:
        """What is taken by split, rank and id, which makes the order that of the builds.

        Everything, or what stands between two places of this order, both included, the first is 1.
        """
        query = f"select {_COLUMNS} from kept join records using (place)"
        where = "" if first is None else " where position between ? and ?"
        bounds = () if first is None else (first, last)
        for row in self._db.execute(f"{query}{where} order by position", bounds):
            yield Candidate(*row)

    @contextmanager
    def _explain(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.OperationalError as exc:
            raise StorageError(
                f"{self._folder.name}: the mix cannot be decided there: {exc}; free some space, or "
                "point TMPDIR at a larger disk"
            ) from exc
