"""A mix of two builds without media: records per second and peak memory of the whole command.

150,000 records are read, 100,000 taken, on one core. Floors: 10,000 records taken per second, and
1.5 times as many by a run that finds all done (it reads all ids, too). Peak memory, as the command
reports it of its own process, is under 1 GB.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import streamit
from benchmarks.corpus import write_corpus
from benchmarks.harness import Case, Comparison, run_cases

N_VIDEOS = {"one": 100_000, "two": 50_000}
N_TAKEN = {"one": 70_000, "two": 30_000}
FLOOR = 10_000.0
PEAK_BYTES = 1e9

# The process reports its own peak, so that the builds before it do not count.
MEASURED = """
import resource, sys
from streamit.cli.main import run
code = run(sys.argv[1:])
kilobytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(f"peak {kilobytes * 1024 / 1e6:.0f} MB", file=sys.stderr)
sys.exit(code or int(kilobytes * 1024 > float(%r)))
"""


def main() -> int:
    """Build two recipes of one corpus, mix them afresh and again."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        mix = write_mix(folder)
        for name, n_videos in N_VIDEOS.items():
            build(folder, name, n_videos)
        run_mix(mix, folder / "done")
        n_taken = sum(N_TAKEN.values())
        cases = [
            Case("mix", "records", n_taken, afresh(mix, folder / "new"), FLOOR),
            Case("nothing new", "records", n_taken, lambda: run_mix(mix, folder / "done")),
        ]
        return run_cases("Mixing two builds", cases, [Comparison("nothing new", "mix", 1.5)])


def build(folder: Path, name: str, n_videos: int) -> None:
    """A build by a recipe of that name; the corpora share their first videos."""
    write_corpus(folder / f"corpus-{name}", n_videos)
    source = {"activitynet": str(folder / f"corpus-{name}")}
    overrides: dict[str, Any] = {"name": name, "limits": {"max_reject_rate": 1.0}}
    streamit.build("dense_caption", source, folder / name, workers=1, media="none", **overrides)


def write_mix(folder: Path) -> Path:
    """A mix of both."""
    mix = {
        "name": "mixed",
        "builds": {name: str(folder / name) for name in N_VIDEOS},
        "parts": [{"build": name, "count": n} for name, n in N_TAKEN.items()],
        "held_out": "none",
    }
    path = folder / "mixed.yaml"
    path.write_text(json.dumps(mix))
    return path


def afresh(mix: Path, out: Path) -> Callable[[], int]:
    """A run into an empty folder."""

    def run() -> int:
        shutil.rmtree(out, ignore_errors=True)
        return run_mix(mix, out)

    return run


def run_mix(mix: Path, out: Path) -> int:
    """The command in a process of its own; the number of records in the mix."""
    program = MEASURED % PEAK_BYTES
    command = [sys.executable, "-c", program, "mix", str(mix), "--out", str(out), "--json"]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    report = json.loads(done.stdout)
    n_records: int = report["records"]["train"]
    return n_records


if __name__ == "__main__":
    sys.exit(main())
