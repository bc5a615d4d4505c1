"""Where the bytes of a build live: a folder on disk or any fsspec URL, with whole-file writes.

A file under its final name is always complete. On disk that is temp, fsync, rename; for object
stores the file is finished in the scratch folder and then uploaded, which is atomic there. Foreign
errors become StorageError here.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import IO, Any

from fsspec.core import url_to_fs
from fsspec.implementations.local import LocalFileSystem

from streamit.errors import StorageError

TEMP_SUFFIX = ".tmp"
_CHUNK_BYTES = 1 << 20


class Folder:
    """A folder by path or fsspec URL; file names inside are relative, with `/`."""

    def __init__(self, url: str | os.PathLike[str]) -> None:
        self.url = os.fspath(url)
        try:
            self.fs, root = url_to_fs(self.url)
        except (ValueError, ImportError) as exc:
            raise StorageError(f"{self.url}: cannot be opened: {exc}") from exc
        self.root = root.rstrip("/") or "/"
        self.is_local = isinstance(self.fs, LocalFileSystem)

    def path(self, name: str) -> str:
        """The full path of a file as the file system knows it."""
        return f"{self.root}/{name}" if name else self.root

    def exists(self, name: str = "") -> bool:
        """Whether the file (or the folder itself) is there."""
        with self._wrap(name, "look for"):
            return bool(self.fs.exists(self.path(name)))

    def stamp(self, name: str) -> dict[str, Any] | None:
        """Size and the mark by which a change shows (mtime in ns, or etag); None when not there."""
        try:
            if self.is_local:
                found = os.stat(self.path(name))
                return {"bytes": found.st_size, "mark": str(found.st_mtime_ns)}
            self.fs.invalidate_cache()
            info = self.fs.info(self.path(name))
        except FileNotFoundError:
            return None
        except OSError as exc:
            raise StorageError(f"{self.path(name)}: cannot be read: {exc}") from exc
        mark = info.get("ETag") or info.get("etag") or info.get("mtime") or info.get("created")
        return {"bytes": info["size"], "mark": str(mark)}

    def list(self, pattern: str) -> list[str]:
        """Names of the files that match a glob, sorted."""
        with self._wrap(pattern, "list"):
            self.fs.invalidate_cache()
            # The folder's own name may hold characters of a pattern.
            root = re.sub(r"([*?[])", r"[\1]", self.root)
            found = self.fs.glob(f"{root}/{pattern}")
        prefix = len(self.root.rstrip("/")) + 1
        return sorted(path[prefix:] for path in found)

    def read_bytes(self, name: str) -> bytes:
        """The whole file."""
        with self._wrap(name, "read"), self.fs.open(self.path(name), "rb") as file:
            data: bytes = file.read()
            return data

    def read_json(self, name: str) -> Any:
        """The JSON document in a file. Raises StorageError when it is none."""
        try:
            return json.loads(self.read_bytes(name))
        except ValueError as exc:
            raise StorageError(f"{self.path(name)}: is no JSON: {exc}; delete it") from exc

    @contextmanager
    def open_read(self, name: str) -> Iterator[IO[bytes]]:
        """The file for random access."""
        with self._wrap(name, "read"), self.fs.open(self.path(name), "rb") as file:
            yield file

    @contextmanager
    def open_write(self, name: str) -> Iterator[IO[bytes]]:
        """A new file that appears under its name only when the block ends without an error."""
        with self._wrap(name, "write"):
            final = self.path(name)
            with _open_temp(final if self.is_local else None) as file:
                yield file
                file.flush()
                if self.is_local:
                    os.fsync(file.fileno())
                    os.replace(file.name, final)
                    _sync_folder(os.path.dirname(final))
                else:
                    self.fs.put_file(file.name, final)

    def write_bytes(self, name: str, data: bytes) -> None:
        """Write a whole file at once."""
        with self.open_write(name) as file:
            file.write(data)

    def write_if_changed(self, name: str, data: bytes) -> bool:
        """Write unless the file holds just that already; whether it wrote."""
        if self.exists(name) and self.read_bytes(name) == data:
            return False
        self.write_bytes(name, data)
        return True

    def remove(self, name: str) -> None:
        """Remove a file that may be gone already."""
        with self._wrap(name, "remove"):
            if self.fs.exists(self.path(name)):
                self.fs.rm_file(self.path(name))

    def sha256(self, name: str) -> str:
        """Hex digest of the file's bytes."""
        digest = hashlib.sha256()
        with self.open_read(name) as file:
            while chunk := file.read(_CHUNK_BYTES):
                digest.update(chunk)
        return digest.hexdigest()

    @contextmanager
    def _wrap(self, name: str, verb: str) -> Iterator[None]:
        try:
            yield
        except OSError as exc:
            reason = exc.strerror or str(exc)
            raise StorageError(
                f"{self.path(name)}: cannot {verb} it: {reason}; {_advise(exc)}"
            ) from exc


def encode_json(value: Any) -> bytes:
    """A JSON document as it is stored: sorted keys, indented, a newline at the end."""
    return (json.dumps(value, sort_keys=True, indent=2, ensure_ascii=False) + "\n").encode()


def encode_jsonl(rows: list[Any], key: Callable[[Any], Any] | None = None) -> bytes:
    """One JSON document per line, sorted by `key` if there is one."""
    ordered = rows if key is None else sorted(rows, key=key)
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in ordered).encode()


@contextmanager
def _open_temp(final: str | None) -> Iterator[IO[bytes]]:
    """A temporary file, beside its final place on disk or in the scratch folder; always removed.

    A buffered upload that is left by an error would be completed by fsspec, hence the detour.
    """
    if final is None:
        handle, temp = tempfile.mkstemp(suffix=TEMP_SUFFIX)
        os.close(handle)
    else:
        temp = f"{final}.{os.getpid()}{TEMP_SUFFIX}"
        os.makedirs(os.path.dirname(final), exist_ok=True)
    try:
        with open(temp, "wb") as file:
            yield file
    finally:
        if os.path.exists(temp):
            os.remove(temp)


def _advise(exc: OSError) -> str:
    advice = {
        28: "free some space and run the same command again, it goes on where it stopped",
        13: "check the permissions of the folder, or choose another one with --out",
        30: "the file system is read-only, choose another folder with --out",
        2: "check the path",
    }
    return advice.get(exc.errno or 0, "run the same command again once it is mended")


def _sync_folder(path: str) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
