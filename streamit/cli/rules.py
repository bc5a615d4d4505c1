"""`streamit rules`."""

from __future__ import annotations

import textwrap
from typing import Annotated

import typer

from streamit.cli.output import print_json, terminal_width


def rules(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")] = False,
) -> None:
    """List the rules that every record and every build obeys.

    `streamit validate` tries them all; ids are stable. A rule is about the shape of one row, a
    record, all records of a dataset, or the files of a build.

    \b
    streamit rules
    streamit rules --json
    """
    from streamit.rules import RULES

    if as_json:
        print_json(
            [
                {"id": r.id, "title": r.title, "scope": r.scope, "text": r.text, "why": r.why}
                for r in RULES.values()
            ]
        )
        return
    width = min(terminal_width(), 100)
    for rule in RULES.values():
        print(f"{rule.id}  {rule.title}  [{rule.scope}]")
        for paragraph in (rule.text, f"Why: {rule.why}"):
            print(textwrap.fill(paragraph, width, initial_indent="    ", subsequent_indent="    "))
