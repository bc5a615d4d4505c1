"""Streams joined from clips: which frame of which clip shows when, to the frame."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from streamit.errors import VideoError
from streamit.timeline import lay_out, length_s
from streamit.video.frames import sample_frames
from streamit.video.jobs import SampleJob
from streamit.video.joined import Piece, choose_canvas, sample_joined, write_joined
from streamit.video.worker import DecodeWorker
from tests.rendered import Rendered, Style, draw_number, even_ticks, read_number, render

Catalog = Callable[[str], Rendered]

CUTS = (
    ("constant_rate", 2.05, 4.6),
    ("variable_rate", 3.3, 9.1),
    ("matroska_from_5_s", 0.0, 3.25),
    ("constant_rate", 0.5, 2.25),
    ("edit_list", 1.0, 4.0),
    ("rotated", 0.7, 2.9),
    ("avi", 0.4, 3.1),
)


@pytest.fixture
def worker() -> Iterator[DecodeWorker]:
    with DecodeWorker(timeout_s=60) as worker:
        yield worker


def join(rendered: Catalog, cuts: tuple[tuple[str, float, float], ...]) -> list[Piece]:
    spans = lay_out((0.0, length_s(start_s, end_s)) for _, start_s, end_s in cuts)
    return [
        Piece(str(rendered(name).path), start_s, end_s, span.start_s)
        for (name, start_s, end_s), span in zip(cuts, spans, strict=True)
    ]


def length_of(pieces: list[Piece]) -> float:
    last = pieces[-1]
    return round(last.offset_s + last.end_s - last.start_s, 6)


def expected(
    rendered: Catalog, pieces: list[Piece], times_s: list[float]
) -> list[tuple[int, float]]:
    """Number and time of the frame on the screen at each time of the stream, the slow way."""
    videos = {str(rendered(name).path): rendered(name) for name, _, _ in CUTS}
    shown = []
    for time_s in times_s:
        piece = [p for p in pieces if p.offset_s <= time_s][-1]
        video = videos[piece.path]
        frames = [
            (number, start_s - piece.start_s + piece.offset_s)
            for number, start_s in zip(video.numbers, video.starts_s, strict=True)
            if piece.start_s <= start_s < piece.end_s
        ]
        by_then = [frame for frame in frames if frame[1] <= time_s + 1e-6]
        number, start_s = by_then[-1] if by_then else frames[0]
        shown.append((number, round(start_s, 6)))
    return shown


def read_jpeg(jpeg: bytes) -> int:
    return read_number(np.asarray(Image.open(io.BytesIO(jpeg))))


@pytest.mark.parametrize("fps", [1.0, 7.5])
def test_every_frame_is_that_of_its_clip(
    rendered: Catalog, worker: DecodeWorker, fps: float
) -> None:
    pieces = join(rendered, CUTS)
    duration_s = length_of(pieces)
    job = SampleJob(fps=fps, max_frames=None, short_side=None)

    joined = sample_joined(worker, pieces, job)

    times_s = [i / fps for i in range(int(np.ceil(duration_s * fps)))]
    shown = list(zip(map(read_jpeg, joined.items), joined.times_s, strict=True))
    assert shown == list(dict.fromkeys(expected(rendered, pieces, times_s)))
    assert list(joined.times_s) == sorted(set(joined.times_s))
    assert joined.decoder == "pyav"


def test_a_time_at_a_joint_belongs_to_the_clip_that_begins(
    rendered: Catalog, worker: DecodeWorker
) -> None:
    cuts = (("constant_rate", 3.0, 5.0), ("matroska_from_5_s", 1.0, 4.0))
    pieces = join(rendered, cuts)
    joined = sample_joined(worker, pieces, SampleJob())
    assert joined.times_s == (0.0, 1.0, 2.0, 3.0, 4.0)
    assert [read_jpeg(jpeg) for jpeg in joined.items] == [90, 120, 30, 60, 90]


def test_the_cap_counts_over_the_whole_stream(rendered: Catalog, worker: DecodeWorker) -> None:
    pieces = join(rendered, CUTS)
    duration_s = length_of(pieces)
    joined = sample_joined(worker, pieces, SampleJob(max_frames=9))
    times_s = [i * duration_s / 9 for i in range(9)]
    shown = list(zip(map(read_jpeg, joined.items), joined.times_s, strict=True))
    assert shown == expected(rendered, pieces, times_s)


def test_frames_keep_their_clips_proportions(rendered: Catalog, worker: DecodeWorker) -> None:
    """The frames column holds JPEG files of any size; letterboxes would teach black bars."""
    pieces = join(rendered, (("constant_rate", 0.0, 1.0), ("rotated", 0.0, 1.0)))
    joined = sample_joined(worker, pieces, SampleJob(short_side=64))
    assert [Image.open(io.BytesIO(jpeg)).size for jpeg in joined.items] == [(96, 64), (64, 96)]


def test_one_clip_over_the_whole_file_is_that_file(rendered: Catalog, worker: DecodeWorker) -> None:
    path = rendered("variable_rate").path
    frames = sample_frames(path, short_side=None)
    end_s = rendered("variable_rate").end_s
    joined = sample_joined(worker, [Piece(str(path), 0.0, end_s, 0.0)], SampleJob())
    assert joined.times_s == frames.times_s
    assert [read_jpeg(jpeg) for jpeg in joined.items] == [read_number(i) for i in frames.images]


def test_a_clip_that_does_not_decode_to_its_end_refuses_the_stream(
    rendered: Catalog, worker: DecodeWorker
) -> None:
    pieces = join(rendered, (("constant_rate", 0.0, 3.0), ("constant_rate", 8.0, 12.0)))
    with pytest.raises(VideoError, match=r"until 10 s, and the clip \[8, 12\) s") as caught:
        sample_joined(worker, pieces, SampleJob())
    assert caught.value.reason == "past_decoded_end"


def test_a_clip_that_is_short_by_a_step_at_most_is_taken(
    rendered: Catalog, worker: DecodeWorker
) -> None:
    pieces = join(rendered, (("constant_rate", 8.0, 11.0), ("constant_rate", 0.0, 2.0)))
    joined = sample_joined(worker, pieces, SampleJob())
    assert [read_jpeg(jpeg) for jpeg in joined.items] == [240, 270, 299, 0, 30]


def read_video(path: Path, canvas: tuple[int, int]) -> list[tuple[int, float]]:
    """Number and time of every frame of a joined video; beside a narrow picture all is black."""
    frames = sample_frames(path, fps=1000, max_frames=None, short_side=None)
    assert frames.images.shape[1:3] == canvas[::-1]
    return [
        (read_number(_without_bars(image)), time_s)
        for image, time_s in zip(frames.images, frames.times_s, strict=True)
    ]


def _without_bars(image: np.ndarray) -> np.ndarray:
    """Undo the black beside a picture of 2:3 on a canvas of 3:2, if it has any."""
    height, width = image.shape[:2]
    narrow = round(height * 2 / 3 / 2) * 2
    left = (width - narrow) // 2
    if image[:, :left].max() > 60 or image[:, left + narrow :].max() > 60:
        return image
    inner = image[:, left : left + narrow]
    return inner if inner.max() > 60 else image


def test_the_joined_video_shows_what_the_clips_show(
    rendered: Catalog, worker: DecodeWorker, tmp_path: Path
) -> None:
    pieces = join(rendered, CUTS)
    duration_s = length_of(pieces)
    job = SampleJob(fps=2.0, max_frames=None)

    joined = write_joined(worker, pieces, job, (192, 128), str(tmp_path / "joined.mp4"))

    times_s = [i / 2 for i in range(int(np.ceil(duration_s * 2)))]
    numbers = [number for number, _ in expected(rendered, pieces, times_s)]
    wanted = list(zip(numbers, times_s, strict=True))
    assert read_video(tmp_path / "joined.mp4", (192, 128)) == wanted
    assert joined.times_s == tuple(times_s)
    assert (joined.width, joined.height, joined.decoder) == (192, 128, "pyav")
    assert joined.size == (tmp_path / "joined.mp4").stat().st_size


def test_the_joined_video_has_the_same_bytes_every_time(
    rendered: Catalog, worker: DecodeWorker, tmp_path: Path
) -> None:
    pieces = join(rendered, CUTS[:3])
    made = [
        write_joined(worker, pieces, SampleJob(), (96, 64), str(tmp_path / name))
        for name in ("one.mp4", "two.mp4")
    ]
    assert made[0] == made[1]


def test_a_smaller_clip_is_brought_to_the_canvas(worker: DecodeWorker, tmp_path: Path) -> None:
    small = render(tmp_path / "small.mp4", even_ticks(60, Style().rate), Style(size=(96, 64)))
    piece = Piece(str(small.path), 0.0, 2.0, 0.0)
    write_joined(worker, [piece], SampleJob(), (240, 160), str(tmp_path / "out.mp4"))
    frames = sample_frames(tmp_path / "out.mp4", short_side=None)
    truth = draw_number(30, 240, 160)
    assert np.abs(frames.images[1].astype(int) - truth).mean() < 20


def test_the_canvas_is_the_size_that_is_shown_longest() -> None:
    sizes = [(1280, 720), (720, 1280), (1920, 1080)]
    assert choose_canvas(sizes, [5.0, 9.0, 5.0], 384) == (682, 384)
    assert choose_canvas(sizes, [1.0, 9.0, 5.0], 384) == (384, 682)
    assert choose_canvas(sizes, [5.0, 9.0, 5.0], None) == (720, 1280)


def test_of_sizes_shown_equally_long_the_larger_is_the_canvas() -> None:
    assert choose_canvas([(320, 240), (427, 241)], [4.0, 4.0], 384) == (426, 240)
    assert choose_canvas([(320, 240), (240, 320)], [4.0, 4.0], 384) == (320, 240)
