"""Annotations-only builds: records per second, schema and rules included, loop against Ray.

The whole command is timed, from the start of the process to its end, into an empty folder. Ray's
own start takes seconds whatever the size of the build, so the floor is on a cluster that runs
already: 5,000 records/s on two cores, planning and manifests included.
"""

from __future__ import annotations

import json
import logging
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import streamit
from benchmarks.corpus import write_corpus
from benchmarks.harness import Case, Comparison, run_cases

N_VIDEOS = 100_000
FLOOR = 5_000.0
# A synthetic corpus may hold more faults than the recipe allows; that would be exit code 3.
ALLOW = "limits.max_reject_rate=1"


def main() -> int:
    """Measure builds of 100,000 videos, and a second run that finds everything done."""
    with tempfile.TemporaryDirectory() as scratch:
        corpus, done = Path(scratch) / "corpus", Path(scratch) / "done"
        write_corpus(corpus, N_VIDEOS)
        n_records = run_command(corpus, done, 1)
        start_ray()
        cases = [
            Case("loop", "records", n_records, afresh(corpus, run_command, 1)),
            Case("ray, 2 workers", "records", n_records, afresh(corpus, run_command, 2)),
            Case("ray, running", "records", n_records, afresh(corpus, call_build, 2), FLOOR),
            Case("nothing new", "records", n_records, lambda: run_command(corpus, done, 1)),
        ]
        return run_cases(
            "Builds without media, with validation",
            cases,
            [
                Comparison("ray, 2 workers", "loop"),
                Comparison("ray, running", "loop"),
                Comparison("nothing new", "loop"),
            ],
        )


def start_ray() -> None:
    """A cluster of two cores in this process, which builds called from here then use."""
    import ray

    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False, logging_level=logging.ERROR)


def afresh(
    corpus: Path, build: Callable[[Path, Path, int], int], workers: int
) -> Callable[[], int]:
    """A build into a folder that is not there yet."""

    def run() -> int:
        out = corpus.parent / "out"
        shutil.rmtree(out, ignore_errors=True)
        return build(corpus, out, workers)

    return run


def run_command(corpus: Path, out: Path, workers: int) -> int:
    """Run `streamit build`; returns the number of records that it reports."""
    command = [sys.executable, "-m", "streamit", "build", "--recipe", "dense_caption", "--json"]
    command += ["--source", f"activitynet={corpus}", "--out", str(out), "--workers", str(workers)]
    done = subprocess.run([*command, "--set", ALLOW], stdout=subprocess.PIPE, check=True)
    return sum(json.loads(done.stdout)["records"].values())


def call_build(corpus: Path, out: Path, workers: int) -> int:
    """Call `streamit.build` in this process; returns the number of records."""
    key, _, value = ALLOW.partition("=")
    overrides = {key: float(value), "workers": workers}
    report = streamit.build("dense_caption", {"activitynet": corpus}, out, **overrides)
    return sum(report.n_records.values())


if __name__ == "__main__":
    sys.exit(main())
