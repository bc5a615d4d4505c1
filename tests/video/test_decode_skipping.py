"""Skipping against decoding in order: the same frames, times and pixels."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from streamit.timeline import sample_times
from streamit.video.decode_pyav import Keep, decode_in_order
from streamit.video.decode_skipping import SkipFault, can_skip, decode_skipping, plan_wants
from streamit.video.facts import VideoFacts
from streamit.video.picture import Picture, PictureMaker
from streamit.video.probe import probe_video
from tests.rendered import Rendered, damage_packets, read_number
from tests.video.catalog import CATALOG

Catalog = Callable[[str], Rendered]
SHARED_VIDEOS = [
    *("asl_book.mkv", "av1_video.mkv", "bottle-detection.mp4", "car-detection.mp4"),
    *("cockatoo.mp4", "derived_truncated_car-detection.mp4", "derived_truncated_pancake.mkv"),
    *(
        "derived_vfr_car-detection.mp4",
        "derived_vp9_odd_427x241.webm",
        "discard_first_keyframe.mp4",
    ),
    *("flipping_a_pancake.mkv", "flower-fragmented.mp4", "flower.webm", "h265_video.mp4"),
    *("nasa_13013.mp4", "nasa_13013_hdr.mp4", "nasa_13013_rotated.mp4"),
    *("one-by-one-person-detection.mp4", "test_non_zero_start.mp4", "test_video_66x50.mov"),
    *("unordered.mov", "video_90.mov"),
]
SKIPPING = sorted(CATALOG.keys() - {"avi", "mpeg2"})


class Kept:
    """What a decoder kept: times and pictures at full size."""

    def __init__(self, facts: VideoFacts) -> None:
        self.maker = PictureMaker((facts.width, facts.height), facts.rotation_deg)
        self.frames: list[tuple[float, Picture]] = []

    @property
    def keep(self) -> Keep:
        return lambda start_s, frame: self.frames.append((start_s, self.maker.make(frame)))

    def equals(self, other: Kept) -> bool:
        return len(self.frames) == len(other.frames) and all(
            one[0] == two[0] and np.array_equal(one[1], two[1])
            for one, two in zip(self.frames, other.frames, strict=True)
        )


def assert_same(path: Path, fps: float) -> None:
    facts = probe_video(str(path))
    times_s = sample_times(facts.duration_s, fps, 64)
    in_order, skipping = Kept(facts), Kept(facts)

    end_s = decode_in_order(str(path), facts, times_s, in_order.keep)

    assert decode_skipping(str(path), facts, times_s, skipping.keep) == end_s == facts.duration_s
    assert skipping.equals(in_order)
    assert len(in_order.frames) > 0


@pytest.mark.parametrize("fps", [0.25, 1.0, 7.0])
@pytest.mark.parametrize("name", SKIPPING)
def test_rendered_videos_come_out_the_same(rendered: Catalog, name: str, fps: float) -> None:
    assert_same(rendered(name).path, fps)


@pytest.mark.shared
@pytest.mark.parametrize("fps", [1.0, 7.0])
@pytest.mark.parametrize("name", SHARED_VIDEOS)
def test_real_videos_come_out_the_same(shared: Path, name: str, fps: float) -> None:
    assert_same(shared / "videos" / name, fps)


@pytest.mark.parametrize("name", ["avi", "mpeg2"])
def test_what_cannot_be_skipped_is_not_tried(rendered: Catalog, name: str) -> None:
    assert not can_skip(probe_video(str(rendered(name).path)))


def test_a_damaged_frame_that_is_wanted_is_a_fault(rendered: Catalog, tmp_path: Path) -> None:
    path = damage_packets(rendered("short_groups").path, tmp_path / "a.mp4", range(30, 31))
    facts = probe_video(str(path))

    with pytest.raises(SkipFault):
        decode_skipping(str(path), facts, [1.0], Kept(facts).keep)


def test_damage_between_wanted_frames_is_passed_over(rendered: Catalog, tmp_path: Path) -> None:
    path = damage_packets(rendered("short_groups").path, tmp_path / "a.mp4", range(70, 85))
    facts = probe_video(str(path))
    kept = Kept(facts)

    decode_skipping(str(path), facts, [1.0, 2.0, 3.0], kept.keep)

    assert [read_number(picture) for _, picture in kept.frames] == [30, 60, 90]


def test_a_damaged_end_is_a_fault(rendered: Catalog, tmp_path: Path) -> None:
    """The last frame is a witness: events behind what decodes are rejected."""
    path = damage_packets(rendered("short_groups").path, tmp_path / "a.mp4", range(290, 300))
    facts = probe_video(str(path))

    with pytest.raises(SkipFault):
        decode_skipping(str(path), facts, [1.0], Kept(facts).keep)


def test_packets_between_groups_are_not_decoded(rendered: Catalog) -> None:
    """Key frames every 30 frames: frame 60 is decoded from packet 60 on, the last from 270."""
    facts = probe_video(str(rendered("short_groups").path))

    wants = plan_wants(facts, [2.0, 2.5])

    assert [(want.entry, want.is_kept) for want in wants] == [(60, True), (60, True), (270, False)]


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(8))
def test_noticed_damage_gives_what_decoding_in_order_gives(
    rendered: Catalog, tmp_path: Path, seed: int
) -> None:
    """Random packets overwritten: either a fault, or the very same frames."""
    dice = random.Random(seed)
    first = dice.randrange(1, 290)
    source = rendered(dice.choice(["short_groups", "open_groups", "constant_rate"])).path
    path = damage_packets(source, tmp_path / "a.mp4", range(first, first + dice.randrange(1, 9)))
    facts = probe_video(str(path))
    times_s = sample_times(facts.duration_s, 2.0, 64)
    in_order, skipping = Kept(facts), Kept(facts)
    end_s = decode_in_order(str(path), facts, times_s, in_order.keep)
    try:
        skipped_end_s = decode_skipping(str(path), facts, times_s, skipping.keep)
    except SkipFault:
        return
    assert skipped_end_s == end_s
    assert skipping.equals(in_order)
