"""Every file of the shared videos against a plain loop over PyAV, written here on its own."""

from __future__ import annotations

import math
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from streamit.errors import VideoError
from streamit.video.frames import sample_frames
from streamit.video.probe import probe_video

pytestmark = pytest.mark.shared

# name: (duration in s, width, height, frames shown, frames sampled at 1 FPS, container's zero in s)
FACTS = {
    "asl_book.mkv": (3.633, 640, 480, 109, 4, 0.033),
    "av1_video.mkv": (5.0, 640, 360, 125, 5, 0.0),
    "bottle-detection.mp4": (39.854749, 640, 360, 1189, 40, 0.0),
    "car-detection.mp4": (30.16, 768, 432, 377, 31, 0.0),
    "cockatoo.mp4": (14.0, 1280, 720, 280, 14, 0.0),
    "corrupted.mp4": (5.0, 1280, 720, 50, 5, 0.0),
    "derived_truncated_car-detection.mp4": (11.68, 768, 432, 146, 12, 0.0),
    "derived_truncated_pancake.mkv": (5.966, 426, 240, 179, 6, 0.0),
    "derived_vfr_car-detection.mp4": (29.6, 384, 216, 160, 21, 0.0),
    "derived_vp9_odd_427x241.webm": (11.999, 427, 241, 358, 12, 0.034),
    "discard_first_keyframe.mp4": (1.0, 64, 64, 25, 1, 0.0),
    "flipping_a_pancake.mkv": (10.333, 426, 240, 310, 11, 0.0),
    "flower-fragmented.mp4": (5.071733, 960, 540, 150, 6, 0.0),
    "flower.webm": (5.008, 960, 540, 150, 6, 0.0),
    "h265_video.mp4": (1.0, 128, 128, 10, 1, 0.0),
    "nasa_13013.mp4": (13.013, 480, 270, 390, 14, 0.0),
    "nasa_13013_hdr.mp4": (13.0, 320, 180, 325, 13, 0.0),
    "nasa_13013_rotated.mp4": (0.567233, 270, 480, 17, 1, 0.0),
    "one-by-one-person-detection.mp4": (139.4, 768, 432, 1394, 140, 0.0),
    "test.avi": (6.6, 320, 240, 164, 7, 0.0),
    "test_non_zero_start.mp4": (0.4, 200, 112, 12, 1, 8.333008),
    "test_video_66x50.mov": (1.366667, 66, 50, 82, 2, 0.0),
    "unordered.mov": (0.125, 50, 50, 4, 1, 0.0),
    "video_90.mov": (0.1, 320, 568, 3, 1, 0.0),
}
UNDECODABLE_FRAMES = {"corrupted.mp4": 1}


def decode_all(path: Path) -> list[tuple[float, NDArray[np.uint8]]]:
    """Every frame in the order PyAV gives it, with its time since the container's start."""
    shown = []
    with av.open(str(path)) as container:
        stream = container.streams.best("video")
        stream.codec_context.thread_count = 1  # more hide damage in other ways
        zero_s = container.start_time / 1e6
        for packet in container.demux(stream):
            try:
                frames = packet.decode()
            except av.FFmpegError:
                continue
            for frame in frames:
                # AVI stores no presentation times; its frames come out in the order they are shown.
                tick = frame.pts if path.suffix != ".avi" else len(shown) + 1
                picture = np.rot90(frame.to_ndarray(format="rgb24"), frame.rotation // 90)
                shown.append((round(float(tick * stream.time_base) - zero_s, 6), picture))
    return shown


def luma(image: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Brightness: colour is at half size in the video and is filled in one way or another."""
    return image @ np.array([0.299, 0.587, 0.114])


@pytest.mark.parametrize("name", sorted(FACTS))
def test_facts_of_the_file(shared: Path, name: str) -> None:
    facts = probe_video(str(shared / "videos" / name))
    duration_s, width, height, n_shown, _, zero_s = FACTS[name]

    assert facts.duration_s == duration_s
    assert (facts.width, facts.height, facts.n_shown) == (width, height, n_shown)
    assert facts.packets.zero_s == pytest.approx(zero_s, abs=1e-6)


@pytest.mark.parametrize("name", sorted(FACTS))
def test_frames_are_those_of_a_plain_loop(shared: Path, name: str) -> None:
    path = shared / "videos" / name
    shown = decode_all(path)
    duration_s, _, _, n_shown, n_sampled, _ = FACTS[name]
    chosen = {
        max(sum(start <= t + 1e-6 for start, _ in shown) - 1, 0)
        for t in range(math.ceil(duration_s))
    }

    frames = sample_frames(path, short_side=None)

    assert len(shown) == n_shown - UNDECODABLE_FRAMES.get(name, 0)
    assert len(frames.times_s) == n_sampled
    assert frames.times_s == pytest.approx([shown[i][0] for i in sorted(chosen)], abs=2e-6)
    for image, i in zip(frames.images, sorted(chosen), strict=True):
        assert image.shape == shown[i][1].shape
        assert np.abs(luma(image) - luma(shown[i][1])).mean() < 3


def test_an_empty_file_says_so(shared: Path) -> None:
    with pytest.raises(VideoError, match=r"^derived_empty\.mp4: the file is empty") as caught:
        sample_frames(shared / "videos" / "derived_empty.mp4")

    assert caught.value.reason == "video_empty"
