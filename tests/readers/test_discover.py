"""Annotation files are found in folders, by their names, and alone, whatever their name."""

from __future__ import annotations

from pathlib import Path

import fsspec
import pytest

from streamit.errors import ResourceError, SourceError, UsageError
from streamit.readers.discover import Discovered, discover, discover_data, discover_parts
from streamit.source import load_source

OWN = """
name: cooking
title: Cooking
reader: table
licence: {annotations: mine, media: mine}
files: [{glob: "*.csv", split: test}]
columns: {text: caption}
"""


def touch(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("{}")
    return folder


def list_files(found: Discovered) -> list[tuple[str, str]]:
    return [(file.name, file.split) for file in found.files]


@pytest.mark.shared
def test_the_real_folders(shared: Path) -> None:
    found = discover("activitynet", str(shared / "corpora" / "activitynet_captions"))
    assert list_files(found) == [
        ("train.json", "train"),
        ("val_1.json", "validation"),
        ("val_2.json", "validation"),
    ]
    assert found.missing == ()
    known = {one.info.name for one in discover_data(str(shared / "corpora"))}
    assert {"activitynet", "vitt"} <= known


def test_variants_count_and_lists_of_ids_do_not(tmp_path: Path) -> None:
    touch(tmp_path, "val_2.json", "train_modified.json", "val_1.json.gz", "train_ids.json")
    touch(tmp_path, "readme.txt", "videos/train.json")
    assert list_files(discover("activitynet", str(tmp_path))) == [
        ("train_modified.json", "train"),
        ("val_1.json.gz", "validation"),
        ("val_2.json", "validation"),
    ]


def test_a_folder_may_hold_some_of_the_files(tmp_path: Path) -> None:
    found = discover("activitynet", str(touch(tmp_path, "val_1.json")))
    assert list_files(found) == [("val_1.json", "validation")]
    assert [expected.glob for expected in found.missing] == ["train*.json", "val_2*.json"]
    assert (found.is_folder, found.media_folder) == (True, str(tmp_path))


def test_an_alias_is_the_source(tmp_path: Path) -> None:
    found = discover("activitynet_captions", str(touch(tmp_path, "train.json")))
    assert (found.info.name, found.record_source) == ("activitynet", "activitynet")


@pytest.mark.parametrize(
    ("source", "name", "split"),
    [
        ("activitynet", "anything.json", "train"),
        ("activitynet", "val_1.json", "validation"),
        ("shot2story", "20k_test.json.gz", "test"),
        ("shot2story", "mine.json", "train"),
        ("vitt", "mine.jsonl", "by_record"),
        ("table", "mine.csv", "by_record"),
    ],
)
def test_a_single_file_has_the_split_of_its_name(
    tmp_path: Path, source: str, name: str, split: str
) -> None:
    found = discover(source, str(touch(tmp_path, name) / name))
    assert list_files(found) == [(name, split)]
    assert (found.missing, found.is_folder, found.media_folder) == ((), False, str(tmp_path))
    assert found.files[0].folder == str(tmp_path)


@pytest.mark.parametrize(
    ("name", "split"),
    [("gt/1.json", "test"), ("jsons/1.json", "train"), ("x/1.json", "train"), ("1.json", "train")],
)
def test_a_single_file_has_the_split_of_its_folder(tmp_path: Path, name: str, split: str) -> None:
    found = discover("moviechat", str(touch(tmp_path, name) / name))
    assert list_files(found) == [(Path(name).name, split)]


def test_test_questions_without_answers_are_left_alone_beside_those_with(tmp_path: Path) -> None:
    touch(tmp_path, "annotations/1.json", "gt/1.json", "jsons/2.json")
    found = discover("moviechat", str(tmp_path))
    assert list_files(found) == [("jsons/2.json", "train"), ("gt/1.json", "test")]
    assert found.unused == ("annotations/1.json",)


def test_a_list_of_ids_is_no_annotation_file(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"train_id\.txt: is no annotation file of vitt"):
        discover("vitt", str(touch(tmp_path, "train_id.txt") / "train_id.txt"))


def test_companions_are_missed_but_not_read(tmp_path: Path) -> None:
    found = discover("vitt", str(touch(tmp_path, "ViTT-annotations.json", "train_id.txt")))
    assert list_files(found) == [("ViTT-annotations.json", "by_record")]
    assert [expected.glob for expected in found.missing] == ["dev_id.txt", "test_id.txt"]


def test_a_file_that_another_one_holds_is_left_alone(tmp_path: Path) -> None:
    touch(tmp_path, "43k_human_train.json", "134k_full_train.json", "20k_train.json")
    found = discover("shot2story", str(tmp_path))
    assert list_files(found) == [("43k_human_train.json", "train"), ("20k_train.json", "train")]
    assert found.unused == ("134k_full_train.json",)


def test_a_file_that_holds_another_one_is_read_where_it_stands_alone(tmp_path: Path) -> None:
    found = discover("shot2story", str(touch(tmp_path, "134k_full_train.json")))
    assert list_files(found) == [("134k_full_train.json", "train")]


def test_nothing_to_read_says_what_was_expected_and_where_it_is(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"20k_val\.json \(huggingface"):
        discover("shot2story", str(touch(tmp_path, "readme.md")))


def test_a_path_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="there is no such file or folder; expected any of"):
        discover("vitt", str(tmp_path / "absent"))


