"""Writes the demo corpus to a folder, whole or not at all, and only when it is not there yet.

Layout: one folder per format with its annotation files, those of the first three with the `videos/`
that all share, and `demo.json`, which tells what the folder was made from and holds a digest of
every file.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from streamit.demo.native import FORMATS, write_annotations
from streamit.demo.render import render_video
from streamit.demo.videos import SOURCES, DemoVideo, plan_videos
from streamit.errors import StorageError, UsageError
from streamit.version import __version__

N_VIDEOS = 10
MARKER = "demo.json"


@dataclass(frozen=True, slots=True)
class DemoCorpus:
    """A demo corpus on disk. `folders` leads from each format's name to its native files."""

    root: Path
    folders: Mapping[str, Path]


def write_demo(root: Path, seed: int = 0, n_videos: int = N_VIDEOS) -> DemoCorpus:
    """The demo corpus in `root`, rendered unless a whole one of the same making is there.

    The same seed and number of videos, streamit, PyAV, ffmpeg and Pillow give the same bytes. The
    videos are dealt to ActivityNet, Shot2Story and ViTT in turn; ten and more have validation and
    test videos, an id that begins with a dash, a variable frame rate and a WebM file among them.
    A folder that holds anything else is never replaced.

    Raises UsageError for fewer than three videos, StorageError when the folder holds other files
    or cannot be written.
    """
    if n_videos < len(SOURCES):
        raise UsageError(f"n_videos is {n_videos}; the demo needs one per corpus, {len(SOURCES)}")
    corpus = DemoCorpus(root, {form: root / form for form in FORMATS})
    making = _describe_making(seed, n_videos)
    try:
        if not _is_whole(root, making):
            _refuse_foreign(root)
            _write_anew(root, making, plan_videos(seed, n_videos))
    except OSError as exc:
        raise StorageError(
            f"{root}: the demo corpus cannot be written: {exc.strerror or exc}; "
            "check the path, its permissions and the free space"
        ) from exc
    return corpus


def _describe_making(seed: int, n_videos: int) -> dict[str, Any]:
    """All that decides about the bytes; the demo's own code and wordings by their digest."""
    import av

    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.iterdir()):
        if path.suffix in (".py", ".yaml"):
            digest.update(path.read_bytes())
    libraries = {name: ".".join(map(str, v)) for name, v in sorted(av.library_versions.items())}
    return {
        "seed": seed,
        "n_videos": n_videos,
        "streamit": __version__,
        "code": digest.hexdigest(),
        "libraries": {"av": av.__version__, "pillow": version("pillow"), **libraries},
    }


def _is_whole(root: Path, making: Mapping[str, Any]) -> bool:
    """Whether all files are there, unchanged, and made in this way."""
    marker = _read_marker(root)
    if marker is None or marker.get("making") != making:
        return False
    names, files = _list_files(root), marker["files"]
    return set(files) <= set(names) and all(_digest(root / n) == d for n, d in files.items())


def _read_marker(root: Path) -> dict[str, Any] | None:
    try:
        marker = json.loads((root / MARKER).read_bytes())
    except (FileNotFoundError, ValueError):
        return None
    is_marker = isinstance(marker, dict) and isinstance(marker.get("files"), dict)
    return marker if is_marker else None


def _refuse_foreign(root: Path) -> None:
    """A folder of the same layout may be somebody's real corpora: only listed files are ours."""
    marker = _read_marker(root) or {"files": ()}
    foreign = set(_list_files(root)) - {MARKER, *marker["files"]}
    if foreign:
        raise StorageError(
            f"{root}: holds {min(foreign)!r}, which is no file of a demo corpus; "
            "choose a new or empty folder"
        )


def _write_anew(root: Path, making: Mapping[str, Any], videos: Sequence[DemoVideo]) -> None:
    """Write beside the folder, then take its place.

    Another process may do the same meanwhile; whoever comes last finds a whole corpus and is done.
    """
    root.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{root.name}-", dir=root.parent) as scratch:
        fresh, old = Path(scratch) / "fresh", Path(scratch) / "old"
        fresh.mkdir()
        for video in videos:
            _render(fresh / video.source / "videos" / video.file_name, video)
        for form in FORMATS:
            for name, text in write_annotations(form, videos, making["seed"]).items():
                _write_text(fresh / form / name, text)
        files = {name: _digest(fresh / name) for name in _list_files(fresh)}
        marker = {"making": making, "files": files}
        (fresh / MARKER).write_text(json.dumps(marker, indent=2, sort_keys=True) + "\n")
        if _is_whole(root, making):
            return
        try:
            if root.exists():
                root.rename(old)
            fresh.rename(root)
        except OSError:
            if not _is_whole(root, making):
                raise


def _render(path: Path, video: DemoVideo) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    render_video(video.scene, video.shown, path, video.encoding)


def _write_text(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def _list_files(root: Path) -> list[str]:
    return sorted(p.relative_to(root).as_posix() for p in root.rglob("*") if p.is_file())


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
