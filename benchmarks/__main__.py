"""`python -m benchmarks`: every benchmark in turn, each in a process of its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

NOT_BENCHMARKS = {
    "__init__",
    "__main__",
    "child",
    "corpus",
    "formats",
    "harness",
    "made_up",
    "web_clips",
}


def main() -> int:
    """Run all; 1 when any of them is under a floor or fails."""
    names = sorted(path.stem for path in Path(__file__).parent.glob("*.py"))
    codes = [
        subprocess.run([sys.executable, "-m", f"benchmarks.{name}", *sys.argv[1:]]).returncode
        for name in names
        if name not in NOT_BENCHMARKS
    ]
    return 1 if any(codes) else 0


if __name__ == "__main__":
    sys.exit(main())
