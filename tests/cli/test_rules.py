"""`streamit rules`."""

from __future__ import annotations

from streamit.rules import RULES
from tests.cli.conftest import Cli


def test_every_rule_is_told_with_its_reason(cli: Cli) -> None:
    done = cli("rules")
    words = " ".join(done.out.split())
    assert done.code == 0
    for rule in RULES.values():
        assert f"{rule.id} {rule.title} [{rule.scope}] {rule.text} Why: {rule.why}" in words


def test_json_lists_every_rule(cli: Cli) -> None:
    rules = cli("rules", "--json").json
    assert [rule["id"] for rule in rules] == list(RULES)
    assert {key for rule in rules for key in rule} == {"id", "title", "scope", "text", "why"}
