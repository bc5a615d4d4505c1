"""The rows of CSV, TSV, JSON, JSONL and Parquet files as mappings, a chunk at a time.

A row that cannot be read is a row with a problem; the file goes on behind it.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import PurePosixPath
from typing import IO, Any

from streamit.errors import ColumnMapError, SourceError
from streamit.readers.base import SourceFile
from streamit.readers.files import READ_FAULTS, open_bytes, unpacked_name, unreadable
from streamit.readers.json_stream import Member, RepeatedKeys, stream_json
from streamit.readers.parse import show

_CHUNK_ROWS = 5000
# JSON has no header: the columns are the keys of its first rows.
_HEADER_ROWS = 100
_DELIMITERS = {".csv": ",", ".tsv": "\t", ".tab": "\t"}
_JSON = (".json", ".jsonl", ".ndjson")
_PARQUET = (".parquet", ".pq")


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the table; `number` counts from 1 and leaves the header out.

    `problem` is the (reason, message) of a row that is none.
    """

    number: int
    values: Mapping[str, Any]
    problem: tuple[str, str] | None = None


def read_header(file: SourceFile) -> tuple[str, ...]:
    """The names of the columns. Raises SourceError, ColumnMapError on two of one name."""
    kind = _kind(file)
    if kind in _DELIMITERS:
        with _open_text(file) as text:
            lines = csv.reader(text, delimiter=find_delimiter(file), skipinitialspace=True)
            header = _read_csv_header(file, lines)
    elif kind in _PARQUET:
        with open_bytes(file.path) as binary:
            header = _open_parquet(file, binary).schema_arrow.names
    else:
        rows = (row.values for row in islice(_read_json(file), _HEADER_ROWS))
        header = list(dict.fromkeys(key for row in rows for key in row))
    twice = sorted({name for name in header if header.count(name) > 1})
    if twice:
        raise ColumnMapError(f"{file.path}: two columns are named {twice[0]!r}; rename one")
    return tuple(header)


def read_rows(file: SourceFile, wanted: Collection[str]) -> Iterator[Row]:
    """The rows in order, with at least the wanted columns. Raises SourceError."""
    kind = _kind(file)
    if kind in _DELIMITERS:
        return _read_csv(file)
    return _read_parquet(file, wanted) if kind in _PARQUET else _read_json(file)


def find_delimiter(file: SourceFile) -> str:
    """The character between the cells: `options.delimiter`, or by the file's ending."""
    delimiter = file.options.get("delimiter", _DELIMITERS[_kind(file)])
    if not isinstance(delimiter, str) or len(delimiter) != 1:
        raise SourceError(f"{file.path}: options.delimiter is {show(delimiter)}, not one character")
    return delimiter


def is_delimited(file: SourceFile) -> bool:
    """Whether the file is CSV or TSV."""
    return _kind(file) in _DELIMITERS


def _kind(file: SourceFile) -> str:
    kind = PurePosixPath(unpacked_name(file.path)).suffix.lower()
    known = (*_DELIMITERS, *_JSON, *_PARQUET)
    if kind not in known:
        raise SourceError(f"{file.path}: is no table: expected one of {', '.join(known)}")
    return kind


def _read_csv(file: SourceFile) -> Iterator[Row]:
    """Cells stay text, and each row has its own fault; a row of empty cells is none.

    Pandas' quick engine stops at a row with too many cells; its Python engine drops cells, and
    takes all that follows an open quote for one cell, without a word.
    """
    with _open_text(file) as text:
        lines = csv.reader(text, delimiter=find_delimiter(file), skipinitialspace=True, strict=True)
        header = _read_csv_header(file, lines)
        number = 0
        while True:
            first_line = lines.line_num + 1
            try:
                cells = next(lines)
            except StopIteration:
                return
            except csv.Error as exc:
                if lines.line_num > first_line:
                    # Nobody can tell how many rows are inside an open quote.
                    raise SourceError(
                        f"{file.path}: a quote in line {first_line} is not closed before line "
                        f"{lines.line_num} ({exc}); mend it, or get the file again if it was cut"
                    ) from exc
                number += 1
                yield Row(number, {}, ("bad_row", f"line {first_line}: {exc}"))
                continue
            except READ_FAULTS as exc:
                raise unreadable(f"{file.path}, behind line {lines.line_num}", exc) from exc
            if any(cells):
                number += 1
                yield _make_row(number, header, cells)


def _make_row(number: int, header: Sequence[str], cells: Sequence[str]) -> Row:
    if any(cells[len(header) :]):
        problem = f"has {len(cells)} cells for {len(header)} columns; quote cells with a delimiter"
        return Row(number, {}, ("bad_row", problem))
    return Row(number, dict(zip(header, cells, strict=False)))


def _read_csv_header(file: SourceFile, lines: Iterator[list[str]]) -> list[str]:
    try:
        cells = next((cells for cells in lines if any(cells)), [])
    except (*READ_FAULTS, csv.Error) as exc:
        raise SourceError(f"{file.path}: the header cannot be read: {exc}") from exc
    header = [cell.strip() for cell in cells]
    if not any(header):
        raise SourceError(f"{file.path}: is empty; its first line must name the columns")
    return header


@contextmanager
def _open_text(file: SourceFile) -> Iterator[IO[str]]:
    with open_bytes(file.path) as binary:
        yield io.TextIOWrapper(binary, encoding="utf-8-sig", newline="")


def _read_json(file: SourceFile) -> Iterator[Row]:
    for member in stream_json(file.path):
        if member.key is not None:
            raise SourceError(f"{file.path}: is an object; a table is a list of rows, or JSONL")
        yield _make_json_row(member)


def _make_json_row(member: Member) -> Row:
    number = member.ordinal + 1
    if member.problem is not None:
        return Row(number, {}, ("bad_json", member.problem))
    if not isinstance(member.value, dict):
        return Row(number, {}, ("bad_row", f"{show(member.value)} is not an object"))
    if isinstance(member.value, RepeatedKeys):
        return Row(number, {}, ("bad_row", "a key stands twice in it, so one value is lost"))
    return Row(number, member.value)


def _read_parquet(file: SourceFile, wanted: Collection[str]) -> Iterator[Row]:
    """Values as Python has them: pandas would make floats of integers beside an empty cell."""
    import pyarrow as pa

    with open_bytes(file.path) as binary:
        table = _open_parquet(file, binary)
        number = 0
        try:
            for batch in table.iter_batches(batch_size=_CHUNK_ROWS, columns=list(wanted)):
                for values in batch.to_pylist():
                    number += 1
                    yield Row(number, values)
        except (*READ_FAULTS, pa.ArrowException) as exc:
            raise SourceError(f"{file.path}: is damaged behind row {number}: {exc}") from exc


def _open_parquet(file: SourceFile, binary: IO[bytes]) -> Any:
    import pyarrow as pa
    from pyarrow import parquet

    try:
        return parquet.ParquetFile(binary)
    except (*READ_FAULTS, pa.ArrowException) as exc:
        raise SourceError(f"{file.path}: is no Parquet file: {exc}; get it again") from exc
