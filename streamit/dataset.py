"""Opens a build, on disk or behind an fsspec URL, and reads its records.

What `streamit build` wrote, finished or not; a copy of it, such as one from the Hub
(`hf://datasets/OWNER/NAME`); a bare folder of its shards; one shard. Records come in batches, so
that a build never has to fit in memory.
"""

from __future__ import annotations

import os
from bisect import bisect_right
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import islice
from typing import TYPE_CHECKING, Any

from streamit.config import nearest
from streamit.errors import SchemaError, StorageError, StreamitError, UsageError
from streamit.record import SCHEMA_VERSION, Record, from_dict
from streamit.source import SPLITS
from streamit.storage import Folder
from streamit.version import __version__

if TYPE_CHECKING:
    import pyarrow.parquet as pq

MANIFEST = "streamit/manifest.json"
SUCCESS = "_SUCCESS"
WORKSHOP = "streamit/"
"""What stands in there describes a build, or helps to make it, and holds no records."""

_ROWS_PER_BATCH = 1000
# Up to 256 frames of some 50 kB each stand in one row.
_ROWS_PER_BATCH_WITH_FRAMES = 4
_NEAREST_AMONG = 20_000


@dataclass(frozen=True, slots=True)
class Shard:
    """One Parquet file. `path` is relative to the build; `split` None where its name has none."""

    path: str
    split: str | None


@dataclass(frozen=True, slots=True)
class Build:
    """A build that can be read. `shards` are in reading order: train, validation, test, by name.

    `manifest` is None where there is none. `is_complete` is false for a build that is still
    running or was broken off; its shards are whole nevertheless.
    """

    folder: Folder
    shards: tuple[Shard, ...]
    manifest: Mapping[str, Any] | None
    is_complete: bool


@dataclass(frozen=True, slots=True)
class RowGroup:
    """A row group of a shard (`number`), and the place of its first record in the build."""

    shard: Shard
    number: int
    first: int
    n_records: int


Source = str | os.PathLike[str] | Build


def open_build(src: Source) -> Build:
    """Find the shards of a build.

    A complete build has the shards that its manifest lists; of one that was broken off, or that
    came without a manifest, all Parquet files are taken. Raises StorageError when there is nothing
    to read, SchemaError when the manifest is of a newer release or is none.
    """
    if isinstance(src, Build):
        return src
    url = os.fspath(src).rstrip("/") or "/"
    if url.endswith(".parquet"):
        parent, _, name = url.rpartition("/")
        return Build(Folder(parent or "."), (Shard(name, _split_of(name)),), None, False)
    folder = Folder(url)
    if not _is_there(folder):
        raise StorageError(f"{url}: there is no such folder; `streamit build --out` writes one")
    manifest = _read_manifest(folder)
    is_complete = manifest is not None and folder.exists(SUCCESS)
    listed = manifest if is_complete else None
    shards = _find_shards(folder) if listed is None else _list_shards(folder, listed)
    if not shards and not is_complete:
        raise StorageError(
            f"{url}: holds no Parquet shards; give the folder that `streamit build --out` wrote"
        )
    return Build(folder, tuple(sorted(shards, key=_reading_order)), manifest, is_complete)


def load_records(
    src: Source, *, splits: Collection[str] | None = None, frames: bool = True
) -> Iterator[Record]:
    """All records of a build, or of some splits; without their `frames` if they are not wanted.

    Raises StorageError when a shard cannot be read, SchemaError when a row is no record or of a
    newer release, UsageError on a split that does not exist.
    """
    return _iterate_records(open_build(src), _check_splits(splits), frames)


def load_rows(
    build: Build, shard: Shard, frames: bool = True
) -> Iterator[tuple[int, dict[str, Any]]]:
    """Row number and row of a shard as plain data, faulty or not.

    For those who must not stop at a row that is no record. Raises StorageError when the shard
    cannot be read.
    """
    return _iterate_rows(build.folder, shard, None if frames else _columns_without_frames(), SPLITS)


