"""One struct column is read, with the fields that are wanted and there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import parquet

from streamit.errors import SourceError
from streamit.readers.parquet_structs import is_parquet, read_structs

ROWS = [{"a": 1, "b": {"c": ["x"], "d": 2}}, None, {"a": None, "b": {"c": None, "d": 3}}]


def write(folder: Path, **columns: list[Any]) -> str:
    path = folder / "a.parquet"
    parquet.write_table(
        pa.table({name: pa.array(values) for name, values in columns.items()}), path
    )
    return str(path)


def test_only_wanted_fields_come_and_absent_ones_do_not(tmp_path: Path) -> None:
    path = write(tmp_path, blob=[b"x"] * 3, json=ROWS)
    assert list(read_structs(path, "json", ("a", "b.c", "z"), 2)) == [
        {"a": 1, "b": {"c": ["x"]}},
        None,
        {"a": None, "b": {"c": None}},
    ]


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"blob": [b"x"]}, "has the columns blob; expected 'json' with structs"),
        ({"json": ["{}"]}, "column 'json' holds string; expected structs"),
    ],
)
def test_another_table_is_named_with_what_was_found(
    tmp_path: Path, columns: dict[str, list[Any]], message: str
) -> None:
    with pytest.raises(SourceError, match=message):
        list(read_structs(write(tmp_path, **columns), "json", ("a",), 2))


def test_what_is_no_parquet_file_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    path.write_bytes(b"PAR1 and no more")
    with pytest.raises(SourceError, match="no Parquet file, or damaged behind row 0"):
        list(read_structs(str(path), "json", ("a",), 2))


@pytest.mark.parametrize(
    ("path", "expected"), [("x/a.parquet", True), ("a.PQ", True), ("a.json", False)]
)
def test_parquet_is_known_by_its_ending(path: str, expected: bool) -> None:
    assert is_parquet(path) is expected
