"""VCG+ 112K, on files written from its card and the code that loads it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from streamit.errors import SourceError
from streamit.item import Event, Item
from tests.readers.reading import list_reasons, make_file, read_all, write_json


def row(question: str, **names: object) -> dict[str, Any]:
    turns = [{"from": "human", "value": question}, {"from": "gpt", "value": "Yes."}]
    return {**names, "conversations": turns}


def read(folder: Path, *rows: object) -> tuple[list[Item], list[Any]]:
    path = write_json(folder / "vcg-plus_112K.json", list(rows))
    return read_all("vcg_plus", make_file(path))


def test_the_rows_of_a_video_are_one_item(tmp_path: Path) -> None:
    items, rejects = read(
        tmp_path,
        row("<video>\nIs it day?", id="v_-Oc6gSWB_HA", video="v_-Oc6gSWB_HA.mp4"),
        row("Is it?\n<video>", id="v_-Oc6gSWB_HA", video="v_-Oc6gSWB_HA.mp4"),
    )
    assert rejects == []
    assert items == [
        Item(
            source="mine",
            split="train",
            file="vcg-plus_112K.json",
            ordinal=0,
            key="v_-Oc6gSWB_HA.mp4",
            video_id="v_-Oc6gSWB_HA.mp4",
            source_video="-Oc6gSWB_HA",
            duration_s=None,
            events=(
                Event(0, 0.0, None, "Yes.", "Is it day?"),
                Event(1, 0.0, None, "Yes.", "Is it?"),
            ),
            media_id="v_-Oc6gSWB_HA",
        )
    ]


def test_without_a_path_the_id_names_the_video(tmp_path: Path) -> None:
    items, _ = read(tmp_path, row("Is it?", id="v_PJi8ZEHAFcI"))
    assert (items[0].video_id, items[0].media_id) == ("v_PJi8ZEHAFcI", None)
    assert items[0].source_video == "PJi8ZEHAFcI"


@pytest.mark.parametrize("names", [{}, {"id": 7}, {"video": "", "id": "v_a"}])
def test_a_row_that_names_no_video_is_refused(tmp_path: Path, names: dict[str, object]) -> None:
    _, rejects = read(tmp_path, row("Is it?", **names))
    assert list_reasons(rejects) == [(0, "bad_id")]


def test_another_format_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"a VCG\+ file is a list of \{id, video, conver"):
        read(tmp_path, {"video_name": "v_a", "Q": "Is it?", "A": "Yes."})
