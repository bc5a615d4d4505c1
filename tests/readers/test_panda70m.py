"""Panda-70M, on files written from its description: Python lists in a CSV, broken rows."""

from __future__ import annotations

import csv
import io
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

NAME = "panda70m_training_2m.csv"
HEADER = ("videoID", "url", "timestamp", "caption", "matching_score")
SPANS = [["0:01:20.880", "0:01:23.983"], ["1:02:31.151", "1:02:34.320"]]


def row(times: object, captions: object, video: str = "-2yHu5qgTzM") -> tuple[str, ...]:
    url = f"https://www.youtube.com/watch?v={video}"
    return (video, url, str(times), str(captions), "[0.45, 0.49]")


def make_table(*rows: tuple[str, ...], header: tuple[str, ...] = HEADER) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([header, *rows])
    return text.getvalue()


def read(folder: Path, text: str | bytes) -> tuple[list[Item], list[Any]]:
    path = folder / NAME
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return read_all("panda70m", make_file(path))


def test_the_clips_of_a_video_are_one_item(tmp_path: Path) -> None:
    items, rejects = read(tmp_path, make_table(row(SPANS, ["A man, sitting.", 'It\'s a "dog".\n'])))
    assert rejects == []
    assert items == [
        Item(
            source="mine",
            split="train",
            file=NAME,
            ordinal=0,
            key="-2yHu5qgTzM",
            video_id="-2yHu5qgTzM",
            source_video="-2yHu5qgTzM",
            duration_s=None,
            events=(
                Event(0, 80.88, 83.983, "A man, sitting."),
                Event(1, 3751.151, 3754.32, 'It\'s a "dog".'),
            ),
        )
    ]


def test_new_columns_and_numbers_of_seconds_are_read_too(tmp_path: Path) -> None:
    cells = row([[0, 2.2]], ["A man."])
    table = make_table((*cells, "['desirable']", "[[[0, 2.2]]]"), header=(*HEADER, "a", "b"))
    items, rejects = read(tmp_path, table)
    assert rejects == []
    assert list_spans(items[0].events) == [(0.0, 2.2, "A man.")]


@pytest.mark.parametrize(
    ("clip", "caption", "reason"),
    [
        (["0:00:61.0", "0:01:02.0"], "A man.", "bad_time"),
        (["0:00:01"], "A man.", "bad_time"),
        ([None, 1], "A man.", "bad_time"),
        ("0:00:01", "A man.", "bad_time"),
        ([0, 1], "", "empty_text"),
        ([0, 1], None, "not_text"),
    ],
)
def test_a_clip_that_is_none_costs_itself(
    tmp_path: Path, clip: object, caption: object, reason: str
) -> None:
    items, rejects = read(tmp_path, make_table(row([clip, [5, 6]], [caption, "Two."])))
    assert list_spans(items[0].events) == [(5.0, 6.0, "Two.")]
    assert (list_reasons(rejects), items[0].n_refused) == ([(0, reason)], 1)


@pytest.mark.parametrize(
    ("cells", "reasons"),
    [
        (row(SPANS, ["One."]), [(0, "length_mismatch"), (1, "length_mismatch")]),
        (row([], []), [(None, "no_events")]),
        (row("[['0:00:01.000'", ["One."]), [(None, "bad_item")]),
        (row("nan", ["One."]), [(None, "bad_item")]),
        (row({}, []), [(None, "bad_item")]),
        (row(SPANS, ["One.", "Two."], ".."), [(0, "bad_id"), (1, "bad_id")]),
        (row(SPANS, ["One."])[:4], [(None, "bad_row")]),
        ((*row(SPANS, ["One."]), "more"), [(None, "bad_row")]),
        (row("[" * 500 + "]" * 500, ["One."]), [(None, "bad_item")]),
    ],
)
def test_a_broken_row_costs_itself(
    tmp_path: Path, cells: tuple[str, ...], reasons: list[tuple[int | None, str]]
) -> None:
    good = row([[0, 1]], ["One."], "ZHRPDaaaaaa")
    items, rejects = read(tmp_path, make_table(cells, good))
    assert [item.key for item in items] == ["ZHRPDaaaaaa"]
    assert list_reasons(rejects) == reasons


@pytest.mark.parametrize("line", [b'-2yHu5qgTzM,u,"[[0, 1]]', b'a,"b"c,d,e,f', b"caf\xe9,b,c,d,e"])
def test_a_quote_that_is_left_open_costs_its_line_alone(tmp_path: Path, line: bytes) -> None:
    head, good = make_table(row([[0, 1]], ["One."])).encode().splitlines()
    items, rejects = read(tmp_path, b"\r\n".join([head, line, good, b""]))
    assert (len(items), list_reasons(rejects)) == (1, [(None, "bad_row")])


def test_a_cell_may_be_longer_than_csv_takes_as_a_rule(tmp_path: Path) -> None:
    n_clips = 8000
    table = make_table(row([["0:00:01.000", "0:00:02.000"]] * n_clips, ["A man sits."] * n_clips))
    items, rejects = read(tmp_path, table)
    assert (len(items[0].events), rejects) == (n_clips, [])


def test_odd_escapes_in_captions_are_two_characters(tmp_path: Path) -> None:
    items, _ = read(tmp_path, make_table(row([[0, 1]], r"['A \d man.']")))
    assert items[0].events[0].text == r"A \d man."


@pytest.mark.parametrize("text", ["", "videoid,name\n7,A dog.\n", '"videoID,timestamp,caption\n'])
def test_other_columns_are_an_error(tmp_path: Path, text: str) -> None:
    with pytest.raises(
        SourceError, match=r"a Panda-70M file has videoID, url|header cannot be read"
    ):
        read(tmp_path, text)


LITERALS = st.none() | st.integers() | st.text("ab'\"\\", max_size=4) | st.lists(st.integers())


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(LITERALS, max_size=3), st.lists(LITERALS, max_size=3))
def test_what_python_wrote_is_read_again(
    tmp_path: Path, times: list[object], captions: list[object]
) -> None:
    items, rejects = read(tmp_path, make_table(row(times, captions)))
    assert count_annotations(items, rejects) == max(1, len(times), len(captions))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=30).filter(lambda line: line.strip() and b"\n" not in line))
def test_no_bytes_break_the_reader(tmp_path: Path, line: bytes) -> None:
    head = make_table().encode()
    items, rejects = read(tmp_path, head + line)
    assert (items, len(rejects)) == ([], 1)