def find_missing_columns(build: Build, shard: Shard) -> list[str]:
    """Columns and fields of a record that a shard lacks, such as `video.id`, by its footer."""
    from streamit.columns import build_schema, leaf_paths

    with open_shard(build.folder, shard) as file:
        present = set(leaf_paths(file.schema_arrow))
    expected = leaf_paths(build_schema(with_frames=False))
    return [path.replace(".list.element", "") for path in expected if path not in present]


class Index:
    """Knows from the footers alone where each record of a build stands; reads single ones.

    Records have the order of `load_records`. Nothing but footers is read before it is asked for.
    """

    def __init__(self, src: Source, splits: Collection[str] | None = None) -> None:
        self.build = open_build(src)
        wanted = _check_splits(splits)
        self.row_groups: list[RowGroup] = []
        n_records = 0
        for shard in self.build.shards:
            if shard.split is not None and shard.split not in wanted:
                continue
            with open_shard(self.build.folder, shard) as file:
                sizes = [file.metadata.row_group(k).num_rows for k in range(file.num_row_groups)]
            for number, size in enumerate(sizes):
                self.row_groups.append(RowGroup(shard, number, n_records, size))
                n_records += size
        self._firsts = [group.first for group in self.row_groups]
        self._n_records = n_records

    def __len__(self) -> int:
        return self._n_records

    def read(self, place: int) -> Record:
        """The record at a place, 0 for the first. Raises IndexError where there is none."""
        if not 0 <= place < len(self):
            raise IndexError(f"record {place} of {len(self)}")
        group = self.row_groups[bisect_right(self._firsts, place) - 1]
        row = place - group.first
        with open_shard(self.build.folder, group.shard) as file:
            found = file.read_row_group(group.number).slice(row, 1).to_pylist()
        return _read_record(found[0], f"{self.build.folder.path(group.shard.path)}: row {row}")

    def ids(self) -> Iterator[str]:
        """The ids of all records, in order; only this column is read."""
        for shard in dict.fromkeys(group.shard for group in self.row_groups):
            for _, row in _iterate_rows(self.build.folder, shard, ["id"], SPLITS):
                yield row["id"]


def find_record(src: Source, identity: str) -> Record:
    """The record of an id, or of the beginning of one, if no other record's id begins like it.

    Raises UsageError when no id or several fit; the message names the nearest.
    """
    index = Index(src)
    begins: list[tuple[int, str]] = []
    for place, found in enumerate(index.ids()):
        if found == identity:
            return index.read(place)
        if found.startswith(identity):
            begins.append((place, found))
    if len(begins) == 1:
        return index.read(begins[0][0])
    where = index.build.folder.url
    if begins:
        some = ", ".join(found for _, found in begins[:3])
        raise UsageError(f"{where}: {len(begins)} ids begin with {identity!r}: {some}, ...")
    raise UsageError(f"{where}: no record has the id {identity!r}; {_suggest(index, identity)}")


def _suggest(index: Index, identity: str) -> str:
    near = list(islice((found for found in index.ids() if identity in found), 3))
    if not near:
        near = get_close_matches(identity, islice(index.ids(), _NEAREST_AMONG), n=3, cutoff=0.3)
    return f"nearest: {', '.join(near)}" if near else f"there are {len(index)} records"


def _is_there(folder: Folder) -> bool:
    try:
        return folder.exists()
    except StreamitError:
        raise
    except Exception as exc:
        # Every remote file system has network errors of its own, not all of them OSErrors.
        raise StorageError(
            f"{folder.url}: cannot be reached: {exc}; check the address, the network and your login"
        ) from exc


def _read_manifest(folder: Folder) -> Mapping[str, Any] | None:
    if not folder.exists(MANIFEST):
        return None
    manifest = folder.read_json(MANIFEST)
    if not isinstance(manifest, dict):
        raise SchemaError(f"{folder.path(MANIFEST)}: is no manifest; build or download it again")
    _check_version(manifest.get("schema_version", SCHEMA_VERSION), folder.path(MANIFEST))
    return manifest


