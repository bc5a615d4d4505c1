"""Holds the captioned clips of a corpus on disk, so that ten million of them need no memory."""

from __future__ import annotations

import sqlite3
import tempfile
from array import array
from collections.abc import Iterable, Iterator
from pathlib import Path

from msgspec.json import Decoder, encode

from streamit.build.batch import Batch
from streamit.convert.clips import CaptionedClip
from streamit.draws import draw_bits

_TABLE = """
pragma journal_mode = off;
pragma synchronous = off;
create table clips (row integer primary key, chain text, rank blob, payload blob);
"""
_decode = Decoder(CaptionedClip).decode


class ClipTable:
    """Clips by chain: those of one source, split and language, of which streams may be joined.

    Within a chain they stand in an order that depends on the seed and on each clip alone.
    """

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._folder = tempfile.TemporaryDirectory(prefix="streamit-clips-")
        self._db = sqlite3.connect(Path(self._folder.name) / "clips.sqlite")
        self._db.executescript(_TABLE)
        self._rows = Batch(self._db, "clips", 4, self._folder.name)

    def __enter__(self) -> ClipTable:
        return self

    def __exit__(self, *error: object) -> None:
        self._db.close()
        self._folder.cleanup()

    def add(self, one: CaptionedClip) -> None:
        """Keep a clip."""
        chain = f"{one.source}\x1f{one.split}\x1f{one.language or ''}"
        name = f"{one.source}\x1f{one.clip.file}\x1f{one.clip.key}\x1f{one.clip.index}"
        rank = draw_bits(self._seed, name, "clip order").to_bytes(8, "big") + name.encode()
        self._rows.add(None, chain, rank, encode(one))

    def iterate(self) -> Iterator[CaptionedClip]:
        """All clips as they were added: those of one video after each other."""
        self._rows.flush()
        for (payload,) in self._db.execute("select payload from clips order by row"):
            yield _decode(payload)

    def list_chains(self) -> list[array[int]]:
        """The rows of each chain, in its order; eight bytes each."""
        self._rows.flush()
        chains: dict[str, array[int]] = {}
        for chain, row in self._db.execute("select chain, row from clips order by chain, rank"):
            chains.setdefault(chain, array("q")).append(row)
        return list(chains.values())

    def read(self, rows: Iterable[int]) -> Iterator[CaptionedClip]:
        """The clips of rows, one after the other."""
        query = "select payload from clips where row = ?"
        for row in rows:
            yield _decode(self._db.execute(query, (row,)).fetchone()[0])
