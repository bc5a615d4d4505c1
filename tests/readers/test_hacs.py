"""HACS Segments: the printed record, durations as text, video files named v_<id>."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from streamit.errors import SourceError
from streamit.item import Item
from streamit.readers.discover import discover
from streamit.video.locate import MediaRoot
from tests.readers.reading import list_reasons, list_spans, make_file, read_all, write_json

SEGMENT = {"label": "Long jump", "segment": [5.4, 11.6]}


def read(folder: Path, **changes: object) -> tuple[list[Item], list[Any]]:
    video = {"annotations": [SEGMENT], "subset": "training", "duration": "92.166667", **changes}
    path = write_json(folder / "HACS_segments_v1.1.1.json", {"database": {"--0edUL8zmA": video}})
    return read_all("hacs", make_file(path, "by_record"))


@pytest.mark.shared
def test_the_real_record(shared: Path) -> None:
    found = discover("hacs", str(shared / "corpora" / "hacs"))
    (file,) = found.files
    (item,), rejects = read_all("hacs", file)
    assert (rejects, found.missing) == ([], ())
    assert list_spans(item.events) == [(5.4, 11.6, "dodgeball"), (12.6, 88.16, "dodgeball")]
    assert (item.video_id, item.source_video) == ("--0edUL8zmA", "--0edUL8zmA")
    assert (item.split, item.duration_s) == ("train", 92.166667)


def test_the_video_lies_in_the_folder_of_its_class(tmp_path: Path) -> None:
    (item,), _ = read(tmp_path)
    (tmp_path / "Long_jump").mkdir()
    (tmp_path / "Long_jump" / "v_--0edUL8zmA.mp4").write_bytes(b"x")
    assert item.media_id == "v_--0edUL8zmA"
    found = MediaRoot(tmp_path).find(item.media_id)
    assert found is not None
    assert found.uri == "Long_jump/v_--0edUL8zmA.mp4"


@pytest.mark.parametrize(
    ("duration", "seconds"), [("92.166667", 92.166667), (" 60 ", 60.0), (12.5, 12.5), (None, None)]
)
def test_a_duration_is_text_or_number(
    tmp_path: Path, duration: object, seconds: float | None
) -> None:
    (item,), rejects = read(tmp_path, duration=duration)
    assert (rejects, item.duration_s) == ([], seconds)


@pytest.mark.parametrize("duration", ["", "1:32", "nan", "-3", "0", [92.1], float("inf")])
def test_a_duration_that_is_none_costs_each_segment(tmp_path: Path, duration: object) -> None:
    items, rejects = read(tmp_path, duration=duration)
    assert items == []
    assert list_reasons(rejects) == [(0, "bad_duration")]


def test_a_test_video_without_labels_costs_one(tmp_path: Path) -> None:
    _, rejects = read(tmp_path, subset="testing", annotations=[])
    assert list_reasons(rejects) == [(None, "hidden_label")]


@pytest.mark.shared
def test_the_table_of_clips_is_no_annotation_file(shared: Path) -> None:
    with pytest.raises(SourceError, match="is no annotation file of hacs"):
        discover("hacs", str(shared / "corpora" / "hacs" / "HACS_clips_v1.1.1.csv"))
