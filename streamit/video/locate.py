"""Finds videos under a media root by id, with any usual ending, in any folder below it."""

from __future__ import annotations

import os
import tempfile
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import PurePosixPath
from posixpath import splitext
from types import MappingProxyType
from typing import Any

from fsspec.core import url_to_fs
from fsspec.implementations.local import LocalFileSystem

from streamit.errors import SourceError, StorageError

ENDINGS = (
    *(".mp4", ".mkv", ".webm", ".mov", ".m4v", ".avi", ".ts", ".m2ts", ".mts", ".mpg", ".mpeg"),
    *(".flv", ".wmv", ".3gp", ".ogv", ".asf", ".vob"),
)
"""Endings of video files, in any case; of two files that differ in nothing else, the first wins."""


@dataclass(frozen=True, slots=True)
class MediaFile:
    """A video file: `uri` relative to its media root, with `/`; size in bytes.

    `stamp` changes when the file does: modification time in nanoseconds on disk, etag elsewhere.
    """

    uri: str
    size: int
    stamp: str


class MediaRoot:
    """A folder of videos, on disk or behind an fsspec URL; listed once, when it is opened.

    Raises SourceError when there is no such folder or it cannot be listed.
    """

    def __init__(self, root: str | os.PathLike[str]) -> None:
        self.url = _plain_path(root)
        remote = _open_remote(self.url)
        files = _list_local(self.url) if remote is None else _list_remote(*remote)
        self.files: Mapping[str, MediaFile] = MappingProxyType(
            {file.uri: file for file in sorted(files, key=lambda file: file.uri)}
        )
        self._by_name = _group_by_name(self.files.values())

    def find(self, media_id: str) -> MediaFile | None:
        """The file of a video id; None when there is none.

        The id is tried as a relative path, as a path or file name without its ending, as a file
        name, and with `v_` put before it or taken away; it may be filed in any folder. Of several
        files the one in the fewest folders is taken, then by the order of ENDINGS, then by path.
        Of an id with folders that are not there, the first ones are left out, one after the other;
        the last part alone counts only if it is unique.
        """
        if media_id in self.files:
            return self.files[media_id]
        if not self._by_name:
            return None  # a folder of annotations alone
        for path in _drop_folders(media_id):
            for name in _spellings(path):
                if name in self._by_name:
                    return self._by_name[name][0]
        for name in _spellings(PurePosixPath(media_id).name):
            if len(self._by_name.get(name, ())) == 1:
                return self._by_name[name][0]
        return None

    def file(self, uri: str) -> MediaFile:
        """The file at a relative path. Raises KeyError when it was not there on opening."""
        return self.files[uri]

    def videos(self) -> list[MediaFile]:
        """All files with the ending of a video, by path."""
        return [file for file in self.files.values() if _ending_rank(file.uri) < len(ENDINGS)]


@contextmanager
def open_local(root: str | os.PathLike[str], uri: str) -> Iterator[str]:
    """A path on disk under which to read a file of a media root, until the block ends.

    Files that are not on disk are copied to a scratch folder. Raises StorageError when that fails.
    """
    url = _plain_path(root)
    remote = _open_remote(url)
    if remote is None:
        yield os.path.join(url, *uri.split("/"))
        return
    fs, folder = remote
    with tempfile.TemporaryDirectory(prefix="streamit-media-") as scratch:
        path = os.path.join(scratch, PurePosixPath(uri).name)
        try:
            fs.get_file(f"{folder}/{uri}", path)
        except (OSError, ValueError) as exc:
            raise StorageError(f"{url}/{uri}: cannot be copied: {exc}") from exc
        yield path


def _drop_folders(media_id: str) -> Iterator[str]:
    """The id, and what is left of it without its first folders, as long as one is left."""
    yield media_id
    _, _, rest = media_id.partition("/")
    while "/" in rest:
        yield rest
        _, _, rest = rest.partition("/")


