"""The rows of CSV, TSV, JSON, JSONL and Parquet files as tables of pandas, a chunk at a time.

A row that cannot be read is a row with a problem; the file goes on behind it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, zip_longest
from pathlib import PurePosixPath
from typing import IO, Any

import pandas as pd
import pyarrow as pa
from pyarrow import parquet

from streamit.errors import ColumnMapError, SourceError
from streamit.readers.base import SourceFile
from streamit.readers.files import READ_FAULTS, open_bytes, unpacked_name
from streamit.readers.json_stream import Member, RepeatedKeys, stream_json
from streamit.readers.parse import Refusal, show
from streamit.readers.table_csv import open_csv

CHUNK_ROWS = 5000
# JSON has no header: the columns are the keys of its first rows.
_HEADER_ROWS = 100
_DELIMITERS = {".csv": ",", ".tsv": "\t", ".tab": "\t"}
_JSON = (".json", ".jsonl", ".ndjson")
_PARQUET = (".parquet", ".pq")


@dataclass(frozen=True, slots=True)
class Chunk:
    """Rows that follow each other. The index of `cells` counts from 1 and leaves the header out.

    Its columns are of dtype object and hold what the file holds: texts in CSV, the values of JSON
    and Parquet as Python has them, None where there is nothing. Types of pandas' own choice would
    make floats of integers beside an empty cell, and NaN of the empty cell.

    `problems` has what is wrong with rows that are none; their cells are None.
    """

    cells: pd.DataFrame
    problems: Mapping[int, Refusal]


def read_header(file: SourceFile) -> tuple[str, ...]:
    """The names of the columns. Raises SourceError, ColumnMapError on two of one name."""
    kind = _kind(file)
    if kind in _DELIMITERS:
        with open_csv(file, _DELIMITERS[kind]) as (names, _):
            header = names
    elif kind in _PARQUET:
        with open_bytes(file.path) as binary:
            header = _open_parquet(file, binary).schema_arrow.names
    else:
        rows = (row for row in islice(_read_json(file), _HEADER_ROWS) if isinstance(row, dict))
        header = list(dict.fromkeys(key for row in rows for key in row))
    twice = sorted({name for name in header if header.count(name) > 1})
    if twice:
        raise ColumnMapError(f"{file.path}: two columns are named {twice[0]!r}; rename one")
    return tuple(header)


def read_rows(
    file: SourceFile, wanted: Collection[str], chunk_rows: int = CHUNK_ROWS
) -> Iterator[Chunk]:
    """The wanted columns of all rows, in order. Raises SourceError."""
    kind = _kind(file)
    if kind in _PARQUET:
        return _read_parquet(file, wanted, chunk_rows)
    if kind in _DELIMITERS:
        return _read_csv(file, wanted, chunk_rows)
    rows = (_pick_cells(row, wanted) for row in _read_json(file))
    return _make_chunks(rows, list(wanted), wanted, chunk_rows)


def is_delimited(file: SourceFile) -> bool:
    """Whether the file is CSV or TSV."""
    return _kind(file) in _DELIMITERS


def _kind(file: SourceFile) -> str:
    kind = PurePosixPath(unpacked_name(file.path)).suffix.lower()
    known = (*_DELIMITERS, *_JSON, *_PARQUET)
    if kind not in known:
        raise SourceError(f"{file.path}: is no table: expected one of {', '.join(known)}")
    return kind


def _make_chunks(
    rows: Iterator[Sequence[Any] | Refusal],
    names: Sequence[str],
    wanted: Collection[str],
    chunk_rows: int,
) -> Iterator[Chunk]:
    """`names` are those of a row's cells; cells that are missing at its end are None."""
    first = 1
    while found := list(islice(rows, chunk_rows)):
        numbered = enumerate(found, start=first)
        problems = {number: row for number, row in numbered if isinstance(row, Refusal)}
        filled = [() if isinstance(row, Refusal) else row for row in found]
        columns = {name: cells for name, *cells in zip_longest(names, *filled) if name in wanted}
        yield Chunk(_make_frame(columns, first, len(found)), problems)
        first += len(found)


def _make_frame(columns: Mapping[str, Sequence[Any]], first: int, n_rows: int) -> pd.DataFrame:
    return pd.DataFrame(columns, index=pd.RangeIndex(first, first + n_rows), dtype=object)


def _read_csv(file: SourceFile, wanted: Collection[str], chunk_rows: int) -> Iterator[Chunk]:
    with open_csv(file, _DELIMITERS[_kind(file)]) as (header, rows):
        yield from _make_chunks(rows, header, wanted, chunk_rows)


def _read_json(file: SourceFile) -> Iterator[dict[str, Any] | Refusal]:
    for member in stream_json(file.path):
        if member.key is not None:
            raise SourceError(f"{file.path}: is an object; a table is a list of rows, or JSONL")
        yield _read_member(member)


def _read_member(member: Member) -> dict[str, Any] | Refusal:
    if member.problem is not None:
        return Refusal("bad_json", member.problem)
    if not isinstance(member.value, dict):
        return Refusal("bad_row", f"{show(member.value)} is not an object")
    if isinstance(member.value, RepeatedKeys):
        return Refusal("bad_row", "a key stands twice in it, so one value is lost")
    return member.value


def _pick_cells(row: dict[str, Any] | Refusal, wanted: Collection[str]) -> list[Any] | Refusal:
    return row if isinstance(row, Refusal) else [row.get(name) for name in wanted]


def _read_parquet(file: SourceFile, wanted: Collection[str], chunk_rows: int) -> Iterator[Chunk]:
    with open_bytes(file.path) as binary:
        table = _open_parquet(file, binary)
        first = 1
        try:
            for batch in table.iter_batches(batch_size=chunk_rows, columns=list(wanted)):
                yield Chunk(_make_frame(batch.to_pydict(), first, len(batch)), {})
                first += len(batch)
        except (*READ_FAULTS, pa.ArrowException) as exc:
            raise SourceError(f"{file.path}: is damaged behind row {first - 1}: {exc}") from exc


def _open_parquet(file: SourceFile, binary: IO[bytes]) -> Any:
    try:
        return parquet.ParquetFile(binary)
    except (*READ_FAULTS, pa.ArrowException) as exc:
        raise SourceError(f"{file.path}: is no Parquet file: {exc}; get it again") from exc
