"""What the tests of all readers share: write a file, read it, count."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from streamit.item import Event, Item, Reject
from streamit.readers.base import SourceFile
from streamit.readers.registry import load_reader


def make_file(path: Path, split: str = "train", **changes: Any) -> SourceFile:
    """The annotation file as discovery would hand it on."""
    return SourceFile("mine", str(path), str(path.parent), path.name, split, **changes)


def write_json(path: Path, document: object) -> Path:
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


def read_all(reader: str, file: SourceFile) -> tuple[list[Item], list[Reject]]:
    """Items and rejects of one file."""
    found = list(load_reader(reader)(file))
    items = [entry for entry in found if isinstance(entry, Item)]
    return items, [entry for entry in found if isinstance(entry, Reject)]


def list_reasons(rejects: Sequence[Reject]) -> list[tuple[int | None, str]]:
    return [(reject.index, reject.reason) for reject in rejects]


def list_spans(events: Sequence[Event]) -> list[tuple[float, float | None, str]]:
    return [(event.start_s, event.end_s, event.text) for event in events]


def count_annotations(items: Sequence[Item], rejects: Sequence[Reject]) -> int:
    """By the rule of counting: events of items and rejects."""
    return sum(len(item.events) for item in items) + len(rejects)


def count_splits(items: Sequence[Item]) -> Counter[str]:
    return Counter(item.split for item in items)
