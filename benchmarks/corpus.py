"""A synthetic corpus in the format of ActivityNet Captions, of any size and always the same.

Numbers follow the published train.json: 3.7 events per video, about two minutes long, sentences of
13 words, one event in five overlapping the one before.
"""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

ID_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
VOCABULARY = (
    "a man woman child dog team player walks runs jumps throws holds picks puts the ball rope bike "
    "board water table camera and then while on over under behind red blue long small"
)


def write_corpus(folder: Path, n_videos: int) -> int:
    """Write train.json with `n_videos` videos; returns the number of events."""
    draw = random.Random(0)
    words = VOCABULARY.split()
    videos = {f"v_{_draw_id(draw)}": _draw_video(draw, words) for _ in range(n_videos)}
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "train.json").write_text(json.dumps(videos), encoding="utf-8")
    return sum(len(video["sentences"]) for video in videos.values())


def _draw_id(draw: random.Random) -> str:
    return "".join(draw.choices(ID_LETTERS, k=11))


def _draw_video(draw: random.Random, words: list[str]) -> dict[str, Any]:
    n_events = draw.choice((2, 3, 3, 4, 4, 4, 6))
    duration_s = round(draw.uniform(60, 200), 2)
    cuts = sorted(round(draw.uniform(0, duration_s), 2) for _ in range(n_events))
    starts = [0.0, *cuts[:-1]]
    spans = [
        [max(start - (5.0 if draw.random() < 0.2 else 0.0), 0.0), end]
        for start, end in zip(starts, cuts, strict=True)
    ]
    sentences = [" " + " ".join(draw.choices(words, k=13)).capitalize() + "." for _ in spans]
    return {"duration": duration_s, "timestamps": spans, "sentences": sentences}
