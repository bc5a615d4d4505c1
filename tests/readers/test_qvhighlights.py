"""QVHighlights: every window of a query is an event; clips; hidden labels."""

from __future__ import annotations

import json
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


def row(*windows: object, vid: object = "a_b-c_d-e_f_60.0_210.0", **more: object) -> dict[str, Any]:
    query = {"qid": 1, "query": "A dog runs.", "duration": 150, "vid": vid}
    return {**query, "relevant_windows": list(windows), **more}


def read(folder: Path, *rows: object) -> tuple[list[Item], list[Any]]:
    path = folder / "highlight_train_release.jsonl"
    path.write_text("".join(json.dumps(one) + "\n" for one in rows))
    return read_all("qvhighlights", make_file(path))


@pytest.mark.shared
@pytest.mark.parametrize(("name", "n_clips", "n_windows"), [("train", 100, 202), ("val", 60, 133)])
def test_the_real_files_are_read_whole(
    shared: Path, name: str, n_clips: int, n_windows: int
) -> None:
    path = shared / "corpora" / "qvhighlights" / f"highlight_{name}_release.jsonl"
    items, rejects = read_all("qvhighlights", make_file(path))
    assert rejects == []
    assert (len(items), count_annotations(items, rejects)) == (n_clips, n_windows)
    assert all(len(item.source_video) == 11 for item in items)
    ends_s = [(e.end_s or 0.0, item.duration_s or 0.0) for item in items for e in item.events]
    assert all(0 < end_s <= duration_s <= 150 for end_s, duration_s in ends_s)


def test_an_item_holds_the_windows_of_all_queries_of_its_clip(tmp_path: Path) -> None:
    items, rejects = read(
        tmp_path,
        row([0, 24], [70, 84]),
        row([2, 4], vid="-Oc6gSWB_HA_60.0_210.0"),
        row([8, 10], query="Who?"),
    )
    assert rejects == []
    assert [item.source_video for item in items] == ["-Oc6gSWB_HA", "a_b-c_d-e_f"]
    assert items[1] == Item(
        source="mine",
        split="train",
        file="highlight_train_release.jsonl",
        ordinal=0,
        key="a_b-c_d-e_f_60.0_210.0",
        video_id="a_b-c_d-e_f_60.0_210.0",
        source_video="a_b-c_d-e_f",
        duration_s=150.0,
        events=(
            Event(0, 0.0, 24.0, "A dog runs."),
            Event(1, 70.0, 84.0, "A dog runs."),
            Event(2, 8.0, 10.0, "Who?"),
        ),
    )


def test_a_query_without_windows_is_a_hidden_label(tmp_path: Path) -> None:
    hidden = {key: value for key, value in row().items() if key != "relevant_windows"}
    items, rejects = read(tmp_path, hidden, row([0, 2]))
    assert list_reasons(rejects) == [(0, "hidden_label")]
    assert (items[0].events[0].index, items[0].n_refused) == (1, 1)


@pytest.mark.parametrize(
    ("window", "reason"),
    [([0], "bad_time"), ("0-2", "bad_time"), ([0, "2"], "bad_time"), ([0, 1e999], "not_finite")],
)
def test_a_window_that_is_none_costs_itself(tmp_path: Path, window: object, reason: str) -> None:
    items, rejects = read(tmp_path, row([0, 2], window, [4, 6]))
    assert list_reasons(rejects) == [(1, reason)]
    assert list_spans(items[0].events) == [(0.0, 2.0, "A dog runs."), (4.0, 6.0, "A dog runs.")]
    assert rejects[0].message.startswith("row 1: ")


@pytest.mark.parametrize(
    ("changes", "reasons"),
    [
        ({"query": " "}, [(0, "empty_text"), (1, "empty_text")]),
        ({"duration": 0}, [(0, "bad_duration"), (1, "bad_duration")]),
        ({"vid": None}, [(0, "bad_id"), (1, "bad_id")]),
        ({"relevant_windows": {}}, [(None, "bad_item")]),
        ({"relevant_windows": []}, [(None, "no_events")]),
    ],
)
def test_a_fault_of_the_row_costs_each_of_its_windows(
    tmp_path: Path, changes: dict[str, Any], reasons: list[tuple[int | None, str]]
) -> None:
    items, rejects = read(tmp_path, row([0, 2], [4, 6]) | changes)
    assert (items, list_reasons(rejects)) == ([], reasons)


def test_another_length_of_the_same_clip_is_refused(tmp_path: Path) -> None:
    items, rejects = read(tmp_path, row([0, 2]), row([4, 6], duration=126), row([8, 9]))
    assert list_reasons(rejects) == [(1, "bad_duration")]
    assert rejects[0].message == "row 2: the video lasts 126 s here and 150 s in a row above"
    assert [event.index for event in items[0].events] == [0, 2]


def test_a_broken_line_costs_itself(tmp_path: Path) -> None:
    path = tmp_path / "highlight_train_release.jsonl"
    path.write_text(f"{json.dumps(row([0, 2]))}\n{{oops\n[]\n")
    items, rejects = read_all("qvhighlights", make_file(path))
    assert len(items) == 1
    assert [(r.key, r.reason) for r in rejects] == [("line 2", "bad_json"), ("line 3", "bad_item")]


@pytest.mark.parametrize("text", ['{"v_a": {"duration": 3}}', '[{"timestamps": [[0, 1]]}]'])
def test_another_format_is_an_error(tmp_path: Path, text: str) -> None:
    path = tmp_path / "train.json"
    path.write_text(text)
    with pytest.raises(SourceError, match="a QVHighlights file is a line per query"):
        read_all("qvhighlights", make_file(path))


JUNK = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3)
ROWS = st.fixed_dictionaries(
    {"qid": st.just(1)},
    optional={
        "vid": JUNK | st.sampled_from("abc"),
        "query": JUNK,
        "duration": JUNK,
        "relevant_windows": JUNK | st.lists(JUNK | st.lists(JUNK, max_size=3), max_size=3),
    },
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(ROWS, min_size=1, max_size=4))
def test_nothing_in_the_json_breaks_the_reader_or_is_lost(
    tmp_path: Path, rows: list[dict[str, Any]]
) -> None:
    items, rejects = read(tmp_path, *rows)
    windows = [one.get("relevant_windows") for one in rows]
    expected = sum(max(1, len(found)) if isinstance(found, list) else 1 for found in windows)
    assert count_annotations(items, rejects) == expected
