"""ViTT: starts in milliseconds, several annotation sets per video, splits by lists of ids."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from streamit.errors import SourceError
from streamit.item import Item
from tests.readers.reading import (
    count_splits,
    list_reasons,
    list_spans,
    make_file,
    read_all,
    write_json,
)


def tags(*rows: tuple[object, object], id: object = "FmTp") -> dict[str, Any]:
    return {"id": id, "annotations": [{"timestamp": time, "tag": tag} for time, tag in rows]}


def read(
    folder: Path, document: object, split: str = "by_record", name: str = "ViTT-annotations.json"
) -> tuple[list[Item], list[Any]]:
    return read_all("vitt", make_file(write_json(folder / name, document), split))


def write_lists(folder: Path, **ids: str) -> None:
    for name, text in ids.items():
        (folder / f"{name}_id.txt").write_text(text)


@pytest.mark.shared
def test_the_real_record(shared: Path) -> None:
    path = shared / "corpora" / "vitt" / "ViTT-annotations.json"
    items, rejects = read_all("vitt", make_file(path, "by_record"))
    assert rejects == []
    assert list_spans(items[0].events) == [
        (0.26, 16.0, "Opening"),
        (16.0, 23.99, "Displaying technique"),
        (23.99, 55.53, "Showing foot positioning"),
        (55.53, 114.1, "Demonstrating crossover"),
        (114.1, None, "Closing"),
    ]
    assert (items[0].key, items[0].split, items[0].duration_s) == ("FmTp", "train", None)


def test_tags_in_any_order_end_at_the_next_start(tmp_path: Path) -> None:
    items, _ = read(tmp_path, [tags((5000, "Two"), (1000, "One"), (9000, "Three"))])
    assert list_spans(items[0].events) == [
        (5.0, 9.0, "Two"),
        (1.0, 5.0, "One"),
        (9.0, None, "Three"),
    ]


def test_tags_of_one_time_share_their_end(tmp_path: Path) -> None:
    items, _ = read(tmp_path, [tags((1000, "One"), (1000, "Also one"), (2000, "Two"))])
    assert [event.end_s for event in items[0].events] == [2.0, 2.0, None]


def test_a_tag_without_words_still_ends_the_one_before(tmp_path: Path) -> None:
    items, rejects = read(tmp_path, [tags((0, "One"), (3000, "?"), (8000, "Two"))])
    assert list_reasons(rejects) == [(1, "empty_text")]
    assert list_spans(items[0].events) == [(0.0, 3.0, "One"), (8.0, None, "Two")]


@pytest.mark.parametrize(("tag", "text"), [("# Adding  oil", "Adding oil"), ("C#", "C#")])
def test_a_leading_hash_mark_is_no_word(tmp_path: Path, tag: str, text: str) -> None:
    items, _ = read(tmp_path, [tags((0, tag))])
    assert items[0].events[0].text == text


@pytest.mark.parametrize(
    ("time", "reason"),
    [("16000", "bad_time"), (None, "bad_time"), (float("nan"), "not_finite")],
)
def test_a_time_that_is_none_costs_its_tag(tmp_path: Path, time: object, reason: str) -> None:
    items, rejects = read(tmp_path, [tags((0, "One"), (time, "Two"), (4000, "Three"))])
    assert list_reasons(rejects) == [(1, reason)]
    assert list_spans(items[0].events) == [(0.0, 4.0, "One"), (4.0, None, "Three")]


def test_a_tag_that_is_no_object_costs_itself(tmp_path: Path) -> None:
    _, rejects = read(tmp_path, [{"id": "FmTp", "annotations": ["Opening", {"timestamp": 0}]}])
    assert list_reasons(rejects) == [(0, "bad_item"), (1, "not_text")]


def test_every_annotation_set_of_a_video_is_an_item(tmp_path: Path) -> None:
    items, rejects = read(
        tmp_path, [tags((0, "A")), tags((0, "B"), id="abcd"), tags((0, "C")), tags((0, "D"))]
    )
    assert rejects == []
    assert [item.key for item in items] == ["FmTp", "abcd", "FmTp#2", "FmTp#3"]
    assert Counter(item.video_id for item in items) == {"FmTp": 3, "abcd": 1}


def test_the_lists_decide_the_split_and_what_is_in_none_is_trained_on(tmp_path: Path) -> None:
    write_lists(tmp_path, train="aaaa\n", dev="bbbb\r\ncccc\n", test="dddd")
    items, _ = read(tmp_path, [tags((0, "A"), id=id) for id in ("aaaa", "bbbb", "dddd", "eeee")])
    assert [item.split for item in items] == ["train", "validation", "test", "train"]


def test_without_lists_all_is_trained_on(tmp_path: Path) -> None:
    items, _ = read(tmp_path, [tags((0, "A")), tags((0, "B"), id="abcd")])
    assert count_splits(items) == {"train": 2}


def test_some_lists_without_the_others_are_an_error(tmp_path: Path) -> None:
    write_lists(tmp_path, train="aaaa\n", test="dddd\n")
    with pytest.raises(SourceError, match=r"dev_id\.txt: is missing"):
        read(tmp_path, [tags((0, "A"))])


def test_a_split_that_is_said_beats_the_lists(tmp_path: Path) -> None:
    write_lists(tmp_path, train="FmTp\n", dev="", test="")
    items, _ = read(tmp_path, [tags((0, "A"))], split="test")
    assert count_splits(items) == {"test": 1}


def test_a_line_per_set_is_read_too_and_a_broken_one_is_counted(tmp_path: Path) -> None:
    path = tmp_path / "ViTT-annotations.jsonl"
    path.write_text(f"{json.dumps(tags((0, 'A')))}\n{{oops\n{json.dumps(tags((0, 'B')))}\n")
    items, rejects = read_all("vitt", make_file(path, "by_record"))
    assert [item.key for item in items] == ["FmTp", "FmTp#2"]
    assert [(r.key, r.index, r.reason) for r in rejects] == [("line 2", None, "bad_json")]


@pytest.mark.parametrize("entry", [None, "a", {}, {"id": "FmTp"}, {"annotations": 3, "id": "a"}])
def test_an_entry_that_is_no_set_costs_one(tmp_path: Path, entry: object) -> None:
    _, rejects = read(tmp_path, [entry])
    assert list_reasons(rejects) == [(None, "bad_item")]


def test_an_empty_set_is_counted(tmp_path: Path) -> None:
    _, rejects = read(tmp_path, [tags()])
    assert list_reasons(rejects) == [(None, "no_events")]


@pytest.mark.parametrize("id", [None, 7, "", "../x"])
def test_an_id_that_is_none_costs_each_tag(tmp_path: Path, id: object) -> None:
    _, rejects = read(tmp_path, [tags((0, "A"), (5, "B"), id=id)])
    assert list_reasons(rejects) == [(0, "bad_id"), (1, "bad_id")]


def test_an_object_is_another_format(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="a ViTT file is a list"):
        read(tmp_path, tags((0, "A")))
