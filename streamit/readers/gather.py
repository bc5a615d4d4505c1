"""Brings the rows of each video together, wherever they stand in a file, in bounded memory.

SQLite keeps them in a temporary database without a name: in memory while it is small, in the
temporary folder when it grows, and gone with the object. One video's rows must fit in memory.
"""

from __future__ import annotations

import pickle
import sqlite3
from collections.abc import Iterator
from itertools import groupby
from typing import Generic, TypeVar

from streamit.errors import StorageError

T = TypeVar("T")
_BATCH_ROWS = 1000


class RowsByVideo(Generic[T]):
    """Takes rows in any order and gives them back by video.

    A row is whatever pickles quickly: a tuple of numbers and texts. Raises StorageError when the
    temporary folder is full.
    """

    def __init__(self) -> None:
        self._database = sqlite3.connect("")
        self._database.execute("create table rows (number integer primary key, video_id, payload)")
        self._batch: list[tuple[str, bytes]] = []

    def __enter__(self) -> RowsByVideo[T]:
        return self

    def __exit__(self, *error: object) -> None:
        self._database.close()

    def add(self, video_id: str, row: T) -> None:
        """Keep a row."""
        self._batch.append((video_id, pickle.dumps(row, protocol=5)))
        if len(self._batch) >= _BATCH_ROWS:
            self._flush()

    def videos(self) -> Iterator[tuple[str, list[T]]]:
        """(video id, its rows) for each video, by id; a video's rows in the order of the file."""
        self._flush()
        query = "select video_id, payload from rows order by video_id, number"
        try:
            found = self._database.execute(query)
            for video_id, group in groupby(found, key=lambda row: row[0]):
                yield video_id, [pickle.loads(payload) for _, payload in group]
        except sqlite3.OperationalError as exc:
            raise _full(exc) from exc

    def _flush(self) -> None:
        try:
            self._database.executemany("insert into rows values (null, ?, ?)", self._batch)
        except sqlite3.OperationalError as exc:
            raise _full(exc) from exc
        self._batch.clear()


def _full(exc: sqlite3.OperationalError) -> StorageError:
    return StorageError(
        f"the rows of a table cannot be gathered by video: {exc}; free some space in the temporary "
        "folder, or point TMPDIR at a larger disk"
    )
