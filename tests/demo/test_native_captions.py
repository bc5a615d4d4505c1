"""The annotation files have the corpora's own layouts and tell the known events."""

from __future__ import annotations

import itertools
import json
from typing import Any

import pytest

from streamit.demo.corpus import DemoCorpus
from streamit.demo.videos import DemoVideo


def read_json(demo: DemoCorpus, source: str, name: str) -> Any:
    return json.loads((demo.folders[source] / name).read_text())


def of(planned: list[DemoVideo], source: str, split: str | None = None) -> list[DemoVideo]:
    return [v for v in planned if v.source == source and split in (None, v.split)]


@pytest.mark.parametrize(
    ("name", "split"),
    [("train.json", "train"), ("val_1.json", "validation"), ("val_2.json", "validation")],
)
def test_activitynet_files_hold_the_videos_of_their_split(
    demo: DemoCorpus, planned: list[DemoVideo], name: str, split: str
) -> None:
    entries = read_json(demo, "activitynet", name)
    assert list(entries) == [video.video_id for video in of(planned, "activitynet", split)]
    for entry in entries.values():
        assert list(entry) == ["duration", "timestamps", "sentences"]
        assert len(entry["timestamps"]) == len(entry["sentences"]) == 7


def test_activitynet_tells_the_events_at_their_times(
    demo: DemoCorpus, planned: list[DemoVideo]
) -> None:
    entries = read_json(demo, "activitynet", "train.json")
    for video in of(planned, "activitynet", "train"):
        entry = entries[video.video_id]
        spans = [[event.span.start_s, event.span.end_s] for event in video.scene.events]
        assert sorted(entry["timestamps"]) == spans
        assert entry["duration"] == pytest.approx(video.scene.duration_s, abs=0.005)
        for event in video.scene.events:
            place = entry["timestamps"].index([event.span.start_s, event.span.end_s])
            assert event.words["shape"].lower() in entry["sentences"][place].lower()


def test_activitynet_sentences_have_the_blanks_of_the_real_files(demo: DemoCorpus) -> None:
    for entry in read_json(demo, "activitynet", "train.json").values():
        first, *others = entry["sentences"]
        assert first[0].isupper()
        assert all(text[0] == " " and text[1].isupper() and text[-1] == "." for text in others)


def test_activitynet_events_come_out_of_order_and_overlap(demo: DemoCorpus) -> None:
    for entry in read_json(demo, "activitynet", "train.json").values():
        times = entry["timestamps"]
        assert times != sorted(times)
        ordered = sorted(times)
        assert sum(b[0] < a[1] for a, b in itertools.pairwise(ordered)) == 2


def test_a_second_annotator_marks_the_same_events_loosely_in_other_words(
    demo: DemoCorpus,
) -> None:
    first, second = (read_json(demo, "activitynet", f"val_{n}.json") for n in (1, 2))
    for key, entry in first.items():
        pairs = zip(sorted(entry["timestamps"]), second[key]["timestamps"], strict=True)
        for (start_s, end_s), (loose_start_s, loose_end_s) in pairs:
            assert start_s - 0.3 <= loose_start_s <= start_s
            assert end_s <= loose_end_s <= end_s + 0.3
        texts = [{text.strip() for text in e["sentences"]} for e in (entry, second[key])]
        assert not texts[0] & texts[1]


@pytest.mark.parametrize(
    ("name", "split"), [("20k_train.json", "train"), ("20k_val.json", "validation")]
)
def test_shot2story_files_have_all_fields(
    demo: DemoCorpus, planned: list[DemoVideo], name: str, split: str
) -> None:
    entries = read_json(demo, "shot2story", name)
    videos = of(planned, "shot2story", split)
    assert [entry["video"] for entry in entries] == [f"{v.video_id}.mp4" for v in videos]
    for entry in entries:
        assert set(entry) == {
            "video",
            "image_id",
            "nvid",
            "id",
            "whole_caption",
            "whole_ASR",
            "video_names",
            "audio_captions",
            "captions",
            "ASR",
        }
        assert entry["video"] == entry["image_id"] == entry["nvid"]
        lists = ("video_names", "audio_captions", "captions", "ASR")
        assert [len(entry[field]) for field in lists] == [4, 4, 4, 4]


def test_shot2story_shots_are_bounded_in_frames_of_the_clip(
    demo: DemoCorpus, planned: list[DemoVideo]
) -> None:
    entries = [
        *read_json(demo, "shot2story", "20k_train.json"),
        *read_json(demo, "shot2story", "20k_val.json"),
    ]
    videos = {f"{video.video_id}.mp4": video for video in of(planned, "shot2story")}
    assert sorted(entry["id"] for entry in entries) == [0, 1, 2]
    for entry in entries:
        video = videos[entry["video"]]
        for name, event in zip(entry["video_names"], video.scene.events, strict=True):
            clip, start, end = name.removesuffix(".mp4").rsplit("_", 2)
            assert clip == video.video_id
            assert 0 < int(start) / video.scene.fps < event.span.start_s
            assert event.span.end_s < int(end) / video.scene.fps < video.scene.duration_s


def test_vitt_gives_starts_in_milliseconds(demo: DemoCorpus, planned: list[DemoVideo]) -> None:
    entries = read_json(demo, "vitt", "ViTT-annotations.json")
    for video, entry in zip(of(planned, "vitt"), entries, strict=False):
        assert entry["id"] == video.video_id
        starts = [tag["timestamp"] for tag in entry["annotations"]]
        assert starts == [round(event.span.start_s * 1000) for event in video.scene.events]
        assert all(type(start) is int for start in starts)


def test_vitt_has_one_video_annotated_twice(demo: DemoCorpus) -> None:
    entries = read_json(demo, "vitt", "ViTT-annotations.json")
    ids = [entry["id"] for entry in entries]
    assert len(ids) == 4
    assert ids[-1] == ids[0]
    first, second = ([t["tag"] for t in e["annotations"]] for e in (entries[0], entries[-1]))
    assert all(a != b for a, b in zip(first, second, strict=True))


def test_vitt_lists_every_id_in_one_split(demo: DemoCorpus, planned: list[DemoVideo]) -> None:
    names = {"train": "train_id.txt", "validation": "dev_id.txt", "test": "test_id.txt"}
    for split, name in names.items():
        listed = (demo.folders["vitt"] / name).read_text().splitlines()
        assert listed == [video.video_id for video in of(planned, "vitt", split)]
