"""Made-up videos with events, the same for the same call, and JSON written row by row."""

from __future__ import annotations

import json
import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.corpus import ID_LETTERS, VOCABULARY


@dataclass(frozen=True, slots=True)
class Video:
    """A made-up video: its number, an id like YouTube's, and (start, end, sentence) of events."""

    number: int
    id: str
    duration_s: float
    events: list[tuple[float, float, str]]

    @property
    def sentences(self) -> list[str]:
        """What the events are."""
        return [text for _, _, text in self.events]


def draw_videos(n_videos: int, n_events: int) -> Iterator[Video]:
    """Videos of some minutes whose events follow each other, in tenths of a second."""
    draw, words = random.Random(0), VOCABULARY.split()
    for number in range(n_videos):
        ids = "".join(draw.choices(ID_LETTERS, k=11))
        events = []
        for index in range(n_events):
            start_s = 10.0 * index + draw.randrange(40) / 10
            length_s = (10 + draw.randrange(50)) / 10
            text = " ".join(draw.choices(words, k=10)).capitalize() + "."
            events.append((start_s, round(start_s + length_s, 1), text))
        yield Video(number, ids, 10.0 * n_events + 5.25, events)


def write_list(path: Path, rows: Iterable[Any], n_each: int) -> int:
    """Write a JSON list, row by row; returns how many annotations it holds."""
    count = 0
    with path.open("w", encoding="utf-8") as file:
        for count, row in enumerate(rows, start=1):
            file.write(("[" if count == 1 else ",\n") + json.dumps(row))
        file.write("]")
    return count * n_each


def write_jsonl(path: Path, rows: Iterable[Any], n_each: int) -> int:
    """Write a line per row; returns how many annotations they hold."""
    with path.open("w", encoding="utf-8") as file:
        return sum(n_each for row in rows if file.write(json.dumps(row) + "\n"))