def _spellings(media_id: str) -> Iterator[str]:
    """The names under which a video of that id may be filed, in the order they are tried."""
    named = unicodedata.normalize("NFC", media_id)
    bare = _strip_ending(named)
    yield from dict.fromkeys((named, bare))
    folder, slash, last = bare.rpartition("/")
    yield folder + slash + (last[2:] if last.startswith("v_") else f"v_{last}")


def _group_by_name(files: Iterable[MediaFile]) -> dict[str, list[MediaFile]]:
    """Videos by path and by name, each with and without its ending; the preferred one first."""
    found: dict[str, list[MediaFile]] = {}
    for file in sorted(files, key=lambda f: (f.uri.count("/"), _ending_rank(f.uri), f.uri)):
        if _ending_rank(file.uri) == len(ENDINGS):
            continue
        path = unicodedata.normalize("NFC", file.uri)
        name = PurePosixPath(path).name
        for key in dict.fromkeys((path, _strip_ending(path), name, _strip_ending(name))):
            found.setdefault(key, []).append(file)
    return found


def _ending_rank(name: str) -> int:
    """Place of the name's ending in ENDINGS; their number where it has none of them."""
    ending = splitext(name)[1].lower()
    return ENDINGS.index(ending) if ending in ENDINGS else len(ENDINGS)


def _strip_ending(name: str) -> str:
    if _ending_rank(name) == len(ENDINGS):
        return name
    return splitext(name)[0]


def _plain_path(root: str | os.PathLike[str]) -> str:
    return os.fspath(root).removeprefix("file://").rstrip("/") or "/"


def _open_remote(url: str) -> tuple[Any, str] | None:
    """The file system and root of an fsspec URL; None for a folder on disk."""
    if "://" not in url:
        return None
    try:
        fs, root = url_to_fs(url)
    except (ValueError, ImportError) as exc:
        raise SourceError(f"media root {url}: cannot be opened: {exc}") from exc
    return None if isinstance(fs, LocalFileSystem) else (fs, root.rstrip("/"))


def _list_local(root: str) -> Iterator[MediaFile]:
    """All files below a folder. Links are followed, a folder that holds itself is entered once.

    Names that begin with a dot are left out (what rsync and macOS leave behind, caches), and so is
    the lost+found of a disk, which only root may list.
    """
    if not os.path.isdir(root):
        raise SourceError(f"media root {root}: there is no such folder; check --media-root")
    seen: set[tuple[int, int]] = set()
    for folder, below, names in os.walk(root, followlinks=True, onerror=_refuse_folder):
        mark = os.stat(folder)
        if (mark.st_dev, mark.st_ino) in seen:
            below.clear()
            continue
        seen.add((mark.st_dev, mark.st_ino))
        below[:] = [name for name in below if not name.startswith(".") and name != "lost+found"]
        for name in names:
            path = os.path.join(folder, name)
            uri = os.path.relpath(path, root).replace(os.sep, "/")
            if not name.startswith(".") and os.path.isfile(path):
                found = os.stat(path)
                yield MediaFile(uri, found.st_size, str(found.st_mtime_ns))


def _refuse_folder(exc: OSError) -> None:
    raise SourceError(f"media root: {exc.filename} cannot be listed: {exc.strerror}") from exc


def _list_remote(fs: Any, root: str) -> Iterator[MediaFile]:
    try:
        found = fs.find(root, detail=True)
        if not found and not fs.isdir(root):
            raise FileNotFoundError(root)
    except (OSError, ValueError) as exc:
        raise SourceError(f"media root {root}: cannot be listed: {exc}") from exc
    for path, info in found.items():
        uri = path[len(root) :].lstrip("/")
        if any(part.startswith(".") for part in uri.split("/")):
            continue
        stamp = info.get("ETag") or info.get("etag") or info.get("mtime") or info.get("created")
        yield MediaFile(uri, info["size"], str(stamp))
