"""Small corpora of captioned clips in native formats, for tests that build streams."""

import csv
import random
from collections.abc import Iterable
from pathlib import Path
from typing import Any

WORDS = ("man", "dog", "ball", "runs", "jumps", "red", "house", "car", "opens", "door", "walks")

Rows = list[dict[str, Any]]


def make_panda(n_videos: int, seed: int = 0) -> Rows:
    """Panda-70M rows of made-up videos of one to four clips; the same seed, the same first ones."""
    return [_make_row(n, random.Random(f"{seed}/{n}")) for n in range(n_videos)]


def _make_row(n: int, dice: random.Random) -> dict[str, Any]:
    times, captions, start_s = [], [], 0.0
    for k in range(dice.randint(1, 4)):
        end_s = start_s + round(dice.uniform(4, 20), 3)
        times.append([_write_clock(start_s), _write_clock(end_s)])
        captions.append(f"{' '.join(dice.choices(WORDS, k=6)).capitalize()} zq{n}x{k}z.")
        start_s = end_s + dice.randint(0, 3)
    return {"videoID": f"v{n:010d}", "timestamp": times, "caption": captions}


def write_panda(folder: Path, rows: Iterable[dict[str, Any]], split: str = "training_2m") -> Path:
    """Write a Panda-70M file and return its folder."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f"panda70m_{split}.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, ["videoID", "timestamp", "caption"])
        writer.writeheader()
        writer.writerows(rows)
    return folder


def count_clips(rows: Rows) -> int:
    """How many clips the rows hold."""
    return sum(len(row["caption"]) for row in rows)


def _write_clock(time_s: float) -> str:
    return f"{int(time_s // 3600)}:{int(time_s // 60 % 60):02d}:{time_s % 60:06.3f}"
