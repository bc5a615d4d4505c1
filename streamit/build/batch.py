"""Rows on their way into a table of the scratch folder: many in one call cost a third as much."""

from __future__ import annotations

import sqlite3

from streamit.errors import StorageError

_BATCH_ROWS = 1000


class Batch:
    """Inserts rows a thousand at a time; `folder` is named when the disk is full."""

    def __init__(self, db: sqlite3.Connection, table: str, n_columns: int, folder: str) -> None:
        marks = ", ".join("?" * n_columns)
        self._db, self._folder = db, folder
        self._statement = f"insert into {table} values ({marks})"
        self._rows: list[tuple[object, ...]] = []

    def add(self, *row: object) -> None:
        """One more row, in the order of the table's columns."""
        self._rows.append(row)
        if len(self._rows) >= _BATCH_ROWS:
            self.flush()

    def flush(self) -> None:
        """Insert what waits. Raises StorageError when the disk is full."""
        try:
            self._db.executemany(self._statement, self._rows)
        except sqlite3.OperationalError as exc:
            raise StorageError(
                f"{self._folder}: the plan cannot be kept: {exc}; free some space there, or "
                "point TMPDIR at a larger disk"
            ) from exc
        self._rows.clear()
