"""Frames of a stream that is joined from clips of several files, and the stream as one video.

The sampling times are those of the whole stream. Each falls into one clip, and there the frame is
chosen as in a video of its own; nothing of a file shows outside its clip. Decoding is asked of a
DecodeWorker, one request per file, so that the time limit is each file's own.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from streamit.errors import VideoError
from streamit.timeline import (
    even_times,
    index_shown,
    length_s,
    rebase,
    sample_times,
    share_times,
    step_of,
    to_microseconds,
)
from streamit.video.hashing import hash_file
from streamit.video.jobs import Cut, CutJob, Encoding, KeptCuts, SampleJob
from streamit.video.picture import Size, scaled_size
from streamit.video.worker import DecodeWorker

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Piece:
    """[start_s, end_s) of a video file, shown from `offset_s` of the stream on."""

    path: str
    start_s: float
    end_s: float
    offset_s: float


@dataclass(frozen=True, slots=True)
class Joined(Generic[T]):
    """What was kept of each frame, at the frame's own time in the stream; all of it decodes."""

    times_s: tuple[float, ...]
    items: tuple[T, ...]
    decoded_end_s: float
    decoder: str


@dataclass(frozen=True, slots=True)
class JoinedFile:
    """A joined stream as one video of `size` bytes. Frame `i` starts at `times_s[i]`."""

    size: int
    sha256: str
    width: int
    height: int
    times_s: tuple[float, ...]
    decoded_end_s: float
    decoder: str


def sample_joined(worker: DecodeWorker, pieces: Sequence[Piece], job: SampleJob) -> Joined[bytes]:
    """The frames of a stream as JPEG files, every clip's in its own proportions.

    Raises VideoError as the worker does, and `past_decoded_end` where a clip ends more than a
    sampling step before what decodes of it.
    """
    return _sample(pieces, job, None, worker.sample_cuts)


def write_joined(
    worker: DecodeWorker,
    pieces: Sequence[Piece],
    job: SampleJob,
    canvas: Size,
    out_path: str,
) -> JoinedFile:
    """Write the sampled stream as one mp4 of the canvas's size, complete or not at all.

    Frame i is shown from i x step on, as `write_clip` does it. Raises VideoError as `sample_joined`
    does, StorageError and EngineError as `encode_video` does.
    """
    with tempfile.NamedTemporaryFile(prefix="streamit-joined-") as spool:
        stream = _sample(
            pieces,
            job,
            canvas,
            lambda path, cuts: worker.spool_cuts(path, cuts, spool.name),
        )
        duration_s = stream.decoded_end_s
        times_s = sample_times(duration_s, job.fps, job.max_frames)
        offsets = tuple(stream.items[index_shown(stream.times_s, time_s)] for time_s in times_s)
        step_us = to_microseconds(step_of(duration_s, job.fps, job.max_frames))
        worker.encode(Encoding(spool.name, offsets, canvas, step_us), out_path)
    return JoinedFile(
        os.path.getsize(out_path),
        str(hash_file(out_path)),
        *canvas,
        tuple(even_times(len(times_s), step_us)),
        duration_s,
        stream.decoder,
    )


def choose_canvas(
    sizes: Sequence[Size], lengths_s: Sequence[float], short_side: int | None
) -> Size:
    """The size that is shown longest, from the size and length of each clip.

    After scaling, with even sides; of sizes that are shown equally long the larger one.
    """
    shown_s: dict[Size, float] = {}
    for size, seconds in zip(sizes, lengths_s, strict=True):
        scaled = scaled_size(*size, short_side, even=True)
        shown_s[scaled] = shown_s.get(scaled, 0.0) + seconds
    return max(shown_s, key=lambda size: (shown_s[size], size[0] * size[1], size))


def _sample(
    pieces: Sequence[Piece],
    job: SampleJob,
    canvas: Size | None,
    keep: Callable[[str, CutJob], KeptCuts[T]],
) -> Joined[T]:
    last = pieces[-1]
    duration_s = rebase(last.end_s, last.start_s, last.offset_s)
    times_s = sample_times(duration_s, job.fps, job.max_frames)
    shares = share_times(times_s, [piece.offset_s for piece in pieces])
    cuts = [_cut(piece, share) for piece, share in zip(pieces, shares, strict=True)]
    step_s = step_of(duration_s, job.fps, job.max_frames)
    found: list[tuple[float, T]] = []
    decoder = ""
    for path in dict.fromkeys(piece.path for piece in pieces):
        chosen = [i for i, piece in enumerate(pieces) if piece.path == path]
        cut_job = CutJob(
            tuple(cuts[i] for i in chosen), job.short_side, canvas, job.decoder, job.jpeg_quality
        )
        kept = keep(path, cut_job)
        decoder = kept.decoder
        for i, cut in zip(chosen, kept.cuts, strict=True):
            _refuse_short(pieces[i], cut.seen_until_s, step_s)
            found += zip(_to_stream(pieces[i], cut.times_s), cut.items, strict=True)
    found.sort(key=lambda pair: pair[0])
    own_times_s, items = zip(*found, strict=True)
    return Joined(own_times_s, items, duration_s, decoder)


def _cut(piece: Piece, times_s: Sequence[float]) -> Cut:
    own_s = tuple(rebase(time_s, piece.offset_s, piece.start_s) for time_s in times_s)
    return Cut(piece.start_s, piece.end_s, own_s)


def _to_stream(piece: Piece, times_s: Sequence[float]) -> Iterator[float]:
    return (rebase(time_s, piece.start_s, piece.offset_s) for time_s in times_s)


def _refuse_short(piece: Piece, seen_until_s: float, step_s: float) -> None:
    if length_s(seen_until_s, piece.end_s) > step_s:
        raise VideoError(
            "past_decoded_end",
            f"{os.path.basename(piece.path)}: decodes until {seen_until_s:g} s, and the clip "
            f"[{piece.start_s:g}, {piece.end_s:g}) s ends behind that; fetch it again",
        )
