"""COIN: the steps of instructional videos, labels of a fixed list per task; times are seconds.

The shape of readers/database.py with the key `annotation`, in two wrappers: `COIN.json` is the
official `{"database": {...}}`; PDPP's `coin_train_70.json` and `coin_test_30.json`, which many
planners use, are lists of objects with one video each and have a split of their own. `class` is the
task. `start` and `end` of a video bound the region that the annotators were shown, not a step.
Tang et al., COIN: A Large-scale Dataset for Comprehensive Instructional Video Analysis, CVPR 2019.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from streamit.item import Item, Reject
from streamit.readers.base import SourceFile
from streamit.readers.database import Corpus, read_database
from streamit.readers.labels import read_label


def read(file: SourceFile) -> Iterator[Item | Reject]:
    """One item per video; its goal is the task in words. Raises SourceError."""
    return read_database(file, Corpus("COIN", "label", read_goal=_read_task))


def _read_task(entry: Mapping[str, Any]) -> str | None:
    task = entry.get("class")
    return None if task is None else read_label(task)
