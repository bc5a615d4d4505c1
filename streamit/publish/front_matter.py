"""The YAML head of a dataset card, from which the Hub and `datasets` read configs and features.

Written out instead of asking `datasets`, which takes 1.5 s to import; tests compare with it.
Field names and values: hub-docs `datasetcard.md`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import Any

import yaml

from streamit.columns import features_json
from streamit.publish.origin import name_of, tasks_of
from streamit.source import SourceInfo

SPLIT_ORDER = ("train", "validation", "test")
DEMO_SOURCE = "demo"

# Licence ids of the Hub (docs/hub/repositories-licenses.md) that corpora of this kind carry.
_HUB_LICENCES = re.compile(
    r"apache-2\.0|mit|bsd-3-clause|cc|cc0-1\.0|cc-by(-nc)?(-sa|-nd)?-[234]\.0|cdla-permissive-2\.0"
    r"|odc-by|pddl"
)
# `license_name` must be a slug; where the terms are stands in the body.
_MIXED, _UNKNOWN = "mixed-see-sources-in-card", "unknown-see-sources-in-card"
_SIZES = ((10**3, "1K"), (10**4, "10K"), (10**5, "100K"), (10**6, "1M"), (10**7, "10M"))


def write_front_matter(manifest: Mapping[str, Any], sources: Mapping[str, SourceInfo]) -> str:
    """The YAML between the card's two `---` lines, each line ended."""
    name = name_of(manifest)
    head: dict[str, Any] = {
        "pretty_name": make_pretty_name(manifest),
        **_describe_licence(manifest, sources),
        "language": _list_languages(sources.values()),
        "annotations_creators": _list_creators(sources),
        "task_categories": ["video-text-to-text"],
        "size_categories": [size_category(sum(manifest["records"].values()))],
        "tags": ["video", "streaming", "stream-it", "streamit", *tasks_of(manifest)],
        "configs": _list_configs(manifest, name),
        "dataset_info": _describe_dataset(manifest, name),
    }
    filled = {key: value for key, value in head.items() if value}
    return yaml.safe_dump(filled, sort_keys=False, allow_unicode=True, width=100)


def make_pretty_name(manifest: Mapping[str, Any]) -> str:
    """The title; a build of nothing but the demo corpus says so."""
    title = f"Stream-IT {name_of(manifest).replace('_', ' ')}"
    only_demo = [source["name"] for source in manifest["sources"]] == [DEMO_SOURCE]
    return f"{title} (demo)" if only_demo else title


def list_splits(manifest: Mapping[str, Any]) -> list[str]:
    """The splits that have records, in reading order."""
    return [split for split in SPLIT_ORDER if manifest["records"].get(split)]


def size_category(n_records: int) -> str:
    """The Hub's word for a number of rows, such as `1K<n<10K`."""
    if n_records < _SIZES[0][0]:
        return f"n<{_SIZES[0][1]}"
    for (_, low), (bound, high) in pairwise(_SIZES):
        if n_records < bound:
            return f"{low}<n<{high}"
    return f"n>{_SIZES[-1][1]}"


def list_features(with_frames: bool) -> list[dict[str, Any]]:
    """The features in the card's own spelling: nested rows under `struct` and `list`."""
    return [_spell_feature(name, kind) for name, kind in features_json(with_frames).items()]


def _describe_licence(
    manifest: Mapping[str, Any], sources: Mapping[str, SourceInfo]
) -> dict[str, str]:
    """One known licence of all that is inside, or `other` with a name that points to the body."""
    terms = {_spell_licence(info.licence.annotations) for info in sources.values()}
    if manifest["media"] != "none":
        terms |= {_spell_licence(info.licence.media) for info in sources.values()}
    if len(terms) > 1:
        return {"license": "other", "license_name": _MIXED}
    term = terms.pop()
    if _HUB_LICENCES.fullmatch(term):
        return {"license": term}
    return {"license": "other", "license_name": _UNKNOWN}


def _spell_licence(terms: str) -> str:
    """`CC BY-NC-SA 4.0` as the Hub writes it: cc-by-nc-sa-4.0."""
    return "-".join(terms.lower().split())


def _list_languages(sources: Iterable[SourceInfo]) -> list[str]:
    """The Hub takes the primary part of a BCP-47 tag."""
    return sorted({info.language.split("-")[0].lower() for info in sources if info.language})


def _list_creators(sources: Mapping[str, SourceInfo]) -> list[str]:
    """Answers are `found` in corpora, questions are drawn from templates."""
    return (
        ["machine-generated"] if set(sources) == {DEMO_SOURCE} else ["found", "machine-generated"]
    )


def _list_configs(manifest: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    files = [
        {"split": split, "path": f"{name}/{split}-*.parquet"} for split in list_splits(manifest)
    ]
    return [{"config_name": name, "data_files": files, "default": True}] if files else []


def _describe_dataset(manifest: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Sizes are those of the Parquet files: rows are never counted in another form."""
    splits = list_splits(manifest)
    sizes = {split: 0 for split in splits}
    for part in manifest["parts"]:
        if part["n_records"]:
            sizes[part["split"]] += part["bytes"]
    total = sum(sizes.values())
    return {
        "config_name": name,
        "features": list_features(manifest["media"] == "frames"),
        "splits": [
            {"name": split, "num_bytes": sizes[split], "num_examples": manifest["records"][split]}
            for split in splits
        ],
        "download_size": total,
        "dataset_size": total,
    }


def _spell_feature(name: str, kind: Any) -> dict[str, Any]:
    if "_type" not in kind:
        return {"name": name, "struct": [_spell_feature(key, kind[key]) for key in kind]}
    if kind["_type"] == "List":
        return {"name": name, "list": _spell_element(kind["feature"])}
    return {"name": name, "dtype": _spell_element(kind)}


def _spell_element(kind: Any) -> Any:
    if "_type" not in kind:
        return [_spell_feature(key, kind[key]) for key in kind]
    return kind["dtype"] if kind["_type"] == "Value" else kind["_type"].lower()
