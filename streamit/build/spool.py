"""Holds the items of a plan on disk, so that a corpus never has to fit in memory.

A SQLite file in the scratch folder, gone with the build. It sorts better than we would.
"""

from __future__ import annotations

import pickle
import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType

from streamit.build.types import PlannedItem
from streamit.errors import StorageError
from streamit.item import Item, Reject

_TABLES = """
create table items (rank blob, source text, file text, ordinal integer, payload blob);
create table kept (place integer primary key, split text, rank blob, payload blob);
create table rejects (payload blob);
"""
_BATCH = 1000


class Spool:
    """First takes items as read, gives them in order of their rank, then keeps the planned ones."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="streamit-plan-")
        self._db = sqlite3.connect(Path(self._folder.name) / "plan.sqlite")
        self._db.executescript("pragma journal_mode = off; pragma synchronous = off;" + _TABLES)

    def __enter__(self) -> Spool:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._db.close()
        self._folder.cleanup()

    def add_item(self, rank: bytes, item: Item) -> None:
        """Keep an item; `rank` decides its place."""
        row = (rank, item.source, item.file, item.ordinal, pickle.dumps(item, protocol=5))
        self._run("insert into items values (?, ?, ?, ?, ?)", row)

    def add_reject(self, reject: Reject) -> None:
        """Keep what a reader refused."""
        self._run("insert into rejects values (?)", (pickle.dumps(reject, protocol=5),))

    def iterate_items(self) -> Iterator[Item]:
        """All items by rank; those of one video by source, file and place in the file."""
        query = "select payload from items order by rank, source, file, ordinal"
        for (payload,) in self._db.execute(query):
            yield pickle.loads(payload)

    def iterate_rejects(self) -> Iterator[Reject]:
        """All rejects, in no particular order."""
        for (payload,) in self._db.execute("select payload from rejects"):
            yield pickle.loads(payload)

    def keep(self, place: int, split: str, rank: bytes, planned: PlannedItem) -> None:
        """Keep a planned item at its place."""
        row = (place, split, rank, pickle.dumps(planned, protocol=5))
        self._run("insert into kept values (?, ?, ?, ?)", row)

    def iterate_kept(self) -> Iterator[tuple[int, str, bytes, PlannedItem]]:
        """(place, split, rank, planned item) of all, by place."""
        for place, split, rank, payload in self._db.execute("select * from kept order by place"):
            yield place, split, rank, pickle.loads(payload)

    def load(self, split: str, first: int, last: int) -> tuple[PlannedItem, ...]:
        """The planned items of one split between two places, both included."""
        query = "select payload from kept where place between ? and ? and split = ? order by place"
        rows = self._db.execute(query, (first, last, split))
        return tuple(pickle.loads(payload) for (payload,) in rows)

    def _run(self, statement: str, row: tuple[object, ...]) -> None:
        try:
            self._db.execute(statement, row)
        except sqlite3.OperationalError as exc:
            raise StorageError(
                f"{self._folder.name}: the plan cannot be kept: {exc}; free some space there, or "
                "point TMPDIR at a larger disk"
            ) from exc
