"""Which videos each format tells."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import pytest

from streamit.demo.native import FORMATS, choose_videos, write_annotations
from streamit.demo.videos import DemoVideo
from streamit.source import load_source


def test_the_formats_are_the_parts_of_the_source() -> None:
    assert load_source("demo").parts == FORMATS


@pytest.mark.parametrize(
    ("form", "splits"),
    [
        ("activitynet", {"train": 3, "validation": 1}),
        ("shot2story", {"train": 2, "validation": 1}),
        ("vitt", {"train": 1, "validation": 1, "test": 1}),
        ("coin", {"train": 3, "validation": 2, "test": 1}),
        ("fineaction", {"train": 6, "validation": 3, "test": 1}),
        ("charades_sta", {"train": 6, "test": 1}),
        ("qaego4d", {"train": 6, "validation": 3, "test": 1}),
        ("llava_video_178k", {"train": 6}),
    ],
)
def test_each_format_tells_the_videos_that_suit_it(
    planned: list[DemoVideo], form: str, splits: dict[str, int]
) -> None:
    assert Counter(video.split for video in choose_videos(form, planned)) == splits


def test_steps_never_overlap(planned: list[DemoVideo]) -> None:
    for video in choose_videos("coin", planned):
        spans = [event.span for event in video.scene.events]
        assert all(one.end_s <= other.start_s for one, other in pairwise(spans))


@pytest.mark.parametrize("form", FORMATS)
def test_the_smallest_demo_has_something_in_every_format(
    planned: list[DemoVideo], form: str
) -> None:
    assert any(write_annotations(form, planned[:3], seed=0).values())
    assert choose_videos(form, planned[:3])
