"""YouCook2: exact counts on the real files, both shapes, hidden test labels, names of dishes."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from streamit.errors import SourceError
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
    "duration": 466.40999999999997,
    "subset": "validation",
    "recipe_type": "419",
    "annotations": [
        {"segment": [72, 82], "id": 0, "sentence": "mix flour and salt"},
        {"segment": [85, 98], "id": 1, "sentence": "knead the dough "},
    ],
    "video_url": "https://www.youtube.com/watch?v=Kbrkj7wZ4UA",
}
CAPTIONS = {"duration": 100.5, "timestamps": [[3, 9]], "sentences": ["boil the eggs"]}
PLACEHOLDER = {"duration": 100.5, "timestamps": [[0, 1]], "sentences": ["None"]}


def read(folder: Path, document: object, split: str = "by_record") -> tuple[list[Item], list[Any]]:
    return read_all("youcook2", make_file(write_json(folder / "yc2.json", document), split))


@pytest.mark.shared
def test_the_real_file_is_read_whole(shared: Path) -> None:
    path = shared / "corpora" / "youcook2" / "yc2_annotations_trainval.json"
    items, rejects = read_all("youcook2", make_file(path, "by_record"))
    assert rejects == []
    assert count_splits(items) == {"train": 80, "validation": 34}
    assert count_annotations(items, rejects) == 921
    assert sum(item.video_id.startswith("-") for item in items) == 8
    assert {item.goal for item in items} == {None}


@pytest.mark.shared
def test_the_hidden_labels_of_the_real_test_file_are_counted(shared: Path) -> None:
    path = shared / "corpora" / "youcook2" / "yc2_test.json"
    items, rejects = read_all("youcook2", make_file(path, "test"))
    assert items == []
    assert Counter(reject.reason for reject in rejects) == {"hidden_label": 20}


@pytest.mark.shared
def test_the_real_folder_has_all_that_is_required(shared: Path) -> None:
    found = discover("youcook2", str(shared / "corpora" / "youcook2"))
    assert [(file.name, file.split) for file in found.files] == [
        ("yc2_annotations_trainval.json", "by_record"),
        ("yc2_test.json", "test"),
    ]
    assert (found.missing, found.unused) == ((), ())


def test_an_item_holds_all_that_the_file_says(tmp_path: Path) -> None:
    (item,), rejects = read(tmp_path, {"database": {"Kbrkj7wZ4UA": VIDEO}})
    assert rejects == []
    assert (item.key, item.split, item.duration_s) == ("Kbrkj7wZ4UA", "validation", 466.41)
    assert list_spans(item.events) == [
        (72.0, 82.0, "mix flour and salt"),
        (85.0, 98.0, "knead the dough"),
    ]


def test_a_list_of_dishes_beside_the_file_names_the_goal(tmp_path: Path) -> None:
    (tmp_path / "label_foodtype.csv").write_text('101,hummus\n\n419,"naan, plain"\n')
    other = VIDEO | {"recipe_type": 101}
    unknown = VIDEO | {"recipe_type": "999"}
    items, _ = read(tmp_path, {"database": {"a": VIDEO, "b": other, "c": unknown}})
    assert [item.goal for item in items] == ["make naan, plain", "make hummus", None]


def test_a_list_of_dishes_that_is_none_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "label_foodtype.csv").write_text("101,hummus\n419\n")
    with pytest.raises(SourceError, match=r"label_foodtype\.csv: line 2 is \['419'\]"):
        read(tmp_path, {"database": {"a": VIDEO}})


def test_the_official_test_file_has_segments_without_sentences(tmp_path: Path) -> None:
    segments = [{"segment": [1, 5], "id": 0}, {"segment": [9, 12], "id": 1}]
    video = VIDEO | {"subset": "testing", "annotations": segments}
    _, rejects = read(tmp_path, {"database": {"Kbrkj7wZ4UA": video}})
    assert list_reasons(rejects) == [(0, "hidden_label"), (1, "hidden_label")]


def test_copies_in_the_shape_of_activitynet_are_read(tmp_path: Path) -> None:
    items, rejects = read(tmp_path, {"v_Kbrkj7wZ4UA": CAPTIONS}, split="validation")
    assert rejects == []
    assert [(i.key, i.source_video, i.split) for i in items] == [
        ("v_Kbrkj7wZ4UA", "Kbrkj7wZ4UA", "validation")
    ]
    assert list_spans(items[0].events) == [(3.0, 9.0, "boil the eggs")]


def test_a_copy_that_names_no_split_is_trained_on(tmp_path: Path) -> None:
    items, _ = read(tmp_path, {"Kbrkj7wZ4UA": CAPTIONS})
    assert count_splits(items) == {"train": 1}


def test_a_placeholder_costs_one_and_a_sentence_none_does_not(tmp_path: Path) -> None:
    spoken = CAPTIONS | {"sentences": ["None"]}
    items, rejects = read(tmp_path, {"v_a": PLACEHOLDER, "v_b": spoken})
    assert [(r.key, r.index, r.reason) for r in rejects] == [("v_a", 0, "hidden_label")]
    assert [item.key for item in items] == ["v_b"]


@pytest.mark.parametrize("video", [VIDEO, CAPTIONS])
def test_of_two_videos_with_one_id_the_first_wins(tmp_path: Path, video: dict[str, Any]) -> None:
    text = json.dumps(video)
    both = f'{{"a": {text}, "a": {text}}}'
    path = tmp_path / "yc2.json"
    path.write_text(both if video is CAPTIONS else f'{{"database": {both}}}')
    items, rejects = read_all("youcook2", make_file(path, "train"))
    assert len(items) == 1
    assert {reject.reason for reject in rejects} == {"duplicate_key"}


def test_copies_are_not_read_beside_the_official_file(tmp_path: Path) -> None:
    for name in ("youcookii_annotations_trainval.json", "yc2_train.json", "yc2_test.json"):
        (tmp_path / name).touch()
    found = discover("youcook2", str(tmp_path))
    assert [file.name for file in found.files] == [
        "youcookii_annotations_trainval.json",
        "yc2_test.json",
    ]
    assert found.unused == ("yc2_train.json",)


@pytest.mark.parametrize(
    ("name", "split"),
    [
        ("yc2_train_anet_format.json", "train"),
        ("yc2_val.json", "validation"),
        ("youcookii_annotations_test_segments_only.json", "by_record"),
        ("mine.json", "by_record"),
    ],
)
def test_a_single_file_has_the_split_of_its_name(tmp_path: Path, name: str, split: str) -> None:
    (tmp_path / name).touch()
    found = discover("youcook2", str(tmp_path / name))
    assert [file.split for file in found.files] == [split]


def test_a_list_is_another_format(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="a YouCook2 file is an object 'database'"):
        read(tmp_path, [{"a": VIDEO}])