def test_an_unknown_source_has_a_nearest_one(tmp_path: Path) -> None:
    with pytest.raises(ResourceError, match="did you mean 'shot2story'"):
        discover("shottostory", str(tmp_path))


def test_a_folder_whose_name_looks_like_a_pattern(tmp_path: Path) -> None:
    folder = touch(tmp_path / "set[1]*", "train.json")
    assert list_files(discover("activitynet", str(folder))) == [("train.json", "train")]


def test_a_remote_folder() -> None:
    with fsspec.open("memory://discover/anet/val_1.json", "wb") as file:
        file.write(b"{}")
    found = discover("activitynet", "memory://discover/anet")
    assert found.files[0].path == "memory:///discover/anet/val_1.json"
    assert found.media_folder == "memory:///discover/anet"


def test_a_description_beside_the_table_is_its_source(tmp_path: Path) -> None:
    touch(tmp_path, "my.csv", "other.csv")
    (tmp_path / "my.source.yaml").write_text(OWN)
    found = discover("table", str(tmp_path / "my.csv"))
    assert (found.record_source, found.files[0].columns) == ("cooking", {"text": "caption"})
    assert list_files(found) == [("my.csv", "test")]
    assert discover("table", str(tmp_path / "other.csv")).record_source == "table"


def test_a_description_leads_to_the_tables_in_its_folder(tmp_path: Path) -> None:
    touch(tmp_path, "b.csv", "a.csv")
    (tmp_path / "cooking.yaml").write_text(OWN)
    found = discover("table", str(tmp_path / "cooking.yaml"))
    assert list_files(found) == [("a.csv", "test"), ("b.csv", "test")]


def test_a_description_may_be_named_before_the_data(tmp_path: Path) -> None:
    touch(tmp_path, "data/my.csv")
    (tmp_path / "cooking.yaml").write_text(OWN)
    found = discover(str(tmp_path / "cooking.yaml"), str(tmp_path / "data"))
    assert (found.record_source, found.files[0].source) == ("cooking", "cooking")


def test_a_folder_with_two_descriptions_is_ambiguous(tmp_path: Path) -> None:
    touch(tmp_path, "a.csv", "a.source.yaml", "b.source.yaml")
    with pytest.raises(UsageError, match=r"a\.source\.yaml, b\.source\.yaml"):
        discover("table", str(tmp_path))


def test_data_finds_folders_by_name_and_alias(tmp_path: Path) -> None:
    touch(tmp_path, "vitt/ViTT-annotations.json", "anet/train.json", "something_else/train.json")
    assert [one.info.name for one in discover_data(str(tmp_path))] == ["activitynet", "vitt"]


def test_data_without_a_known_folder_is_nothing(tmp_path: Path) -> None:
    assert discover_data(str(touch(tmp_path, "something_else/train.json"))) == ()


def test_data_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="No such file or directory"):
        discover_data(str(tmp_path / "absent"))


def test_the_parts_of_the_demo_are_read_on_its_own_terms(tmp_path: Path) -> None:
    touch(tmp_path, "activitynet/train.json", "shot2story/20k_val.json", "coin/COIN.json")
    touch(tmp_path, "vitt/ViTT-annotations.json", "fineaction/annotations_gt.json")
    touch(tmp_path, "charades_sta/charades_sta_train.txt")
    touch(tmp_path, "qaego4d/annotations.QaEgo4D_val.json")
    touch(tmp_path, "llava_video_178k/0_30_s_youtube_v0_1/cap.json")
    found = discover_parts("demo", str(tmp_path))
    assert tuple(one.part for one in found) == load_source("demo").parts
    assert [one.info.reader for one in found[-2:]] == ["ego4d_qa", "llava_video_178k"]
    assert {one.media_folder for one in found} == {str(tmp_path)}
    assert {one.record_source for one in found} == {"demo"}
    assert {one.files[0].source for one in found} == {"demo"}
    assert {one.info.licence.annotations for one in found} == {"Apache-2.0"}
    assert {one.missing for one in found} == {()}
