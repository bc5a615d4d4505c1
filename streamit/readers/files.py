"""Opens annotation files: local, or any fsspec URL; packed ones (`.gz`, `.bz2`, `.xz`) by ending.

What goes wrong while a file is opened or read becomes a SourceError that names the file.
"""

from __future__ import annotations

import codecs
import lzma
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import PurePosixPath
from typing import IO, Any

import fsspec
from fsspec.core import url_to_fs

from streamit.errors import SourceError

PACKED = (".gz", ".bz2", ".xz")
_CHUNK_BYTES = 1 << 20
# What the codecs and file systems raise for a file that is missing, locked or damaged.
READ_FAULTS = (OSError, EOFError, zlib.error, lzma.LZMAError, ImportError, ValueError)


def unpacked_name(name: str) -> str:
    """The name of what a packed file holds: `train.json.gz` holds `train.json`."""
    path = PurePosixPath(name)
    return path.stem if path.suffix.lower() in PACKED else path.name


@contextmanager
def open_bytes(path: str) -> Iterator[IO[bytes]]:
    """The unpacked bytes of a file. Raises SourceError when it cannot be opened."""
    try:
        file = fsspec.open(path, "rb", compression="infer").open()
    except READ_FAULTS as exc:
        raise unreadable(path, exc) from exc
    with file:
        yield file


def read_chunks(path: str) -> Iterator[bytes]:
    """The unpacked bytes of a file, a mebibyte at a time. Raises SourceError."""
    with open_bytes(path) as file:
        while chunk := _read_chunk(file, path):
            yield chunk


def read_text(path: str) -> Iterator[str]:
    """The text of a UTF-8 file in pieces, without its byte order mark.

    Raises SourceError, with the place of the first byte that is no UTF-8.
    """
    decoder: Any = codecs.getincrementaldecoder("utf-8-sig")()
    n_bytes = 0
    for chunk in read_chunks(path):
        pending = len(decoder.getstate()[0])
        yield _decode(decoder, chunk, path, n_bytes - pending)
        n_bytes += len(chunk)
    yield _decode(decoder, b"", path, n_bytes - len(decoder.getstate()[0]), final=True)


def read_lines(path: str) -> Iterator[bytes]:
    """The lines of a file as bytes, without their ends and without a byte order mark."""
    mark = codecs.BOM_UTF8
    pieces: list[bytes] = []
    for chunk in read_chunks(path):
        first, *others = chunk.split(b"\n")
        pieces.append(first)
        if others:
            yield b"".join(pieces).removeprefix(mark)
            mark = b""
            yield from others[:-1]
            pieces = others[-1:]
    yield b"".join(pieces).removeprefix(mark)


def exists(path: str) -> bool:
    """Whether the file is there. Raises SourceError when that cannot be told."""
    try:
        fs, inner = url_to_fs(path)
        return bool(fs.exists(inner))
    except READ_FAULTS as exc:
        raise unreadable(path, exc) from exc


def list_files(folder: str) -> list[str]:
    """Paths of the files in a folder, in the order of their names. Raises SourceError."""
    try:
        fs, inner = url_to_fs(folder or "/")
        entries = fs.ls(inner, detail=True)
    except READ_FAULTS as exc:
        raise unreadable(folder, exc) from exc
    names = [PurePosixPath(entry["name"]).name for entry in entries if entry["type"] == "file"]
    return [f"{folder.rstrip('/')}/{name}" for name in sorted(names)]


def unreadable(path: str, exc: BaseException) -> SourceError:
    """The error of a file that cannot be read, for `raise ... from exc`."""
    reason = getattr(exc, "strerror", None) or str(exc) or type(exc).__name__
    advice = {
        FileNotFoundError: "check the path",
        PermissionError: "check its permissions",
        IsADirectoryError: "name a file in it",
        ImportError: "install the package it names",
        UnicodeDecodeError: "save it as UTF-8",
    }
    hint = next((text for kind, text in advice.items() if isinstance(exc, kind)), None)
    return SourceError(f"{path}: cannot be read: {reason}; {hint or 'get the file again'}")


def _read_chunk(file: IO[bytes], path: str) -> bytes:
    try:
        return file.read(_CHUNK_BYTES)
    except READ_FAULTS as exc:
        raise unreadable(path, exc) from exc


def _decode(decoder: Any, chunk: bytes, path: str, offset: int, final: bool = False) -> str:
    try:
        text: str = decoder.decode(chunk, final)
    except UnicodeDecodeError as exc:
        raise SourceError(
            f"{path}: byte {offset + exc.start} ({exc.object[exc.start]:#04x}) is no UTF-8; "
            "save the file as UTF-8, or get it again if it was cut off"
        ) from exc
    return text
