"""Chunks hold what the file holds: exact integers, nothing where there is nothing, all numbers."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import parquet

from streamit.errors import SourceError
from streamit.readers.table_rows import Chunk, read_header, read_rows
from tests.readers.reading import make_file

BIG = 2**53 + 1


def write(folder: Path, kind: str, rows: Sequence[dict[str, Any]]) -> Path:
    path = folder / f"my.{kind}"
    if kind == "parquet":
        names = rows[0]
        parquet.write_table(pa.table({name: [row[name] for row in rows] for name in names}), path)
    elif kind == "jsonl":
        path.write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    else:
        lines = [",".join(str(cell) for cell in row.values()) for row in rows]
        path.write_text("\n".join([",".join(rows[0]), *lines]))
    return path


def read_chunks(path: Path, chunk_rows: int = 5000) -> list[Chunk]:
    file = make_file(path)
    return list(read_rows(file, read_header(file), chunk_rows))


@pytest.mark.parametrize("kind", ["csv", "jsonl", "parquet"])
def test_numbers_go_on_from_chunk_to_chunk(tmp_path: Path, kind: str) -> None:
    path = write(tmp_path, kind, [{"n": n} for n in range(1, 8)])
    chunks = read_chunks(path, 3)
    assert [chunk.cells.index.tolist() for chunk in chunks] == [[1, 2, 3], [4, 5, 6], [7]]
    assert [int(cell) for chunk in chunks for cell in chunk.cells["n"]] == list(range(1, 8))


@pytest.mark.parametrize("kind", ["jsonl", "parquet"])
def test_integers_beside_nothing_stay_exact(tmp_path: Path, kind: str) -> None:
    path = write(tmp_path, kind, [{"n": BIG, "x": None}, {"n": None, "x": math.nan}])
    (chunk,) = read_chunks(path)
    assert chunk.cells["n"].tolist() == [BIG, None]
    nothing, nan = chunk.cells["x"].tolist()
    assert nothing is None
    assert math.isnan(nan)


def test_values_of_parquet_are_those_of_python(tmp_path: Path) -> None:
    path = write(tmp_path, "parquet", [{"d": Decimal("1.10"), "l": [1]}, {"d": None, "l": [2]}])
    (chunk,) = read_chunks(path)
    assert chunk.cells.to_dict("list") == {"d": [Decimal("1.10"), None], "l": [[1], [2]]}


def test_texts_of_csv_stay_texts(tmp_path: Path) -> None:
    path = tmp_path / "my.csv"
    path.write_text("a,b,c\nNA,007,\n1e5,,null\nlast\n")
    (chunk,) = read_chunks(path)
    assert chunk.cells.to_dict("list") == {
        "a": ["NA", "1e5", "last"],
        "b": ["007", "", None],
        "c": ["", "null", None],
    }


def test_rows_that_are_none_have_a_number_and_no_cells(tmp_path: Path) -> None:
    path = tmp_path / "my.csv"
    path.write_text('a,b\n1,2\n1,2,3\n"x"y,2\n3,4\n')
    chunks = read_chunks(path, 2)
    assert [list(chunk.problems) for chunk in chunks] == [[2], [3]]
    assert [chunk.cells["a"].tolist() for chunk in chunks] == [["1", None], [None, "3"]]


def test_an_open_quote_in_the_header(tmp_path: Path) -> None:
    path = tmp_path / "my.csv"
    path.write_text('a,"b\n1,2\n')
    with pytest.raises(SourceError, match="the header cannot be read"):
        read_header(make_file(path))
