"""Every reader on a generated file of its format: annotations per second, and memory at the peak.

Each file is read whole by a process of its own, which does nothing else: what the reader and the
interpreter with it hold is the peak. Rates are per second of CPU time. `--readers NAME ...`
measures some of them alone.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.child import run_child
from benchmarks.formats import FORMATS
from benchmarks.harness import describe_machine

TITLE = "Readers"
_MEGABYTE = 1e6


@dataclass(slots=True)
class Measured:
    """What reading one file came to; `seconds` of CPU time and `peaks` in bytes of each round."""

    reader: str
    n_items: int
    n_annotations: int
    file_bytes: int
    seconds: list[float] = field(default_factory=list)
    peaks: list[int] = field(default_factory=list)

    @property
    def per_second(self) -> float:
        """Annotations per second, at the median of the rounds."""
        return self.n_annotations / statistics.median(self.seconds)


def main() -> int:
    """Measure and print; the two hidden options are for the processes that it starts."""
    parser = argparse.ArgumentParser(description=TITLE)
    parser.add_argument("--readers", nargs="*", choices=FORMATS, default=list(FORMATS))
    parser.add_argument("--rounds", type=int, default=3, help="times that each file is read")
    parser.add_argument("--json", action="store_true", help="one JSON document on stdout")
    parser.add_argument("--write", nargs=2, help=argparse.SUPPRESS)
    parser.add_argument("--read", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.write:
        print(write_format(*options.write))
    elif options.read:
        print(json.dumps(read_format(*options.read)))
    else:
        results = [measure(name, options.rounds) for name in options.readers]
        print_results(results, options.json)
    return 0


def write_format(name: str, folder: str) -> int:
    """Write the file of a format; returns the number of annotations in it."""
    return FORMATS[name].write(Path(folder), FORMATS[name].n_videos)


def read_format(name: str, folder: str) -> dict[str, Any]:
    """Read all that a folder holds of a source: counts, and seconds of CPU time without any start.

    CPU time, because a reader waits for nothing, and other programs then cost it little.
    """
    from streamit.item import Item
    from streamit.readers.discover import discover
    from streamit.readers.registry import load_reader

    found = discover(name, folder)
    read = load_reader(found.info.reader)
    n_items = n_annotations = n_rejects = 0
    started = time.process_time()
    for file in found.files:
        for entry in read(file):
            if isinstance(entry, Item):
                n_items += 1
                n_annotations += len(entry.events)
            else:
                n_rejects += 1
    seconds = time.process_time() - started
    counts = {"items": n_items, "annotations": n_annotations, "rejects": n_rejects}
    return {**counts, "seconds": seconds}


def measure(name: str, rounds: int) -> Measured:
    """Write the file, read it `rounds` times, and check every count."""
    this = [sys.executable, "-m", "benchmarks.readers"]
    with tempfile.TemporaryDirectory(prefix="streamit-bench-") as folder:
        n_annotations = int(run_child([*this, "--write", name, folder]).stdout)
        file_bytes = sum(p.stat().st_size for p in Path(folder).rglob("*") if p.is_file())
        result = Measured(name, FORMATS[name].n_videos, n_annotations, file_bytes)
        expected = {"items": result.n_items, "annotations": n_annotations, "rejects": 0}
        for _ in range(rounds):
            run = run_child([*this, "--read", name, folder])
            found = json.loads(run.stdout)
            result.seconds.append(found.pop("seconds"))
            result.peaks.append(run.peak_bytes)
            if found != expected:
                raise SystemExit(f"{name}: read {found}, not {expected}")
    print(f"{name}: {result.per_second:,.0f} annotations/s", file=sys.stderr)
    return result


def print_results(results: list[Measured], as_json: bool) -> None:
    """A table, or one JSON document."""
    machine = describe_machine()
    if as_json:
        readers = [{**asdict(one), "per_second": round(one.per_second, 1)} for one in results]
        print(json.dumps({"title": TITLE, "machine": machine, "readers": readers}, indent=2))
        return
    print(f"{TITLE} ({machine['cores']} x {machine['cpu']}, Python {machine['python']})\n")
    print("| reader | file | items | annotations | items/s | annotations/s | peak memory |")
    print("|---|---|---|---|---|---|---|")
    for one in results:
        items_per_second = one.n_items / statistics.median(one.seconds)
        print(
            f"| {one.reader} | {one.file_bytes / _MEGABYTE:.1f} MB | {one.n_items:,} | "
            f"{one.n_annotations:,} | {items_per_second:,.0f} | {one.per_second:,.0f} | "
            f"{max(one.peaks) / _MEGABYTE:.0f} MB |"
        )


if __name__ == "__main__":
    sys.exit(main())