def _check_version(version: object, where: str) -> None:
    if version == SCHEMA_VERSION:
        return
    is_newer = isinstance(version, str) and version.isdecimal()
    cure = "install a newer streamit" if is_newer else "build it again"
    raise SchemaError(
        f"{where}: is of schema version {version!r}, and streamit {__version__} reads version "
        f"{SCHEMA_VERSION!r}; {cure}"
    )


def _list_shards(folder: Folder, manifest: Mapping[str, Any]) -> list[Shard]:
    try:
        parts = manifest["parts"]
        return [Shard(part["path"], part["split"]) for part in parts if part["path"] is not None]
    except (KeyError, TypeError) as exc:
        raise SchemaError(
            f"{folder.path(MANIFEST)}: does not list its shards ({type(exc).__name__}: {exc}); "
            "`streamit validate` says more"
        ) from exc


def _find_shards(folder: Folder) -> list[Shard]:
    names = folder.list("**/*.parquet")
    return [
        Shard(name, _split_of(name))
        for name in names
        if not name.startswith(WORKSHOP) and not any(p.startswith(".") for p in name.split("/"))
    ]


def _split_of(path: str) -> str | None:
    prefix = path.rpartition("/")[2].partition("-")[0]
    return prefix if prefix in SPLITS else None


def _reading_order(shard: Shard) -> tuple[int, str]:
    return (len(SPLITS) if shard.split is None else SPLITS.index(shard.split), shard.path)


def _check_splits(splits: Collection[str] | None) -> Collection[str]:
    if splits is None:
        return SPLITS
    wanted = [splits] if isinstance(splits, str) else list(splits)
    for split in wanted:
        if split not in SPLITS:
            raise UsageError(f"no split is named {split!r}; {nearest(split, list(SPLITS))}")
    return wanted


@contextmanager
def open_shard(folder: Folder, shard: Shard) -> Iterator[pq.ParquetFile]:
    """A shard for reading. Raises StorageError when it is not whole or no Parquet."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    with folder.open_read(shard.path) as file:
        try:
            with pq.ParquetFile(file) as shard_file:
                yield shard_file
        except pa.ArrowException as exc:
            raise StorageError(
                f"{folder.path(shard.path)}: cannot be read as Parquet: {exc}; build or download "
                "it again"
            ) from exc


def _iterate_rows(
    folder: Folder, shard: Shard, columns: Sequence[str] | None, splits: Collection[str]
) -> Iterator[tuple[int, dict[str, Any]]]:
    with open_shard(folder, shard) as file:
        names = file.schema_arrow.names
        read = names if columns is None else [name for name in columns if name in names]
        is_mixed = shard.split is None and len(splits) < len(SPLITS)
        if is_mixed and "split" not in read:
            read = [*read, "split"]
        size = _ROWS_PER_BATCH_WITH_FRAMES if "frames" in read else _ROWS_PER_BATCH
        number = 0
        # One row group at a time: pyarrow would fetch all that it is asked for beforehand.
        for group in range(file.num_row_groups):
            for batch in file.iter_batches(size, row_groups=[group], columns=read):
                for row in batch.to_pylist():
                    if not is_mixed or row.get("split") in splits:
                        yield number, row
                    number += 1


def _iterate_records(build: Build, splits: Collection[str], frames: bool) -> Iterator[Record]:
    columns = None if frames else _columns_without_frames()
    for shard in build.shards:
        if shard.split is None or shard.split in splits:
            where = build.folder.path(shard.path)
            for number, row in _iterate_rows(build.folder, shard, columns, splits):
                yield _read_record(row, f"{where}: row {number}")


def _columns_without_frames() -> list[str]:
    from streamit.columns import COLUMNS

    return list(COLUMNS)


def _read_record(row: Mapping[str, Any], where: str) -> Record:
    try:
        _check_version(row["schema_version"], where)
        return from_dict(row)
    except (KeyError, TypeError) as exc:
        raise SchemaError(
            f"{where}: is no Stream-IT record ({type(exc).__name__}: {exc}); `streamit validate` "
            "says more"
        ) from exc
