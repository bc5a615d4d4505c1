"""How long the command line takes to answer. Floor: `streamit --help` in 0.3 s.

Every start is a process of its own, as a user starts it; `python -c pass` is what no program can
do without.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterable, Sequence

from benchmarks.harness import Case, Comparison, run_cases
from streamit.cli.main import COMMANDS

N_STARTS = 10
FLOOR = 1 / 0.3


def main() -> int:
    """Measure help, the help of one command, and a bare interpreter."""
    module = ["-m", "streamit"]
    cases = [
        Case("streamit --help", "starts", N_STARTS, start([*module, "--help"], COMMANDS), FLOOR),
        Case("streamit build --help", "starts", N_STARTS, start([*module, "build", "-h"])),
        Case("streamit rules --json", "starts", N_STARTS, start([*module, "rules", "--json"])),
        Case("python -c pass", "starts", N_STARTS, start(["-c", "pass"])),
    ]
    return run_cases("Time to answer", cases, [Comparison("streamit --help", "python -c pass")])


def start(arguments: Sequence[str], names: Iterable[str] = ()) -> Callable[[], int]:
    """Start Python that often; counts the starts whose output has all the names."""

    def run() -> int:
        done = [
            subprocess.run([sys.executable, *arguments], capture_output=True, text=True, check=True)
            for _ in range(N_STARTS)
        ]
        return sum(all(name in one.stdout for name in names) for one in done)

    return run


if __name__ == "__main__":
    sys.exit(main())
