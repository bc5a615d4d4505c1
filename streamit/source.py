"""A source: what a corpus is. Licence, links, files expected, known defects, which reader.

Read from `sources/<name>.yaml` (shipped) or a file of the user's own; see docs/sources.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from streamit import config, resources


@dataclass(frozen=True, slots=True)
class Licence:
    """Terms of a corpus. `republish` is yes, no or unknown; unknown is treated as no.

    `right` records the basis on which a user who edits the file may republish nevertheless.
    """

    annotations: str
    media: str
    republish_annotations: str = "unknown"
    republish_media: str = "unknown"
    url: str | None = None
    right: str | None = None


@dataclass(frozen=True, slots=True)
class ExpectedFile:
    """An annotation file of the corpus: a glob under its folder, and the split it belongs to.

    `split: by_record` leaves the split to the reader. `obtain` says where it is to be had.
    """

    glob: str
    split: str
    required: bool = True
    obtain: str | None = None


@dataclass(frozen=True, slots=True)
class SourceInfo:
    """One corpus.

    `splits` is `own` or `none` (the recipe then splits by a hash of the video). `exhaustive` says
    whether what is not annotated did not happen; where it is false, stretches without an event are
    not learned as silence. `tolerance_s` is the overrun that is a rounding artefact of the corpus.
    `columns` is the column map of the `table` reader.
    """

    name: str
    title: str
    reader: str
    licence: Licence
    files: tuple[ExpectedFile, ...]
    description: str = ""
    splits: str = "own"
    exhaustive: bool = False
    tolerance_s: float = 0.0
    language: str | None = None
    aliases: tuple[str, ...] = ()
    links: Mapping[str, str] = field(default_factory=dict)
    defects: tuple[str, ...] = ()
    citation: str = ""
    columns: Mapping[str, Any] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)


def load_source(name: str) -> SourceInfo:
    """A shipped source by name or alias, or one from a YAML file.

    Raises ResourceError when there is none, RecipeError when the file has unknown or wrong keys.
    """
    path = resources.find("sources", _resolve_alias(name))
    return config.read_dataclass(SourceInfo, config.read_yaml(path), path.name)


def folder_names(info: SourceInfo) -> tuple[str, ...]:
    """Names that the source's folder may have under `--data`."""
    return (info.name, *info.aliases)


def _resolve_alias(name: str) -> str:
    if Path(name).suffix or name in resources.names("sources"):
        return name
    for candidate in resources.names("sources"):
        if name in (config.read_yaml(resources.find("sources", candidate)).get("aliases") or ()):
            return candidate
    return name
