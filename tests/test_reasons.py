"""Every reason code that the code gives has a meaning, and every meaning is used."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from streamit.reasons import ADJUSTED, REJECTED, SET_ASIDE

PACKAGE = Path(__file__).resolve().parent.parent / "streamit"
FAULTS = {"TimeFault", "VideoError", "Refusal", "Refused"}


def trees() -> list[ast.AST]:
    paths = [path for path in PACKAGE.rglob("*.py") if path.name != "reasons.py"]
    return [ast.parse(path.read_bytes()) for path in paths]


def reasons_raised() -> Iterator[str]:
    """The first argument of every fault that is raised with a constant code."""
    for tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args:
                code = node.args[0]
                if node.func.id in FAULTS and isinstance(code, ast.Constant):
                    yield str(code.value)


def test_every_fault_that_is_raised_has_a_meaning() -> None:
    assert set(reasons_raised()) <= set(REJECTED)


def test_every_code_is_given_somewhere() -> None:
    words = {
        node.value
        for tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    assert {*REJECTED, *SET_ASIDE, *ADJUSTED} - words == set()


def test_a_code_has_one_meaning() -> None:
    assert len({**REJECTED, **SET_ASIDE, **ADJUSTED}) == sum(
        map(len, (REJECTED, SET_ASIDE, ADJUSTED))
    )
