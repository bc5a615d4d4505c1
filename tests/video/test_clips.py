"""Clips: one frame per sampling time, at its time, the same bytes every time."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path

import av
import pytest

from streamit.errors import StorageError
from streamit.video.clips import write_clip
from streamit.video.frames import sample_frames
from streamit.video.jobs import ClipFile, SampleJob
from streamit.video.probe import probe_video
from tests.rendered import Rendered, read_number, run_ffmpeg

Catalog = Callable[[str], Rendered]


def cut(video: Rendered, folder: Path, job: SampleJob | None = None) -> ClipFile:
    return write_clip(str(video.path), str(folder / "clip.mp4"), job or SampleJob())


def read(path: str | Path) -> list[tuple[int, float]]:
    """Number and time of every frame of a clip."""
    frames = sample_frames(path, fps=1000, max_frames=None, short_side=None)
    return list(zip(map(read_number, frames.images), frames.times_s, strict=True))


@pytest.mark.parametrize(
    "name", ["constant_rate", "variable_rate", "transport_stream", "matroska_from_5_s", "edit_list"]
)
def test_a_clip_shows_at_each_time_what_the_video_shows(
    rendered: Catalog, tmp_path: Path, name: str
) -> None:
    video = rendered(name)

    clip = cut(video, tmp_path)

    times_s = [float(second) for second in range(len(clip.times_s))]
    assert clip.times_s == tuple(times_s)
    assert read(clip.path) == [(video.shown_at(time_s)[0], time_s) for time_s in times_s]
    assert len(times_s) - 1 < video.end_s <= len(times_s) == clip.duration_s


@pytest.mark.parametrize("name", ["constant_rate", "variable_rate", "edit_list", "rotated"])
def test_a_clip_shows_what_the_filter_of_ffmpeg_picks(
    rendered: Catalog, tmp_path: Path, name: str
) -> None:
    """An independent way to the same frames; it gives up to three too many at the end."""
    video = rendered(name)
    run_ffmpeg(
        *("-i", video.path, "-vf", "fps=1:round=up:start_time=0"),
        *("-c:v", "libx264", "-bf", "0", tmp_path / "filtered.mp4"),
    )

    shown = read(cut(video, tmp_path).path)

    assert read(tmp_path / "filtered.mp4")[: len(shown)] == shown


def test_under_the_cap_the_step_is_a_share_of_the_length(rendered: Catalog, tmp_path: Path) -> None:
    video = rendered("long_and_slow")

    clip = cut(video, tmp_path)

    assert (len(clip.times_s), clip.times_s[1], clip.duration_s) == (256, 1.171875, 300.0)
    assert read(clip.path) == [(video.shown_at(time_s)[0], time_s) for time_s in clip.times_s]


def test_the_same_video_gives_the_same_bytes(rendered: Catalog, tmp_path: Path) -> None:
    first = cut(rendered("ten_bit_hevc"), tmp_path)
    data = Path(first.path).read_bytes()

    second = cut(rendered("ten_bit_hevc"), tmp_path)

    assert second == first
    assert Path(second.path).read_bytes() == data
    assert (first.size, first.sha256) == (len(data), hashlib.sha256(data).hexdigest())


def test_a_clip_is_plain_video(rendered: Catalog, tmp_path: Path) -> None:
    """H.264, 4:2:0, even sides, no sound, nothing hidden, upright."""
    clip = cut(rendered("odd_size"), tmp_path)
    facts = probe_video(clip.path)

    assert (clip.width, clip.height) == (facts.width, facts.height) == (192, 128)
    assert (facts.codec, facts.has_audio, facts.has_hidden_packets) == ("h264", False, False)
    with av.open(clip.path) as container:
        assert container.streams.video[0].codec_context.pix_fmt == "yuv420p"
        assert container.metadata.get("encoder") is None


def test_decord_reads_clips(rendered: Catalog, tmp_path: Path) -> None:
    pytest.importorskip("decord")
    clip = cut(rendered("constant_rate"), tmp_path)

    frames = sample_frames(clip.path, decoder="decord")

    assert [read_number(image) for image in frames.images] == [*range(0, 300, 30)]


def test_a_name_that_begins_with_a_dash(rendered: Catalog, tmp_path: Path) -> None:
    clip = write_clip(str(rendered("one_frame").path), str(tmp_path / "-x.mp4"), SampleJob())

    assert os.listdir(tmp_path) == ["-x.mp4"]
    assert clip.duration_s == 1.0


def test_a_folder_that_cannot_be_made_is_a_storage_error(rendered: Catalog, tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(StorageError, match="the clip cannot be written"):
        write_clip(str(rendered("one_frame").path), str(tmp_path / "file/x.mp4"), SampleJob())


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_is_a_storage_error_and_leaves_nothing(
    rendered: Catalog, tmp_path: Path
) -> None:
    """The temporary file is a link to a device that is always full."""
    (tmp_path / f".clip.mp4.{os.getpid()}.tmp").symlink_to("/dev/full")

    with pytest.raises(StorageError, match="No space left"):
        cut(rendered("one_frame"), tmp_path)

    assert os.listdir(tmp_path) == []
