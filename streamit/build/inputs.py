"""Finds what a build reads: named sources, a data folder, or the demo corpus."""

from __future__ import annotations

import csv
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from streamit.config import nearest
from streamit.errors import SourceError, UsageError
from streamit.ids import normalise_video_id
from streamit.readers.discover import Discovered, discover, discover_data
from streamit.recipe import Recipe

DEFAULT_DATA = "data"
DEMO = "demo"


@dataclass(frozen=True, slots=True)
class Input:
    """The sources of a build. `is_demo` when nothing was given and the demo corpus stands in."""

    discovered: tuple[Discovered, ...]
    is_demo: bool


def find_inputs(
    sources: Mapping[str, str | os.PathLike[str]] | Sequence[str] | None,
    data: str | os.PathLike[str] | None,
    recipe: Recipe,
) -> Input:
    """The sources that the user named, else those under `data`, `./data`, else the demo corpus.

    Raises UsageError on a NAME=PATH that is none, SourceError when a named folder holds nothing.
    """
    pairs = _read_pairs(sources)
    found: list[Discovered] = []
    if data is not None:
        found += _discover_data(Path(data), recipe, must=not pairs)
    elif not pairs and Path(DEFAULT_DATA).is_dir():
        found += _discover_data(Path(DEFAULT_DATA), recipe, must=False)
    for name, path in pairs:
        found += _discover_demo(path) if name == DEMO else [discover(name, os.fspath(path))]
    if found:
        _refuse_twins(found)
        return Input(tuple(found), all(one.record_source == DEMO for one in found))
    return Input(tuple(_discover_demo(None)), True)


def read_excluded(path: str | os.PathLike[str]) -> frozenset[str]:
    """Normalised ids of source videos from a file: one per line, or the first CSV column."""
    try:
        with open(path, encoding="utf-8-sig", newline="") as file:
            cells = [row[0].strip() for row in csv.reader(file) if row]
    except (OSError, UnicodeDecodeError) as exc:
        raise UsageError(f"--exclude {path}: cannot be read: {exc}") from exc
    return frozenset(
        normalise_video_id(cell) for cell in cells if cell and not cell.startswith("#")
    )


def _read_pairs(
    sources: Mapping[str, str | os.PathLike[str]] | Sequence[str] | None,
) -> list[tuple[str, str | os.PathLike[str]]]:
    if sources is None:
        return []
    if isinstance(sources, Mapping):
        return list(sources.items())
    if isinstance(sources, str):
        sources = [sources]
    pairs: list[tuple[str, str | os.PathLike[str]]] = []
    for text in sources:
        name, equals, path = text.partition("=")
        if not equals or not name or not path:
            raise UsageError(
                f"--source {text!r}: write it as NAME=PATH, such as activitynet=captions/"
            )
        pairs.append((name, path))
    return pairs


def _discover_data(data: Path, recipe: Recipe, must: bool) -> list[Discovered]:
    """The folders under `data` whose source the recipe is made for."""
    if must and not data.is_dir():
        raise UsageError(f"--data {data}: is not a folder")
    found = [one for one in discover_data(str(data)) if one.info.name in recipe.sources]
    if must and not found:
        raise SourceError(
            f"--data {data}: holds no folder of a source of recipe {recipe.name!r} "
            f"({', '.join(recipe.sources)}); see `streamit sources ls`"
        )
    return found


def _discover_demo(path: str | os.PathLike[str] | None) -> list[Discovered]:
    # The demo corpus is rendered on first use.
    from streamit.demo.corpus import write_demo

    root = Path(path) if path is not None else _cache_folder() / "demo"
    corpus = write_demo(root)
    return [
        discover(name, str(folder), record_source=DEMO)
        for name, folder in sorted(corpus.folders.items())
    ]


def _cache_folder() -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "streamit"


def _refuse_twins(found: Sequence[Discovered]) -> None:
    seen: dict[str, Discovered] = {}
    for one in found:
        other = seen.setdefault(one.record_source, one)
        if other is not one and one.record_source != DEMO and other.info != one.info:
            raise UsageError(
                f"two sources are named {one.record_source!r} and differ; give one another name "
                f"in its YAML ({nearest(one.record_source, list(seen))})"
            )
