"""Small finished builds made of given records, for tests of what reads builds."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from streamit.build.shards import ShardWriter
from streamit.config import to_data
from streamit.ids import record_id
from streamit.recipe import load_recipe
from streamit.record import Record, to_dict
from tests.factories import HASH, multi_turn, proactive, video


def make_records(n_records: int, split: str = "train") -> list[Record]:
    """Valid records of different videos, every fourth proactive."""
    made = []
    for n in range(n_records):
        name = f"v_{split}{n:05d}"
        make = multi_turn if n % 4 else proactive
        identity = record_id("dense_caption", "demo", name, 0)
        made.append(make(id=identity, split=split, video=video(id=name)))
    return made


def write_shard(path: Path, rows: Iterable[Record | dict[str, Any]], frames: bool = False) -> Path:
    """A shard as builds write it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file, ShardWriter(file, frames) as writer:
        for row in rows:
            writer.write(to_dict(row) if isinstance(row, Record) else row)
    return path


def write_build(folder: Path, records: Sequence[Record], frames: bool = False) -> Path:
    """A finished build of these records, one shard per split, in which all counts agree."""
    parts = []
    for split in sorted({record.split for record in records}):
        chosen = [record for record in records if record.split == split]
        identity = hashlib.sha256(split.encode()).hexdigest()[:16]
        name = f"dense_caption/{split}-{identity}.parquet"
        data = write_shard(folder / name, chosen, frames).read_bytes()
        parts.append(
            {
                "identity": identity,
                "split": split,
                "path": name,
                "n_records": len(chosen),
                "bytes": len(data),
                "sha256": hashlib.sha256(data).hexdigest(),
            }
        )
    (folder / "streamit").mkdir()
    (folder / "streamit" / "rejects.jsonl").write_text("")
    write_manifest(folder, make_manifest(records, parts))
    (folder / "_SUCCESS").touch()
    return folder


def make_manifest(records: Sequence[Record], parts: list[dict[str, Any]]) -> dict[str, Any]:
    """The manifest of such a build: three annotations per record, none rejected."""
    recipe = load_recipe("dense_caption")
    layouts: dict[str, dict[str, Counter[str]]] = {}
    for record in records:
        by_split = layouts.setdefault(record.source, {})
        by_split.setdefault(record.split, Counter())[record.layout] += 1
    n_annotations = 3 * len(records)
    counts = {"read": n_annotations, "recorded": n_annotations}
    return {
        "streamit_version": "0.1.0",
        "schema_version": "1",
        "recipe": to_data(recipe),
        "recipe_fingerprint": HASH,
        "media": "none",
        "sources": [],
        "counts": {"demo": counts | {"rejected": {}, "set_aside": {}, "adjusted": {}}},
        "records": dict(Counter(record.split for record in records)),
        "layouts": layouts,
        "decoders": {},
        "n_frames": sum(record.n_frames for record in records),
        "parts": parts,
        "run": {},
    }


def read_manifest(folder: Path) -> dict[str, Any]:
    """The manifest of a build."""
    manifest: dict[str, Any] = json.loads((folder / "streamit" / "manifest.json").read_text())
    return manifest


def write_manifest(folder: Path, manifest: dict[str, Any]) -> None:
    """Put a manifest in the place of the one that is there."""
    (folder / "streamit" / "manifest.json").write_text(json.dumps(manifest))


def rename(record: Record, name: str, **changes: Any) -> Record:
    """The record as one of another video."""
    identity = record_id(record.recipe, record.source, name, 0)
    return replace(record, id=identity, video=video(id=name), **changes)
