"""The videos of a build: which file belongs to which item, and what is taken from it.

The driver's `MediaCatalog` finds files by id and surveys them through the media index, so that
nothing is probed twice. A worker's `Studio` decodes, in a child process that may die.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from os import PathLike, fspath

from streamit.build.types import MEDIA_CLIPS, MEDIA_NONE, Job, Media, MediaRef
from streamit.errors import StorageError, VideoError
from streamit.item import Item
from streamit.readers.discover import Discovered
from streamit.record import Frame
from streamit.storage import Folder
from streamit.video.index import MediaIndex
from streamit.video.jobs import SampleJob
from streamit.video.locate import MediaRoot, open_local
from streamit.video.worker import DecodeWorker


class MediaCatalog:
    """Finds the video file of an item, and knows about it what was asked for.

    Folders that the user named are searched; the one around a single annotation file only where
    videos must be decoded and no other was named, since it may be anything, a home folder even.
    """

    def __init__(
        self,
        discovered: Sequence[Discovered],
        media_root: str | PathLike[str] | None,
        job: Job,
    ) -> None:
        self._job = job
        self._named = None if media_root is None else fspath(media_root)
        self._folders: dict[str, list[tuple[str, bool]]] = {}
        for found in discovered:
            folders = self._folders.setdefault(found.record_source, [])
            folders.append((found.media_folder, found.is_folder))
        self._roots: dict[str, MediaRoot] = {}
        self._asked: dict[str, dict[str, MediaRef]] = {}

    def locate(self, source: str, media_id: str) -> MediaRef | None:
        """The file of that video under the source's folders or the media root, if there is one."""
        for folder in self._list_folders(source):
            file = self._open(folder).find(media_id)
            if file is not None:
                return MediaRef(folder, file.uri, file.size)
        return None

    def ask(self, media: MediaRef) -> None:
        """Want the facts of a file; `survey` gets them for all at once."""
        self._asked.setdefault(media.root, {})[media.uri] = media

    def survey(self, note: Callable[[str, int], None]) -> None:
        """Probe (and hash) what was asked for and is not in the index yet."""
        for root, wanted in sorted(self._asked.items()):
            kind = self._hash_kind(root)
            index = MediaIndex.open(root)
            opened = self._open(root)
            index.update(
                opened,
                [opened.files[uri] for uri in sorted(wanted)],
                hash_kind=kind,
                timeout_s=self._job.recipe.video.timeout_s,
                workers=os.cpu_count() or 1,
                note=lambda count: note("surveying videos", count),
            )
            for uri, media in wanted.items():
                wanted[uri] = _fill(media, index, uri, kind)

    def list_samples(self) -> tuple[str, ...]:
        """One file of each folder whose videos are wanted, for nodes to try."""
        return tuple(
            f"{root}/{min(wanted)}" for root, wanted in sorted(self._asked.items()) if wanted
        )

    def describe(self, media: MediaRef | None) -> MediaRef | None:
        """The file with its facts, where they were asked for."""
        if media is None:
            return None
        return self._asked.get(media.root, {}).get(media.uri, media)

    def describe_all(self, media: Media) -> Media:
        """The files of an item with their facts."""
        return tuple(map(self.describe, media))

    def _list_folders(self, source: str) -> Iterator[str]:
        if self._named is not None:
            yield self._named
        for folder, is_named in self._folders[source]:
            if is_named or (self._job.media != MEDIA_NONE and self._named is None):
                yield folder

    def _open(self, folder: str) -> MediaRoot:
        if folder not in self._roots:
            self._roots[folder] = MediaRoot(folder)
        return self._roots[folder]

    def _hash_kind(self, root: str) -> str:
        asked = self._job.recipe.media.hash
        if self._job.media == MEDIA_NONE:
            return "none"
        if asked != "auto":
            return asked
        return "none" if "://" in root else "full"


@dataclass(frozen=True, slots=True)
class Footage:
    """What was taken from a video for one item: frames or a clip, and when decoding ended."""

    times_s: tuple[float, ...]
    frames: tuple[Frame, ...] | None
    width: int
    height: int
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

    def shoot(self, item: Item, files: Media) -> Footage:
        """Frames or a clip of the item's video.

        Raises VideoError: `video_missing` when there is no file, or why it cannot be used.
        """
        media = files[0]
        if media is None:
            raise VideoError(
                "video_missing",
                f"no file named {item.media_id or item.video_id!r} (with any usual ending) was "
                "found; name its folder with --media-root",
            )
        if media.problem is not None:
            raise VideoError(*media.problem)
        recipe = self._job.recipe
        wanted = SampleJob(
            fps=recipe.sampling.fps,
            max_frames=recipe.sampling.max_frames,
            short_side=recipe.sampling.short_side,
            decoder=recipe.video.decoder,
            duration_s=item.duration_s,
            jpeg_quality=recipe.sampling.jpeg_quality,
        )
        with ExitStack() as stack:
            try:
                path = stack.enter_context(open_local(media.root, media.uri))
            except StorageError as exc:
                raise VideoError("not_copied", str(exc)) from exc
            if self._job.media == MEDIA_CLIPS:
                return self._cut_clip(path, media, wanted)
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

    def _cut_clip(self, path: str, media: MediaRef, wanted: SampleJob) -> Footage:
        """The clip is named after what it is made from, so that equal ones are made once."""
        making = repr((media.uri, media.n_bytes, media.sha256, wanted))
        name = f"{self._job.recipe.name}/clips/{hashlib.sha256(making.encode()).hexdigest()}.mp4"
        with self._out.open_write(name) as file:
            clip = self._worker.clip(path, file.name, wanted)
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


def _fill(media: MediaRef, index: MediaIndex, uri: str, hash_kind: str) -> MediaRef:
    facts = index.facts(uri)
    if facts is None:
        return media
    problem = None if facts.reason is None else (facts.reason, facts.message or facts.reason)
    return replace(
        media,
        sha256=facts.sha256 if hash_kind == facts.hash_kind != "none" else None,
        duration_s=facts.duration_s,
        width=facts.width,
        height=facts.height,
        fps=facts.fps,
        bends=facts.bends,
        has_audio=facts.has_audio,
        problem=problem,
    )
