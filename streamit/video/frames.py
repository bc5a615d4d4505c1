"""Frames at sampling times: the public way in, and the choice of the decoder."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from streamit.errors import VideoError
from streamit.timeline import sample_times
from streamit.video.decode_decord import decode_decord, refusal, why_not_decord
from streamit.video.decode_pyav import decode_in_order
from streamit.video.decode_skipping import SkipFault, can_skip, decode_skipping
from streamit.video.facts import VideoFacts
from streamit.video.jobs import AUTO, DECORD, PYAV, SampleJob
from streamit.video.picture import Picture, PictureMaker, Size, scaled_size
from streamit.video.probe import probe_video

if TYPE_CHECKING:
    from av.video.frame import VideoFrame

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Frames:
    """Sampled frames: `images` is uint8 [N, height, width, 3] RGB, `times_s` each frame's own time.

    `decoded_end_s` is when the last frame that really decodes ends; `decoder` which package served.
    """

    times_s: tuple[float, ...]
    images: NDArray[np.uint8]
    decoded_end_s: float
    decoder: str


@dataclass(frozen=True, slots=True)
class Kept(Generic[T]):
    """What was kept of each sampled frame, with the frames' own times in seconds."""

    times_s: tuple[float, ...]
    items: tuple[T, ...]
    size: Size
    decoded_end_s: float
    decoder: str
    facts: VideoFacts


def sample_frames(
    path: str | os.PathLike[str],
    fps: float = 1.0,
    max_frames: int | None = 256,
    short_side: int | None = 384,
    *,
    decoder: str = AUTO,
    duration_s: float | None = None,
) -> Frames:
    """The frames a viewer sees at the sampling times i/fps, or spread evenly under the cap.

    Each time takes the last frame that starts at or before it (the first, if none does), each frame
    is taken once and keeps its own time. The short side is brought down to `short_side` pixels
    (None: no scaling), never enlarged. `duration_s` is the stream's length where an annotation
    states it; None takes the video's.

    Raises VideoError (its `reason` says why) for a video that cannot be used, UsageError for
    arguments that make no sense. All images are in memory at once: 256 of 682 x 384 take 200 MB.
    """
    job = SampleJob(fps, max_frames, short_side, decoder, duration_s)
    kept = keep_frames(os.fspath(path), job, lambda picture: picture)
    return Frames(kept.times_s, np.stack(kept.items), kept.decoded_end_s, kept.decoder)


def keep_frames(
    path: str, job: SampleJob, finish: Callable[[Picture], T], *, even: bool = False
) -> Kept[T]:
    """Sample a video and keep what `finish` makes of each picture, one picture at a time.

    Raises VideoError as `sample_frames` does, `nothing_decodes` among them.
    """
    facts = probe_video(path)
    name = choose_decoder(facts, job.decoder, path)
    times_s = sample_times(length_of(facts, job), job.fps, job.max_frames)
    size = scaled_size(facts.width, facts.height, job.short_side, even=even)
    if name == DECORD:
        kept, end_s = _keep_with_decord(path, facts, times_s, size, finish)
    else:
        kept, end_s = _keep_with_pyav(path, facts, times_s, size, finish)
    if end_s is None or not kept:
        raise VideoError(
            "nothing_decodes", f"{os.path.basename(path)}: not one frame decodes; fetch it again"
        )
    own_times_s, items = zip(*kept, strict=True)
    return Kept(own_times_s, items, size, end_s, name, facts)


def _keep_with_pyav(
    path: str,
    facts: VideoFacts,
    times_s: Sequence[float],
    size: Size,
    finish: Callable[[Picture], T],
) -> tuple[list[tuple[float, T]], float | None]:
    kept: list[tuple[float, T]] = []
    maker = PictureMaker(size, facts.rotation_deg)

    def keep(start_s: float, frame: VideoFrame) -> None:
        kept.append((start_s, finish(maker.make(frame))))

    if can_skip(facts):
        try:
            return kept, decode_skipping(path, facts, times_s, keep)
        except SkipFault:
            kept.clear()
    return kept, decode_in_order(path, facts, times_s, keep)


def _keep_with_decord(
    path: str,
    facts: VideoFacts,
    times_s: Sequence[float],
    size: Size,
    finish: Callable[[Picture], T],
) -> tuple[list[tuple[float, T]], float | None]:
    kept: list[tuple[float, T]] = []

    def keep(start_s: float, picture: Picture) -> None:
        kept.append((start_s, finish(picture)))

    return kept, decode_decord(path, facts, times_s, size, keep)


def length_of(facts: VideoFacts, job: SampleJob) -> float:
    """The stream's length in seconds: as the annotation states it, else the video's."""
    return facts.duration_s if job.duration_s is None else job.duration_s


def choose_decoder(facts: VideoFacts, wanted: str = AUTO, path: str = "the video") -> str:
    """`pyav` or `decord`, from the probe's facts alone.

    `auto` is PyAV: skipping with it was measured at least as fast as decord for every kind of file
    (docs/frames.md). Raises VideoError `decoder_refused` for decord where it is known to be wrong.
    """
    if wanted != DECORD:
        return PYAV
    why = why_not_decord(facts)
    if why is not None:
        raise refusal(path, why)
    return DECORD
