"""A table of the user's own: rows in any order and format become items, none is lost."""

from __future__ import annotations

import csv
import json
import random
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import fsspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from streamit.errors import ColumnMapError, SourceError
from streamit.item import SECONDS, VIDEO_FRAMES, Event, Item
from streamit.readers.table import read_first
from streamit.readers.table_rows import read_header, read_rows
from tests.readers.reading import (
    count_annotations,
    count_splits,
    list_reasons,
    list_spans,
    make_file,
    read_all,
)

HEADER = "video,start,end,text"


def read_csv(folder: Path, text: str, name: str = "my.csv", **changes: Any) -> tuple[Any, Any]:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return read_all("table", make_file(path, "by_record", **changes))


def read_jsonl(folder: Path, *rows: dict[str, Any], **columns: Any) -> tuple[Any, Any]:
    path = folder / "my.jsonl"
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    return read_all("table", make_file(path, "by_record", columns=columns))


def row(video: object = "a.mp4", start: object = 0, end: object = 1, **more: Any) -> dict[str, Any]:
    return {"video": video, "start": start, "end": end, "text": "It happens.", **more}


def write_parquet(path: Path, **columns: Any) -> Path:
    import pyarrow as pa
    from pyarrow import parquet

    parquet.write_table(pa.table(columns), path)
    return path


def test_canonical_names_need_no_map(tmp_path: Path) -> None:
    text = f'{HEADER}\nday/a.mp4,0.5,2,"One, and more"\nday/a.mp4,2,3.25, Two \n'
    items, rejects = read_csv(tmp_path, text)
    assert rejects == []
    assert items == [
        Item(
            source="mine",
            split="train",
            file="my.csv",
            ordinal=0,
            key="day/a.mp4",
            video_id="day/a.mp4",
            source_video="day/a",
            duration_s=None,
            events=(Event(0, 0.5, 2.0, "One, and more"), Event(1, 2.0, 3.25, "Two")),
            media_id="day/a",
        )
    ]


def test_rows_of_a_video_may_stand_anywhere(tmp_path: Path) -> None:
    lines = [f"v{i % 50},{i},{i + 1},Row {i}" for i in range(500)]
    random.Random(0).shuffle(lines)
    items, rejects = read_csv(tmp_path, "\n".join([HEADER, *lines]))
    assert rejects == []
    assert sorted(item.video_id for item in items) == sorted(f"v{i}" for i in range(50))
    assert all([e.index for e in item.events] == list(range(10)) for item in items)
    assert sorted(e.start_s for item in items for e in item.events) == list(range(500))


@pytest.mark.parametrize(
    ("unit", "start", "expected"),
    [
        ({"unit": "seconds"}, "1.5", 1.5),
        ({"unit": "milliseconds"}, "1500", 1.5),
        ({"unit": "frames", "fps": 30}, "45", 1.5),
        ({"unit": "timecode"}, "00:00:01.500", 1.5),
        ({"unit": "timecode"}, '"0:01,5"', 1.5),
    ],
)
def test_units(tmp_path: Path, unit: dict[str, Any], start: str, expected: float) -> None:
    columns = {"start": {"column": "start", **unit}}
    items, _ = read_csv(tmp_path, f"{HEADER}\na,{start},9,Text\n", columns=columns)
    assert list_spans(items[0].events) == [(expected, 9.0, "Text")]


def test_the_unit_of_the_map_holds_for_columns_without_one(tmp_path: Path) -> None:
    columns = {"unit": "milliseconds", "end": {"column": "end", "unit": "seconds"}}
    items, _ = read_csv(tmp_path, f"{HEADER}\na,1500,9,Text\n", columns=columns)
    assert list_spans(items[0].events) == [(1.5, 9.0, "Text")]


def test_frames_without_a_rate_wait_for_the_video(tmp_path: Path) -> None:
    items, _ = read_csv(tmp_path, f"{HEADER}\na,30,60,Text\n", columns={"unit": "frames"})
    assert items[0].time_unit == VIDEO_FRAMES
    assert list_spans(items[0].events) == [(30.0, 60.0, "Text")]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 10**9), st.sampled_from((24, 25, 30, 29.97)))
