"""Streams the JSON files of a tar archive (`.tar`, `.tar.gz`), which need not be unpacked.

Corpora of hundreds of thousands of videos are published as an archive with a file per video.
"""

from __future__ import annotations

import tarfile
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import IO

from streamit.errors import SourceError
from streamit.readers.files import READ_FAULTS, open_bytes, unpacked_name, unreadable
from streamit.readers.json_stream import Member, decode_json

_FAULTS = (*READ_FAULTS, tarfile.TarError)


def is_tar(path: str) -> bool:
    """Whether the name is that of an archive, packed or not."""
    name = path[:-4] + ".tar.gz" if path.lower().endswith(".tgz") else path
    return PurePosixPath(unpacked_name(name)).suffix.lower() == ".tar"


def stream_tar(path: str) -> Iterator[Member]:
    """The values of the archive's `.json` files in its order; keys are their names without ending.

    `problem` says why a file is no JSON. Raises SourceError when the archive cannot be read or
    holds no JSON file.
    """
    ordinal = n_others = 0
    with open_bytes(path) as packed:
        try:
            for name, data in _read_files(packed):
                if name.suffix.lower() != ".json" or name.name.startswith("."):
                    n_others += 1
                    continue
                yield _decode(ordinal, name, data)
                ordinal += 1
        except _FAULTS as exc:
            raise unreadable(path, exc) from exc
    if not ordinal:
        raise SourceError(f"{path}: holds {n_others} files, but none whose name ends with .json")


def _read_files(packed: IO[bytes]) -> Iterator[tuple[PurePosixPath, bytes]]:
    # "r|" goes through the archive once; other modes jump back, which a packed stream cannot.
    with tarfile.open(fileobj=packed, mode="r|") as archive:
        while (entry := archive.next()) is not None:
            file = archive.extractfile(entry) if entry.isfile() else None
            if file is not None:
                yield PurePosixPath(entry.name), file.read()
            # It would remember every file that it has passed.
            archive.members.clear()  # type: ignore[attr-defined]


def _decode(ordinal: int, name: PurePosixPath, data: bytes) -> Member:
    try:
        return Member(ordinal, name.stem, decode_json(data))
    except (ValueError, RecursionError) as exc:
        return Member(ordinal, name.stem, None, problem=f"{name} is no JSON: {exc}")
