"""Holds what was written about clips on disk, by key, and writes it down for people."""

from __future__ import annotations

import hashlib
import sqlite3
import tempfile
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import IO, TYPE_CHECKING

from msgspec.json import decode, encode

from streamit.build.batch import Batch
from streamit.errors import StorageError
from streamit.item import NoPair, Pair
from streamit.storage import Folder

if TYPE_CHECKING:
    import pyarrow as pa

ANSWERS = "streamit/answers.parquet"
_TABLE = """
pragma journal_mode = off;
pragma synchronous = off;
create table pairs (key text primary key, kind text, payload blob) without rowid;
"""
_ROW_GROUP = 50_000
_DIGEST_KEY = b"streamit.digest"
_COLUMNS = ("question", "answer", "question_type", "origin", "model", "prompt_sha256")
_REASONS = ("reason", "message")

Written = Pair | NoPair


class PairTable:
    """Pairs, and why there is none, by key."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="streamit-pairs-")
        self._db = sqlite3.connect(Path(self._folder.name) / "pairs.sqlite")
        self._db.executescript(_TABLE)
        self._rows = Batch(self._db, "pairs", 3, self._folder.name)

    def __enter__(self) -> PairTable:
        return self

    def __exit__(self, *error: object) -> None:
        self._db.close()
        self._folder.cleanup()

    def add(self, key: str, written: Written) -> None:
        """Keep what was written under a key, which must be new."""
        self._rows.add(key, type(written).__name__, encode(written))

    def get(self, key: str) -> Written | None:
        """What was written under a key."""
        self._rows.flush()
        query = "select kind, payload from pairs where key = ?"
        row = self._db.execute(query, (key,)).fetchone()
        return None if row is None else _read(*row)

    def iterate(self) -> Iterator[tuple[str, Written]]:
        """All of them, by key."""
        self._rows.flush()
        for key, kind, payload in self._db.execute("select * from pairs order by key"):
            yield key, _read(kind, payload)

    def save(self, out: Folder) -> None:
        """Write them into the build as Parquet, unless just these are there already."""
        digest = hashlib.sha256()
        for row in self.iterate():
            digest.update(encode(row))
        wanted = digest.hexdigest().encode()
        if _read_digest(out) != wanted:
            with out.open_write(ANSWERS) as file:
                self._write(file, wanted)

    def _write(self, file: IO[bytes], digest: bytes) -> None:
        import pyarrow.parquet as pq

        schema = _make_schema(digest)
        rows = ({"key": key, **_to_row(written)} for key, written in self.iterate())
        with pq.ParquetWriter(file, schema, compression="zstd") as writer:
            while group := list(islice(rows, _ROW_GROUP)):
                writer.write_table(_make_table(group, schema))


def _read(kind: str, payload: bytes) -> Written:
    return decode(payload, type=Pair) if kind == "Pair" else decode(payload, type=NoPair)


def _to_row(written: Written) -> dict[str, str | None]:
    names = _COLUMNS if isinstance(written, Pair) else _REASONS
    return {name: getattr(written, name) for name in names}


def _make_schema(digest: bytes) -> pa.Schema:
    import pyarrow as pa

    names = ("key", *_COLUMNS, *_REASONS)
    return pa.schema([(name, pa.string()) for name in names], metadata={_DIGEST_KEY: digest})


def _make_table(rows: list[dict[str, str | None]], schema: pa.Schema) -> pa.Table:
    import pyarrow as pa

    return pa.Table.from_pylist(rows, schema=schema)


def _read_digest(out: Folder) -> bytes | None:
    """What the file that is there was made of; None where there is none, or none that is ours."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    if not out.exists(ANSWERS):
        return None
    try:
        with out.open_read(ANSWERS) as file:
            return (pq.read_schema(file).metadata or {}).get(_DIGEST_KEY)
    except (pa.ArrowException, StorageError):
        return None
