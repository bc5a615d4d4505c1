"""ActivityNet Captions: exact counts on the real files, and one fixture per defect."""

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
    write_json,
)


def read(folder: Path, document: object) -> tuple[list[Item], list[Any]]:
    return read_all("activitynet", make_file(write_json(folder / "train.json", document)))


def entry(*pairs: object, sentences: list[object] | None = None, **more: object) -> dict[str, Any]:
    texts = [f"Event {i}." for i in range(len(pairs))] if sentences is None else sentences
    return {"duration": 20.5, "timestamps": list(pairs), "sentences": texts, **more}


@pytest.mark.shared
@pytest.mark.parametrize(
    ("name", "n_items", "n_events"),
    [
        ("activitynet_captions/train.json", 141, 581),
        ("activitynet_captions/val_1.json", 60, 213),
        ("activitynet_captions/val_2.json", 60, 207),
        ("real_mini/captions.json", 5, 23),
    ],
)
def test_the_real_files_are_read_whole(
    shared: Path, name: str, n_items: int, n_events: int
) -> None:
    items, rejects = read_all("activitynet", make_file(shared / "corpora" / name))
    assert rejects == []
    assert (len(items), count_annotations(items, rejects)) == (n_items, n_events)


@pytest.mark.shared
def test_reversed_and_empty_events_are_left_to_the_converter(shared: Path) -> None:
    items, _ = read_all(
        "activitynet", make_file(shared / "corpora" / "activitynet_captions" / "train.json")
    )
    events = {item.key: item.events for item in items}
    assert any((e.start_s, e.end_s) == (61.29, 60.71) for e in events["v_0bosp4-pyTM"])
    assert any(e.start_s == e.end_s for e in events["v_N7ppHQNikv8"])


def test_an_item_holds_all_that_the_file_says(tmp_path: Path) -> None:
    document = {"v_-abcdefghij": entry([0, 1.62], [1.76, 8], sentences=["One.", " Two\nlines. "])}
    items, rejects = read(tmp_path, document)
    assert rejects == []
    assert items == [
        Item(
            source="mine",
            split="train",
            file="train.json",
            ordinal=0,
            key="v_-abcdefghij",
            video_id="v_-abcdefghij",
            source_video="-abcdefghij",
            duration_s=20.5,
            events=(Event(0, 0.0, 1.62, "One."), Event(1, 1.76, 8.0, "Two lines.")),
        )
    ]


@pytest.mark.parametrize(
    ("pair", "reason"),
    [
        (["0", 1], "bad_time"),
        ([0], "bad_time"),
        ([0, 1, 2], "bad_time"),
        (None, "bad_time"),
        ([True, 1], "bad_time"),
        ([0, None], "bad_time"),
        ([0, float("nan")], "not_finite"),
        ([0, float("inf")], "not_finite"),
        ([0, 10**400], "not_finite"),
    ],
)
def test_a_time_that_is_none_costs_its_event(tmp_path: Path, pair: object, reason: str) -> None:
    items, rejects = read(tmp_path, {"v_a": entry([0, 1], pair, [2, 3])})
    assert list_reasons(rejects) == [(1, reason)]
    assert [event.index for event in items[0].events] == [0, 2]


@pytest.mark.parametrize(("text", "reason"), [(" ", "empty_text"), (5, "not_text")])
def test_a_text_that_is_none_costs_its_event(tmp_path: Path, text: object, reason: str) -> None:
    items, rejects = read(tmp_path, {"v_a": entry([0, 1], [2, 3], sentences=[text, "Two."])})
    assert list_reasons(rejects) == [(0, reason)]
    assert list_spans(items[0].events) == [(2.0, 3.0, "Two.")]


def test_no_item_is_left_when_every_event_is_refused(tmp_path: Path) -> None:
    items, rejects = read(tmp_path, {"v_a": entry([0, "x"], [2, "y"])})
    assert items == []
    assert list_reasons(rejects) == [(0, "bad_time"), (1, "bad_time")]


