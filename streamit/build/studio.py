"""What a worker takes from videos, frames or clips, in a decoding child that may die."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace

from streamit.build.media import require_file
from streamit.build.types import MEDIA_CLIPS, MEDIA_NONE, Job, Media, MediaRef
from streamit.errors import StorageError, VideoError
from streamit.item import Item
from streamit.record import Frame
from streamit.storage import Folder
from streamit.timeline import length_s
from streamit.video.jobs import ClipFile, SampleJob
from streamit.video.joined import JoinedFile, Piece, choose_canvas, sample_joined, write_joined
from streamit.video.locate import open_local
from streamit.video.worker import DecodeWorker


@dataclass(frozen=True, slots=True)
class Footage:
    """What was taken from the video of one item: frames or a clip, and when decoding ended.

    `width` and `height` are the picture's, None where the clips of a joined stream differ.
    """

    times_s: tuple[float, ...]
    frames: tuple[Frame, ...] | None
    width: int | None
    height: int | None
    decoded_end_s: float
    decoder: str
    clip_uri: str | None = None
    clip_sha256: str | None = None
    clip_bytes: int = 0


class Studio:
    """Takes frames or clips for the items of one partition."""

    def __init__(self, job: Job, worker: DecodeWorker) -> None:
        self._job, self._worker = job, worker
        self._out = Folder(job.out)
        sampling = job.recipe.sampling
        self._wanted = SampleJob(
            fps=sampling.fps,
            max_frames=sampling.max_frames,
            short_side=sampling.short_side,
            decoder=job.recipe.video.decoder,
            jpeg_quality=sampling.jpeg_quality,
        )

    def shoot(self, item: Item, media: Media) -> Footage:
        """Frames or a clip of the item's video, whose files are those of `media`.

        Raises VideoError: `video_missing` when there is no file, or why one cannot be used. A
        joined stream is taken whole or not at all: with a hole in it, its captions would be wrong.
        """
        if item.clips:
            return self._shoot_joined(item, media)
        file = require_file(item.media_id or item.video_id, media[0])
        wanted = replace(self._wanted, duration_s=item.duration_s)
        with _open_all([file]) as (path,):
            if self._job.media == MEDIA_CLIPS:
                return self._cut_clip(path, file, wanted)
            return self._sample(path, wanted)

    def _sample(self, path: str, wanted: SampleJob) -> Footage:
        sampled = self._worker.sample(path, wanted)
        return Footage(
            sampled.times_s,
            tuple(Frame(jpeg) for jpeg in sampled.jpegs),
            sampled.facts.width,
            sampled.facts.height,
            sampled.decoded_end_s,
            sampled.decoder,
        )

    def _cut_clip(self, path: str, file: MediaRef, wanted: SampleJob) -> Footage:
        made_of = (file.uri, file.n_bytes, file.sha256, wanted)
        return self._write_clip(made_of, lambda out: self._worker.clip(path, out, wanted))

    def _shoot_joined(self, item: Item, media: Media) -> Footage:
        files = [
            require_file(clip.media_id, file) for clip, file in zip(item.clips, media, strict=True)
        ]
        with _open_all(files) as paths:
            pieces = [
                Piece(path, clip.start_s, clip.end_s, clip.offset_s)
                for path, clip in zip(paths, item.clips, strict=True)
            ]
            if self._job.media == MEDIA_CLIPS:
                return self._write_joined(pieces, files)
            joined = sample_joined(self._worker, pieces, self._wanted)
        frames = tuple(Frame(jpeg) for jpeg in joined.items)
        return Footage(joined.times_s, frames, None, None, joined.decoded_end_s, joined.decoder)

    def _write_joined(self, pieces: Sequence[Piece], files: Sequence[MediaRef]) -> Footage:
        lengths_s = [length_s(piece.start_s, piece.end_s) for piece in pieces]
        sizes = [(file.width or 0, file.height or 0) for file in files]
        canvas = choose_canvas(sizes, lengths_s, self._wanted.short_side)
        made_of = (
            [(file.uri, file.n_bytes, file.sha256) for file in files],
            [(piece.start_s, piece.end_s) for piece in pieces],
            self._wanted,
        )
        return self._write_clip(
            made_of, lambda out: write_joined(self._worker, pieces, self._wanted, canvas, out)
        )

    def _write_clip(
        self, made_of: object, write: Callable[[str], ClipFile | JoinedFile]
    ) -> Footage:
        """A clip is named after what it is made of, so that equal ones are made once."""
        digest = hashlib.sha256(repr(made_of).encode()).hexdigest()
        name = f"{self._job.recipe.name}/clips/{digest}.mp4"
        with self._out.open_write(name) as file:
            clip = write(file.name)
        return Footage(
            clip.times_s,
            None,
            clip.width,
            clip.height,
            clip.decoded_end_s,
            clip.decoder,
            name,
            clip.sha256,
            clip.size,
        )


@contextmanager
def open_studio(job: Job) -> Iterator[Studio | None]:
    """A studio with a decoding child of its own; None when the build takes no media."""
    if job.media == MEDIA_NONE:
        yield None
        return
    with DecodeWorker(timeout_s=job.recipe.video.timeout_s) as worker:
        yield Studio(job, worker)


@contextmanager
def _open_all(files: Sequence[MediaRef]) -> Iterator[list[str]]:
    """A path on disk for each file, until the block ends; a file that is there twice has one."""
    with ExitStack() as stack:
        paths: dict[tuple[str, str], str] = {}
        for file in files:
            at = (file.root, file.uri)
            try:
                paths[at] = paths.get(at) or stack.enter_context(open_local(*at))
            except StorageError as exc:
                raise VideoError("not_copied", str(exc)) from exc
        yield [paths[file.root, file.uri] for file in files]
