"""A source: what a corpus is. Licence, links, files expected, known defects, which reader.

Read from `sources/<name>.yaml` (shipped) or a file of the user's own; see docs/sources.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from streamit import config, resources
from streamit.errors import RecipeError

SPLITS = ("train", "validation", "test")
BY_RECORD = "by_record"
_ANSWERS = ("yes", "no", "unknown")


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
    """A file of the corpus: a glob under its folder, and the split it belongs to.

    `split: by_record` leaves the split to the reader. `obtain` says where the file is to be had. A
    `companion` holds no annotations: the reader opens it by itself, from beside the annotations.
    """

    glob: str
    split: str = "by_record"
    required: bool = True
    obtain: str | None = None
    companion: bool = False
    unless: str | None = None


@dataclass(frozen=True, slots=True)
class SourceInfo:
    """One corpus.

    `reader` is a shipped format or `package.module:function`. `splits` is `own` or `none` (the
    recipe then splits by a hash of the video). `exhaustive` says whether what is not annotated did
    not happen; where it is false, stretches without an event are not learned as silence. `tiled`
    says that its segments follow each other without a gap, so that every cut ends one.
    `tolerance_s` is the overrun that is a rounding artefact of the corpus. `columns` is the column
    map of the `table` reader. `parts` are the sources in whose formats its sub-folders hold data.
    """

    name: str
    title: str
    reader: str
    licence: Licence
    files: tuple[ExpectedFile, ...]
    description: str = ""
    splits: str = "own"
    exhaustive: bool = False
    tiled: bool = False
    tolerance_s: float = 0.0
    language: str | None = None
    aliases: tuple[str, ...] = ()
    links: Mapping[str, str] = field(default_factory=dict)
    defects: tuple[str, ...] = ()
    citation: str = ""
    columns: Mapping[str, Any] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)
    parts: tuple[str, ...] = ()


def load_source(name: str) -> SourceInfo:
    """A shipped source by name or alias, or one from a YAML file.

    Raises ResourceError when there is none, RecipeError when the file has unknown or wrong keys.
    """
    path = find_source(name)
    data = config.read_yaml(path)
    _read_plain_answers(data)
    info = config.read_dataclass(SourceInfo, data, path.name)
    _check(info, path.name)
    return info


def find_source(name: str) -> Path:
    """The YAML of a source by name or alias, or the path itself. Raises ResourceError."""
    return resources.find("sources", _resolve_alias(name))


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


def _read_plain_answers(data: dict[str, Any]) -> None:
    """YAML 1.1 reads an unquoted yes or no as a boolean; in a licence it is a word."""
    licence = data.get("licence")
    if not isinstance(licence, dict):
        return
    for key in ("republish_annotations", "republish_media"):
        if isinstance(licence.get(key), bool):
            licence[key] = "yes" if licence[key] else "no"


def _check(info: SourceInfo, where: str) -> None:
    words = [
        ("splits", info.splits, ("own", "none")),
        ("licence.republish_annotations", info.licence.republish_annotations, _ANSWERS),
        ("licence.republish_media", info.licence.republish_media, _ANSWERS),
    ]
    for i, file in enumerate(info.files):
        words.append((f"files[{i}].split", file.split, (*SPLITS, BY_RECORD)))
    for key, word, known in words:
        if word not in known:
            hint = config.nearest(word, list(known))
            raise RecipeError(f"{where}: {key}: {word!r} is none of its values; {hint}")
    if info.tolerance_s < 0:
        raise RecipeError(f"{where}: tolerance_s: {info.tolerance_s!r} must not be negative")
    if not info.name or "/" in info.name:
        raise RecipeError(
            f"{where}: name: {info.name!r} must be a plain word, it names the records"
        )
