"""Runs commands as the console script does, in this process."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from streamit.cli.main import run
from tests.builds import make_records, write_build


@dataclass(frozen=True)
class Outcome:
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one document on stdout."""
        return json.loads(self.out)


Cli = Callable[..., Outcome]


@pytest.fixture
def cli(capsys: pytest.CaptureFixture[str]) -> Cli:
    def call(*args: str | Path) -> Outcome:
        code = run([str(arg) for arg in args])
        written = capsys.readouterr()
        return Outcome(code, written.out, written.err)

    return call


@pytest.fixture
def build(tmp_path: Path) -> Path:
    """A finished build of four records for training and two for tests."""
    return write_build(tmp_path / "out", [*make_records(4), *make_records(2, "test")])
