"""What is asked of the decoding child, and what it answers. Light: both sides import this."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Generic, TypeVar

from streamit.errors import UsageError
from streamit.video.facts import VideoFacts

T = TypeVar("T")

AUTO, PYAV, DECORD = "auto", "pyav", "decord"
DECODERS = (AUTO, PYAV, DECORD)
JPEG_QUALITY = 85


@dataclass(frozen=True, slots=True)
class SampleJob:
    """Which frames to take, and how large.

    `max_frames` None means no cap. `short_side` (pixels) None means no scaling; a smaller picture
    is never enlarged. `duration_s` is the stream's length where the annotation states one; None
    takes the video's own. Raises UsageError on values that make no sense.
    """

    fps: float = 1.0
    max_frames: int | None = 256
    short_side: int | None = 384
    decoder: str = AUTO
    duration_s: float | None = None
    jpeg_quality: int = JPEG_QUALITY

    def __post_init__(self) -> None:
        if not (math.isfinite(self.fps) and self.fps > 0):
            raise UsageError(f"sampling.fps is {self.fps!r}; it must be a number above 0")
        if self.max_frames is not None and self.max_frames < 1:
            raise UsageError(f"sampling.max_frames is {self.max_frames!r}; give 1 or more, or null")
        if self.short_side is not None and self.short_side < 2:
            raise UsageError(f"sampling.short_side is {self.short_side!r}; give 2 pixels or more")
        if self.duration_s is not None and not 0 < self.duration_s < math.inf:
            raise UsageError(f"the stream's duration is {self.duration_s!r} s; it must be above 0")
        if self.decoder not in DECODERS:
            raise UsageError(f"video.decoder is {self.decoder!r}; one of {', '.join(DECODERS)}")


@dataclass(frozen=True, slots=True)
class SampledVideo:
    """Frames as JPEG files with their own times, and what the video turned out to be.

    `width` and `height` are the frames' own, in pixels. `decoded_end_s` is when the last frame that
    really decodes ends: nothing was seen behind it. `decoder` names the package that served.
    """

    times_s: tuple[float, ...]
    jpegs: tuple[bytes, ...]
    width: int
    height: int
    decoded_end_s: float
    decoder: str
    facts: VideoFacts


@dataclass(frozen=True, slots=True)
class ClipFile:
    """A small re-timed video. Frame `i` starts at `times_s[i]`, a multiple of the sampling step."""

    path: str
    size: int
    sha256: str
    duration_s: float
    width: int
    height: int
    times_s: tuple[float, ...]
    decoded_end_s: float
    decoder: str
    facts: VideoFacts


@dataclass(frozen=True, slots=True)
class Cut:
    """The stretch [start_s, end_s) of a video, and when to look within it; the video's seconds."""

    start_s: float
    end_s: float
    times_s: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class CutJob:
    """Which frames of a video's cuts to take, and how large.

    `short_side` as in SampleJob. With a `canvas` (width and height in pixels) every picture is
    brought to that size instead: scaled to fit, whole and in proportion, with black beside it.
    """

    cuts: tuple[Cut, ...]
    short_side: int | None = 384
    canvas: tuple[int, int] | None = None
    decoder: str = AUTO
    jpeg_quality: int = JPEG_QUALITY


@dataclass(frozen=True, slots=True)
class KeptCut(Generic[T]):
    """What was kept of the frames of one cut, and the frames' own times in the video's seconds.

    A frame that is on the screen before the cut counts from its start. `seen_until_s` is when the
    last frame that decodes gives way: the cut's end, unless the file holds less.
    """

    times_s: tuple[float, ...]
    items: tuple[T, ...]
    seen_until_s: float


@dataclass(frozen=True, slots=True)
class KeptCuts(Generic[T]):
    """The cuts of one video in the order of the job; the size is that of every picture."""

    cuts: tuple[KeptCut[T], ...]
    width: int
    height: int
    decoder: str


@dataclass(frozen=True, slots=True)
class Encoding:
    """Raw pictures in a file, by their offsets, to be written as a video: each for `step_us`."""

    spool_path: str
    offsets: tuple[int, ...]
    size: tuple[int, int]
    step_us: int
