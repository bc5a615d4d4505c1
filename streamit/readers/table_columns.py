"""Reads a chunk a column at a time, with what `table_cells` makes of a single row.

Plain cells are nearly all there are: a number, a clean text, a word that was seen before. They are
read together. Every other cell is read by itself, and a row with a cell that is refused is read
by itself as a whole, so that both ways give the same values and the same messages.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api.types import infer_dtype

from streamit.item import Reject
from streamit.readers.base import SourceFile
from streamit.readers.column_map import Columns, Times
from streamit.readers.parse import Refusal, clean_text
from streamit.readers.table_cells import (
    VideoRow,
    is_blank,
    name_row,
    read_language,
    read_length,
    read_row,
    read_split_cell,
    read_video,
)
from streamit.readers.table_rows import Chunk
from streamit.timeline import TimeFault, counts_to_s

_REFUSED = object()
# The ASCII texts that `clean_text` leaves as they are.
_CLEAN = r"[!-~]+(?: [!-~]+)*"
# Numbers that `float` and `parse_number` read alike.
_NUMBER = r"-?[0-9]+(?:\.[0-9]+)?"
# In columns of these kinds equal cells are the same; elsewhere 1 and True are equal, too.
_WORDS = ("string", "integer", "floating")
_NUMBERS = ("integer", "floating", "mixed-integer-float")


def read_chunk(file: SourceFile, chunk: Chunk, columns: Columns) -> Iterator[VideoRow | Reject]:
    """What `read_row` makes of each row, in order."""
    cells = {name: chunk.cells[name].to_numpy() for name in columns.names()}
    fields = _read_fields(chunk.cells, columns)
    for place, values in enumerate(zip(*fields, strict=True)):
        if _REFUSED in values:
            number = chunk.cells.index[place]
            own = {name: column[place] for name, column in cells.items()}
            yield read_row(file, columns, number, own, chunk.problems.get(number))
        else:
            yield VideoRow(*values)


def _read_fields(cells: pd.DataFrame, columns: Columns) -> Iterator[Iterable[Any]]:
    """The columns of a VideoRow up to `text`, with `_REFUSED` in cells that were refused."""
    numbers = cells.index.tolist()
    yield _read_words(cells, columns.video, read_video)
    yield numbers
    yield map(name_row, _list_cells(cells, columns.id), numbers)
    yield _read_times(cells, columns.start)
    yield _read_times(cells, columns.end)
    yield _read_words(
        cells, columns.split_column, lambda cell: read_split_cell(cell, columns.split)
    )
    yield _read_words(cells, columns.language, read_language)
    yield _read_lengths(cells, columns.duration)
    yield from _read_texts(cells, columns)


def _list_cells(cells: pd.DataFrame, column: str | None) -> list[Any]:
    return [None] * len(cells) if column is None else cells[column].tolist()


def _read_words(
    cells: pd.DataFrame, column: str | None, read: Callable[[object], object]
) -> list[Any]:
    """Each different cell is read once."""
    if column is None:
        return [read(None)] * len(cells)
    if infer_dtype(cells[column], skipna=False) not in _WORDS:
        return [_attempt(read, cell) for cell in cells[column]]
    codes, words = pd.factorize(cells[column], use_na_sentinel=False)
    found = [_attempt(read, word) for word in words]
    return [found[code] for code in codes.tolist()]


def _read_lengths(cells: pd.DataFrame, duration: Times | None) -> list[Any]:
    if duration is None:
        return [None] * len(cells)
    return _read_words(cells, duration.column, lambda cell: read_length(duration, cell))


def _read_times(cells: pd.DataFrame, times: Times | None) -> list[Any]:
    if times is None:
        return [None] * len(cells)
    seconds = _read_numbers(cells[times.column], times)
    return _fill(seconds.tolist(), np.isnan(seconds), cells[times.column], times.read)


def _read_numbers(values: pd.Series[Any], times: Times) -> NDArray[np.float64]:
    """The seconds of plain numbers; NaN for all else."""
    nothing = np.full(len(values), np.nan)
    kind = infer_dtype(values, skipna=True)
    if times.per_second is None or kind not in ("string", *_NUMBERS):
        return nothing
    if kind == "string":
        values = values.where(values.str.fullmatch(_NUMBER, na=False), None)
    try:
        return counts_to_s(values.to_numpy(np.float64), times.per_second)
    except OverflowError:  # an integer beyond all floats
        return nothing


def _read_texts(cells: pd.DataFrame, columns: Columns) -> tuple[list[Any], list[Any]]:
    """Questions and texts: a row with a question is answered by its answer, or by its text."""
    names = (columns.question, columns.answer, columns.text)
    questions, answers, texts = (_read_text(cells, name) for name in names)
    said = [
        text if question is None or answer is None else answer
        for question, answer, text in zip(questions, answers, texts, strict=True)
    ]
    return questions, [_REFUSED if text is None else text for text in said]


def _read_text(cells: pd.DataFrame, column: str | None) -> list[Any]:
    """Clean texts; None where there is nothing."""
    found = _list_cells(cells, column)
    if column is None:
        return found
    return _fill(found, ~_are_clean(cells[column]), cells[column], _clean_cell)


def _clean_cell(cell: object) -> str | None:
    return None if is_blank(cell) else clean_text(cell)


def _are_clean(values: pd.Series[Any]) -> NDArray[np.bool_]:
    """Which cells are texts that `clean_text` leaves as they are."""
    none = np.zeros(len(values), np.bool_)
    if infer_dtype(values, skipna=True) != "string":
        return none
    try:
        texts = values.astype("str")
    except UnicodeEncodeError:  # half a character, which pandas cannot hold
        return none
    return texts.str.fullmatch(_CLEAN, na=False).to_numpy(np.bool_)


def _fill(
    found: list[Any],
    is_open: NDArray[np.bool_],
    values: pd.Series[Any],
    read: Callable[[Any], object],
) -> list[Any]:
    """What was found, with the open places read by themselves."""
    cells = values.to_numpy()
    for place in np.flatnonzero(is_open).tolist():
        found[place] = _attempt(read, cells[place])
    return found


def _attempt(read: Callable[[Any], object], cell: object) -> Any:
    try:
        return read(cell)
    except (Refusal, TimeFault):
        return _REFUSED
