"""Fills DATASET_CARD.md: the README.md of every build, shown by the Hub.

The template holds all prose. `${name}` is replaced, and a block between `<!-- only FACT -->` and
`<!-- end -->` stays where the fact is true. A card depends on the manifest and the sources' own
descriptions alone: no clock, host or path, so that a rebuild of nothing new changes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from string import Template
from typing import Any

import yaml

from streamit import resources
from streamit.errors import ResourceError
from streamit.publish import origin, tables
from streamit.publish.front_matter import (
    DEMO_SOURCE,
    list_splits,
    make_pretty_name,
    write_front_matter,
)
from streamit.source import SourceInfo

LOAD_PATH = "path/to/this/folder"
_BLOCK = re.compile(r"<!-- only (\w+) -->\n(.*?)<!-- end -->\n", re.DOTALL)


def fill_card(manifest: Mapping[str, Any], sources: Mapping[str, SourceInfo]) -> str:
    """The card of a build. `sources` maps the manifest's source names to their descriptions.

    Raises ResourceError when the template asks for something that no build has.
    """
    path = resources.card_template()
    kept = keep_blocks(path.read_text(encoding="utf-8"), _list_facts(manifest, sources))
    try:
        return Template(kept).substitute(_list_values(manifest, sources))
    except (KeyError, ValueError) as exc:
        raise ResourceError(
            f"{path}: placeholder {exc} is not known; install streamit again, or mend the template"
        ) from exc


def keep_blocks(template: str, facts: Mapping[str, bool]) -> str:
    """The template with only those conditional blocks whose fact is true.

    Raises ResourceError on a fact that nobody states.
    """

    def choose(match: re.Match[str]) -> str:
        fact = match.group(1)
        if fact not in facts:
            raise ResourceError(f"the card template asks for {fact!r}; known: {sorted(facts)}")
        return match.group(2) if facts[fact] else ""

    return _BLOCK.sub(choose, template)


def _list_facts(manifest: Mapping[str, Any], sources: Mapping[str, SourceInfo]) -> dict[str, bool]:
    return {
        "demo": DEMO_SOURCE in sources,
        "media_none": manifest["media"] == "none",
        "media_frames": manifest["media"] == "frames",
        "media_clips": manifest["media"] == "clips",
        "closed_media": bool(_list_closed_media(manifest, sources)),
        "closed_annotations": bool(_list_closed_annotations(sources)),
        "defects": any(info.defects for info in sources.values()),
        "reasons": bool(tables.tabulate_reasons(manifest)),
        "not_exhaustive": bool(_list_not_exhaustive(sources)),
        "recipe": not origin.is_mix(manifest),
        "mix": origin.is_mix(manifest),
        "by_model": bool(origin.list_models(manifest)),
        "by_template": origin.has_template_pairs(manifest),
    }


def _list_values(
    manifest: Mapping[str, Any], sources: Mapping[str, SourceInfo]
) -> dict[str, object]:
    shards = [part for part in manifest["parts"] if part["n_records"]]
    return {
        "front_matter": write_front_matter(manifest, sources),
        "pretty_name": make_pretty_name(manifest),
        "description": origin.describe(manifest),
        "streamit_version": manifest["streamit_version"],
        "name": origin.name_of(manifest),
        "load_path": LOAD_PATH,
        "first_split": next(iter(list_splits(manifest)), "train"),
        "max_frames": origin.list_settings(manifest, "max_frames", "any number"),
        "fps": origin.list_settings(manifest, "fps", "any number"),
        "records_table": tables.tabulate_records(manifest),
        "n_shards": f"{len(shards):,}",
        "size": _format_bytes(sum(part["bytes"] for part in shards)),
        "n_frames": f"{manifest['n_frames']:,}",
        "decoders": ", ".join(f"{k} ({n:,})" for k, n in manifest["decoders"].items()) or "none",
        "sources_table": tables.tabulate_sources(manifest, sources),
        "files_table": tables.tabulate_files(manifest),
        "defects": "\n".join(
            f"- `{name}`: {' '.join(defect.split())}"
            for name in sorted(sources)
            for defect in sources[name].defects
        ),
        "accounts_table": tables.tabulate_accounts(manifest),
        "reasons_table": tables.tabulate_reasons(manifest),
        **_list_making(manifest),
        "closed_media": _join_names(_list_closed_media(manifest, sources)),
        "closed_annotations": _join_names(_list_closed_annotations(sources)),
        "not_exhaustive": _join_names(_list_not_exhaustive(sources)),
        "models": _join_names(origin.list_models(manifest)),
        "citations": _list_citations(sources),
    }


def _list_making(manifest: Mapping[str, Any]) -> dict[str, object]:
    """How the rows were made: the recipe, or the mix and its builds."""
    is_mix = origin.is_mix(manifest)
    made_by = manifest["mix" if is_mix else "recipe"]
    return {
        "fingerprint": manifest["mix_fingerprint" if is_mix else "recipe_fingerprint"],
        "yaml": yaml.safe_dump(dict(made_by), sort_keys=False, allow_unicode=True, width=100),
        "command": _write_mix_command(manifest) if is_mix else _write_command(manifest),
        "augmentation_table": "" if is_mix else tables.tabulate_augmentation(manifest),
        "builds_table": tables.tabulate_builds(manifest) if is_mix else "",
        "taken_table": tables.tabulate_taken(manifest) if is_mix else "",
    }


def _list_closed_media(manifest: Mapping[str, Any], sources: Mapping[str, SourceInfo]) -> list[str]:
    """Sources whose pictures are inside and must stay inside; unknown counts as no."""
    if manifest["media"] == "none":
        return []
    return [name for name, info in sources.items() if info.licence.republish_media != "yes"]


def _list_closed_annotations(sources: Mapping[str, SourceInfo]) -> list[str]:
    return [name for name, info in sources.items() if info.licence.republish_annotations != "yes"]


def _list_not_exhaustive(sources: Mapping[str, SourceInfo]) -> list[str]:
    return [name for name, info in sources.items() if not info.exhaustive]


def _join_names(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in sorted(names))


def _write_command(manifest: Mapping[str, Any]) -> str:
    words = [f"streamit build --recipe {manifest['recipe']['name']}.yaml"]
    corpora = [s["name"] for s in manifest["sources"] if s["name"] != DEMO_SOURCE]
    words += [f"--source {name}=PATH" for name in corpora]
    if manifest["media"] != "none":
        words += ["--media-root VIDEOS"] if corpora else []
        words.append(f"--media {manifest['media']}")
    return " ".join(words)


def _write_mix_command(manifest: Mapping[str, Any]) -> str:
    words = [f"streamit mix {manifest['mix']['name']}.yaml"]
    return " ".join(words + [f"--build {build['name']}=PATH" for build in manifest["builds"]])


def _list_citations(sources: Mapping[str, SourceInfo]) -> str:
    given = (sources[name].citation.strip() for name in sorted(sources))
    return "".join(f"\n\n{text}" for text in dict.fromkeys(filter(None, given)))


def _format_bytes(n_bytes: int) -> str:
    size = float(n_bytes)
    for unit in ("bytes", "kB", "MB", "GB"):
        if size < 1000:
            return f"{size:.0f} {unit}" if unit == "bytes" else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} TB"
