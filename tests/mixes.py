"""Finished builds and mixes of them, for tests of what puts builds together."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from streamit.config import to_data
from streamit.ids import record_id
from streamit.record import Clip, Record
from streamit.source import load_source
from tests.builds import read_manifest, write_build, write_manifest
from tests.factories import multi_turn, proactive, video


def make_record(recipe: str, name: str, source: str = "demo", **changes: Any) -> Record:
    """A valid record of a video."""
    make = proactive if changes.pop("layout", None) == "proactive" else multi_turn
    identity = record_id(recipe, source, name, 0)
    made = {"video": video(id=name)} | changes
    return make(id=identity, recipe=recipe, source=source, **made)


def make_joined(recipe: str, names: Sequence[str], **changes: Any) -> Record:
    """A record of a stream that is joined from clips of these videos, all of one length."""
    length_s = 12.0 / len(names)
    clips = tuple(
        Clip(f"{name}.mp4", None, None, 0.0, length_s, n * length_s) for n, name in enumerate(names)
    )
    return make_record(
        recipe, "+".join(names), video=video(id="+".join(names), clips=clips), **changes
    )


def make_many(recipe: str, n_records: int, first: int = 0, **changes: Any) -> list[Record]:
    """Records of different videos; the same numbers are the same videos."""
    return [make_record(recipe, f"v_{n:011d}", **changes) for n in range(first, first + n_records)]


def write_named_build(
    folder: Path, recipe: str, records: Iterable[Record], media: str = "none", **changes: Any
) -> Path:
    """A finished build by a recipe of this name, whose manifest has an entry for each source."""
    chosen = list(records)
    write_build(folder, chosen, frames=media == "frames")
    manifest = read_manifest(folder)
    manifest["recipe"]["name"] = recipe
    manifest["media"] = media
    manifest["sources"] = [_describe_source(name) for name in {r.source for r in chosen}]
    write_manifest(folder, manifest | changes)
    return folder


def write_mix(folder: Path, builds: Mapping[str, Path], parts: Sequence[Any], **keys: Any) -> Path:
    """The YAML of a mix named `mixed` over these builds."""
    places = {name: str(place) for name, place in builds.items()}
    path = folder / "mixed.yaml"
    path.write_text(json.dumps({"name": "mixed", "builds": places, "parts": parts} | keys))
    return path


def _describe_source(name: str) -> dict[str, Any]:
    licence = to_data(load_source("demo").licence)
    file = {"name": f"{name}.json", "bytes": 7, "sha256": "ab" * 32, "split": "train"}
    return {"name": name, "title": name, "reader": "demo", "licence": licence, "files": [file]}
