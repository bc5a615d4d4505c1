"""docs/cli.md is made from the commands."""

from __future__ import annotations

from pathlib import Path

from streamit.cli.main import COMMANDS
from streamit.cli.reference import write_reference

PAGE = Path(__file__).resolve().parents[2] / "docs" / "cli.md"


def test_the_page_is_in_step_with_the_commands() -> None:
    assert PAGE.read_text() == write_reference(), "run: make docs"


def test_every_command_has_a_heading() -> None:
    headings = [line for line in write_reference().splitlines() if line.startswith("## ")]
    assert headings == [f"## streamit {name}" for name in COMMANDS]


def test_bars_in_tables_are_escaped() -> None:
    assert r"| `--recipe NAME\|FILE` | A shipped recipe" in write_reference()
