"""A chunk read by columns is the same as its rows read one by one, for any cells at all."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamit.item import Reject
from streamit.readers.column_map import Columns, fit_columns
from streamit.readers.parse import Refusal
from streamit.readers.table_cells import VideoRow, read_row
from streamit.readers.table_columns import read_chunk
from streamit.readers.table_rows import Chunk
from tests.readers.reading import make_file

FILE = make_file(Path("my.csv"))
HEADER = (
    *("video", "start", "end", "text", "question", "answer"),
    *("duration", "split", "language", "id"),
)
NUMBERS = st.sampled_from(("0", "1.5", "-2", "+3", ".5", "7.", "1e3", " 4 ", "nan", "1e999", "1_0"))
WORDS = st.sampled_from(
    (
        "",
        " ",
        "a",
        "a.mp4",
        "../a",
        "de",
        "dev",
        "train",
        "0:01.5",
        "\u0661",
        "Zwölf",
        "\ud800",
        "a\n",
    )
)
TEXTS = st.text(st.characters(codec="utf-8"), max_size=6) | WORDS | NUMBERS
PYTHON = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 3),
    st.just(10**400),
    st.floats(),
    st.decimals(allow_nan=False, allow_infinity=False, places=3),
    st.timedeltas(),
    st.lists(st.integers(), max_size=2),
    st.binary(max_size=2),
)
# A column of one type, as CSV and Parquet have it, or of any, as JSON may.
KINDS = st.sampled_from(
    (TEXTS, NUMBERS, WORDS, st.integers(), st.floats(), st.none() | st.floats(), TEXTS | PYTHON)
)


@st.composite
def chunks(draw: st.DrawFn) -> Chunk:
    n_rows = draw(st.integers(1, 5))
    cells = {name: draw(st.lists(draw(KINDS), min_size=n_rows, max_size=n_rows)) for name in HEADER}
    return make_chunk(cells)


def make_chunk(
    cells: dict[str, list[Any]], problems: dict[int, Refusal] | None = None, first: int = 1
) -> Chunk:
    n_rows = len(next(iter(cells.values())))
    index = pd.RangeIndex(first, first + n_rows)
    return Chunk(pd.DataFrame(cells, index=index, dtype=object), problems or {})


def read_by_row(chunk: Chunk, columns: Columns) -> list[VideoRow | Reject]:
    rows = zip(*(chunk.cells[name].tolist() for name in chunk.cells), strict=True)
    return [
        read_row(FILE, columns, number, dict(zip(HEADER, cells, strict=False)), None)
        for number, cells in zip(chunk.cells.index, rows, strict=True)
    ]


def fit(header: Sequence[str] = HEADER, **given: Any) -> Columns:
    return fit_columns(given, header, "my.csv", None)


@given(
    chunks(),
    st.sampled_from(
        (
            {},
            {"unit": "milliseconds"},
            {"unit": "timecode"},
            {"unit": "frames", "fps": 29.97},
            {"unit": "frames", "duration": None},
            {"end": None, "question": None, "answer": None},
            {"duration": None, "language": None, "id": None, "split": "test"},
        )
    ),
)
def test_columns_and_rows_give_the_same(chunk: Chunk, given: dict[str, Any]) -> None:
    columns = fit(**given)
    by_column = list(read_chunk(FILE, chunk, columns))
    assert [repr(row) for row in by_column] == [repr(row) for row in read_by_row(chunk, columns)]


@pytest.mark.parametrize(
    ("start", "seconds"),
    [
        (["0.1", "2"], [0.1, 2.0]),
        ([3, 0.25], [3.0, 0.25]),
        ([None, 1], [None, 1.0]),
        ([2**60, 1], [float(2**60), 1.0]),
        ([10**400, 1], [None, 1.0]),
        ([True, 1], [None, 1.0]),
        ([Decimal("0.10"), timedelta(minutes=1)], [0.1, 60.0]),
    ],
)
def test_times(start: list[object], seconds: list[float | None]) -> None:
    cells = {"video": ["a", "a"], "start": start, "text": ["One", "Two"]}
    found = read_chunk(FILE, make_chunk(cells), fit(("video", "start", "text"), end=None))
    assert [row.start_s for row in found if isinstance(row, VideoRow)] == seconds


def test_rows_that_are_none_keep_their_place_and_number() -> None:
    cells = {"video": ["a", None, "b"], "start": [0, None, 0], "text": ["One", None, "Two"]}
    problems = {5002: Refusal("bad_row", "has 9 cells")}
    chunk = make_chunk(cells, problems, first=5001)
    first, broken, last = read_chunk(FILE, chunk, fit(("video", "start", "text"), end=None))
    assert isinstance(first, VideoRow)
    assert isinstance(last, VideoRow)
    assert (first.number, last.number) == (5001, 5003)
    assert isinstance(broken, Reject)
    assert (broken.key, broken.reason) == ("row 5002", "bad_row")
    assert broken.message == "row 5002: has 9 cells"
