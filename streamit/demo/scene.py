"""A demo scene as a pure description: shapes, what happens to them, and what means nothing.

The picture at any instant follows from the description alone, so that the annotation and the
rendered video cannot disagree. A scene holds each shape at most once: its name identifies it, in
the code and in a caption. Places and sizes are shares of the picture, never pixels.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from streamit.record import Span
from streamit.timeline import covers, fraction_passed, frames_to_s

SHAPES = ("circle", "square", "triangle", "star", "ring")

# Far enough from each other, and from the dull backdrops, to be told apart after compression.
COLOURS: Mapping[str, tuple[int, int, int]] = {
    "red": (220, 40, 40),
    "green": (40, 170, 60),
    "blue": (50, 90, 230),
    "yellow": (240, 220, 50),
    "orange": (245, 140, 30),
    "purple": (150, 60, 190),
    "pink": (250, 150, 190),
    "turquoise": (50, 210, 210),
}
BACKDROPS = ((38, 40, 44), (72, 68, 62), (44, 62, 56), (92, 92, 96), (64, 52, 76))


@dataclass(frozen=True, slots=True)
class Look:
    """How a shape looks at one instant.

    `x` is a share of the width; `y` and `radius` of the height. `angle` is in turns. `hops` counts
    the arcs it has gone through above its place: it stands on the ground at whole numbers. While
    it is repainted, the left `painted` share of it has `new_colour`.
    """

    shape: str
    colour: str
    x: float
    y: float
    radius: float
    opacity: float = 1.0
    angle: float = 0.0
    hops: float = 0.0
    new_colour: str | None = None
    painted: float = 0.0


@dataclass(frozen=True, slots=True)
class Change:
    """One number of one shape that goes evenly from `start` to `end` while an event lasts."""

    shape: str
    attribute: str
    start: float
    end: float

    def apply(self, look: Look, fraction: float) -> Look:
        """The look when this share of the event has passed."""
        value: dict[str, Any] = {self.attribute: self.start * (1 - fraction) + self.end * fraction}
        return replace(look, **value)


@dataclass(frozen=True, slots=True)
class Repaint:
    """A new colour that wipes over a shape from its left edge while an event lasts."""

    shape: str
    colour: str

    def apply(self, look: Look, fraction: float) -> Look:
        """The look when this share of the event has passed."""
        if fraction == 1:
            return replace(look, colour=self.colour, new_colour=None, painted=0.0)
        return replace(look, new_colour=self.colour, painted=fraction)


@dataclass(frozen=True, slots=True)
class SceneEvent:
    """Something that happens, and is annotated.

    `kind` and `words` (what fills the blanks of a template) are all that a caption may tell.
    """

    kind: str
    span: Span
    changes: tuple[Change | Repaint, ...]
    words: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Dot:
    """A grey dot that drifts over the backdrop and means nothing; speeds in shares per second."""

    x: float
    y: float
    x_per_s: float
    y_per_s: float
    radius: float
    grey: int


@dataclass(frozen=True, slots=True)
class Backdrop:
    """What is seen behind the shapes, from one cut to the next."""

    span: Span
    colour: tuple[int, int, int]
    dots: tuple[Dot, ...]


@dataclass(frozen=True, slots=True)
class Scene:
    """One video: `opening` holds all its shapes as they look at 0 s, `events` are in start order.

    Events that overlap never touch the same shape. `cut_frames` are the frames at which the
    backdrop changes.
    """

    fps: int
    n_frames: int
    opening: tuple[Look, ...]
    events: tuple[SceneEvent, ...]
    cut_frames: tuple[int, ...]
    backdrops: tuple[Backdrop, ...]

    @property
    def duration_s(self) -> float:
        """End of the last frame."""
        return frames_to_s(self.n_frames, self.fps)


def look_at(scene: Scene, opening: Look, time_s: float) -> Look:
    """How a shape, given by its look in the opening, looks at an instant of the scene."""
    look = opening
    for event in scene.events:
        if time_s < event.span.start_s:
            break
        for change in event.changes:
            if change.shape == look.shape:
                look = change.apply(look, fraction_passed(event.span, time_s))
    return look


def backdrop_at(scene: Scene, time_s: float) -> Backdrop:
    """The backdrop at an instant; the last one from the scene's end on."""
    for backdrop in scene.backdrops:
        if covers(backdrop.span, time_s):
            return backdrop
    return scene.backdrops[-1]
