"""Looks at video files in decoding children and says what they turned out to be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import PurePosixPath

from streamit.errors import StorageError, VideoError
from streamit.timeline import Bend, find_bends
from streamit.video.crew import decode_all
from streamit.video.facts import VideoFacts
from streamit.video.hashing import NONE, hash_file
from streamit.video.locate import MediaFile, MediaRoot, open_local
from streamit.video.worker import DecodeWorker

_AHEAD = 64  # rows are small, and one file may take until its time is up


@dataclass(frozen=True, slots=True)
class MediaEntry:
    """One video file. `size` is in bytes; facts are null where `reason` says why there are none.

    `id` is the file's name without its ending; `stamp` as in MediaFile; `bends` are there only
    where the frame rate is not constant.
    """

    id: str
    uri: str
    size: int
    stamp: str
    sha256: str | None = None
    hash_kind: str = NONE
    duration_s: float | None = None
    width: int | None = None
    height: int | None = None
    has_audio: bool | None = None
    codec: str | None = None
    container: str | None = None
    fps: float | None = None
    bends: tuple[Bend, ...] = ()
    n_frames: int | None = None
    reason: str | None = None
    message: str | None = None

    def is_of(self, file: MediaFile) -> bool:
        """Whether the file is still the one that was looked at."""
        return (self.size, self.stamp) == (file.size, file.stamp)


def look_at_all(
    root: MediaRoot,
    files: Sequence[MediaFile],
    known: Mapping[str, MediaEntry | None],
    hash_kind: str,
    timeout_s: float,
    n_workers: int,
) -> Iterator[MediaEntry]:
    """Rows of the files, in their order."""

    def look(file: MediaFile, worker: DecodeWorker) -> MediaEntry:
        return _look_at(root, file, known[file.uri], hash_kind, worker)

    return decode_all(look, files, timeout_s, n_workers, n_ahead=_AHEAD)


def _look_at(
    root: MediaRoot,
    file: MediaFile,
    known: MediaEntry | None,
    hash_kind: str,
    worker: DecodeWorker,
) -> MediaEntry:
    """The row of a file, made from what is known of it already."""
    entry = known or MediaEntry(id=PurePosixPath(file.uri).stem, **asdict(file))
    try:
        with open_local(root.url, file.uri) as path:
            if known is None:
                entry = _with_facts(entry, worker.probe(path))
            if hash_kind != NONE:
                entry = replace(entry, sha256=hash_file(path, hash_kind), hash_kind=hash_kind)
    except VideoError as exc:
        return replace(entry, reason=exc.reason, message=str(exc), hash_kind=hash_kind)
    except StorageError as exc:
        message = f"{entry.id}: cannot be read: {exc.__cause__ or exc}"
        return replace(entry, reason="video_unreadable", message=message, hash_kind=hash_kind)
    return entry


def _with_facts(entry: MediaEntry, facts: VideoFacts) -> MediaEntry:
    return replace(
        entry,
        duration_s=facts.duration_s,
        width=facts.width,
        height=facts.height,
        has_audio=facts.has_audio,
        codec=facts.codec,
        container=facts.container,
        fps=facts.fps,
        bends=find_bends(facts.pts_s, facts.duration_s),
        n_frames=facts.n_shown,
    )
