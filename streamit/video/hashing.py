"""Fingerprints of files, local or behind any fsspec URL."""

from __future__ import annotations

import hashlib
from typing import IO, Any

import fsspec

from streamit.errors import StorageError, UsageError

FULL, HEAD_TAIL, NONE = "full", "head_tail", "none"
HASH_KINDS = (NONE, HEAD_TAIL, FULL)
_CHUNK_BYTES = 1 << 20


def hash_file(uri: str, kind: str = FULL) -> str | None:
    """Lower-case hex SHA-256 of a file.

    `full`: of all its bytes. `head_tail`: of its size in decimal, a line feed, its first MiB and
    its last MiB (all its bytes up to 2 MiB), quick, and enough to tell videos apart that nobody
    forged. `none`: None, without opening it. Raises UsageError on another kind, StorageError when
    the file cannot be read.
    """
    if kind not in HASH_KINDS:
        raise UsageError(f"media.hash is {kind!r}; one of {', '.join(HASH_KINDS)}")
    if kind == NONE:
        return None
    try:
        with _open(uri) as file:
            return _hash_all(file) if kind == FULL else _hash_ends(file)
    except (OSError, ValueError, ImportError) as exc:
        raise StorageError(f"{uri}: cannot be read for its hash: {exc}") from exc


def _open(uri: str) -> Any:
    """fsspec would read `::` in a file's name as a chain of file systems."""
    return fsspec.open(uri, "rb") if "://" in uri else open(uri, "rb")


def _hash_all(file: IO[bytes]) -> str:
    digest = hashlib.sha256()
    while chunk := file.read(_CHUNK_BYTES):
        digest.update(chunk)
    return digest.hexdigest()


def _hash_ends(file: IO[bytes]) -> str:
    size = file.seek(0, 2)
    digest = hashlib.sha256(f"{size}\n".encode())
    file.seek(0)
    digest.update(file.read(_CHUNK_BYTES))
    file.seek(max(size - _CHUNK_BYTES, min(size, _CHUNK_BYTES)))
    digest.update(file.read(_CHUNK_BYTES))
    return digest.hexdigest()
