"""FineAction, from its description: classes in words, overlaps, hidden test labels."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from streamit.errors import SourceError
from streamit.item import Item
from tests.readers.reading import list_reasons, list_spans, make_file, read_all, write_json

VIDEO = {
    "subset": "training",
    "duration": 30,
    "fps": 25.0,
    "annotations": [
        {"label": "throw_ball", "label_id": 3, "segment": [1.5, 4]},
        {"label": "StandUp", "label_id": 8, "segment": [2.25, 6.0]},
    ],
}


def read(folder: Path, document: object) -> tuple[list[Item], list[Any]]:
    path = write_json(folder / "annotations_gt.json", document)
    return read_all("fineaction", make_file(path, "by_record"))


def test_actions_may_overlap_and_their_classes_become_words(tmp_path: Path) -> None:
    (item,), rejects = read(tmp_path, {"database": {"v_00000123": VIDEO}})
    assert rejects == []
    assert list_spans(item.events) == [(1.5, 4.0, "throw ball"), (2.25, 6.0, "stand up")]
    assert (item.video_id, item.source_video) == ("v_00000123", "00000123")
    assert (item.split, item.duration_s) == ("train", 30.0)


@pytest.mark.parametrize("hidden", [{"annotations": []}, {}])
def test_a_test_video_without_labels_costs_one(tmp_path: Path, hidden: dict[str, Any]) -> None:
    video = {"subset": "testing", "duration": 12.5, **hidden}
    _, rejects = read(tmp_path, {"database": {"v_00000124": video}})
    assert list_reasons(rejects) == [(None, "hidden_label")]


def test_an_object_without_database_is_another_format(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"FineAction is one object"):
        read(tmp_path, {"v_00000123": VIDEO})
