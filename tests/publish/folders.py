"""A small build folder as `streamit build` lays it out, made of real shards and a filled card."""

from __future__ import annotations

import hashlib
import io
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PIL import Image

from streamit.build.shards import ShardWriter
from streamit.config import to_data
from streamit.publish.card import fill_card
from streamit.recipe import fingerprint, load_recipe
from streamit.record import Frame, Record, to_dict
from streamit.source import SourceInfo, load_source
from streamit.version import __version__


def make_frames(n: int) -> tuple[Frame, ...]:
    """JPEG frames of one grey each."""
    frames = []
    for i in range(n):
        buffer = io.BytesIO()
        Image.new("L", (16, 8), color=10 * i).save(buffer, "JPEG")
        frames.append(Frame(buffer.getvalue()))
    return tuple(frames)


def write_build(
    folder: Path,
    records: Sequence[Record],
    media: str = "none",
    sources: Sequence[str] = ("demo",),
    **changes: Any,
) -> dict[str, Any]:
    """Write one shard per split and the card; returns the manifest they were made of."""
    manifest = make_manifest(sources, media)
    layouts: dict[str, dict[str, Counter[str]]] = {}
    for split in sorted({record.split for record in records}):
        rows = [record for record in records if record.split == split]
        manifest["parts"].append(_write_shard(folder, split, rows, media == "frames"))
        manifest["records"][split] = len(rows)
        for row in rows:
            by_split = layouts.setdefault(row.source, {})
            by_split.setdefault(split, Counter())[row.layout] += 1
    manifest["layouts"] = layouts
    manifest |= changes
    infos = load_infos(sources)
    (folder / "README.md").write_text(fill_card(manifest, infos), encoding="utf-8")
    return manifest


def make_manifest(sources: Sequence[str], media: str = "none") -> dict[str, Any]:
    """A manifest without records; every source has read two annotations and rejected one."""
    recipe = load_recipe("dense_caption")
    infos = load_infos(sources)
    file = {"name": "train.json", "bytes": 1234, "sha256": "ab" * 32, "split": "train"}
    counts = {
        "read": 2,
        "recorded": 1,
        "rejected": {"reversed": 1},
        "set_aside": {},
        "adjusted": {"merged": 1},
    }
    return {
        "streamit_version": __version__,
        "schema_version": "1",
        "recipe": to_data(recipe),
        "recipe_fingerprint": fingerprint(recipe),
        "media": media,
        "sources": [_describe(name, info, file) for name, info in infos.items()],
        "counts": {name: dict(counts) for name in infos},
        "records": {},
        "layouts": {},
        "decoders": {},
        "n_frames": 0,
        "parts": [],
        "run": {"host": "somewhere", "started": "2026-01-01T00:00:00+00:00"},
    }


def load_infos(sources: Sequence[str]) -> dict[str, SourceInfo]:
    """Descriptions of shipped sources by name."""
    return {name: load_source(name) for name in sources}


def _describe(name: str, info: SourceInfo, file: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": name,
        "title": info.title,
        "reader": info.reader,
        "licence": to_data(info.licence),
        "files": [file],
    }


def _write_shard(
    folder: Path, split: str, rows: Sequence[Record], with_frames: bool
) -> dict[str, Any]:
    name = f"dense_caption/{split}-{'0' * 19}1.parquet"
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file, ShardWriter(file, with_frames) as writer:
        for row in rows:
            writer.write(to_dict(row))
    data = path.read_bytes()
    return {
        "identity": "0" * 19 + "1",
        "split": split,
        "path": name,
        "n_records": len(rows),
        "bytes": len(data),
        "sha256": hashlib.sha256(data).hexdigest(),
    }
