"""COIN: exact counts on the real slices in both wrappers; the task is the goal."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from streamit.build.packing import pack_item
from streamit.item import Item
from streamit.readers.discover import discover
from tests.readers.reading import (
    count_annotations,
    count_splits,
    list_reasons,
    list_spans,
    make_file,
    read_all,
    write_json,
)

VIDEO = {
    "duration": 39.5,
    "class": "MakePancake",
    "start": 1.5,
    "end": 30.25,
    "subset": "training",
    "recipe_type": 7,
    "annotation": [
        {"id": "21", "segment": [2.0, 9.0], "label": "mix the batter"},
        {"id": "23", "segment": [10.0, 12.5], "label": "toss the pancake "},
    ],
}


def read(folder: Path, video: dict[str, Any]) -> tuple[list[Item], list[Any]]:
    path = write_json(folder / "COIN.json", {"database": {"LtRSn-ntcLY": video}})
    return read_all("coin", make_file(path, "by_record"))


@pytest.mark.shared
@pytest.mark.parametrize(
    ("name", "n_items", "n_events"),
    [
        ("coin/coin_train_70.json", 129, 594),
        ("coin/COIN.json", 1, 2),
        ("real_mini/steps.json", 2, 10),
    ],
)
def test_the_real_files_are_read_whole(
    shared: Path, name: str, n_items: int, n_events: int
) -> None:
    items, rejects = read_all("coin", make_file(shared / "corpora" / name, "by_record"))
    assert rejects == []
    assert (len(items), count_annotations(items, rejects)) == (n_items, n_events)
    assert count_splits(items) == {"train": n_items}
    assert all(item.goal for item in items)


@pytest.mark.shared
def test_the_defects_of_the_real_slice_are_those_stated(shared: Path) -> None:
    path = shared / "corpora" / "coin" / "coin_train_70.json"
    items, _ = read_all("coin", make_file(path, "by_record"))
    assert len({item.goal for item in items}) == 66
    assert sum(item.video_id.startswith("-") for item in items) == 8
    starts = [(e.start_s, e.end_s) for item in items for e in item.events]
    assert all(start_s is not None and end_s and start_s < end_s for start_s, end_s in starts)


@pytest.mark.shared
def test_the_one_record_of_the_official_file(shared: Path) -> None:
    (item,), _ = read_all("coin", make_file(shared / "corpora" / "coin" / "COIN.json", "by_record"))
    assert (item.goal, item.duration_s) == ("replace CD drive with SSD", 131.0309)
    assert list_spans(item.events) == [
        (60.0, 69.0, "take out the laptop CD drive"),
        (71.0, 82.0, "insert the hard disk tray into the position of the CD drive"),
    ]


@pytest.mark.shared
def test_both_wrappers_may_lie_side_by_side(shared: Path) -> None:
    found = discover("coin", str(shared / "corpora" / "coin"))
    assert [(file.name, file.split) for file in found.files] == [
        ("COIN.json", "by_record"),
        ("coin_train_70.json", "by_record"),
    ]
    assert found.missing == ()


@pytest.mark.shared
def test_a_file_of_any_name_keeps_its_subsets(shared: Path) -> None:
    found = discover("coin", str(shared / "corpora" / "real_mini" / "steps.json"))
    assert [file.split for file in found.files] == ["by_record"]


def test_steps_and_goal_are_read_and_the_region_of_interest_is_not(tmp_path: Path) -> None:
    (item,), rejects = read(tmp_path, VIDEO)
    assert rejects == []
    assert item.goal == "make pancake"
    assert list_spans(item.events) == [
        (2.0, 9.0, "mix the batter"),
        (10.0, 12.5, "toss the pancake"),
    ]


@pytest.mark.parametrize(("subset", "split"), [("testing", "test"), ("validation", "validation")])
def test_the_second_split_is_what_the_file_calls_it(
    tmp_path: Path, subset: str, split: str
) -> None:
    (item,), _ = read(tmp_path, VIDEO | {"subset": subset})
    assert item.split == split


def test_a_video_without_class_has_no_goal(tmp_path: Path) -> None:
    (item,), _ = read(tmp_path, {key: VIDEO[key] for key in VIDEO if key != "class"})
    assert item.goal is None


def test_a_class_that_is_no_text_costs_each_step(tmp_path: Path) -> None:
    items, rejects = read(tmp_path, VIDEO | {"class": 7})
    assert items == []
    assert list_reasons(rejects) == [(0, "not_text"), (1, "not_text")]


def test_a_video_in_both_wrappers_has_one_hash_and_is_built_once(tmp_path: Path) -> None:
    wrapped, _ = read(tmp_path, VIDEO)
    path = write_json(tmp_path / "coin_train_70.json", [{"LtRSn-ntcLY": VIDEO}])
    listed, _ = read_all("coin", make_file(path, "by_record"))
    assert pack_item(listed[0])[1] == pack_item(wrapped[0])[1]
