"""Raw pictures that wait in a file: 256 of them would take 200 MB of memory in every worker."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Sequence
from typing import IO

from streamit.errors import StorageError
from streamit.video.picture import Picture, Size


def append_picture(file: IO[bytes], picture: Picture) -> int:
    """Put a picture's pixels at the end of the file; where they begin.

    Raises StorageError when there is no room.
    """
    try:
        offset = file.seek(0, os.SEEK_END)
        file.write(picture.tobytes())
    except OSError as exc:
        raise StorageError(f"{tempfile.gettempdir()}: no room for frames: {exc.strerror}") from exc
    return offset


def read_pictures(file: IO[bytes], offsets: Sequence[int], size: Size) -> Iterator[bytes]:
    """The pixels of pictures of one size, in the order of the offsets."""
    for offset in offsets:
        file.seek(offset)
        yield file.read(size[0] * size[1] * 3)
