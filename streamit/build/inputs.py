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
from streamit.readers.discover import Discovered, discover_data, discover_parts
from streamit.recipe import Recipe
from streamit.resources import names as names_of
from streamit.source import folder_names, load_source

DEFAULT_DATA = "data"
DEMO = "demo"


@dataclass(frozen=True, slots=True)
class Input:
    """The sources of a build.

    `is_demo` when all of it is the demo corpus; `is_stand_in` when that is because nothing was
    given.
    """

    discovered: tuple[Discovered, ...]
    is_demo: bool
    is_stand_in: bool = False


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
        found += _discover_data(os.fspath(data), recipe)
    elif not pairs and _holds_sources(Path(DEFAULT_DATA)):
        found += _discover_data(DEFAULT_DATA, recipe)
    for name, path in pairs:
        root = _render_demo(Path(path)) if name == DEMO else os.fspath(path)
        found += _choose_parts(discover_parts(name, root), recipe)
    if found:
        _refuse_twins(found)
        return Input(tuple(found), all(one.record_source == DEMO for one in found))
    found = _choose_parts(discover_parts(DEMO, _render_demo(_cache_folder() / DEMO)), recipe)
    return Input(tuple(found), is_demo=True, is_stand_in=True)


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


def _holds_sources(data: Path) -> bool:
    """Whether a folder that happens to be named `data` has anything to do with us."""
    names = {alias for name in names_of("sources") for alias in folder_names(load_source(name))}
    return data.is_dir() and any(child.name in names for child in data.iterdir())


def _discover_data(data: str, recipe: Recipe) -> list[Discovered]:
    """The folders under `data` whose source the recipe is made for."""
    found = [one for one in discover_data(data) if one.info.name in recipe.sources]
    if not found:
        raise SourceError(
            f"--data {data}: holds no folder of a source of recipe {recipe.name!r} "
            f"({', '.join(recipe.sources)}); see `streamit sources ls`"
        )
    return _choose_parts(found, recipe)


def _choose_parts(found: Sequence[Discovered], recipe: Recipe) -> list[Discovered]:
    """Of a source in several formats those that the recipe reads for this source's task.

    Raises SourceError when there is none.
    """
    chosen = [one for one in found if one.part is None or _serves(one, one.part, recipe)]
    if not chosen:
        formats = ", ".join(one.part for one in found if one.part)
        raise SourceError(
            f"{found[0].record_source}: has no annotations for recipe {recipe.name!r} "
            f"(task {recipe.task_of(found[0].record_source)}; its formats are {formats}); name "
            "your own data with --source NAME=PATH or --data DIR"
        )
    return chosen


def _serves(one: Discovered, part: str, recipe: Recipe) -> bool:
    own = recipe.sources.get(one.record_source)
    if own and own.formats is not None:
        return part in own.formats
    task = recipe.task_of(one.record_source)
    return part in recipe.sources and recipe.task_of(part) == task


def _render_demo(root: Path) -> str:
    """The folder of the demo corpus, rendered on first use."""
    from streamit.demo.corpus import write_demo

    return str(write_demo(root).root)


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
