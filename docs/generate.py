"""`python -m docs.generate`, or `make docs`: writes what pages take from the code.

docs/cli.md as a whole, and in docs/rules.md what stands between the marks. Tests compare both.
"""

from __future__ import annotations

import re
from pathlib import Path

from streamit.cli.reference import write_reference
from streamit.reasons import ADJUSTED, REJECTED, SET_ASIDE
from streamit.rules import RULES

DOCS = Path(__file__).resolve().parent


def main() -> None:
    """Write both pages again."""
    (DOCS / "cli.md").write_text(write_reference(), encoding="utf-8")
    rules = DOCS / "rules.md"
    rules.write_text(fill(rules.read_text(encoding="utf-8")), encoding="utf-8")


def fill(page: str) -> str:
    """The page with every table between `<!-- table NAME -->` and `<!-- end -->` made anew."""
    marked = r"(<!-- table (\w+) -->\n).*?(<!-- end -->)"
    return re.sub(marked, lambda m: m[1] + make_table(m[2]) + m[3], page, flags=re.DOTALL)


def make_table(name: str) -> str:
    """The rules of a scope, or the reason codes of a kind, as a Markdown table."""
    codes = {"rejected": REJECTED, "set_aside": SET_ASIDE, "adjusted": ADJUSTED}
    if name in codes:
        rows = [("code", "meaning"), *((f"`{code}`", text) for code, text in codes[name].items())]
    else:
        rules = [rule for rule in RULES.values() if rule.scope == name]
        rows = [("id", "rule"), *((r.id, f"**{r.title}.** {r.text} *{r.why}*") for r in rules)]
    lines = [f"| {left} | {right} |" for left, right in rows]
    return "\n".join([lines[0], "|---|---|", *lines[1:]]) + "\n"


if __name__ == "__main__":
    main()
