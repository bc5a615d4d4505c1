"""Cuts what a mix takes into partitions, by content, as a build cuts its items (DESIGN 4)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from itertools import groupby

from streamit.build.mix.builds import MixBuild
from streamit.build.mix.pool import Candidate, Pool
from streamit.build.plan import IDENTITY_LENGTH, ends_partition
from streamit.build.types import Partition
from streamit.recipe import Shard
from streamit.record import SCHEMA_VERSION
from streamit.version import __version__


def cut_partitions(
    pool: Pool, builds: Sequence[MixBuild], shard: Shard, name: str
) -> Iterator[Partition]:
    """The partitions in order. `first` and `last` are places in the pool, from 1.

    The identity holds the ids and the hashes of the shards that they come from, so that one more
    video in a build changes the few partitions that lie beside it.
    """
    hashes = [[one.sha256[shard.path] for shard in one.build.shards] for one in builds]
    base = [__version__, SCHEMA_VERSION, name, builds[0].manifest["media"]]
    cut = _Cut(base, hashes, first=1)
    rows = groupby(pool.iterate_taken(), key=lambda row: (row.split, row.video))
    for (split, video), group in rows:
        if cut.rows and cut.rows[0][0] != split:
            yield cut.close()
            cut = _Cut(base, hashes, cut.first + len(cut.rows))
        for row in group:
            cut.add(row)
        if ends_partition(video, shard.records) or cut.n_bytes >= shard.max_bytes:
            yield cut.close()
            cut = _Cut(base, hashes, cut.first + len(cut.rows))
    if cut.rows:
        yield cut.close()


class _Cut:
    """A partition that is still open. `first` is its first place in the pool."""

    def __init__(self, base: list[str], hashes: list[list[str]], first: int) -> None:
        self.first, self.n_bytes = first, 0
        self.rows: list[tuple[str, str]] = []
        self._base, self._hashes = base, hashes
        self._used: set[str] = set()

    def add(self, row: Candidate) -> None:
        self.rows.append((row.split, row.id))
        self.n_bytes += row.n_bytes
        self._used.add(self._hashes[row.build][row.shard])

    def close(self) -> Partition:
        split = self.rows[0][0]
        content = [self._base, split, [identity for _, identity in self.rows], sorted(self._used)]
        text = json.dumps(content, ensure_ascii=False)
        return Partition(
            hashlib.sha256(text.encode()).hexdigest()[:IDENTITY_LENGTH],
            split,
            self.first,
            self.first + len(self.rows) - 1,
            len(self.rows),
            len(self.rows),
            self.n_bytes,
            0.0,
        )
