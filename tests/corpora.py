"""Small corpora in native formats, for tests that build."""

import json
import random
from pathlib import Path
from typing import Any

WORDS = ("man", "dog", "ball", "runs", "jumps", "red", "house", "car", "opens", "door", "walks")


def make_captions(n_videos: int, seed: int = 0) -> dict[str, Any]:
    """ActivityNet Captions of made-up videos; the same seed gives the same first videos."""
    return {f"v_{i:011d}": make_video(random.Random(f"{seed}/{i}")) for i in range(n_videos)}


def make_video(dice: random.Random) -> dict[str, Any]:
    """One video's entry, with a few events that overlap and come out of order."""
    duration_s = round(dice.uniform(20, 200), 2)
    stamps, sentences = [], []
    for _ in range(dice.randint(2, 6)):
        start_s = round(dice.uniform(0, duration_s - 5), 2)
        stamps.append([start_s, round(dice.uniform(start_s + 2, duration_s), 2)])
        sentences.append(" ".join(dice.choices(WORDS, k=8)).capitalize() + ".")
    return {"duration": duration_s, "timestamps": stamps, "sentences": sentences}


def write_captions(folder: Path, captions: dict[str, Any], name: str = "train.json") -> Path:
    """Write an annotation file and return its folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(json.dumps(captions))
    return folder


def read_build(out: Path) -> dict[str, bytes]:
    """All files of a build that must not depend on the run, by name.

    The `run` objects of the manifest and of the parts hold what differs: times, host, mtime.
    """
    files = {}
    for path in sorted(out.rglob("*")):
        if not path.is_file():
            continue
        data = path.read_bytes()
        if path.suffix == ".json" and "schema" not in path.name:
            row = json.loads(data)
            row.pop("run", None)
            data = json.dumps(row, sort_keys=True).encode()
        files[path.relative_to(out).as_posix()] = data
    return files