def test_units_agree_with_each_other(tmp_path: Path, frame: int, fps: float) -> None:
    ms = round(frame / fps * 1000)
    h, m, s = ms // 3_600_000, ms // 60_000 % 60, ms % 60_000 / 1000
    text = f"video,f,ms,s,tc,text\na,{frame},{ms},{ms / 1000},{h}:{m:02d}:{s:06.3f},Text\n"
    seconds = []
    for column, unit in (("f", "frames"), ("ms", "milliseconds"), ("s", None), ("tc", "timecode")):
        start = {"column": column, "unit": unit, "fps": fps}
        items, _ = read_csv(tmp_path, text, columns={"start": start, "end": None})
        assert items[0].time_unit == SECONDS
        seconds.append(items[0].events[0].start_s)
    assert seconds[0] == pytest.approx(ms / 1000, abs=1e-3)
    assert seconds[1] == seconds[2] == seconds[3] == ms / 1000


def test_starts_alone_end_at_the_next_start(tmp_path: Path) -> None:
    text = "video,start,text\na,5,Two\nb,1,Other\na,0,One\n"
    items, _ = read_csv(tmp_path, text, columns={"end": None})
    assert list_spans(items[0].events) == [(5.0, None, "Two"), (0.0, 5.0, "One")]


def test_a_refused_row_still_ends_the_one_before(tmp_path: Path) -> None:
    text = "video,start,text\na,0,One\na,3,\na,8,Two\n"
    items, rejects = read_csv(tmp_path, text, columns={"end": None})
    assert list_reasons(rejects) == [(1, "empty_text")]
    assert list_spans(items[0].events) == [(0.0, 3.0, "One"), (8.0, None, "Two")]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("a,x,1,Text", "bad_time"),
        ("a,,1,Text", "bad_time"),
        ("a,0,,Text", "bad_time"),
        ("a,0,1_0,Text", "bad_time"),
        ('a,"1,5",2,Text', "bad_time"),
        ("a,nan,1,Text", "not_finite"),
        ("a,0,-inf,Text", "not_finite"),
        ("a,0,1e999,Text", "not_finite"),
        ("a,0,1, ", "empty_text"),
        ("a,0,1", "empty_text"),
        ("a,0", "bad_time"),
    ],
)
def test_a_row_that_is_faulty_costs_itself(tmp_path: Path, line: str, reason: str) -> None:
    items, rejects = read_csv(tmp_path, f"{HEADER}\na,0,1,Good\n{line}\na,1,2,Good\n")
    assert list_reasons(rejects) == [(1, reason)]
    assert (rejects[0].key, rejects[0].video_id) == ("row 2", "a")
    assert rejects[0].message.startswith("row 2: ")
    assert [event.index for event in items[0].events] == [0, 2]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (",0,1,Text", "bad_id"),
        ("../a,0,1,Text", "bad_id"),
        ("/data/a.mp4,0,1,Text", "bad_id"),
        ("a,0,1,Text,more", "bad_row"),
        ("a,0,1,Text,more,and more", "bad_row"),
        ('a,0,1,"Te"xt', "bad_row"),
    ],
)
def test_a_row_without_a_video_is_counted(tmp_path: Path, line: str, reason: str) -> None:
    items, rejects = read_csv(tmp_path, f"{HEADER}\n{line}\na,1,2,Good\n")
    assert [(r.key, r.video_id, r.index, r.reason) for r in rejects] == [
        ("row 1", None, None, reason)
    ]
    assert list_spans(items[0].events) == [(1.0, 2.0, "Good")]


def test_a_row_of_its_own_name_is_called_by_it(tmp_path: Path) -> None:
    _, rejects = read_csv(tmp_path, f"id,{HEADER}\nx17,a,0,1,\n")
    assert (rejects[0].key, rejects[0].message) == ("x17", "row 1: the row has no text")


def test_empty_cells_behind_the_last_column_are_nothing(tmp_path: Path) -> None:
    items, rejects = read_csv(tmp_path, f"{HEADER}\na,0,1,Text,,\n\n\na,1,2,Text,\n")
    assert rejects == []
    assert len(items[0].events) == 2


