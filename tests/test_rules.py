"""The table of rules is complete, and its page in step."""

from __future__ import annotations

from pathlib import Path

from docs import generate
from streamit.rules import RULES


def test_the_table_lists_every_rule_of_the_design() -> None:
    of_records = ["S1", "T1", "T2", "T3", "T4", "C1", "C2", "C3", "E1", "F1", "X1", "X2", "J1"]
    assert list(RULES) == [*of_records, "D1", "P1", "B1", "B2", "B3", "B4", "B5", "B6"]
    assert all(rule.id == id and rule.title and rule.why for id, rule in RULES.items())
    assert all(rule.text.endswith(".") for rule in RULES.values())


def test_the_page_of_rules_is_in_step() -> None:
    page = (Path(generate.__file__).parent / "rules.md").read_text(encoding="utf-8")
    assert generate.fill(page) == page, "run: python -m docs.generate"
    assert all(f"| {id} | **{rule.title}.**" in page for id, rule in RULES.items())
