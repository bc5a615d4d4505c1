"""The request cache: every reply that was ever paid for, in one SQLite file.

A reply is stored as it arrives, good or bad, so that a build that was killed asks nothing twice.
The key is the rendered request and the number of the attempt, nothing about the server or the
user: a cache can be handed on, and a build replayed from it anywhere.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from streamit.errors import StorageError
from streamit.llm.reply import Reply

_VERSION = 1
_BUSY_TIMEOUT_S = 60.0
_TABLE = """
create table if not exists replies (
    key text primary key,
    text text,
    finish_reason text,
    model text,
    input_tokens integer,
    output_tokens integer
) without rowid
"""


class Cache:
    """Replies by key. A context manager; each thread opens its own.

    Raises StorageError when the file is no such cache, or cannot be written.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        with self._wrap():
            self.path.parent.mkdir(parents=True, exist_ok=True)
            # Every statement commits by itself.
            self._database = sqlite3.connect(
                self.path, timeout=_BUSY_TIMEOUT_S, isolation_level=None
            )
            try:
                self._prepare()
            except BaseException:
                self._database.close()
                raise

    def __enter__(self) -> Cache:
        return self

    def __exit__(self, *error: object) -> None:
        self._database.close()

    def get(self, key: str) -> Reply | None:
        """The reply stored under a key."""
        query = "select text, finish_reason, model, input_tokens, output_tokens from replies"
        with self._wrap():
            row = self._database.execute(f"{query} where key = ?", (key,)).fetchone()
        return None if row is None else Reply(*row)

    def put(self, key: str, reply: Reply) -> bool:
        """Store a reply for good; whether it was new. The first one under a key stays."""
        row = (
            key,
            reply.text,
            reply.finish_reason,
            reply.model,
            reply.input_tokens,
            reply.output_tokens,
        )
        with self._wrap():
            done = self._database.execute(
                "insert or ignore into replies values (?, ?, ?, ?, ?, ?)", row
            )
        return done.rowcount == 1

    def _prepare(self) -> None:
        # A write-ahead log survives a killed process without a sync for each reply.
        self._database.execute("pragma journal_mode = wal")
        self._database.execute("pragma synchronous = normal")
        (version,) = self._database.execute("pragma user_version").fetchone()
        if version not in (0, _VERSION):
            raise StorageError(
                f"{self.path}: this request cache has version {version}, and this release of "
                f"streamit knows {_VERSION}; use another file"
            )
        if version == 0:
            self._database.execute(_TABLE)
            self._database.execute(f"pragma user_version = {_VERSION}")

    @contextmanager
    def _wrap(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as exc:
            raise StorageError(
                f"{self.path}: the request cache cannot be used: {exc}; free some space, or give "
                "another file if it is no cache"
            ) from exc
