"""Facts of files, and the errors of files that are no videos."""

from __future__ import annotations

import os
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from streamit.errors import VideoError
from streamit.video.probe import probe_video
from tests.rendered import Rendered, Style, add_stream

Catalog = Callable[[str], Rendered]


def reason_of(path: Path) -> str:
    with pytest.raises(VideoError) as caught:
        probe_video(str(path))
    assert str(caught.value).startswith(f"{path.name}: ")
    assert str(path.parent) not in str(caught.value)
    return caught.value.reason


def test_facts_of_a_plain_video(rendered: Catalog) -> None:
    facts = probe_video(str(rendered("short_groups").path))

    assert (facts.duration_s, facts.fps, facts.n_shown) == (10.0, 30.0, 300)
    assert (facts.width, facts.height, facts.rotation_deg) == (192, 128, 0)
    assert (facts.codec, facts.container) == ("h264", "mov,mp4,m4a,3gp,3g2,mj2")
    assert facts.pts_s[:3] == (0.0, 0.033333, 0.066667)
    assert facts.entry_pts_s == tuple(float(second) for second in range(10))
    assert not facts.has_audio
    assert facts.stores_pts
    assert facts.is_progressive


def test_time_zero_is_the_start_of_the_container(rendered: Catalog) -> None:
    facts = probe_video(str(rendered("transport_stream").path))

    assert facts.packets.zero_s == 1.47
    assert (facts.pts_s[0], facts.duration_s) == (0.0, 10.0)


def test_sound_that_begins_first_is_time_zero(rendered: Catalog) -> None:
    facts = probe_video(str(rendered("sound_first").path))

    assert facts.has_audio
    assert (facts.packets.zero_s, facts.pts_s[0], facts.duration_s) == (0.0, 1.2, 5.2)


def test_hidden_packets_are_not_shown(rendered: Catalog) -> None:
    facts = probe_video(str(rendered("edit_list").path))

    assert facts.has_hidden_packets
    assert (facts.n_shown, facts.packets.n_packets, facts.duration_s) == (195, 240, 6.5)


@pytest.mark.parametrize(
    ("name", "rotation_deg", "size"),
    [("rotated", 90, (128, 192)), ("rotated_right", 270, (128, 192)), ("upside_down", 180, None)],
)
def test_size_is_that_of_the_upright_picture(
    rendered: Catalog, name: str, rotation_deg: int, size: tuple[int, int] | None
) -> None:
    facts = probe_video(str(rendered(name).path))

    assert facts.rotation_deg == rotation_deg
    assert (facts.width, facts.height) == (size or (192, 128))


def test_only_pictures_that_reset_the_decoder_are_entries(rendered: Catalog) -> None:
    """The container marks more as key frames; only the first is an IDR picture."""
    facts = probe_video(str(rendered("open_groups").path))

    assert facts.entry_pts_s == (0.0,)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("open_groups", True),
        ("open_groups_hevc", True),
        ("intra_refresh", True),
        ("short_groups", False),
        ("ten_bit_hevc", False),
        ("odd_size", False),
    ],
)
def test_open_groups_are_told_from_closed_ones(
    rendered: Catalog, name: str, expected: bool
) -> None:
    assert probe_video(str(rendered(name).path)).has_open_groups is expected


def test_fields_are_told_from_frames(rendered: Catalog) -> None:
    assert not probe_video(str(rendered("interlaced").path)).is_progressive


def test_the_main_stream_is_taken(rendered: Catalog) -> None:
    facts = probe_video(str(rendered("two_streams").path))

    assert (facts.stream_index, facts.width) == (1, 192)


def test_fps_is_the_average_of_what_is_shown(rendered: Catalog) -> None:
    facts = probe_video(str(rendered("variable_rate").path))

    assert facts.fps == pytest.approx(120 / facts.duration_s, abs=1e-5)


def test_a_cut_file_is_as_long_as_its_whole_packets(rendered: Catalog, tmp_path: Path) -> None:
    source = rendered("matroska_from_5_s").path
    data = source.read_bytes()
    cut = tmp_path / "cut.mkv"
    cut.write_bytes(data[: len(data) // 2])

    facts = probe_video(str(cut))

    assert 100 < facts.n_shown < 200
    assert facts.duration_s == pytest.approx(max(facts.pts_s) + 1 / 30, abs=0.001)


def test_no_file(tmp_path: Path) -> None:
    assert reason_of(tmp_path / "none.mp4") == "video_missing"


def test_empty_file(tmp_path: Path) -> None:
    (tmp_path / "empty.mp4").touch()

    assert reason_of(tmp_path / "empty.mp4") == "video_empty"


def test_noise(tmp_path: Path) -> None:
    (tmp_path / "noise.mp4").write_bytes(os.urandom(4096))

    assert reason_of(tmp_path / "noise.mp4") == "video_unreadable"


def test_a_folder(tmp_path: Path) -> None:
    (tmp_path / "folder.mp4").mkdir()

    assert reason_of(tmp_path / "folder.mp4") == "video_unreadable"


def test_a_play_list_opens_nothing(rendered: Catalog, tmp_path: Path) -> None:
    video = rendered("transport_stream").path
    play_list = f"#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nhttp://localhost:9/{video}\n"
    (tmp_path / "list.m3u8").write_text(play_list + "#EXT-X-ENDLIST\n")

    assert reason_of(tmp_path / "list.m3u8") == "video_unreadable"


def write_sound(path: Path, cover: bool) -> None:
    rate = 8000
    with av.open(str(path), "w") as container:
        sound = container.add_stream("pcm_s16le", rate=rate, layout="mono")
        picture = container.add_stream("mjpeg", rate=1) if cover else None
        if picture is not None:
            picture.width, picture.height, picture.pix_fmt = 64, 64, "yuvj420p"
            picture.disposition = av.stream.Disposition.attached_pic
        frame = av.AudioFrame.from_ndarray(np.zeros((1, rate), np.int16), layout="mono")
        frame.rate, frame.pts, frame.time_base = rate, 0, Fraction(1, rate)
        container.mux([*sound.encode(frame), *sound.encode(None)])
        if picture is not None:
            shown = av.VideoFrame(64, 64, "yuvj420p")
            shown.pts, shown.time_base = 0, Fraction(1)
            container.mux([*picture.encode(shown), *picture.encode(None)])


def test_sound_alone_is_no_video(tmp_path: Path) -> None:
    write_sound(tmp_path / "sound.mkv", cover=False)

    assert reason_of(tmp_path / "sound.mkv") == "no_video_stream"


def test_a_cover_picture_is_no_video(tmp_path: Path) -> None:
    write_sound(tmp_path / "cover.mov", cover=True)

    assert reason_of(tmp_path / "cover.mov") == "no_video_stream"


def test_a_stream_without_frames(tmp_path: Path) -> None:
    with av.open(str(tmp_path / "bare.avi"), "w") as container:
        add_stream(container, Style())
        container.start_encoding()

    assert reason_of(tmp_path / "bare.avi") == "no_frames"


def test_two_streams_glued_together_are_refused(rendered: Catalog, tmp_path: Path) -> None:
    """Their clock begins anew: one time would mean two frames."""
    data = rendered("transport_stream").path.read_bytes()
    (tmp_path / "glued.ts").write_bytes(data + data)

    assert reason_of(tmp_path / "glued.ts") == "time_jumps_back"
