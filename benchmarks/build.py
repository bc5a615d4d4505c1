"""Annotations-only builds: records per second, schema and rules included, loop against Ray.

The whole command is timed, from the start of the process to its end, into an empty folder. Floor:
5,000 records/s on two cores.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from benchmarks.corpus import write_corpus
from benchmarks.harness import Case, Comparison, run_cases

N_VIDEOS = 20_000
FLOOR = 5_000.0


def main() -> int:
    """Measure builds of 20,000 videos and a second run that finds everything done."""
    with tempfile.TemporaryDirectory() as scratch:
        corpus, done = Path(scratch) / "corpus", Path(scratch) / "done"
        write_corpus(corpus, N_VIDEOS)
        n_records = build(corpus, done, 1)
        cases = [
            Case("loop", "records", n_records, fresh(corpus, 1)),
            Case("ray, 2 workers", "records", n_records, fresh(corpus, 2)),
            Case("nothing new", "records", n_records, lambda: build(corpus, done, 1)),
        ]
        return run_cases(
            "Builds without media, with validation",
            cases,
            [Comparison("ray, 2 workers", "loop"), Comparison("nothing new", "loop")],
        )


def fresh(corpus: Path, workers: int) -> Callable[[], int]:
    """A build into a folder that is not there yet."""

    def run() -> int:
        out = corpus.parent / "out"
        shutil.rmtree(out, ignore_errors=True)
        return build(corpus, out, workers)

    return run


def build(corpus: Path, out: Path, workers: int) -> int:
    """Run the command; returns the number of records that it reports."""
    command = [sys.executable, "-m", "streamit", "build", "--recipe", "dense_caption", "--json"]
    command += ["--source", f"activitynet={corpus}", "--out", str(out), "--workers", str(workers)]
    # A synthetic corpus may hold more faults than the recipe allows; that is exit code 3.
    command += ["--set", "limits.max_reject_rate=1"]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True)
    return sum(json.loads(done.stdout)["records"].values())


if __name__ == "__main__":
    sys.exit(main())
