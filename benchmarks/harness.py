"""What all benchmarks share: paired runs, medians, exact counts, a table or JSON.

A case does its work once per round and returns how many things it did. A round runs every case, in
turn from the front and from the back, so that a machine that grows slower does so for all of them.
A case whose count differs from what it states has measured something else and ends the run.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import Any

CPU_FACTS = "/proc/cpuinfo"
VERSIONS = ("numpy", "pandas", "pyarrow", "av", "ray", "datasets", "jsonschema-rs", "msgspec")


@dataclass(frozen=True, slots=True)
class Case:
    """One way to do the work. `run` returns the number of `unit`s done, which must be `count`.

    `floor` is the least rate in units per second that the project promises on two cores.
    """

    name: str
    unit: str
    count: int
    run: Callable[[], int]
    floor: float | None = None


@dataclass(frozen=True, slots=True)
class Comparison:
    """The rate of `case` over that of `base`, round by round; `floor` is the least median."""

    case: str
    base: str
    floor: float | None = None


@dataclass(slots=True)
class Result:
    """Seconds of every round of a case."""

    case: Case
    seconds: list[float] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """Units per second, at the median of the rounds."""
        return self.case.count / statistics.median(self.seconds)

    def to_dict(self) -> dict[str, Any]:
        """Plain data for --json."""
        return {
            "name": self.case.name,
            "unit": self.case.unit,
            "count": self.case.count,
            "seconds": [round(s, 4) for s in self.seconds],
            "median_s": round(statistics.median(self.seconds), 4),
            "per_second": round(self.rate, 1),
            "floor": self.case.floor,
        }


def run_cases(
    title: str,
    cases: Sequence[Case],
    comparisons: Sequence[Comparison] = (),
    arguments: Sequence[str] | None = None,
) -> int:
    """Measure, print, and return the exit code: 1 when something is under its floor.

    Call it as `sys.exit(run_cases(...))` from a script; it reads --rounds and --json.
    """
    parser = argparse.ArgumentParser(description=title)
    parser.add_argument(
        "--rounds", type=int, default=5, help="measured rounds, after one to warm up"
    )
    parser.add_argument("--json", action="store_true", help="one JSON document on stdout")
    options = parser.parse_args(arguments)
    results = measure(cases, options.rounds)
    ratios = {pair: compare(results[pair.case], results[pair.base]) for pair in comparisons}
    if options.json:
        print(json.dumps(_to_document(title, results, ratios), indent=2))
    else:
        print("\n".join(_to_lines(title, results, ratios)))
    slow = [r.case.name for r in results.values() if r.case.floor and r.rate < r.case.floor]
    slow += [f"{p.case} / {p.base}" for p, ratio in ratios.items() if p.floor and ratio < p.floor]
    for name in slow:
        print(f"under its floor: {name}", file=sys.stderr)
    return 1 if slow else 0


def measure(cases: Sequence[Case], rounds: int) -> dict[str, Result]:
    """Results by name, from `rounds` rounds after one that is not counted."""
    results = {case.name: Result(case) for case in cases}
    for number in range(rounds + 1):
        for case in cases if number % 2 else reversed(cases):
            seconds = _time(case)
            if number:
                results[case.name].seconds.append(seconds)
            print(f"{case.name}: round {number}: {seconds:.2f} s", file=sys.stderr)
    return results


def compare(one: Result, base: Result) -> float:
    """How many times as fast: the median over the rounds of each round's own quotient."""
    rates = [
        (one.case.count / own_s) / (base.case.count / base_s)
        for own_s, base_s in zip(one.seconds, base.seconds, strict=True)
    ]
    return statistics.median(rates)


def describe_machine() -> dict[str, Any]:
    """What a reader needs to judge figures: kind and number of cores, versions. No names."""
    return {
        "cores": len(os.sched_getaffinity(0)),
        "cpu": _read_cpu(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "versions": {name: version(name) for name in VERSIONS},
    }


def _time(case: Case) -> float:
    started = time.perf_counter()
    count = case.run()
    seconds = time.perf_counter() - started
    if count != case.count:
        raise SystemExit(f"{case.name}: did {count} {case.unit}, not {case.count}")
    return seconds


def _read_cpu() -> str:
    try:
        with open(CPU_FACTS, encoding="utf-8") as file:
            models = [line.partition(":")[2].strip() for line in file if "model name" in line]
    except OSError:
        models = []
    return models[0] if models else platform.processor() or "unknown"


def _to_document(
    title: str, results: dict[str, Result], ratios: dict[Comparison, float]
) -> dict[str, Any]:
    return {
        "title": title,
        "machine": describe_machine(),
        "cases": [result.to_dict() for result in results.values()],
        "comparisons": [
            {"case": p.case, "base": p.base, "times_as_fast": round(ratio, 3), "floor": p.floor}
            for p, ratio in ratios.items()
        ],
    }


def _to_lines(title: str, results: dict[str, Result], ratios: dict[Comparison, float]) -> list[str]:
    machine = describe_machine()
    lines = [
        f"{title} ({machine['cores']} x {machine['cpu']}, Python {machine['python']})",
        "",
        "| case | count | median | rate | floor |",
        "|---|---|---|---|---|",
    ]
    for result in results.values():
        case = result.case
        floor = f"{case.floor:,.0f}/s" if case.floor else "-"
        lines.append(
            f"| {case.name} | {case.count:,} {case.unit} | "
            f"{statistics.median(result.seconds):.2f} s | {result.rate:,.0f}/s | {floor} |"
        )
    for pair, ratio in ratios.items():
        floor = f", floor {pair.floor:g}" if pair.floor else ""
        lines += ["", f"{pair.case}: {ratio:.2f} times as fast as {pair.base}{floor}"]
    return lines
