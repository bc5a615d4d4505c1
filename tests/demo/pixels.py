"""Sees the demo's named colours in decoded frames, without knowing what was drawn."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import av
import numpy as np

from streamit.demo.scene import COLOURS
from streamit.record import Span

NAMES = tuple(COLOURS)
TOLERANCE = 36
EVERY = 2


@dataclass(frozen=True)
class Sight:
    """Per frame: its start, the backdrop, and per colour the number of pixels and their middle.

    Every second pixel of every second line is looked at; x and y are in those pixels.
    """

    times_s: np.ndarray[Any, Any]
    counts: np.ndarray[Any, Any]
    x: np.ndarray[Any, Any]
    y: np.ndarray[Any, Any]
    backdrop: np.ndarray[Any, Any]
    end_s: float

    def count(self, frame: int, colour: str) -> float:
        return float(self.counts[frame, NAMES.index(colour)])

    def middle(self, frame: int, colour: str) -> tuple[float, float]:
        column = NAMES.index(colour)
        return float(self.x[frame, column]), float(self.y[frame, column])

    def before(self, time_s: float) -> int:
        """The last frame that starts at or before an instant."""
        return int(np.searchsorted(self.times_s, time_s + 1e-6)) - 1

    def after(self, time_s: float) -> int:
        """The first frame that starts at or after an instant."""
        return int(np.searchsorted(self.times_s, time_s - 1e-6))

    def within(self, span: Span) -> range:
        """The frames that start inside the stretch."""
        return range(self.after(span.start_s), self.after(span.end_s))


@cache
def look_through(path: Path) -> Sight:
    """Every frame of a video, decoded in order."""
    times_s, rows, backdrop, end_s = [], [], [], 0.0
    with av.open(str(path)) as container:
        for frame in container.decode(video=0):
            image = frame.to_ndarray(format="rgb24")[::EVERY, ::EVERY]
            times_s.append(frame.pts * frame.time_base)
            rows.append(_see_colours(image))
            backdrop.append(np.median(image, axis=(0, 1)))
            end_s = float((frame.pts + frame.duration) * frame.time_base)
    counts, x, y = (np.array(part) for part in zip(*rows, strict=True))
    times = np.array(times_s, dtype=float)
    return Sight(times, counts, x, y, np.array(backdrop), end_s)


def _see_colours(image: np.ndarray[Any, Any]) -> tuple[Any, Any, Any]:
    coarse = image.astype(np.uint32) >> 3
    labels = _label_table()[coarse[..., 0] << 10 | coarse[..., 1] << 5 | coarse[..., 2]]
    ys, xs = np.nonzero(labels < len(NAMES))
    found = labels[ys, xs]
    counts = np.bincount(found, minlength=len(NAMES))
    some = np.maximum(counts, 1)
    return (
        counts,
        np.bincount(found, xs, len(NAMES)) / some,
        np.bincount(found, ys, len(NAMES)) / some,
    )


@cache
def _label_table() -> np.ndarray[Any, Any]:
    """The number of the named colour near each coarse colour (5 bits a channel); 8 for none."""
    steps = np.arange(32) * 8 + 4
    grid = np.stack(np.meshgrid(steps, steps, steps, indexing="ij"), -1).reshape(-1, 3)
    far = np.abs(grid[:, None] - np.array(list(COLOURS.values()))[None]).max(-1)
    return np.where(far.min(1) <= TOLERANCE, far.argmin(1), len(NAMES))
