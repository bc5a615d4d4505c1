"""The similarity stage: embeds the middle frame of every clip once, and keeps what comes of it.

The driver does it before streams are joined: decoding runs in children, the embedder in this
process. What is measured stays in the build's folder, so that another run, another threshold or
another order measures nothing again.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from itertools import groupby

import numpy as np
from msgspec.json import encode

from streamit.build.likeness import KEY_BYTES, Likeness, Measure
from streamit.build.partition import RETRY_REASONS
from streamit.build.types import MediaRef
from streamit.errors import StorageError, VideoError
from streamit.quality.similarity import Embedder
from streamit.record import Span
from streamit.storage import Folder
from streamit.timeline import point_in
from streamit.video.crew import decode_all
from streamit.video.jobs import Cut, CutJob
from streamit.video.locate import open_local
from streamit.video.picture import Picture
from streamit.video.worker import DecodeWorker

# More than the usual models look at.
_SHORT_SIDE = 384
# Of 0.8 MB each at this size; a file with more clips than that is opened again.
_CLIPS_AT_ONCE = 32
_CLIPS_PER_FILE = 1024


@dataclass(frozen=True)
class ClipRef:
    """A captioned stretch of a file, to be measured."""

    media: MediaRef
    start_s: float
    end_s: float
    caption: str

    @cached_property
    def key(self) -> bytes:
        """What its measure is kept under: equal for the same words about the same stretch.

        The file counts by its path under the media root and its size. It is not hashed in every
        mode of building, and a build with frames shall find what one without has measured.
        """
        made_of = (self.media.uri, self.media.n_bytes, self.start_s, self.end_s, self.caption)
        return blake2b(encode(made_of), digest_size=KEY_BYTES).digest()


def measure_clips(
    clips: Iterable[ClipRef],
    embedder: Embedder,
    out: Folder,
    *,
    timeout_s: float,
    n_workers: int,
    note: Callable[[str, int], None] = lambda what, count: None,
) -> Likeness:
    """Measure the clips that have not been measured yet; all that is known under this embedder.

    Clips of one file should come one after the other: they are then decoded together. A video that
    cannot be used costs its clips, which then have a problem instead of a row; one that may pass (a
    time-out) is not written down, so that the next run tries again.

    Raises StorageError when measures cannot be kept, UsageError where the embedder cannot work.
    """
    known = Likeness(out, embedder.name)
    groups = _group(_drop(clips, known.list_keys()))
    held: list[Measure] = []
    with closing(decode_all(_look, groups, timeout_s, n_workers)) as looked:
        try:
            for count, one in enumerate(_embed(looked, embedder), 1):
                if one.reason in RETRY_REASONS:
                    known.problems[one.key] = (one.reason, one.message or one.reason)
                else:
                    held.append(one)
                if len(held) == _CLIPS_PER_FILE:
                    known.add(held, embedder.dim)
                    held = []
                note("measuring clips", count)
        finally:
            if held:
                known.add(held, embedder.dim)
    return known


@dataclass(frozen=True, slots=True)
class _Looked:
    """Clips of one file, and the middle frame of each or what is wrong with it."""

    clips: Sequence[ClipRef]
    seen: Sequence[Picture | VideoError]


def _drop(clips: Iterable[ClipRef], known: set[bytes]) -> Iterator[ClipRef]:
    """The clips that are not known yet, each once."""
    for clip in clips:
        if clip.key not in known:
            known.add(clip.key)
            yield clip


def _group(clips: Iterable[ClipRef]) -> Iterator[list[ClipRef]]:
    """Runs of clips of one file, none too long."""
    for _, run in groupby(clips, key=lambda clip: (clip.media.root, clip.media.uri)):
        group: list[ClipRef] = []
        for clip in run:
            group.append(clip)
            if len(group) == _CLIPS_AT_ONCE:
                yield group
                group = []
        if group:
            yield group


def _look(clips: list[ClipRef], worker: DecodeWorker) -> _Looked:
    """The frame on the screen in the middle of each clip; runs in a thread of its own."""
    media = clips[0].media
    try:
        if media.problem is not None:
            raise VideoError(*media.problem)
        with open_local(media.root, media.uri) as path:
            return _Looked(clips, _decode(path, clips, worker))
    except VideoError as exc:
        return _Looked(clips, [exc] * len(clips))
    except StorageError as exc:
        return _Looked(clips, [VideoError("not_copied", str(exc))] * len(clips))


def _decode(
    path: str, clips: Sequence[ClipRef], worker: DecodeWorker
) -> list[Picture | VideoError]:
    cuts = tuple(
        Cut(clip.start_s, clip.end_s, (point_in(Span(clip.start_s, clip.end_s), 0.5),))
        for clip in clips
    )
    with tempfile.NamedTemporaryFile(prefix="streamit-middles-") as spool:
        kept = worker.spool_cuts(path, CutJob(cuts, _SHORT_SIDE), spool.name)
        pixels = np.fromfile(spool.name, np.uint8)
    n_bytes = kept.height * kept.width * 3
    seen: list[Picture | VideoError] = []
    for clip, cut in zip(clips, kept.cuts, strict=True):
        if cut.seen_until_s <= clip.start_s:
            seen.append(_past_end(clip, cut.seen_until_s))
        else:
            (at,) = cut.items
            seen.append(pixels[at : at + n_bytes].reshape(kept.height, kept.width, 3))
    return seen


def _past_end(clip: ClipRef, end_s: float) -> VideoError:
    name = clip.media.uri.rpartition("/")[2]
    return VideoError(
        "past_decoded_end",
        f"{name}: decodes until {end_s:g} s, and the clip starts at {clip.start_s:g} s; fetch it "
        "again",
    )


def _embed(looked: Iterable[_Looked], embedder: Embedder) -> Iterator[Measure]:
    """Measures in the order in which batches are full."""
    waiting: list[tuple[ClipRef, Picture]] = []
    for group in looked:
        for clip, seen in zip(group.clips, group.seen, strict=True):
            if isinstance(seen, VideoError):
                yield Measure(*_describe(clip), reason=seen.reason, message=str(seen))
            else:
                waiting.append((clip, seen))
            if len(waiting) == embedder.batch_size:
                yield from _embed_batch(waiting, embedder)
                waiting = []
    if waiting:
        yield from _embed_batch(waiting, embedder)


def _embed_batch(batch: Sequence[tuple[ClipRef, Picture]], embedder: Embedder) -> Iterator[Measure]:
    rows = embedder.embed([picture for _, picture in batch])
    scores = embedder.score(rows, [clip.caption for clip, _ in batch])
    for i, (clip, _) in enumerate(batch):
        score = None if scores is None else float(scores[i])
        yield Measure(*_describe(clip), row=rows[i], score=score)


def _describe(clip: ClipRef) -> tuple[bytes, str, float, float, str]:
    return clip.key, clip.media.uri, clip.start_s, clip.end_s, clip.caption
