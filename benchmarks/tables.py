"""A table of the user's own, from the file to items: rows per second on one core.

100,000 rows, five per video, shuffled. `pandas.read_csv` shows what it costs to cut lines strictly.
Floors: the rate, and that reading cells by column is worth its code.
"""

from __future__ import annotations

import random
import sys
import tempfile
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from benchmarks.corpus import VOCABULARY
from benchmarks.harness import Case, Comparison, run_cases
from streamit.item import Item
from streamit.readers.base import SourceFile
from streamit.readers.column_map import Columns, fit_columns
from streamit.readers.table import read
from streamit.readers.table_cells import VideoRow, read_row
from streamit.readers.table_columns import read_chunk
from streamit.readers.table_rows import CHUNK_ROWS, Chunk, read_header, read_rows

N_ROWS = 100_000
FLOOR = 60_000.0
COLUMNS = ("video", "start", "end", "text")
BY_COLUMN, BY_ROW = "cells of a chunk, by column", "cells of a chunk, by row"
STRICT, PLAIN = "CSV to chunks", "CSV to chunks by pandas.read_csv"


def main() -> int:
    """Measure the three formats, the cells alone, and what pandas takes to cut a CSV."""
    with tempfile.TemporaryDirectory() as scratch:
        csv, jsonl, parquet = write_tables(Path(scratch))
        chunks = list(read_rows(csv, COLUMNS))
        columns = fit_columns({}, read_header(csv), csv.path, None)
        cases = [
            Case("CSV to items", "rows", N_ROWS, lambda: count_events(csv), FLOOR),
            Case("JSONL to items", "rows", N_ROWS, lambda: count_events(jsonl)),
            Case("Parquet to items", "rows", N_ROWS, lambda: count_events(parquet), FLOOR),
            Case(BY_COLUMN, "rows", N_ROWS, lambda: count_usable(read_chunk, csv, chunks, columns)),
            Case(BY_ROW, "rows", N_ROWS, lambda: count_usable(read_each, csv, chunks, columns)),
            Case(STRICT, "rows", N_ROWS, lambda: count_cells(read_rows(csv, COLUMNS))),
            Case(PLAIN, "rows", N_ROWS, lambda: count_plain(csv)),
        ]
        comparisons = [Comparison(BY_COLUMN, BY_ROW, 2.0), Comparison(STRICT, PLAIN)]
        return run_cases("Tables", cases, comparisons)


def write_tables(folder: Path) -> list[SourceFile]:
    """One table as CSV, JSONL and Parquet."""
    draw = random.Random(0)
    table = pd.DataFrame([_draw_row(draw, n) for n in range(N_ROWS)], columns=list(COLUMNS))
    table = table.sample(frac=1, random_state=0)
    table.to_csv(folder / "my.csv", index=False)
    table.to_json(folder / "my.jsonl", orient="records", lines=True)
    table.to_parquet(folder / "my.parquet", index=False)
    paths = [folder / f"my.{kind}" for kind in ("csv", "jsonl", "parquet")]
    return [SourceFile("mine", str(p), str(folder), p.name, "train") for p in paths]


def _draw_row(draw: random.Random, n: int) -> tuple[str, float, float, str]:
    start_s = round(draw.uniform(0, 100), 3)
    text = " ".join(draw.choices(VOCABULARY.split(), k=13)).capitalize() + "."
    return f"day/cam{n // 5:06d}.mp4", start_s, round(start_s + draw.uniform(0.1, 20), 3), text


def count_events(file: SourceFile) -> int:
    """How many rows become events."""
    return sum(len(entry.events) for entry in read(file) if isinstance(entry, Item))


def count_usable(
    read_cells: Callable[..., Any], file: SourceFile, chunks: Sequence[Chunk], columns: Columns
) -> int:
    """How many rows of the chunks can be used."""
    rows = (row for chunk in chunks for row in read_cells(file, chunk, columns))
    return sum(isinstance(row, VideoRow) and row.reason is None for row in rows)


def read_each(file: SourceFile, chunk: Chunk, columns: Columns) -> list[Any]:
    """The rows of a chunk, each by itself."""
    rows = zip(chunk.cells.index, chunk.cells.to_dict("records"), strict=True)
    return [read_row(file, columns, number, row, None) for number, row in rows]


def count_cells(chunks: Iterable[Chunk]) -> int:
    """How many rows were cut into cells."""
    return sum(len(chunk.cells) - len(chunk.problems) for chunk in chunks)


def count_plain(file: SourceFile) -> int:
    """How many rows pandas cuts."""
    chunks = pd.read_csv(file.path, dtype=object, na_filter=False, chunksize=CHUNK_ROWS)
    return sum(len(chunk) for chunk in chunks)


if __name__ == "__main__":
    sys.exit(main())