def test_lists_of_different_lengths_cost_the_longer_one(tmp_path: Path) -> None:
    items, rejects = read(tmp_path, {"v_a": entry([0, 1], sentences=["One.", "Two.", "Three."])})
    assert items == []
    assert list_reasons(rejects) == [(i, "length_mismatch") for i in range(3)]
    assert "'timestamps' has 1, 'sentences' has 3" in rejects[0].message


@pytest.mark.parametrize(
    "value",
    [
        None,
        [],
        "text",
        {},
        {"timestamps": []},
        {"sentences": []},
        {"timestamps": {}, "sentences": []},
        {"timestamps": [[0, 1]], "sentences": "One."},
    ],
)
def test_an_item_that_is_none_costs_one(tmp_path: Path, value: object) -> None:
    items, rejects = read(tmp_path, {"v_a": value})
    assert items == []
    assert list_reasons(rejects) == [(None, "bad_item")]


def test_an_item_without_annotations_is_counted(tmp_path: Path) -> None:
    _, rejects = read(tmp_path, {"v_a": entry()})
    assert list_reasons(rejects) == [(None, "no_events")]


@pytest.mark.parametrize("duration", [float("nan"), 0, -3, "20.5", []])
def test_a_duration_that_is_none_costs_each_event(tmp_path: Path, duration: object) -> None:
    _, rejects = read(tmp_path, {"v_a": entry([0, 1], [2, 3], duration=duration)})
    assert list_reasons(rejects) == [(0, "bad_duration"), (1, "bad_duration")]


@pytest.mark.parametrize("value", [{"duration": None}, {}])
def test_a_duration_may_be_missing(tmp_path: Path, value: dict[str, Any]) -> None:
    document = {"timestamps": [[0, 1]], "sentences": ["One."], **value}
    items, _ = read(tmp_path, {"v_a": document})
    assert items[0].duration_s is None


@pytest.mark.parametrize("key", ["", "a\nb", "../../etc", "/abs"])
def test_a_key_that_names_no_video_costs_each_event(tmp_path: Path, key: str) -> None:
    items, rejects = read(tmp_path, {key: entry([0, 1], [2, 3])})
    assert items == []
    assert list_reasons(rejects) == [(0, "bad_id"), (1, "bad_id")]


def test_of_two_entries_with_one_key_the_first_wins(tmp_path: Path) -> None:
    first, second = json.dumps(entry([0, 1])), json.dumps(entry([5, 6], [7, 8]))
    path = tmp_path / "train.json"
    path.write_text(f'{{"v_a": {first}, "v_a": {second}}}')
    items, rejects = read_all("activitynet", make_file(path))
    assert list_spans(items[0].events) == [(0.0, 1.0, "Event 0.")]
    assert list_reasons(rejects) == [(0, "duplicate_key"), (1, "duplicate_key")]


def test_a_key_repeated_inside_an_entry_costs_the_entry(tmp_path: Path) -> None:
    path = tmp_path / "train.json"
    path.write_text('{"v_a": {"sentences": ["A."], "sentences": ["B."], "timestamps": [[0, 1]]}}')
    _, rejects = read_all("activitynet", make_file(path))
    assert list_reasons(rejects) == [(None, "bad_item")]


def test_a_list_is_another_format(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="one JSON object keyed by video id"):
        read(tmp_path, [entry([0, 1])])


JUNK = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3)
MAYBE_LISTS = st.lists(JUNK | st.lists(JUNK, max_size=3), max_size=4) | JUNK
ENTRIES = JUNK | st.fixed_dictionaries(
    {}, optional={"duration": JUNK, "timestamps": MAYBE_LISTS, "sentences": MAYBE_LISTS}
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(st.text(max_size=3), ENTRIES, max_size=4))
def test_nothing_in_the_json_breaks_the_reader_or_is_lost(
    tmp_path: Path, document: dict[str, Any]
) -> None:
    items, rejects = read(tmp_path, document)
    expected = 0
    for value in document.values():
        lists = [
            value.get(k) if isinstance(value, dict) else None for k in ("timestamps", "sentences")
        ]
        whole = all(isinstance(one, list) for one in lists)
        expected += max(1, *map(len, lists)) if whole else 1
    assert count_annotations(items, rejects) == expected
