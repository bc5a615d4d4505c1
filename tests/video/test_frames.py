"""Which frames are sampled, on rendered videos whose frames carry their numbers."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest

from streamit.errors import UsageError, VideoError
from streamit.video.decode_decord import why_not_decord
from streamit.video.frames import Frames, choose_decoder, sample_frames
from streamit.video.probe import probe_video
from tests.rendered import (
    Rendered,
    Style,
    damage_packets,
    even_ticks,
    read_number,
    render,
    run_ffmpeg,
)
from tests.video.catalog import CATALOG

Catalog = Callable[[str], Rendered]


def read(frames: Frames) -> list[tuple[int, float]]:
    return list(zip(map(read_number, frames.images), frames.times_s, strict=True))


@pytest.mark.parametrize("fps", [1.0, 3.0])
@pytest.mark.parametrize("name", sorted(CATALOG))
def test_each_time_takes_the_last_frame_that_began(
    rendered: Catalog, name: str, fps: float
) -> None:
    video = rendered(name)

    frames = sample_frames(video.path, fps=fps)

    assert read(frames) == video.expected(fps)
    assert frames.decoded_end_s == pytest.approx(video.end_s, abs=1e-6)
    assert frames.decoder == "pyav"


def test_every_frame_is_found_at_its_own_rate(rendered: Catalog) -> None:
    video = rendered("constant_rate")

    frames = sample_frames(video.path, fps=30, max_frames=None)

    assert [number for number, _ in read(frames)] == list(range(300))


def test_a_long_video_is_spread_over_the_cap(rendered: Catalog) -> None:
    video = rendered("long_and_slow")

    frames = sample_frames(video.path)

    assert len(frames.times_s) == 256
    assert read(frames) == video.expected(1.0, 256)
    assert frames.times_s[-1] == 298.5


def test_no_cap_takes_every_second(rendered: Catalog) -> None:
    frames = sample_frames(rendered("long_and_slow").path, max_frames=None, short_side=16)

    assert len(frames.times_s) == 300


def test_a_stated_length_beyond_the_video_takes_its_last_frame_once(rendered: Catalog) -> None:
    frames = sample_frames(rendered("constant_rate").path, duration_s=20.0)

    assert [number for number, _ in read(frames)] == [*range(0, 300, 30), 299]
    assert frames.decoded_end_s == 10.0


def test_a_stated_length_within_the_video_ends_there(rendered: Catalog) -> None:
    frames = sample_frames(rendered("constant_rate").path, duration_s=3.5)

    assert [number for number, _ in read(frames)] == [0, 30, 60, 90]


def test_the_cap_follows_the_stated_length(rendered: Catalog) -> None:
    frames = sample_frames(rendered("constant_rate").path, max_frames=4, duration_s=8.0)

    assert [number for number, _ in read(frames)] == [0, 60, 120, 180]


@pytest.mark.parametrize("name", ["-x.mp4", "a:b.mp4", "http:x.mp4", "ü %03d [1].mp4"])
def test_odd_file_names_are_just_names(rendered: Catalog, tmp_path: Path, name: str) -> None:
    path = shutil.copy(rendered("one_frame").path, tmp_path / name)

    assert read(sample_frames(path)) == [(0, 0.0)]


def test_a_relative_name_with_a_dash_is_found(rendered: Catalog, tmp_path: Path) -> None:
    shutil.copy(rendered("one_frame").path, tmp_path / "-x.mp4")

    with contextlib.chdir(tmp_path):
        assert read(sample_frames("-x.mp4")) == [(0, 0.0)]


def test_the_short_side_is_brought_down(rendered: Catalog) -> None:
    assert sample_frames(rendered("one_frame").path, short_side=64).images.shape == (1, 64, 96, 3)


def test_a_small_picture_is_not_enlarged(rendered: Catalog) -> None:
    assert sample_frames(rendered("odd_size").path).images.shape == (4, 129, 193, 3)


def test_a_rotated_video_comes_upright(rendered: Catalog, tmp_path: Path) -> None:
    """Against ffmpeg, which turns pictures by itself."""
    video = rendered("rotated")
    run_ffmpeg("-i", video.path, "-frames:v", "1", tmp_path / "upright.png")
    with av.open(str(tmp_path / "upright.png")) as container:
        upright = next(container.decode(video=0)).to_ndarray(format="rgb24")

    image = sample_frames(video.path).images[0]

    assert image.shape == upright.shape == (192, 128, 3)
    assert np.abs(image.astype(int) - upright).mean() < 2


@pytest.mark.parametrize(
    ("pix_fmt", "color_range"), [("yuv420p", 1), ("yuv420p", 2), ("yuv420p10le", 1)]
)
def test_white_stays_white_in_every_range(tmp_path: Path, pix_fmt: str, color_range: int) -> None:
    style = Style(pix_fmt=pix_fmt)
    path = tmp_path / "white.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=30, options={"qp": "0"})
        stream.width, stream.height, stream.pix_fmt = 64, 64, style.pix_fmt
        stream.codec_context.color_range = color_range
        white = av.VideoFrame.from_ndarray(np.full((64, 64, 3), 255, np.uint8), format="rgb24")
        frame = white.reformat(format=pix_fmt, dst_color_range=color_range)
        container.mux([*stream.encode(frame), *stream.encode(None)])

    assert sample_frames(path).images.min() >= 253


def test_a_truncated_file_ends_where_it_decodes(rendered: Catalog, tmp_path: Path) -> None:
    """The index, at the front, still promises 300 frames."""
    path = tmp_path / "front.mp4"
    run_ffmpeg("-i", rendered("short_groups").path, "-c", "copy", "-movflags", "+faststart", path)
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size // 2)

    frames = sample_frames(path, duration_s=10.0)

    last = read(frames)[-1][0]
    assert read(frames)[:-1] == rendered("short_groups").expected(1.0)[: len(frames.times_s) - 1]
    assert 100 < last < 200
    assert frames.decoded_end_s == pytest.approx((last + 1) / 30, abs=1e-5)


def test_damage_in_the_middle_costs_its_group_of_pictures_only(
    rendered: Catalog, tmp_path: Path
) -> None:
    video = rendered("short_groups")
    path = damage_packets(video.path, tmp_path / "damaged.mp4", range(125, 148))

    frames = sample_frames(path)

    assert [read_number(image) for image in frames.images[[0, 1, 2, 3, 4, 6, 7, 8, 9]]] == [
        *(0, 30, 60, 90, 120),
        *(180, 210, 240, 270),
    ]
    assert frames.decoded_end_s == 10.0


def test_a_video_of_which_nothing_decodes_is_refused(rendered: Catalog, tmp_path: Path) -> None:
    path = damage_packets(rendered("one_frame").path, tmp_path / "noise.mp4", range(1))

    with pytest.raises(VideoError, match=r"noise\.mp4: not one frame decodes") as caught:
        sample_frames(path)

    assert caught.value.reason == "nothing_decodes"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"fps": 0}, "sampling.fps is 0"),
        ({"fps": float("nan")}, "sampling.fps is nan"),
        ({"max_frames": 0}, "sampling.max_frames is 0"),
        ({"short_side": 1}, "sampling.short_side is 1"),
        ({"duration_s": -1.0}, "duration is -1.0"),
        ({"duration_s": float("inf")}, "duration is inf"),
        ({"decoder": "torchcodec"}, "video.decoder is 'torchcodec'; one of auto, pyav, decord"),
    ],
)
def test_arguments_that_make_no_sense_are_refused(
    rendered: Catalog, arguments: dict[str, float], message: str
) -> None:
    with pytest.raises(UsageError, match=message):
        sample_frames(rendered("one_frame").path, **arguments)  # type: ignore[arg-type]


DECORD_MUST_NOT = {
    "transport_stream": "mpegts",
    "interlaced": "mpegts",
    "sound_begins_later": "mpegts",
    "mpeg2": "mpegts",
    "edit_list": "edit list",
    "avi": "avi",
    "av1": "av1",
    "open_groups": "lean on earlier",
    "open_groups_hevc": "lean on earlier",
    "intra_refresh": "lean on earlier",
}
DECORD_MAY = sorted(CATALOG.keys() - DECORD_MUST_NOT.keys())


@pytest.mark.parametrize("name", DECORD_MAY)
def test_decord_takes_the_same_frames_where_it_may(rendered: Catalog, name: str) -> None:
    pytest.importorskip("decord")
    video = rendered(name)

    frames = sample_frames(video.path, fps=3.0, decoder="decord")

    assert read(frames) == video.expected(3.0)
    assert frames.decoder == "decord"


@pytest.mark.parametrize("name", sorted(DECORD_MUST_NOT))
def test_decord_is_refused_where_it_is_wrong(rendered: Catalog, name: str) -> None:
    with pytest.raises(VideoError, match=DECORD_MUST_NOT[name]) as caught:
        sample_frames(rendered(name).path, decoder="decord")

    assert caught.value.reason == "decoder_refused"
    assert "set video.decoder to pyav or auto" in str(caught.value)


@pytest.mark.parametrize("name", sorted(CATALOG))
def test_auto_is_pyav_for_every_kind_of_file(rendered: Catalog, name: str) -> None:
    facts = probe_video(str(rendered(name).path))

    assert choose_decoder(facts, "auto") == "pyav"
    assert (why_not_decord(facts) is None) == (name in DECORD_MAY)


def test_two_frames_are_two_frames(tmp_path: Path) -> None:
    video = render(tmp_path / "two.mp4", even_ticks(2, Style().rate))

    assert read(sample_frames(video.path, fps=30)) == [(0, 0.0), (1, 0.033333)]
