"""Brings the rows of each video together, wherever they stand in the table, in bounded memory.

SQLite keeps them in a temporary database without a name: in memory while it is small, in the
temporary folder when it grows, and gone with the object. One video's rows must fit in memory.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, fields
from itertools import groupby
from operator import attrgetter

from streamit.errors import StorageError


@dataclass(frozen=True, slots=True)
class VideoRow:
    """A row that belongs to a video. `name` is how messages call it.

    `reason` and `message` say why it cannot be used; `start_s` is kept even so where it could be
    read, since it may end the row before.
    """

    video_id: str
    number: int
    name: str
    split: str | None = None
    language: str | None = None
    start_s: float | None = None
    end_s: float | None = None
    duration_s: float | None = None
    text: str | None = None
    question: str | None = None
    reason: str | None = None
    message: str | None = None


_FIELDS = tuple(field.name for field in fields(VideoRow))
_NAMES = ", ".join(_FIELDS)
_MARKS = ", ".join("?" for _ in _FIELDS)
# Ten times quicker than dataclasses.astuple, which copies deeply.
_values_of = attrgetter(*_FIELDS)


class VideoRows:
    """Takes rows in any order and gives them back by video.

    Raises StorageError when the temporary folder is full.
    """

    def __init__(self) -> None:
        self._database = sqlite3.connect("")
        self._database.execute(f"create table rows ({_NAMES})")

    def __enter__(self) -> VideoRows:
        return self

    def __exit__(self, *error: object) -> None:
        self._database.close()

    def add(self, row: VideoRow) -> None:
        """Keep a row."""
        try:
            self._database.execute(f"insert into rows values ({_MARKS})", _values_of(row))
        except sqlite3.OperationalError as exc:
            raise _full(exc) from exc

    def videos(self) -> Iterator[list[VideoRow]]:
        """The rows of one video after the other, by id; within a video in the table's order."""
        try:
            found = self._database.execute(f"select {_NAMES} from rows order by video_id, number")
            for _, group in groupby(found, key=lambda values: values[0]):
                yield [VideoRow(*values) for values in group]
        except sqlite3.OperationalError as exc:
            raise _full(exc) from exc


def _full(exc: sqlite3.OperationalError) -> StorageError:
    return StorageError(
        f"the rows of a table cannot be gathered by video: {exc}; free some space in the temporary "
        "folder, or point TMPDIR at a larger disk"
    )
