"""The columns of common tables are guessed; the description that is written reads them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from streamit.readers.describe import describe_table, make_source_name
from streamit.readers.discover import discover
from streamit.readers.guess import Guess, guess_map
from streamit.readers.table import read
from streamit.schema import check_document
from streamit.source import load_source
from tests.readers.reading import list_spans, make_file


def guess(folder: Path, text: str, name: str = "my.csv") -> Guess:
    (folder / name).write_text(text, encoding="utf-8")
    return guess_map(make_file(folder / name))


@pytest.mark.parametrize(
    ("header", "line", "columns", "units"),
    [
        (
            "video_id,start_ms,end_ms,caption",
            "a,0,1500,Text",
            {"video": "video_id", "start": "start_ms", "end": "end_ms", "text": "caption"},
            {"start_ms": "milliseconds", "end_ms": "milliseconds"},
        ),
        (
            "Clip,startTime,endTime,Sentence,Split,Lang",
            "a,0:01,0:02,Text,dev,en",
            {
                "video": "Clip",
                "start": "startTime",
                "end": "endTime",
                "text": "Sentence",
                "split": "Split",
                "language": "Lang",
            },
            {"startTime": "timecode", "endTime": "timecode"},
        ),
        (
            "vid,moment_start_frame,moment_end_frame,question,answer,sample_id",
            "a,30,60,Why?,Because.,a_0",
            {
                "video": "vid",
                "start": "moment_start_frame",
                "end": "moment_end_frame",
                "question": "question",
                "answer": "answer",
                "id": "sample_id",
            },
            {"moment_start_frame": "frames", "moment_end_frame": "frames"},
        ),
        (
            "id,timestamp,tag",
            "a,16000,Opening",
            {"video": "id", "start": "timestamp", "text": "tag"},
            {"timestamp": "milliseconds"},
        ),
        (
            "x,y,z,w",
            "a.MP4,0.5,2,A longer text",
            {"video": "x", "start": "y", "end": "z", "text": "w"},
            {"y": "seconds", "z": "seconds"},
        ),
        (
            "file,t0,t1,label,duration",
            "a,0.5,2,Text,20",
            {"video": "file", "start": "t0", "end": "t1", "text": "label", "duration": "duration"},
            {"t0": "seconds", "t1": "seconds", "duration": "seconds"},
        ),
    ],
)
def test_names_and_values_tell(
    tmp_path: Path, header: str, line: str, columns: dict[str, str], units: dict[str, str]
) -> None:
    assert guess(tmp_path, f"{header}\n{line}\n") == Guess(columns, units)


def test_lengths_of_events_are_no_duration_of_the_video(tmp_path: Path) -> None:
    text = "video,start,end,text,duration\na,0,1,One,1\na,2,5,Two,3\nb,0,2,Three,\n"
    assert "duration" not in guess(tmp_path, text).columns


@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
def test_another_delimiter_is_seen(tmp_path: Path, delimiter: str) -> None:
    text = "video,start,end,text\na,0,1,One\n".replace(",", delimiter)
    found = guess(tmp_path, text)
    assert found.delimiter == delimiter
    assert found.columns == {"video": "video", "start": "start", "end": "end", "text": "text"}


def test_jsonl_is_guessed_from_its_keys(tmp_path: Path) -> None:
    rows = [{"vid": "a", "begin": 1, "stop": 2.5, "text": "One"}, {"vid": "b", "note": None}]
    found = guess(tmp_path, "".join(f"{json.dumps(row)}\n" for row in rows), "my.jsonl")
    assert found.columns == {"video": "vid", "start": "begin", "end": "stop", "text": "text"}


def test_a_table_that_says_nothing_is_guessed_empty(tmp_path: Path) -> None:
    assert guess(tmp_path, "alpha,beta\n").columns == {}


def test_a_description_reads_the_table_that_it_was_made_for(tmp_path: Path) -> None:
    text = "Clip no: 1;start_ms;end_ms;yes;q\na;0;1500;One, two;\n"
    path = tmp_path / 'odd [1] "x".csv'
    path.write_text(text)
    found = Guess(
        {"video": "Clip no: 1", "start": "start_ms", "end": "end_ms", "text": "yes"},
        {"start_ms": "milliseconds", "end_ms": "milliseconds"},
        ";",
    )
    yaml_path = tmp_path / "odd.source.yaml"
    yaml_path.write_text(describe_table(path.name, found, "table=odd.csv"))
    assert check_document("source", yaml.safe_load(yaml_path.read_text())) == []
    (file,) = discover("table", str(yaml_path)).files
    assert file.source == "odd_1_x"
    (item,) = read(file)
    assert list_spans(item.events) == [(0.0, 1.5, "One, two")]


def test_what_could_not_be_guessed_is_left_to_name(tmp_path: Path) -> None:
    text = describe_table("my.csv", Guess({}, {}), "table=my.csv")
    assert (
        "  start: start               # when it starts: no column looks like it, name one" in text
    )
    assert yaml.safe_load(text)["columns"] == {
        "video": "video",
        "start": "start",
        "end": None,
        "text": "text",
        "question": None,
        "answer": None,
        "duration": None,
        "split": "train",
        "language": None,
        "id": None,
    }


COLUMN_NAMES = st.text(
    st.characters(codec="utf-8", categories=["L", "N", "P", "S", "Zs"]), min_size=1
)


@given(st.fixed_dictionaries({key: COLUMN_NAMES for key in ("video", "start", "end", "text")}))
def test_any_column_name_survives_the_description(columns: dict[str, str]) -> None:
    text = describe_table("my.csv", Guess(columns, {}), "table=my.csv")
    read_back: dict[str, Any] = yaml.safe_load(text)["columns"]
    assert {key: read_back[key] for key in columns} == columns


@pytest.mark.parametrize(
    ("file_name", "name"),
    [
        ("My clips.csv", "my_clips"),
        ("a.b.jsonl.gz", "a_b"),
        ("vitt.csv", "vitt_table"),
        ("视频.csv", "my_table"),
    ],
)
def test_the_records_get_a_plain_name(file_name: str, name: str) -> None:
    assert make_source_name(file_name) == name


def test_the_shipped_template_is_a_source(tmp_path: Path) -> None:
    path = tmp_path / "my.yaml"
    path.write_text(describe_table("my.csv", Guess({}, {}), "table=my.csv"))
    info = load_source(str(path))
    assert (info.reader, info.licence.republish_media, info.files[0].glob) == (
        *("table", "unknown"),
        "my.csv",
    )
