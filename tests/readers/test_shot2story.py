"""Shot2Story: frames in the names of the shots, written from the authors' documentation."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from streamit.errors import SourceError
from streamit.item import SECONDS, VIDEO_FRAMES, Event, Item
from tests.readers.reading import list_reasons, list_spans, make_file, read_all, write_json

CLIP = "-EIsT868Trw.13"


def clip(
    bounds: list[tuple[int, int]], captions: list[object] | None = None, name: str = CLIP
) -> dict[str, Any]:
    """A clip as DATA.md shows it, with all its keys."""
    texts = [f"Shot {i}." for i in range(len(bounds))] if captions is None else captions
    silent = ["" for _ in bounds]
    return {
        **dict.fromkeys(("video", "image_id", "nvid"), f"{name}.mp4"),
        "id": 0,
        "whole_caption": "A summary.",
        "whole_ASR": "",
        "video_names": [f"{name}_{start}_{end}.mp4" for start, end in bounds],
        "audio_captions": silent,
        "captions": texts,
        "ASR": silent,
    }


def read(folder: Path, document: object, **options: object) -> tuple[list[Item], list[Any]]:
    path = write_json(folder / "20k_train.json", document)
    return read_all("shot2story", make_file(path, options=options))


def test_bounds_are_frame_numbers_from_the_right_end_of_the_shot_name(tmp_path: Path) -> None:
    items, rejects = read(tmp_path, [clip([(0, 1373), (1374, 1500)])])
    assert rejects == []
    assert items == [
        Item(
            source="mine",
            split="train",
            file="20k_train.json",
            ordinal=0,
            key=f"{CLIP}.mp4",
            video_id=f"{CLIP}.mp4",
            source_video="-EIsT868Trw",
            duration_s=None,
            events=(Event(0, 0.0, 1373.0, "Shot 0."), Event(1, 1374.0, 1500.0, "Shot 1.")),
            media_id=CLIP,
            time_unit=VIDEO_FRAMES,
        )
    ]


def test_underscores_and_dashes_of_a_clip_id_are_no_bounds(tmp_path: Path) -> None:
    items, _ = read(tmp_path, [clip([(3, 60)], name="v_a_1_2_b-_c.4")])
    assert list_spans(items[0].events) == [(3.0, 60.0, "Shot 0.")]


def test_a_stated_frame_rate_gives_seconds(tmp_path: Path) -> None:
    items, _ = read(tmp_path, [clip([(0, 50), (50, 101)])], fps=25)
    assert items[0].time_unit == SECONDS
    assert list_spans(items[0].events) == [(0.0, 2.0, "Shot 0."), (2.0, 4.04, "Shot 1.")]


@pytest.mark.parametrize("fps", [0, -25, "25", True])
def test_a_frame_rate_that_is_none_is_an_error(tmp_path: Path, fps: object) -> None:
    with pytest.raises(SourceError, match=r"options\.fps"):
        read(tmp_path, [clip([(0, 50)])], fps=fps)


def test_a_shot_without_caption_is_counted(tmp_path: Path) -> None:
    items, rejects = read(tmp_path, [clip([(0, 5), (6, 9)], ["", "A man."])])
    assert list_reasons(rejects) == [(0, "empty_text")]
    assert list_spans(items[0].events) == [(6.0, 9.0, "A man.")]


@pytest.mark.parametrize("captions", [None, []])
def test_a_clip_that_only_a_model_described_has_no_events(tmp_path: Path, captions: object) -> None:
    _, rejects = read(tmp_path, [{**clip([(0, 5), (6, 9)]), "captions": captions}])
    assert list_reasons(rejects) == [(None, "no_events")]


@pytest.mark.parametrize("name", ["shot.mp4", f"{CLIP}_5.mp4", f"{CLIP}_a_9.mp4", None, 7])
def test_a_shot_name_without_bounds_is_a_bad_time(tmp_path: Path, name: object) -> None:
    document = {**clip([(0, 5), (6, 9)]), "video_names": [name, f"{CLIP}_6_9.mp4"]}
    items, rejects = read(tmp_path, [document])
    assert list_reasons(rejects) == [(0, "bad_time")]
    assert [event.index for event in items[0].events] == [1]


def test_reversed_bounds_are_left_to_the_converter(tmp_path: Path) -> None:
    items, _ = read(tmp_path, [clip([(9, 5)])])
    assert list_spans(items[0].events) == [(9.0, 5.0, "Shot 0.")]


def test_lists_of_different_lengths_cost_the_longer_one(tmp_path: Path) -> None:
    _, rejects = read(tmp_path, [clip([(0, 5)], ["One.", "Two."])])
    assert list_reasons(rejects) == [(0, "length_mismatch"), (1, "length_mismatch")]


def test_of_two_entries_of_one_clip_the_first_wins(tmp_path: Path) -> None:
    items, rejects = read(tmp_path, [clip([(0, 5)]), clip([(0, 4), (4, 5)])])
    assert list_spans(items[0].events) == [(0.0, 5.0, "Shot 0.")]
    assert list_reasons(rejects) == [(0, "duplicate_key"), (1, "duplicate_key")]


@pytest.mark.parametrize("entry", [None, 3, [], {}, {"image_id": "a.mp4", "captions": ["A."]}])
def test_an_entry_that_is_no_clip_costs_one(tmp_path: Path, entry: object) -> None:
    _, rejects = read(tmp_path, [clip([(0, 5)]), entry])
    assert list_reasons(rejects) == [(None, "bad_item")]
    assert rejects[0].key in ("[1]", "a.mp4")


def test_a_clip_without_a_name_costs_each_shot(tmp_path: Path) -> None:
    entry = clip([(0, 5), (6, 9)])
    for key in ("video", "image_id", "nvid"):
        del entry[key]
    _, rejects = read(tmp_path, [entry])
    assert list_reasons(rejects) == [(0, "bad_id"), (1, "bad_id")]


def test_an_object_is_another_format(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="a Shot2Story file is a list"):
        read(tmp_path, {"a": clip([(0, 5)])})
