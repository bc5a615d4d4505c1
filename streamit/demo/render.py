"""Draws a demo scene with Pillow and encodes it with PyAV, to the same bytes every time.

Encoders run on one thread and without version stamps or random ids: what several threads write
depends on their timing.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, cast

from streamit.demo.scene import COLOURS, Backdrop, Look, Scene, backdrop_at, look_at
from streamit.timeline import frames_to_s

if TYPE_CHECKING:
    from av.video.stream import VideoStream
    from PIL import Image, ImageDraw

WIDTH, HEIGHT = 256, 192

# A multiple of all the frame rates in use, so that every frame's time is exact.
_CLOCK_HZ = 90_000
_HOP_HEIGHT = 0.28
_STAR_INNER = 0.45
_RING_INNER = 0.55


@dataclass(frozen=True, slots=True)
class Encoding:
    """Container and codec of a video file."""

    suffix: str
    codec: str
    options: tuple[tuple[str, str], ...]


H264 = Encoding(".mp4", "libx264", (("preset", "veryfast"), ("crf", "23")))
VP9 = Encoding(
    ".webm", "libvpx-vp9", (("deadline", "realtime"), ("cpu-used", "8"), ("crf", "34"), ("b", "0"))
)


def render_video(scene: Scene, shown: Sequence[int], path: Path, encoding: Encoding) -> None:
    """Write the frames of these numbers as a video; a frame left out prolongs the one before."""
    import av
    import numpy as np
    from av.codec.context import Flags

    with av.open(str(path), "w", options={"fflags": "+bitexact"}) as container:
        options = dict(encoding.options)
        stream = cast("VideoStream", container.add_stream(encoding.codec, scene.fps, options))
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        stream.time_base = stream.codec_context.time_base = Fraction(1, _CLOCK_HZ)
        stream.codec_context.thread_count = 1
        stream.codec_context.flags |= Flags.bitexact
        for number in shown:
            image = draw_frame(scene, frames_to_s(number, scene.fps))
            frame = av.VideoFrame.from_ndarray(np.asarray(image), "rgb24")
            frame.time_base = Fraction(1, _CLOCK_HZ)
            frame.pts = number * _CLOCK_HZ // scene.fps
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def draw_frame(scene: Scene, time_s: float) -> Image.Image:
    """The picture at an instant, RGB."""
    image = _draw_backdrop(backdrop_at(scene, time_s), time_s)
    for opening in scene.opening:
        look = look_at(scene, opening, time_s)
        if look.opacity > 0:
            _draw_shape(image, look)
    return image


def _draw_backdrop(backdrop: Backdrop, time_s: float) -> Image.Image:
    from PIL import Image, ImageDraw

    image = Image.new("RGB", (WIDTH, HEIGHT), backdrop.colour)
    pen = ImageDraw.Draw(image)
    for dot in backdrop.dots:
        x = (dot.x + dot.x_per_s * time_s) % 1 * WIDTH
        y = (dot.y + dot.y_per_s * time_s) % 1 * HEIGHT
        pen.ellipse(_box(x, y, dot.radius * HEIGHT), fill=(dot.grey,) * 3)
    return image


def _draw_shape(image: Image.Image, look: Look) -> None:
    """Lay the colour through a stencil just large enough; it may reach out of the picture."""
    from PIL import Image, ImageDraw

    x, radius = look.x * WIDTH, look.radius * HEIGHT
    y = (look.y - _HOP_HEIGHT * abs(math.sin(math.pi * look.hops))) * HEIGHT
    left, top, side = math.floor(x - radius), math.floor(y - radius), math.ceil(2 * radius) + 2
    stencil = Image.new("L", (side, side))
    _cut_out(ImageDraw.Draw(stencil), look, x - left, y - top, radius)
    image.paste(COLOURS[look.colour], (left, top), stencil)
    if look.new_colour is not None:
        first, _, end, _ = stencil.getbbox() or (0, 0, side, side)
        stencil.paste(0, (round(first + (end - first) * look.painted), 0, side, side))
        image.paste(COLOURS[look.new_colour], (left, top), stencil)


def _cut_out(pen: ImageDraw.ImageDraw, look: Look, x: float, y: float, radius: float) -> None:
    ink = round(255 * look.opacity)
    if look.shape in ("circle", "ring"):
        pen.ellipse(_box(x, y, radius), fill=ink)
        if look.shape == "ring":
            pen.ellipse(_box(x, y, radius * _RING_INNER), fill=0)
        return
    pen.polygon(_corners(look.shape, x, y, radius, look.angle), fill=ink)


def _corners(
    shape: str, x: float, y: float, radius: float, angle: float
) -> list[tuple[float, float]]:
    """Corners of a polygon in pixels; `angle` is in turns."""
    n_corners, offset = {"triangle": (3, 0.0), "square": (4, 0.125), "star": (10, 0.0)}[shape]
    corners = []
    for i in range(n_corners):
        reach = radius * (_STAR_INNER if shape == "star" and i % 2 else 1)
        turn = 2 * math.pi * (i / n_corners + offset + angle)
        corners.append((x + reach * math.sin(turn), y - reach * math.cos(turn)))
    return corners


def _box(x: float, y: float, radius: float) -> tuple[float, float, float, float]:
    return (x - radius, y - radius, x + radius, y + radius)
