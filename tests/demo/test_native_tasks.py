"""The annotation files of the tasks beside captions have the corpora's own layouts."""

from __future__ import annotations

import csv
import json
from collections import Counter
from typing import Any

import pytest

from streamit.demo.corpus import DemoCorpus
from streamit.demo.native import choose_videos
from streamit.demo.videos import DemoVideo


def read_json(demo: DemoCorpus, form: str, name: str) -> Any:
    return json.loads((demo.folders[form] / name).read_text())


def list_spans(video: DemoVideo) -> list[list[float]]:
    return [[event.span.start_s, event.span.end_s] for event in video.scene.events]


def test_coin_lists_the_steps_of_one_task(demo: DemoCorpus, planned: list[DemoVideo]) -> None:
    entries = read_json(demo, "coin", "COIN.json")["database"]
    for video in choose_videos("coin", planned):
        entry = entries[video.video_id]
        assert entry["class"] == "PlayWithShapes"
        assert [step["segment"] for step in entry["annotation"]] == list_spans(video)
        assert (entry["start"], entry["end"]) == (
            video.scene.events[0].span.start_s,
            video.scene.events[-1].span.end_s,
        )


def test_coin_numbers_its_steps_in_strings(demo: DemoCorpus) -> None:
    entries = read_json(demo, "coin", "COIN.json")["database"].values()
    steps = {(step["id"], step["label"]) for entry in entries for step in entry["annotation"]}
    assert len({label for _, label in steps}) == len({number for number, _ in steps}) == len(steps)
    assert {number for number, _ in steps} <= set("123456789")


def test_coin_and_fineaction_name_the_subsets_as_their_files_do(demo: DemoCorpus) -> None:
    for form, name in (("coin", "COIN.json"), ("fineaction", "annotations_gt.json")):
        subsets = {entry["subset"] for entry in read_json(demo, form, name)["database"].values()}
        assert subsets == {"training", "validation", "testing"}


def test_fineaction_labels_every_event_but_those_of_test_videos(
    demo: DemoCorpus, planned: list[DemoVideo]
) -> None:
    entries = read_json(demo, "fineaction", "annotations_gt.json")["database"]
    for video in planned:
        spans = [one["segment"] for one in entries[video.video_id]["annotations"]]
        assert spans == ([] if video.split == "test" else list_spans(video))


def test_fineaction_has_actions_with_several_hits(demo: DemoCorpus) -> None:
    entries = read_json(demo, "fineaction", "annotations_gt.json")["database"].values()
    hits = [Counter(one["label"] for one in entry["annotations"]) for entry in entries]
    assert sum(max(labels.values(), default=0) > 1 for labels in hits) == 7
    assert len({(a["label"], a["label_id"]) for e in entries for a in e["annotations"]}) == 6


def test_charades_sta_has_a_line_per_query(demo: DemoCorpus, planned: list[DemoVideo]) -> None:
    lines = (demo.folders["charades_sta"] / "charades_sta_train.txt").read_text().splitlines()
    videos = [video for video in choose_videos("charades_sta", planned) if video.split == "train"]
    assert [line.split("##")[0] for line in lines] == [
        f"{video.video_id} {start_s} {end_s}"
        for video in videos
        for start_s, end_s in list_spans(video)
    ]
    assert all(line.endswith(".") and line.split("##")[1][0].islower() for line in lines)


@pytest.mark.parametrize("split", ["train", "test"])
def test_charades_sta_finds_lengths_in_a_table(
    demo: DemoCorpus, planned: list[DemoVideo], split: str
) -> None:
    with (demo.folders["charades_sta"] / f"Charades_v1_{split}.csv").open(newline="") as file:
        rows = {row["id"]: row["length"] for row in csv.DictReader(file)}
    assert rows == {
        video.video_id: f"{video.scene.duration_s:.2f}"
        for video in choose_videos("charades_sta", planned)
        if video.split == split
    }


def test_qaego4d_counts_frames_at_30_per_second_whatever_the_video_has(
    demo: DemoCorpus, planned: list[DemoVideo]
) -> None:
    rows = [
        row
        for name in ("train", "val", "test")
        for row in read_json(demo, "qaego4d", f"annotations.QaEgo4D_{name}.json")
    ]
    videos = {video.video_id: video for video in planned}
    assert {video.scene.fps for video in planned} == {12, 25}
    assert len({row["sample_id"] for row in rows}) == len(rows) == 58
    for row in rows:
        number = int(row["sample_id"].rpartition("_")[2])
        span = videos[row["video_id"]].scene.events[number].span
        assert 0 <= row["moment_start_frame"] - span.start_s * 30 < 1
        assert 0 <= row["moment_end_frame"] - span.end_s * 30 < 1


def test_llava_video_talks_about_whole_videos(demo: DemoCorpus) -> None:
    files = {path.name: json.loads(path.read_text()) for path in demo.root.glob("llava*/*/*.json")}
    assert {name: len(rows) for name, rows in files.items()} == {
        "0_30_s_youtube_cap_v0_1_processed.json": 2,
        "0_30_s_youtube_oe_v0_1_qa_processed.json": 2,
        "30_60_s_youtube_cap_v0_1_processed.json": 4,
        "30_60_s_youtube_oe_v0_1_qa_processed.json": 4,
    }
    for row in (row for rows in files.values() for row in rows):
        first, *others = row["conversations"]
        assert first["value"].startswith("<image>\n")
        assert [turn["from"] for turn in others] == ["gpt", *["human", "gpt"] * (len(others) // 2)]
        assert (demo.root / row["video"]).is_file()
