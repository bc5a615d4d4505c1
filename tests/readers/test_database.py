"""The `database` shape that several corpora share: wrappers, splits, hidden labels, defects."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from streamit.errors import SourceError
from streamit.item import Event, Item, Reject
from streamit.readers.database import Corpus, read_database
from tests.readers.reading import (
    count_annotations,
    list_reasons,
    list_spans,
    make_file,
    write_json,
)

PLAIN = Corpus("Plain", "label")
HIDING = Corpus("Hiding", "label", hides_test=True)


def read(
    folder: Path, document: object, split: str = "by_record", corpus: Corpus = PLAIN
) -> tuple[list[Item], list[Reject]]:
    file = make_file(write_json(folder / "a.json", document), split)
    found = list(read_database(file, corpus))
    items = [entry for entry in found if isinstance(entry, Item)]
    return items, [entry for entry in found if isinstance(entry, Reject)]


def entry(*pairs: object, subset: str = "training", **more: object) -> dict[str, Any]:
    rows = [{"segment": pair, "label": f"Action {i}"} for i, pair in enumerate(pairs)]
    return {"duration": 20.5, "subset": subset, "annotations": rows, **more}


def test_an_item_holds_all_that_the_file_says(tmp_path: Path) -> None:
    document = {"version": "1", "database": {"-abcdefghij": entry([0, 1.62], [1.76, 8])}}
    items, rejects = read(tmp_path, document)
    assert rejects == []
    assert items == [
        Item(
            source="mine",
            split="train",
            file="a.json",
            ordinal=0,
            key="-abcdefghij",
            video_id="-abcdefghij",
            source_video="-abcdefghij",
            duration_s=20.5,
            events=(Event(0, 0.0, 1.62, "Action 0"), Event(1, 1.76, 8.0, "Action 1")),
        )
    ]


def test_a_list_of_single_videos_reads_the_same(tmp_path: Path) -> None:
    videos = {"a": entry([0, 1]), "b": entry([2, 3], [4, 5])}
    wrapped, _ = read(tmp_path, {"database": videos})
    listed, rejects = read(tmp_path, [{key: value} for key, value in videos.items()])
    assert (listed, rejects) == (wrapped, [])


@pytest.mark.parametrize(
    ("subset", "split"),
    [("training", "train"), ("validation", "validation"), ("testing", "test")],
)
def test_the_subset_decides_the_split(tmp_path: Path, subset: str, split: str) -> None:
    items, _ = read(tmp_path, {"database": {"a": entry([0, 1], subset=subset)}})
    assert items[0].split == split


def test_a_split_that_is_said_beats_the_subset(tmp_path: Path) -> None:
    items, _ = read(tmp_path, {"database": {"a": entry([0, 1])}}, split="test")
    assert items[0].split == "test"


def test_a_video_without_subset_is_trained_on(tmp_path: Path) -> None:
    items, _ = read(tmp_path, {"database": {"a": {"annotations": entry([0, 1])["annotations"]}}})
    assert (items[0].split, items[0].duration_s) == ("train", None)


def test_the_list_may_be_called_annotation(tmp_path: Path) -> None:
    annotation = entry([0, 1])["annotations"]
    items, _ = read(tmp_path, {"database": {"a": {"annotation": annotation}}})
    assert list_spans(items[0].events) == [(0.0, 1.0, "Action 0")]


@pytest.mark.parametrize(
    ("annotation", "reason"),
    [
        ({"label": "A"}, "bad_time"),
        ({"segment": [0, "1"], "label": "A"}, "bad_time"),
        ({"segment": [0, 1, 2], "label": "A"}, "bad_time"),
        ({"segment": [0, float("nan")], "label": "A"}, "not_finite"),
        ({"segment": [0, 1]}, "not_text"),
        ({"segment": [0, 1], "label": " "}, "empty_text"),
        (None, "bad_item"),
        ([0, 1, "A"], "bad_item"),
    ],
)
def test_a_faulty_annotation_costs_itself(tmp_path: Path, annotation: object, reason: str) -> None:
    video = entry([0, 1], [2, 3])
    video["annotations"].insert(1, annotation)
    items, rejects = read(tmp_path, {"database": {"a": video}})
    assert list_reasons(rejects) == [(1, reason)]
    assert [event.index for event in items[0].events] == [0, 2]
    assert items[0].n_refused == 1


@pytest.mark.parametrize(
    ("change", "reason"),
    [({"subset": "rest"}, "bad_split"), ({"duration": "20"}, "bad_duration")],
)
def test_a_fault_of_the_video_costs_each_annotation(
    tmp_path: Path, change: dict[str, Any], reason: str
) -> None:
    items, rejects = read(tmp_path, {"database": {"a": entry([0, 1], [2, 3]) | change}})
    assert items == []
    assert list_reasons(rejects) == [(0, reason), (1, reason)]


@pytest.mark.parametrize("id", ["", "../x", "a\u0000"])
def test_an_id_that_is_none_costs_each_annotation(tmp_path: Path, id: str) -> None:
    _, rejects = read(tmp_path, {"database": {id: entry([0, 1], [2, 3])}})
    assert list_reasons(rejects) == [(0, "bad_id"), (1, "bad_id")]


@pytest.mark.parametrize("video", [None, [], "a", {}, {"annotations": {}}, {"annotations": "A"}])
def test_a_video_that_is_none_costs_one(tmp_path: Path, video: object) -> None:
    _, rejects = read(tmp_path, {"database": {"a": video}})
    assert list_reasons(rejects) == [(None, "bad_item")]


@pytest.mark.parametrize("element", [None, 7, {}, {"a": 1, "b": 2}, ["a"]])
def test_an_element_of_the_list_that_is_no_video_costs_one(tmp_path: Path, element: object) -> None:
    items, rejects = read(tmp_path, [element, {"b": entry([0, 1])}])
    assert [(r.key, r.index, r.reason) for r in rejects] == [("[0]", None, "bad_item")]
    assert [item.key for item in items] == ["b"]


def test_of_two_videos_with_one_id_the_first_wins(tmp_path: Path) -> None:
    first, second = entry([0, 1]), entry([5, 6], [7, 8])
    items, rejects = read(tmp_path, [{"a": first}, {"a": second}])
    assert list_spans(items[0].events) == [(0.0, 1.0, "Action 0")]
    assert list_reasons(rejects) == [(0, "duplicate_key"), (1, "duplicate_key")]


def test_an_id_that_stands_twice_in_the_object_is_counted(tmp_path: Path) -> None:
    path = tmp_path / "twice.json"
    video = json.dumps(entry([0, 1]))
    path.write_text(f'{{"database": {{"a": {video}, "a": {video}}}}}')
    found = list(read_database(make_file(path, "by_record"), PLAIN))
    assert [type(one) for one in found] == [Item, Reject]


@pytest.mark.parametrize("empty", [{}, {"annotations": []}, {"annotations": None}])
def test_a_test_video_without_labels_costs_one(tmp_path: Path, empty: dict[str, Any]) -> None:
    video = {"subset": "testing", "duration": 5.0, **empty}
    items, rejects = read(tmp_path, {"database": {"a": video}}, corpus=HIDING)
    assert items == []
    assert list_reasons(rejects) == [(None, "hidden_label")]


def test_a_test_segment_without_label_costs_itself(tmp_path: Path) -> None:
    video = {"subset": "testing", "annotations": [{"segment": [0, 1]}, {"segment": [2, 3]}]}
    _, rejects = read(tmp_path, {"database": {"a": video}}, corpus=HIDING)
    assert list_reasons(rejects) == [(0, "hidden_label"), (1, "hidden_label")]


def test_test_labels_that_are_there_are_read(tmp_path: Path) -> None:
    items, rejects = read(
        tmp_path, {"database": {"a": entry([0, 1], subset="testing")}}, corpus=HIDING
    )
    assert rejects == []
    assert items[0].split == "test"


@pytest.mark.parametrize(("subset", "corpus"), [("training", HIDING), ("testing", PLAIN)])
def test_an_empty_video_whose_labels_are_public_has_no_events(
    tmp_path: Path, subset: str, corpus: Corpus
) -> None:
    _, rejects = read(tmp_path, {"database": {"a": entry(subset=subset)}}, corpus=corpus)
    assert list_reasons(rejects) == [(None, "no_events")]


def test_a_line_per_video_is_read_too_and_a_broken_one_is_counted(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(f"{json.dumps({'a': entry([0, 1])})}\n{{oops\n")
    found = list(read_database(make_file(path, "by_record"), PLAIN))
    assert [type(one) for one in found] == [Item, Reject]


@pytest.mark.parametrize(
    ("document", "shown"),
    [
        ({"v_a": {}, "v_b": {}}, "the keys 'v_a', 'v_b';"),
        ({f"k{i}": 0 for i in range(9)}, "'k3', 'k4' and more;"),
        ({"database": []}, "the keys 'database';"),
    ],
)
def test_another_object_is_another_format(tmp_path: Path, document: object, shown: str) -> None:
    with pytest.raises(SourceError) as error:
        read(tmp_path, document)
    assert shown in str(error.value)
    assert '{"database": {"<video id>": {...}}}' in str(error.value)


JUNK = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3)
ANNOTATIONS = JUNK | st.fixed_dictionaries(
    {}, optional={"segment": JUNK | st.lists(JUNK, max_size=3), "label": JUNK}
)
VIDEOS = JUNK | st.fixed_dictionaries(
    {},
    optional={
        "duration": JUNK,
        "subset": JUNK | st.just("testing"),
        "annotations": st.lists(ANNOTATIONS, max_size=4) | JUNK,
    },
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(st.text(max_size=3), VIDEOS, max_size=4), st.booleans())
def test_nothing_in_the_json_breaks_the_reader_or_is_lost(
    tmp_path: Path, videos: dict[str, Any], listed: bool
) -> None:
    document = [{key: video} for key, video in videos.items()] if listed else {"database": videos}
    items, rejects = read(tmp_path, document, corpus=HIDING)
    rows = [v.get("annotations") if isinstance(v, dict) else None for v in videos.values()]
    expected = sum(max(1, len(row)) if isinstance(row, list) else 1 for row in rows)
    assert count_annotations(items, rejects) == expected
