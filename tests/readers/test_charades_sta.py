"""Charades-STA: exact counts on the real slices, lengths from the CSV beside, odd lines."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from streamit.errors import SourceError
from streamit.item import Event, Item
from tests.readers.reading import (
    count_annotations,
    list_reasons,
    list_spans,
    make_file,
    read_all,
)

NAME = "charades_sta_train.txt"


def read(folder: Path, text: str | bytes, **tables: str) -> tuple[list[Item], list[Any]]:
    path = folder / NAME
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    for name, table in tables.items():
        (folder / f"{name}.csv").write_text(table)
    return read_all("charades_sta", make_file(path))


@pytest.mark.shared
@pytest.mark.parametrize(
    ("name", "n_videos", "n_queries", "n_reversed", "n_past_end"),
    [
        ("charades_sta/charades_sta_train.txt", 95, 223, 2, 36),
        ("charades_sta/charades_sta_test.txt", 32, 80, 0, 10),
        ("real_mini/grounding.txt", 4, 6, 1, 1),
    ],
)
def test_the_real_files_are_read_whole(
    shared: Path, name: str, n_videos: int, n_queries: int, n_reversed: int, n_past_end: int
) -> None:
    items, rejects = read_all("charades_sta", make_file(shared / "corpora" / name))
    assert rejects == []
    assert (len(items), count_annotations(items, rejects)) == (n_videos, n_queries)
    spans = [
        (e.start_s or 0.0, e.end_s or 0.0, item.duration_s or 0.0)
        for item in items
        for e in item.events
    ]
    assert sum(start_s > end_s for start_s, end_s, _ in spans) == n_reversed
    assert sum(end_s > duration_s for _, end_s, duration_s in spans) == n_past_end
    assert all(duration_s > 0 for *_, duration_s in spans)


def test_the_queries_of_a_video_share_an_item(tmp_path: Path) -> None:
    items, rejects = read(
        tmp_path,
        "AO8RW 0.0 6.9##a person reads.\nY6R7T 20.8 30.0##He sits. \nAO8RW 8.0 7.0##a ## b\n",
        lengths="id,subject,length\nY6R7T,x,33.25\nAO8RW,y,30.58\n",
    )
    assert rejects == []
    assert items[0] == Item(
        source="mine",
        split="train",
        file=NAME,
        ordinal=0,
        key="AO8RW",
        video_id="AO8RW",
        source_video="AO8RW",
        duration_s=30.58,
        events=(Event(0, 0.0, 6.9, "a person reads."), Event(1, 8.0, 7.0, "a ## b")),
    )
    assert (items[1].duration_s, list_spans(items[1].events)) == (33.25, [(20.8, 30.0, "He sits.")])


@pytest.mark.parametrize("table", ["", "id,length\nOTHER,3\n", "id,length\nAO8RW,\n", "a,b\nc,d\n"])
def test_a_video_without_a_length_has_none(tmp_path: Path, table: str) -> None:
    tables = {"lengths": table} if table else {}
    items, _ = read(tmp_path, "AO8RW 0 6.9##One.\n", **tables)
    assert items[0].duration_s is None


@pytest.mark.parametrize("length", ["0", "-3", "nan", "long"])
def test_a_length_that_is_none_costs_the_queries_of_its_video(tmp_path: Path, length: str) -> None:
    items, rejects = read(
        tmp_path, "A 0 1##One.\nB 0 1##Two.\nA 1 2##Three.\n", lengths=f"id,length\nA,{length}\n"
    )
    assert [item.key for item in items] == ["B"]
    assert list_reasons(rejects) == [(0, "bad_duration"), (1, "bad_duration")]


def test_two_lengths_of_a_video_are_an_error(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"b\.csv: A lasts 4 s here and 3 s in a row or file"):
        read(tmp_path, "A 0 1##One.\n", a="id,length\nA,3\n", b="length,id\n4,A\n")


def test_a_broken_row_of_lengths_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"a\.csv: row 2 is broken"):
        read(tmp_path, "A 0 1##One.\n", a="id,length\nA,3\nB\n")


@pytest.mark.parametrize(
    ("line", "index", "reason"),
    [
        (b"A x 1##Text.", 0, "bad_time"),
        (b"A 0 1 2##Text.", None, "bad_row"),
        (b"A 0##Text.", None, "bad_row"),
        (b"A 0 1#Text.", None, "bad_row"),
        (b"A 0 inf##Text.", 0, "not_finite"),
        (b"A 0 1##  ", 0, "empty_text"),
        (b"../A 0 1##Text.", None, "bad_id"),
        (b"A 0 1##caf\xe9", None, "bad_row"),
    ],
)
def test_a_broken_line_costs_itself(
    tmp_path: Path, line: bytes, index: int | None, reason: str
) -> None:
    items, rejects = read(tmp_path, b"B 0 1##One.\n\n" + line + b"\r\nB 1 2##Two.\n")
    assert list_spans(items[0].events) == [(0.0, 1.0, "One."), (1.0, 2.0, "Two.")]
    assert list_reasons(rejects) == [(index, reason)]
    assert "line 3" in (rejects[0].key + rejects[0].message)


def test_another_format_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"its first line is .*`<video> <start> <end>##<sent"):
        read(tmp_path, '{"v_a": {}}\n')


CELLS = st.text("ab01.-# \u00e9", max_size=5)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(CELLS, CELLS, CELLS, CELLS), max_size=4))
def test_no_line_breaks_the_reader_or_is_lost(
    tmp_path: Path, rows: list[tuple[str, str, str, str]]
) -> None:
    lines = ["A 0 1##One.", *(f"{a} {b} {c}##{d}" for a, b, c, d in rows)]
    items, rejects = read(tmp_path, "\n".join(lines))
    assert count_annotations(items, rejects) == len(lines)
