"""What every reader takes and gives."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from streamit.item import Item, Reject


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One annotation file of a source, as discovered under the folder that the user named.

    `source` is the name that records carry (`demo` for the demo corpus, whatever the format).
    `path` and `folder` are fsspec paths; `name` is what records and rejects show. `split` is
    train, validation, test or by_record. `options` and `columns` come from the source's YAML.
    """

    source: str
    path: str
    folder: str
    name: str
    split: str
    language: str | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    columns: Mapping[str, Any] = field(default_factory=dict)


Reader = Callable[[SourceFile], Iterator[Item | Reject]]
"""Reads one file as a stream that never has to fit in memory.

Yields an Item for every annotation set that can be understood, and a Reject for every annotation
that cannot (index None when that is the whole item). Raises SourceError only when the file as a
whole cannot be read.
"""
