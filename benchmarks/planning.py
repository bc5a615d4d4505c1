"""Plans of files far larger than memory: how much the planning process holds at its peak.

`streamit build --dry-run` is run, as users do, on ten million InternVid-like lines and two million
Panda-like rows, and on a million of each. It must hold less than 2 GB, and no more for the larger
file. The files and the plan's own tables take about 12 GB of the temporary folder (TMPDIR).
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.child import run_child
from benchmarks.harness import describe_machine
from benchmarks.web_clips import write_internvid, write_panda

MOST_BYTES = 2_000_000_000
# Peaks differ by some per cent from run to run, whatever the size.
MOST_GROWTH = 1.1
TITLE = "Plans of files larger than memory"
_GIGABYTE = 1e9


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan that was made: of how many rows, holding how many clips, and at what cost."""

    source: str
    n_rows: int
    n_clips: int
    file_bytes: int
    seconds: float
    peak_bytes: int


def main() -> int:
    """Plan, print, and return 1 when a peak is over 2 GB or grows with the file."""
    parser = argparse.ArgumentParser(description=TITLE)
    for source, sizes in (("internvid", (10**6, 10**7)), ("panda70m", (10**6, 2 * 10**6))):
        words = f"rows of {source}, from small to large"
        parser.add_argument(f"--{source}", type=int, nargs="*", default=sizes, help=words)
    parser.add_argument("--rounds", type=int, help="not used: a plan is made once per size")
    parser.add_argument("--json", action="store_true", help="one JSON document on stdout")
    options = parser.parse_args()
    runs = [
        [plan_rows(source, write, n_rows) for n_rows in sizes]
        for source, write, sizes in (
            ("internvid", write_internvid, options.internvid),
            ("panda70m", write_panda, options.panda70m),
        )
    ]
    if options.json:
        made = [asdict(one) for of_source in runs for one in of_source]
        print(json.dumps({"title": TITLE, "machine": describe_machine(), "plans": made}, indent=2))
    else:
        print_table([one for of_source in runs for one in of_source])
    broken = [words for of_source in runs for words in find_broken(of_source)]
    for words in broken:
        print(words, file=sys.stderr)
    return 1 if broken else 0


def plan_rows(source: str, write: Callable[[Path, int], int], n_rows: int) -> Planned:
    """Write a file of so many rows, plan it in a process of its own, and remove it."""
    folder = Path(tempfile.mkdtemp(prefix="streamit-bench-"))
    try:
        n_clips = write(folder, n_rows)
        file_bytes = sum(path.stat().st_size for path in folder.iterdir())
        print(f"{source}: {n_rows:,} rows, {file_bytes / _GIGABYTE:.1f} GB", file=sys.stderr)
        command = [sys.executable, "-m", "streamit", "build", "--recipe", "dense_caption"]
        command += ["--source", f"{source}={folder}", "--dry-run", "--json"]
        run = run_child([*command, "--out", str(folder / "out")])
    finally:
        shutil.rmtree(folder)
    counts = json.loads(run.stdout)["total"]
    if counts["read"] != n_clips or counts["rejected"]:
        raise SystemExit(f"{source}: planned {counts}, not {n_clips} clips")
    peak = f"{run.peak_bytes / _GIGABYTE:.2f} GB"
    print(f"{source}: {n_rows:,} rows: {run.seconds:.0f} s, {peak}", file=sys.stderr)
    return Planned(source, n_rows, n_clips, file_bytes, run.seconds, run.peak_bytes)


def find_broken(runs: list[Planned]) -> list[str]:
    """Promises that the plans of one source break, in words."""
    broken = [
        f"{one.source}: {one.peak_bytes / _GIGABYTE:.2f} GB for {one.n_rows:,} rows, over 2 GB"
        for one in runs
        if one.peak_bytes > MOST_BYTES
    ]
    if len(runs) > 1 and runs[-1].peak_bytes > MOST_GROWTH * runs[0].peak_bytes:
        growth = runs[-1].peak_bytes / runs[0].peak_bytes
        broken.append(f"{runs[0].source}: the largest file takes {growth:.2f} times as much memory")
    return broken


def print_table(runs: list[Planned]) -> None:
    """The plans as a table."""
    machine = describe_machine()
    print(f"{TITLE} ({machine['cores']} x {machine['cpu']}, Python {machine['python']})\n")
    print("| source | rows | clips | file | time | clips/s | peak memory |")
    print("|---|---|---|---|---|---|---|")
    for one in runs:
        print(
            f"| {one.source} | {one.n_rows:,} | {one.n_clips:,} | "
            f"{one.file_bytes / _GIGABYTE:.1f} GB | {one.seconds:.0f} s | "
            f"{one.n_clips / one.seconds:,.0f} | {one.peak_bytes / _GIGABYTE:.2f} GB |"
        )


if __name__ == "__main__":
    sys.exit(main())
