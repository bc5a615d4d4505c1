"""The native readers understand the demo's files and find every known event in them."""

from __future__ import annotations

from collections import Counter

import pytest

from streamit.demo.corpus import DemoCorpus
from streamit.demo.videos import SOURCES, DemoVideo
from streamit.item import SECONDS, VIDEO_FRAMES, Item
from streamit.readers.discover import discover
from streamit.readers.registry import load_reader
from streamit.timeline import frames_to_s


def read_items(demo: DemoCorpus, source: str) -> list[Item]:
    found = discover(source, str(demo.folders[source]), "demo")
    read = load_reader(found.info.reader)
    items = [item for file in found.files for item in read(file)]
    assert all(isinstance(item, Item) for item in items), items
    return [item for item in items if isinstance(item, Item)]


@pytest.mark.parametrize(
    ("source", "splits"),
    [
        ("activitynet", {"train": 3, "validation": 2}),
        ("shot2story", {"train": 2, "validation": 1}),
        ("vitt", {"train": 2, "validation": 1, "test": 1}),
    ],
)
def test_every_annotation_set_becomes_an_item(
    demo: DemoCorpus, source: str, splits: dict[str, int]
) -> None:
    items = read_items(demo, source)
    assert Counter(item.split for item in items) == splits
    assert {item.source for item in items} == {"demo"}


def test_every_video_is_read_with_all_its_events(
    demo: DemoCorpus, planned: list[DemoVideo]
) -> None:
    n_events = {video.video_id: len(video.scene.events) for video in planned}
    items = [item for source in SOURCES for item in read_items(demo, source)]
    files = {(item.media_id or item.video_id).removesuffix(".mp4"): item for item in items}
    assert set(files) == set(n_events)
    assert all(len(item.events) == n_events[video_id] for video_id, item in files.items())


def test_activitynet_and_vitt_starts_are_read_in_seconds(
    demo: DemoCorpus, planned: list[DemoVideo]
) -> None:
    starts = {
        video.video_id: [event.span.start_s for event in video.scene.events] for video in planned
    }
    for source in ("activitynet", "vitt"):
        for item in read_items(demo, source):
            read = sorted(event.start_s for event in item.events)
            assert item.time_unit == SECONDS
            assert read == pytest.approx(starts[item.video_id], abs=0.3001)


def test_shot2story_bounds_are_read_in_frames(demo: DemoCorpus, planned: list[DemoVideo]) -> None:
    videos = {video.file_name: video for video in planned}
    for item in read_items(demo, "shot2story"):
        video = videos[item.video_id]
        assert item.time_unit == VIDEO_FRAMES
        for read, known in zip(item.events, video.scene.events, strict=True):
            assert read.end_s is not None
            assert frames_to_s(read.start_s, video.scene.fps) < known.span.start_s
            assert known.span.end_s < frames_to_s(read.end_s, video.scene.fps)
