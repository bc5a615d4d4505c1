"""Classes that only the type checker freezes."""

from dataclasses import fields, replace
from pathlib import Path

import pytest
from mypy import api

from streamit.frozen import frozen


@frozen
class Point:
    x: float
    y: float = 0.0


def test_it_is_a_dataclass_with_slots() -> None:
    assert [field.name for field in fields(Point)] == ["x", "y"]
    assert replace(Point(1.0), y=2.0) == Point(1.0, 2.0)
    assert not hasattr(Point(1.0), "__dict__")


def test_equal_ones_are_one_key() -> None:
    assert {Point(1.0), Point(1.0, 0.0), Point(2.0)} == {Point(1.0), Point(2.0)}


@pytest.mark.slow
def test_the_type_checker_refuses_to_change_one(tmp_path: Path) -> None:
    program = tmp_path / "change.py"
    program.write_text("from streamit.record import Span\n\nSpan(0.0, 1.0).end_s = 2.0\n")
    report, _, status = api.run([str(program), "--cache-dir", str(tmp_path)])
    assert status == 1
    assert 'Property "end_s" defined in "Span" is read-only' in report
