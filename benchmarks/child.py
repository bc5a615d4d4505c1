"""Runs a command in a process of its own and tells how long it took and how much memory it held."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass

_KIBIBYTE = 1024


@dataclass(frozen=True, slots=True)
class ChildRun:
    """What a command printed, its wall time, and the most memory that it held at once."""

    stdout: str
    seconds: float
    peak_bytes: int


def run_child(command: Sequence[str]) -> ChildRun:
    """Run a command to its end. Raises SystemExit when it fails.

    Linux counts the caller's own memory as the least peak of what it starts, so that the caller
    must be small.
    """
    started = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        stdout = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)}: ended with {process.returncode}")
    seconds = time.perf_counter() - started
    return ChildRun(stdout, seconds, usage.ru_maxrss * _KIBIBYTE)
