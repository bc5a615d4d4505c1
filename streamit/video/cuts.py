"""Frames of stretches of a video, each as if it were a video of its own."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Generic, TypeVar

from streamit.errors import VideoError
from streamit.timeline import index_before, pick_shown_within
from streamit.video.decode_decord import decode_decord
from streamit.video.decode_pyav import decode_in_order, list_decoded
from streamit.video.decode_skipping import SkipFault, can_skip, decode_skipping
from streamit.video.facts import VideoFacts
from streamit.video.frames import choose_decoder
from streamit.video.jobs import DECORD, Cut, CutJob, KeptCut, KeptCuts
from streamit.video.picture import Picture, PictureMaker, Size, fitted_size, scaled_size
from streamit.video.probe import probe_video

if TYPE_CHECKING:
    from av.video.frame import VideoFrame

T = TypeVar("T")


def keep_cuts(path: str, job: CutJob, finish: Callable[[Picture], T]) -> KeptCuts[T]:
    """Keep what `finish` makes of the frames of each cut; a frame of two cuts is finished once.

    Each time takes the last frame that starts at or before it within the cut, the cut's first frame
    if none does. Nothing behind the last cut is decoded.

    Raises VideoError as `sample_frames` does, `nothing_decodes` among them.
    """
    facts = probe_video(path)
    name = choose_decoder(facts, job.decoder, path)
    size = _size_of(facts, job)
    album = _Album(PictureMaker(size, facts.rotation_deg), finish)
    starts_s: Sequence[float] = facts.pts_s
    try:
        _decode(path, facts, name, _pick_all(starts_s, job.cuts), size, album)
    except SkipFault:
        starts_s = list_decoded(path, facts, max(cut.end_s for cut in job.cuts))
        album.pictures.clear()
        times_s = _pick_all(starts_s, job.cuts)
        decode_in_order(path, facts, times_s, album.keep_frame, to_end=False)
    if not starts_s:
        raise VideoError(
            "nothing_decodes",
            f"{os.path.basename(path)}: no frame of its clips decodes; fetch it again",
        )
    cuts = tuple(_gather(cut, starts_s, facts, album.pictures) for cut in job.cuts)
    return KeptCuts(cuts, *(job.canvas or size), name)


class _Album(Generic[T]):
    """What was kept of each frame, by the time at which the frame starts."""

    def __init__(self, maker: PictureMaker, finish: Callable[[Picture], T]) -> None:
        self.pictures: dict[float, T] = {}
        self._maker, self._finish = maker, finish

    def keep_frame(self, start_s: float, frame: VideoFrame) -> None:
        self.keep_picture(start_s, self._maker.make(frame))

    def keep_picture(self, start_s: float, picture: Picture) -> None:
        self.pictures[start_s] = self._finish(picture)


def _decode(
    path: str,
    facts: VideoFacts,
    decoder: str,
    times_s: Sequence[float],
    size: Size,
    album: _Album[T],
) -> None:
    """Raises SkipFault where decoding in order is the only way."""
    if not times_s:
        return
    if decoder == DECORD:
        decode_decord(path, facts, times_s, size, album.keep_picture)
    elif can_skip(facts):
        decode_skipping(path, facts, times_s, album.keep_frame, to_end=False)
    else:
        raise SkipFault("where decoding can begin is not known")


def _size_of(facts: VideoFacts, job: CutJob) -> Size:
    if job.canvas is not None:
        return fitted_size(facts.width, facts.height, job.canvas)
    return scaled_size(facts.width, facts.height, job.short_side)


def _pick(starts_s: Sequence[float], cut: Cut) -> list[float]:
    """The starts of the frames that show at the times of a cut."""
    picked = pick_shown_within(starts_s, cut.start_s, cut.end_s, cut.times_s)
    return [starts_s[i] for i in picked]


def _pick_all(starts_s: Sequence[float], cuts: Sequence[Cut]) -> list[float]:
    return sorted({start_s for cut in cuts for start_s in _pick(starts_s, cut)})


def _gather(
    cut: Cut, starts_s: Sequence[float], facts: VideoFacts, pictures: dict[float, T]
) -> KeptCut[T]:
    picked = _pick(starts_s, cut)
    last_s = starts_s[index_before(starts_s, cut.end_s)]
    return KeptCut(
        tuple(max(start_s, cut.start_s) for start_s in picked),
        tuple(pictures[start_s] for start_s in picked),
        min(facts.end_of(last_s), cut.end_s),
    )
