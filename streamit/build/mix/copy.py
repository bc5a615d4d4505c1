"""Writes one partition of a mix: rows of several builds, byte for byte as they stand there.

Rows travel as Arrow tables and never become records. Builds order their videos as the mix does, so
one partition needs neighbouring row groups of each build; the last of each is kept at hand.
"""

from __future__ import annotations

import os
import shutil
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from typing import IO, TYPE_CHECKING

from streamit.build.counts import Ledger
from streamit.build.mix.builds import MixBuild
from streamit.build.mix.pool import Candidate
from streamit.build.parts import Part, write_part
from streamit.build.shards import ROW_GROUP_BYTES, ROW_GROUP_ROWS, ShardWriter
from streamit.build.types import MEDIA_FRAMES, Partition
from streamit.columns import build_schema
from streamit.dataset import open_shard
from streamit.errors import StorageError
from streamit.storage import Folder

if TYPE_CHECKING:
    import pyarrow as pa


class Copier:
    """Copies partitions of one mix into its folder."""

    def __init__(self, builds: Sequence[MixBuild], out: Folder, name: str) -> None:
        """`name` is that of the mix, and of the folder of its shards."""
        self._builds, self._out, self._name = builds, out, name
        self._with_frames = builds[0].manifest["media"] == MEDIA_FRAMES
        self._columns = build_schema(self._with_frames).names
        self._at_hand: dict[int, tuple[tuple[int, int], pa.Table]] = {}

    def copy(self, partition: Partition, rows: Sequence[Candidate]) -> Part:
        """Write the shard of a partition, its clips and then its part manifest.

        Raises StorageError when a build cannot be read or the folder not be written.
        """
        name = f"{self._name}/{partition.split}-{partition.identity}.parquet"
        clips = self._copy_clips(rows)
        with self._out.open_write(name) as file:
            self._write(file, rows)
        stamp = self._out.stamp(name)
        if stamp is None:
            raise StorageError(f"{name}: vanished while it was written; is another program there?")
        ledger, layouts = _count(rows)
        part = Part(
            partition.identity,
            partition.split,
            name,
            len(rows),
            stamp["bytes"],
            self._out.sha256(name),
            stamp["mark"],
            False,
            ledger,
            layouts,
            dict(sorted(Counter(row.decoder for row in rows if row.decoder).items())),
            sum(row.n_frames for row in rows),
            clips,
            (),
        )
        write_part(self._out, part)
        return part

    def _write(self, file: IO[bytes], rows: Sequence[Candidate]) -> None:
        with ShardWriter(file, self._with_frames) as writer:
            for group in _group_rows(rows):
                writer.write_rows(self._gather(group))

    def _gather(self, rows: Sequence[Candidate]) -> pa.Table:
        """The rows in their order, from as many row groups as they stand in."""
        import pyarrow as pa

        found: dict[tuple[int, int, int], list[int]] = {}
        for place, row in enumerate(rows):
            found.setdefault((row.build, row.shard, row.row_group), []).append(place)
        tables, places = [], []
        for (build, shard, group), wanted in sorted(found.items()):
            table = self._load(build, shard, group)
            tables.append(table.take([rows[place].row for place in wanted]))
            places += wanted
        order = sorted(range(len(places)), key=places.__getitem__)
        return pa.concat_tables(tables).take(order)

    def _load(self, build: int, shard: int, group: int) -> pa.Table:
        known = self._at_hand.get(build)
        if known is not None and known[0] == (shard, group):
            return known[1]
        one = self._builds[build].build
        with open_shard(one.folder, one.shards[shard]) as file:
            # Columns that this release does not know are left out, as by all readers.
            table = file.read_row_group(group, columns=self._columns).select(self._columns)
        self._at_hand[build] = ((shard, group), table)
        return table

    def _copy_clips(self, rows: Iterable[Candidate]) -> dict[str, int]:
        """The clip files of the records, under the names that their uris have; sizes by name."""
        sizes: dict[str, int] = {}
        for row in rows:
            for uri in (row.clips or "").splitlines():
                if uri not in sizes:
                    sizes[uri] = copy_file(self._builds[row.build].build.folder, self._out, uri)
        return dict(sorted(sizes.items()))


def copy_file(source: Folder, target: Folder, name: str) -> int:
    """Bring a file along: as a link on one disk, otherwise as a copy. Returns its bytes.

    A build replaces files and never changes one in place, so a link stays what it was.
    """
    stamp = source.stamp(name)
    if stamp is None:
        raise StorageError(f"{source.path(name)}: is missing; build or download the build again")
    there = target.stamp(name)
    n_bytes: int = stamp["bytes"]
    if there is not None and there["bytes"] == n_bytes:
        return n_bytes
    if source.is_local and target.is_local:
        target.remove(name)
        with suppress(OSError):
            os.makedirs(os.path.dirname(target.path(name)), exist_ok=True)
            os.link(source.path(name), target.path(name))
            return n_bytes
    with source.open_read(name) as old, target.open_write(name) as new:
        shutil.copyfileobj(old, new)
    return n_bytes


def _group_rows(rows: Iterable[Candidate]) -> Iterator[list[Candidate]]:
    """Row groups as builds have them: by number of rows and by bytes of frames."""
    group: list[Candidate] = []
    n_bytes = 0
    for row in rows:
        group.append(row)
        n_bytes += row.n_bytes
        if len(group) >= ROW_GROUP_ROWS or n_bytes >= ROW_GROUP_BYTES:
            yield group
            group, n_bytes = [], 0
    if group:
        yield group


def _count(rows: Iterable[Candidate]) -> tuple[Ledger, dict[str, dict[str, int]]]:
    """What is recorded, and layouts, by source."""
    ledger = Ledger()
    layouts: dict[str, Counter[str]] = {}
    for row in rows:
        ledger[row.source].read += 1
        ledger[row.source].recorded += 1
        layouts.setdefault(row.source, Counter())[row.layout] += 1
    return ledger, {source: dict(sorted(layouts[source].items())) for source in sorted(layouts)}
