from __future__ import annotations

import sys

import pytest

from benchmarks.child import run_child


def test_a_command_is_heard_and_measured() -> None:
    small = run_child([sys.executable, "-c", "print('done')"])
    large = run_child([sys.executable, "-c", "print(len(bytearray(200_000_000)))"])
    assert small.stdout == "done\n"
    assert small.seconds > 0
    assert large.peak_bytes > 200_000_000


def test_a_command_that_fails_ends_the_run() -> None:
    with pytest.raises(SystemExit, match="ended with 3"):
        run_child([sys.executable, "-c", "raise SystemExit(3)"])
