"""ShareGPT4Video, on files written from its card and the code that loads it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from streamit.errors import SourceError
from streamit.item import Event, Item
from tests.readers.reading import list_reasons, make_file, read_all, write_json


def captions(*pairs: tuple[object, object], **more: object) -> dict[str, Any]:
    return {
        "video_id": "-2yHu5qgTzM",
        "video_path": "panda/-2yHu5qgTzM.mp4",
        "timestamp": ["0.0", "2.0"],
        "keyframe": [0, 60],
        "captions": [{"idx": idx, "content": content} for idx, content in pairs],
        **more,
    }


def read(folder: Path, *rows: object) -> tuple[list[Item], list[Any]]:
    path = folder / "sharegpt4video_40k.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return read_all("sharegpt4video", make_file(path))


@pytest.mark.parametrize("idx", ["-1", -1])
def test_the_caption_of_the_whole_video_is_the_event(tmp_path: Path, idx: object) -> None:
    row = captions(("0", "A man."), ("1", "He sits down."), (idx, "A man\nsits."))
    items, rejects = read(tmp_path, row)
    assert rejects == []
    assert items == [
        Item(
            source="mine",
            split="train",
            file="sharegpt4video_40k.jsonl",
            ordinal=0,
            key="panda/-2yHu5qgTzM.mp4",
            video_id="panda/-2yHu5qgTzM.mp4",
            source_video="-2yHu5qgTzM",
            duration_s=None,
            events=(Event(0, 0.0, None, "A man sits."),),
            media_id="panda/-2yHu5qgTzM",
        )
    ]


def test_without_a_path_the_id_names_the_video(tmp_path: Path) -> None:
    row = captions(("-1", "A man."))
    del row["video_path"]
    items, _ = read(tmp_path, row)
    assert items[0].video_id == "-2yHu5qgTzM"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"captions": []}, "no_events"),
        ({"captions": [{"idx": "0", "content": "A man."}]}, "no_events"),
        ({"captions": [{"idx": "-1", "content": "A."}] * 2}, "no_events"),
        ({"captions": ["A man."]}, "bad_item"),
        ({"captions": None}, "bad_item"),
        ({"captions": [{"idx": "-1", "content": " "}]}, "empty_text"),
        ({"captions": [{"idx": "-1"}]}, "not_text"),
        ({"video_path": "../a.mp4"}, "bad_id"),
    ],
)
def test_a_row_without_one_such_caption_is_refused(
    tmp_path: Path, changes: dict[str, Any], reason: str
) -> None:
    items, rejects = read(tmp_path, captions(("-1", "A man.")) | changes)
    assert (items, list_reasons(rejects)) == ([], [(0, reason)])


@pytest.mark.parametrize(
    ("names", "video_id", "media_id"),
    [
        ({"video": "panda/a.mp4", "id": "a"}, "panda/a.mp4", "panda/a"),
        ({"image": "next_qa/1/2.png", "id": "2"}, "next_qa/1/2.png", "next_qa/1/2"),
        ({"image": "videochatgpt/v_abc", "id": "v"}, "videochatgpt/v_abc", None),
        ({"id": "a"}, "a", None),
    ],
)
def test_the_mixes_are_conversations(
    tmp_path: Path, names: dict[str, str], video_id: str, media_id: str | None
) -> None:
    turns = [{"from": "human", "value": "<image>\nWho?"}, {"from": "gpt", "value": "A man."}]
    path = write_json(tmp_path / "sharegpt4video_mix181k.json", [{**names, "conversations": turns}])
    items, rejects = read_all("sharegpt4video", make_file(path))
    assert rejects == []
    assert items[0].events == (Event(0, 0.0, None, "A man.", "Who?"),)
    assert (items[0].video_id, items[0].media_id) == (video_id, media_id)


def test_another_format_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="first entry holds 'path', 'cap'; a ShareGPT4Video file"):
        read(tmp_path, {"path": "a.mp4", "cap": ["A man."]})