def test_a_question_is_answered_by_its_answer_or_its_text(tmp_path: Path) -> None:
    items, rejects = read_jsonl(
        tmp_path,
        row(question="Who?", answer="A man."),
        row(question="What?"),
        row(question=None, answer=" "),
        row(question="", answer="Alone.", text=None),
    )
    assert [(e.question, e.text) for e in items[0].events] == [
        ("Who?", "A man."),
        ("What?", "It happens."),
        (None, "It happens."),
    ]
    assert list_reasons(rejects) == [(3, "empty_text")]


def test_split_language_and_duration_of_the_rows(tmp_path: Path) -> None:
    items, rejects = read_jsonl(
        tmp_path,
        row("a", split="Dev", language="de", duration=20),
        row("a", split="val", language="pt-BR", duration=None),
        row("b", split=None),
        row("b", split="everything"),
        row("b", language="german!"),
    )
    assert [(i.key, i.split, i.language, i.duration_s) for i in items] == [
        ("a", "validation", "de", 20.0),
        ("a#2", "validation", "pt-BR", 20.0),
        ("b", "train", None, None),
    ]
    assert list_reasons(rejects) == [(1, "bad_split"), (2, "bad_language")]


def test_a_row_that_contradicts_the_duration_is_refused(tmp_path: Path) -> None:
    items, rejects = read_jsonl(tmp_path, row(duration=20), row(duration=20), row(duration=21.5))
    assert items[0].duration_s == 20.0
    assert list_reasons(rejects) == [(2, "bad_duration")]
    assert rejects[0].message == "row 3: the video lasts 21.5 s here and 20 s in row 1"


@pytest.mark.parametrize("duration", [0, -5, "soon", float("nan")])
def test_a_duration_that_is_none_costs_its_row(tmp_path: Path, duration: object) -> None:
    _, rejects = read_jsonl(tmp_path, row(duration=duration))
    assert list_reasons(rejects) == [(0, "bad_duration")]


@pytest.mark.parametrize(
    ("columns", "file_split", "expected"),
    [
        ({}, "by_record", "validation"),
        ({}, "test", "test"),
        ({"split": "hash"}, "test", "hash"),
        ({"split": "train"}, "by_record", "train"),
        ({"split": {"column": "split"}}, "test", "validation"),
        ({"split": None}, "by_record", "train"),
    ],
)
def test_who_decides_the_split(
    tmp_path: Path, columns: dict[str, Any], file_split: str, expected: str
) -> None:
    path = tmp_path / "my.csv"
    path.write_text(f"{HEADER},split\na,0,1,Text,dev\n")
    items, _ = read_all("table", make_file(path, file_split, columns=columns))
    assert count_splits(items) == {expected: 1}


def test_parquet_keeps_its_types(tmp_path: Path) -> None:
    path = write_parquet(
        tmp_path / "my.parquet",
        clip=[7, 7, None, 8],
        start=[timedelta(seconds=1.5), None, timedelta(0), timedelta(0)],
        end=[Decimal("2.50"), Decimal(3), Decimal(1), Decimal(1)],
        text=["One", "Two", "Three", None],
    )
    items, rejects = read_all("table", make_file(path, columns={"video": "clip"}))
    assert [(i.video_id, list_spans(i.events)) for i in items] == [("7", [(1.5, 2.5, "One")])]
    assert sorted((r.key, r.reason) for r in rejects) == [
        ("row 2", "bad_time"),
        ("row 3", "bad_id"),
        ("row 4", "empty_text"),
    ]


def test_only_the_mapped_columns_of_parquet_are_needed(tmp_path: Path) -> None:
    path = write_parquet(
        tmp_path / "my.parquet", video=["a"], start=[0.0], end=[1], text=["One"], blob=[b"x" * 9]
    )
    items, _ = read_all("table", make_file(path))
    assert list_spans(items[0].events) == [(0.0, 1.0, "One")]


def test_lines_that_are_no_rows_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "my.jsonl"
    nan = json.dumps(row(end=float("nan")))
    path.write_text(f'{json.dumps(row())}\n{{oops\n[1]\n{nan}\n{{"text": "A", "text": "B"}}\n')
    items, rejects = read_all("table", make_file(path))
    assert [(r.key, r.reason) for r in rejects] == [
        ("row 2", "bad_json"),
        ("row 3", "bad_row"),
        ("row 5", "bad_row"),
        ("row 4", "not_finite"),
    ]
    assert count_annotations(items, rejects) == 5


