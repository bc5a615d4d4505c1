"""The files of a build's videos, found by id and surveyed, so that nothing is probed twice."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from os import PathLike, fspath

from streamit.build.types import MEDIA_NONE, Job, Media, MediaRef
from streamit.errors import VideoError
from streamit.readers.discover import Discovered
from streamit.video.index import MediaIndex
from streamit.video.locate import MediaRoot


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


def require_file(media_id: str, file: MediaRef | None) -> MediaRef:
    """The file of a video that must be decoded.

    Raises VideoError: `video_missing` where there is none, or the problem that the survey met.
    """
    if file is None:
        raise VideoError(
            "video_missing",
            f"no file named {media_id!r} (with any usual ending) was found; name its folder with "
            "--media-root",
        )
    if file.problem is not None:
        raise VideoError(*file.problem)
    return file


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
