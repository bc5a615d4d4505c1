"""The rows of CSV and TSV as lists of cells, strictly: no cell is lost and no quote swallows rows.

`pandas.read_csv` stops at a faulty row, or skips it without saying which it was; its C engine makes
one cell of the rows behind an open quote, its Python engine skips them. So `csv` cuts the lines,
and pandas gets the cells (table_rows.py).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from streamit.errors import SourceError
from streamit.readers.base import SourceFile
from streamit.readers.files import READ_FAULTS, open_bytes, unreadable
from streamit.readers.parse import Refusal, show

if TYPE_CHECKING:
    from _csv import Reader


@contextmanager
def open_csv(
    file: SourceFile, delimiter: str
) -> Iterator[tuple[list[str], Iterator[list[str] | Refusal]]]:
    """(header, rows): the cells of each row that has any, or what is wrong with it.

    `options.delimiter` goes before `delimiter`. Raises SourceError when there is no header, and
    where a quote is left open: nobody can tell how many rows are in it.
    """
    with open_bytes(file.path) as binary:
        text = io.TextIOWrapper(binary, encoding="utf-8-sig", newline="")
        delimiter = _find_delimiter(file, delimiter)
        lines = csv.reader(text, delimiter=delimiter, skipinitialspace=True, strict=True)
        header = _read_header(file, lines)
        yield header, _read_rows(file, lines, header)


def _find_delimiter(file: SourceFile, usual: str) -> str:
    delimiter = file.options.get("delimiter", usual)
    if not isinstance(delimiter, str) or len(delimiter) != 1:
        raise SourceError(f"{file.path}: options.delimiter is {show(delimiter)}, not one character")
    return delimiter


def _read_header(file: SourceFile, lines: Iterator[list[str]]) -> list[str]:
    try:
        cells = next((cells for cells in lines if any(cells)), [])
    except (*READ_FAULTS, csv.Error) as exc:
        raise SourceError(f"{file.path}: the header cannot be read: {exc}") from exc
    header = [cell.strip() for cell in cells]
    if not any(header):
        raise SourceError(f"{file.path}: is empty; its first line must name the columns")
    return header


def _read_rows(
    file: SourceFile, lines: Reader, header: Sequence[str]
) -> Iterator[list[str] | Refusal]:
    while (cells := _read_cells(file, lines)) is not None:
        if isinstance(cells, Refusal):
            yield cells
        elif any(cells):
            yield _check_length(cells, header)


def _read_cells(file: SourceFile, lines: Reader) -> list[str] | Refusal | None:
    """The next row; None at the end of the file."""
    first_line = lines.line_num + 1
    try:
        return next(lines, None)
    except csv.Error as exc:
        if lines.line_num > first_line:
            raise SourceError(
                f"{file.path}: a quote in line {first_line} is not closed before line "
                f"{lines.line_num} ({exc}); mend it, or get the file again if it was cut"
            ) from exc
        return Refusal("bad_row", f"line {first_line}: {exc}")
    except READ_FAULTS as exc:
        raise unreadable(f"{file.path}, behind line {lines.line_num}", exc) from exc


def _check_length(cells: list[str], header: Sequence[str]) -> list[str] | Refusal:
    """Too many cells are a fault unless all that is too much is empty."""
    if not any(cells[len(header) :]):
        return cells
    problem = f"has {len(cells)} cells for {len(header)} columns; quote cells with a delimiter"
    return Refusal("bad_row", problem)
