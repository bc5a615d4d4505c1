"""The files that describe a finished build: manifest, rejects, schema, card, _SUCCESS.

All but the manifest's `run` object depend on inputs and recipe alone; a file is only written when
its content changes, so that a rebuild of nothing new writes nothing.
"""

from __future__ import annotations

import json
import platform
import socket
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from streamit import resources
from streamit.build.counts import Ledger
from streamit.build.parts import Part, reject_to_dict
from streamit.build.types import Job
from streamit.config import to_data
from streamit.dataset import MANIFEST
from streamit.errors import StorageError
from streamit.item import Reject
from streamit.publish.card import fill_card
from streamit.readers.discover import Discovered
from streamit.source import SourceInfo
from streamit.storage import Folder, encode_json, encode_jsonl

REJECTS = "streamit/rejects.jsonl"
SCHEMA = "streamit/schema.json"
CARD = "README.md"


def make_manifest(
    job: Job,
    discovered: Sequence[Discovered],
    parts: Sequence[Part],
    ledger: Ledger,
    run: dict[str, Any],
    quality: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The manifest as plain data (schemas/manifest.schema.json)."""
    return {
        "streamit_version": job.streamit_version,
        "schema_version": job.schema_version,
        "recipe": to_data(job.recipe),
        "recipe_fingerprint": job.fingerprint,
        "media": job.media,
        "sources": [_describe_source(name, job, discovered) for name in sorted(job.sources)],
        "counts": ledger.to_dict(),
        **describe_parts(parts),
        **({} if quality is None else {"quality": quality}),
        "run": run,
    }


def describe_parts(parts: Sequence[Part]) -> dict[str, Any]:
    """The manifest's keys about what was written: records, layouts, decoders, frames, shards."""
    records: Counter[str] = Counter()
    layouts: dict[str, dict[str, Counter[str]]] = {}
    decoders: Counter[str] = Counter()
    for part in parts:
        records[part.split] += part.n_records
        decoders.update(part.decoders)
        for source, counts in part.layouts.items():
            by_split = layouts.setdefault(source, {})
            by_split.setdefault(part.split, Counter()).update(counts)
    return {
        "records": {split: n for split, n in sorted(records.items()) if n},
        "layouts": {name: _sort_counts(layouts[name]) for name in sorted(layouts)},
        "decoders": dict(sorted(decoders.items())),
        "n_frames": sum(part.n_frames for part in parts),
        "parts": [_describe_part(part) for part in _ordered(parts)],
    }


def describe_run(started: float, engine: str, workers: int | None) -> dict[str, Any]:
    """The manifest's `run`: all that differs between two equal builds."""
    return {
        "started": datetime.fromtimestamp(started, UTC).isoformat(timespec="seconds"),
        "ended": datetime.now(UTC).isoformat(timespec="seconds"),
        "host": socket.gethostname(),
        "engine": engine,
        "workers": workers,
        "python": platform.python_version(),
    }


def write_manifest(out: Folder, manifest: dict[str, Any]) -> bool:
    """Write the manifest unless only its `run` object differs from the one that is there."""
    if out.exists(MANIFEST):
        try:
            old = out.read_json(MANIFEST)
        except StorageError:
            old = {}
        if {**old, "run": None} == {**json.loads(json.dumps(manifest)), "run": None}:
            return False
    out.write_bytes(MANIFEST, encode_json(manifest))
    return True


def write_descriptions(
    out: Folder,
    manifest: dict[str, Any],
    rejects: Iterable[Reject],
    sources: Mapping[str, SourceInfo],
) -> None:
    """Write rejects, schema, card and manifest, each only if it changed."""
    rows = [reject_to_dict(reject) for reject in rejects]
    out.write_if_changed(REJECTS, encode_jsonl(rows, key=_reject_order))
    schema = resources.find("schemas", "record.schema")
    out.write_if_changed(SCHEMA, schema.read_bytes())
    out.write_if_changed(CARD, fill_card(manifest, sources).encode())
    write_manifest(out, manifest)


def _describe_source(name: str, job: Job, discovered: Sequence[Discovered]) -> dict[str, Any]:
    info = job.sources[name]
    formats = [found for found in discovered if found.record_source == name]
    files = [
        {"name": file.name, "split": file.split, **_stamp(file.path)}
        for found in formats
        for file in found.files
    ]
    return {
        "name": name,
        "title": info.title,
        "reader": ", ".join(sorted({found.info.reader for found in formats})),
        "licence": to_data(info.licence),
        "files": sorted(files, key=lambda file: (file["name"], file["sha256"])),
    }


def _stamp(path: str) -> dict[str, Any]:
    folder, _, name = path.rpartition("/")
    holder = Folder(folder or ".")
    stamp = holder.stamp(name)
    return {"bytes": stamp["bytes"] if stamp else 0, "sha256": holder.sha256(name)}


def _sort_counts(by_split: Mapping[str, Counter[str]]) -> dict[str, dict[str, int]]:
    return {split: dict(sorted(by_split[split].items())) for split in sorted(by_split)}


def _describe_part(part: Part) -> dict[str, Any]:
    return {
        "identity": part.identity,
        "split": part.split,
        "path": part.path,
        "n_records": part.n_records,
        "bytes": part.bytes,
        "sha256": part.sha256,
    }


def _ordered(parts: Sequence[Part]) -> list[Part]:
    return sorted(parts, key=lambda part: (part.split, part.identity))


def _reject_order(row: dict[str, Any]) -> tuple[Any, ...]:
    index = -1 if row["index"] is None else row["index"]
    return (row["source"], row["file"], row["key"], index, row["reason"], row["message"])
