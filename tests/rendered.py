"""Renders test videos whose every frame carries its number, as black and white blocks.

The picture is a grid of 4 x 4 blocks: 12 bits of the number and 4 check bits. Blocks survive strong
compression, scaling and chroma at half size; check bits tell a mixed picture from a number.
"""

from __future__ import annotations

import math
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

from streamit.video.ffmpeg_binary import find_ffmpeg

WIDTH, HEIGHT = 192, 128
_SIDE = 4
_NUMBER_BITS, _CHECK_BITS = 12, 4
_BLACK_BELOW, _WHITE_FROM = 96, 160

Image = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Rendered:
    """A video and the truth about it: frame `numbers[i]` is shown from `starts_s[i]` on.

    Times count from time 0 of the container; `end_s` is the end of the last frame.
    """

    path: Path
    numbers: tuple[int, ...]
    starts_s: tuple[float, ...]
    end_s: float

    def expected(self, fps: float, max_frames: int = 256) -> list[tuple[int, float]]:
        """Number and start of the frames to be sampled, worked out the slow way."""
        count = math.ceil(round(self.end_s * fps, 6))
        times_s = [i / fps for i in range(count)]
        if count > max_frames:
            times_s = [i * self.end_s / max_frames for i in range(max_frames)]
        return list(dict.fromkeys(self.shown_at(time_s) for time_s in times_s))

    def shown_at(self, time_s: float) -> tuple[int, float]:
        """Number and start of the frame on the screen: the last that began, or the first."""
        index = max(sum(start <= time_s + 1e-6 for start in self.starts_s) - 1, 0)
        return self.numbers[index], self.starts_s[index]


@dataclass(frozen=True, slots=True)
class Style:
    """How to encode. `options` go to the encoder as they are."""

    codec: str = "libx264"
    pix_fmt: str = "yuv420p"
    size: tuple[int, int] = (WIDTH, HEIGHT)
    time_base: Fraction = Fraction(1, 90000)
    options: Mapping[str, str] = field(default_factory=lambda: {"g": "250", "bf": "3"})
    rotation: int | None = None
    rate: Fraction = Fraction(30)


def draw_number(number: int, width: int = WIDTH, height: int = HEIGHT) -> Image:
    """The picture of a number, uint8 [height, width, 3]."""
    code = (number << _CHECK_BITS) | _check(number)
    bits = [code >> i & 1 for i in range(_SIDE * _SIDE)]
    rows = np.arange(height) * _SIDE // height
    columns = np.arange(width) * _SIDE // width
    grid = np.array(bits, dtype=np.uint8).reshape(_SIDE, _SIDE) * 255
    return np.repeat(grid[rows][:, columns, None], 3, axis=2)


def read_number(picture: Image) -> int:
    """The number in a picture. Raises AssertionError when the picture is no clear number."""
    code = 0
    for i in range(_SIDE * _SIDE):
        level = _middle(picture, i // _SIDE, i % _SIDE).mean()
        assert not _BLACK_BELOW <= level < _WHITE_FROM, f"block {i} is grey ({level:.0f})"
        code |= int(level >= _WHITE_FROM) << i
    number = code >> _CHECK_BITS
    assert code & (1 << _CHECK_BITS) - 1 == _check(number), "the check bits do not fit"
    return number


def render(path: Path, ticks: Sequence[int], style: Style | None = None) -> Rendered:
    """Encode frames 0, 1, ... at these time stamps, in units of the style's time base."""
    style = style or Style()
    with av.open(str(path), "w") as container:
        stream = add_stream(container, style)
        for number, tick in enumerate(ticks):
            for packet in stream.encode(numbered_frame(number, tick, style)):
                container.mux(packet)
        for packet in stream.encode(None):
            container.mux(packet)
    return truth(path, ticks, style)


def truth(path: Path, ticks: Sequence[int], style: Style, zero_s: float = 0.0) -> Rendered:
    """What a video with frames 0, 1, ... at these time stamps shows.

    The first frame starts at `zero_s`, the last one is shown as long as the style's rate says.
    """
    end = ticks[-1] + round(1 / (style.rate * style.time_base))
    starts = [float((tick - ticks[0]) * style.time_base) + zero_s for tick in (*ticks, end)]
    *starts_s, end_s = (round(start, 6) for start in starts)
    return Rendered(path, tuple(range(len(ticks))), tuple(starts_s), end_s)


def add_stream(container: Any, style: Style) -> Any:
    """A video stream of that style in an output container."""
    stream = container.add_stream(style.codec, rate=style.rate, options=dict(style.options))
    stream.width, stream.height = style.size
    stream.pix_fmt = style.pix_fmt
    stream.codec_context.time_base = style.time_base
    stream.time_base = style.time_base
    stream.codec_context.thread_count = 1
    if style.rotation is not None:
        stream.set_display_rotation(style.rotation)
    return stream


def numbered_frame(number: int, tick: int, style: Style) -> av.VideoFrame:
    """A frame that carries the number, readable once it is turned as the style says."""
    turns = (style.rotation or 0) // 90
    upright = draw_number(number, *(style.size if turns % 2 == 0 else style.size[::-1]))
    picture = np.ascontiguousarray(np.rot90(upright, -turns))
    frame = av.VideoFrame.from_ndarray(picture, format="rgb24").reformat(format=style.pix_fmt)
    frame.pts, frame.time_base = tick, style.time_base
    return frame


def even_ticks(count: int, fps: Fraction, first: int = 0, time_base: int = 90000) -> list[int]:
    """Time stamps of frames at a constant rate."""
    return [first + round(i * time_base / fps) for i in range(count)]


def run_ffmpeg(*arguments: str | Path) -> None:
    """Run ffmpeg quietly; its complaint is in the error when it fails."""
    command = [find_ffmpeg(), "-y", "-v", "error", "-nostdin", *map(str, arguments)]
    subprocess.run(command, check=True, capture_output=True)


def damage_packets(source: Path, target: Path, numbers: range) -> Path:
    """A copy whose packets of these numbers are overwritten, but for their first bytes."""
    data = bytearray(source.read_bytes())
    with av.open(str(source)) as container:
        packets = [packet for packet in container.demux(video=0) if packet.size]
    for number in numbers:
        start, size = packets[number].pos, packets[number].size
        data[start + 12 : start + size] = b"\xa5" * (size - 12)
    target.write_bytes(data)
    return target


def _check(number: int) -> int:
    return (number * 7 + 5) % 13


def _middle(picture: Image, row: int, column: int) -> Image:
    height, width = picture.shape[0] / _SIDE, picture.shape[1] / _SIDE
    top, left = int((row + 0.3) * height), int((column + 0.3) * width)
    return picture[top : top + max(int(height * 0.4), 1), left : left + max(int(width * 0.4), 1)]