def test_a_json_list_is_a_table_too(tmp_path: Path) -> None:
    path = tmp_path / "my.json"
    path.write_text(json.dumps([row(), row(start=1, end=2)]))
    items, _ = read_all("table", make_file(path))
    assert len(items[0].events) == 2


def test_tabs_and_other_delimiters(tmp_path: Path) -> None:
    text = "video;start;end;text\na;0;1;One, two\n"
    items, _ = read_csv(tmp_path, text, options={"delimiter": ";"})
    assert items[0].events[0].text == "One, two"
    items, _ = read_csv(tmp_path, text.replace(";", "\t"), name="my.tsv")
    assert items[0].events[0].text == "One, two"


def test_remote_and_packed_tables(tmp_path: Path) -> None:
    with fsspec.open("memory://table/my.csv.gz", "wb", compression="gzip") as file:
        file.write(f"\ufeff{HEADER}\r\na,0,1,Text\r\n".encode())
    remote = replace(make_file(tmp_path / "my.csv.gz"), path="memory://table/my.csv.gz")
    items, _ = read_all("table", remote)
    assert list_spans(items[0].events) == [(0.0, 1.0, "Text")]


def test_the_first_rows_alone(tmp_path: Path) -> None:
    path = tmp_path / "my.csv"
    path.write_text(HEADER + "".join(f"\na,{i},{i + 1},Row" for i in range(9)))
    (item,) = read_first(make_file(path), 5)
    assert isinstance(item, Item)
    assert len(item.events) == 5


@pytest.mark.parametrize("name", ["my.csv", "my.jsonl", "my.parquet"])
def test_a_table_without_rows_holds_nothing(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    if name == "my.parquet":
        empty: list[str] = []
        write_parquet(path, video=empty, start=empty, end=empty, text=empty)
    else:
        path.write_text(HEADER if name == "my.csv" else f"{json.dumps(row())}\n")
    items, rejects = read_all("table", make_file(path))
    assert count_annotations(items, rejects) == (1 if name == "my.jsonl" else 0)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("my.csv", b"", "is empty"),
        ("my.csv", b"video,video,end,text\n", "two columns are named 'video'"),
        ("my.csv", b"video,start,end,t\xffxt\n", "header cannot be read"),
        (
            "my.csv",
            HEADER.encode() + b"\na,0,1,Text" * 9999 + b"\xff",
            "'utf-8' .*; save it as UTF-8",
        ),
        ("my.csv", b'v,t\na,"b\nc,d\n', "a quote in line 2 is not closed before line 3"),
        ("my.csv", b'v,t\na,"b\nc,"d"\n', "a quote in line 2 is not closed before line 3"),
        ("my.csv", b'v,t\na,"b' + b"\nc" * 200_000, "a quote in line 2 is not closed before"),
        ("my.txt", b"", "is no table"),
        ("my.parquet", b"PAR1", "is no Parquet file"),
        ("my.json", b'{"a": {}}', "is an object"),
    ],
)
def test_a_file_that_is_no_table(tmp_path: Path, name: str, content: bytes, message: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    file = make_file(path)
    with pytest.raises(SourceError, match=message):
        list(read_rows(file, read_header(file)))


@pytest.mark.parametrize("delimiter", ["", ";;", 3])
def test_a_delimiter_is_one_character(tmp_path: Path, delimiter: object) -> None:
    with pytest.raises(SourceError, match=r"options\.delimiter"):
        read_csv(tmp_path, HEADER, options={"delimiter": delimiter})


def test_the_map_must_fit_the_file(tmp_path: Path) -> None:
    with pytest.raises(ColumnMapError, match=r"my\.csv: has no column 'video'.* 'vidéo'"):
        read_csv(tmp_path, "vidéo,start,end,text\n")


CELLS = st.text(st.characters(codec="utf-8"), max_size=4) | st.sampled_from(
    ("a", "b", "0", "1.5", "nan", "x y", '"', ",")
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(CELLS, min_size=2, max_size=6), max_size=6))
def test_no_row_is_lost(tmp_path: Path, rows: list[list[str]]) -> None:
    path = tmp_path / "my.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER.split(","))
        writer.writerows(["z", *cells] for cells in rows)
    items, rejects = read_all("table", make_file(path))
    assert count_annotations(items, rejects) == len(rows)
