"""LLaVA-Video-178K, on files written from its card: paths, folders, rounds by video."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from streamit.errors import SourceError
from streamit.item import Event, Item
from streamit.readers.base import SourceFile
from streamit.readers.discover import discover
from tests.readers.reading import list_reasons, read_all, write_json

FOLDER = "0_30_s_academic_v0_1"


def row(video: object, *values: object) -> dict[str, Any]:
    turns = [{"from": ("human", "gpt")[i % 2], "value": value} for i, value in enumerate(values)]
    return {"id": "1", "conversations": turns, "data_source": FOLDER, "video": video}


def make(folder: Path, document: object, kind: str = "oe_v0_1_qa") -> SourceFile:
    (folder / FOLDER).mkdir(exist_ok=True)
    write_json(folder / FOLDER / f"0_30_s_academic_{kind}_processed.json", document)
    return discover("llava_video_178k", str(folder)).files[0]


def test_an_item_holds_all_rounds_of_its_video(tmp_path: Path) -> None:
    path = "academic_source/Charades/RW587.mp4"
    file = make(
        tmp_path,
        [
            row(path, "<image>\nWho?", "A man.", "Where?", "At home."),
            row("liwei_youtube_videos/videos/ytb_ls8tmkfD7S0.mp4", "<image>\nWhy?", "He must."),
            row(path, "<image>\nWhen?", "At night."),
        ],
    )
    items, rejects = read_all("llava_video_178k", file)
    assert rejects == []
    assert items[0] == Item(
        source="llava_video_178k",
        split="train",
        file=f"{FOLDER}/0_30_s_academic_oe_v0_1_qa_processed.json",
        ordinal=0,
        key=path,
        video_id=path,
        source_video="RW587",
        duration_s=None,
        events=(
            Event(0, 0.0, None, "A man.", "Who?"),
            Event(1, 0.0, None, "At home.", "Where?"),
            Event(2, 0.0, None, "At night.", "When?"),
        ),
        language="en",
        media_id=f"{FOLDER}/academic_source/Charades/RW587",
    )
    assert items[1].source_video == "ls8tmkfD7S0"


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("academic_source/NextQA/1202/3264772244.mp4", "NextQA/1202/3264772244"),
        ("NextQA/NExTVideo/1202/3264772244.mp4", "NextQA/1202/3264772244"),
        ("academic_source/activitynet/v_2g9GrshWQrU.mp4", "2g9GrshWQrU"),
        ("academic_source/youcook2/199/2g9GrshWQrU.mkv", "2g9GrshWQrU"),
        ("perception_test/videos/video_1.mp4", "perception_test/videos/video_1"),
    ],
)
def test_a_video_has_the_name_of_the_corpus_it_is_from(
    tmp_path: Path, path: str, name: str
) -> None:
    items, _ = read_all("llava_video_178k", make(tmp_path, [row(path, "Q", "A")]))
    assert (items[0].video_id, items[0].source_video) == (path, name)


def test_a_file_named_alone_stands_beside_its_videos(tmp_path: Path) -> None:
    path = write_json(tmp_path / "mine.json", [row("QA/1.mp4", "Q", "A")])
    file = discover("llava_video_178k", str(path)).files[0]
    items, _ = read_all("llava_video_178k", file)
    assert (items[0].media_id, items[0].split) == ("QA/1", "train")


@pytest.mark.parametrize("kind", ["v0_1_cap", "oe_v0_1_qa", "mc_v0_1_qa"])
def test_every_kind_of_file_is_found(tmp_path: Path, kind: str) -> None:
    file = make(tmp_path, [row("a.mp4", "<image>\nQ", "A")], kind)
    assert file.name == f"{FOLDER}/0_30_s_academic_{kind}_processed.json"


def test_a_row_without_a_video_costs_its_rounds(tmp_path: Path) -> None:
    file = make(tmp_path, [row(None, "Q", "A", "Q", "A"), row("a.mp4"), row("b.mp4", "Q", "A")])
    items, rejects = read_all("llava_video_178k", file)
    assert len(items) == 1
    assert list_reasons(rejects) == [(0, "bad_id"), (1, "bad_id"), (None, "no_events")]


def test_another_format_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="first entry holds 'q', 'a'; a LLaVA-Video file is"):
        read_all("llava_video_178k", make(tmp_path, [{"q": "Who?", "a": "A man."}]))
