"""The Markdown pages of the checkout, and the code blocks in them."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
_FENCE = re.compile(
    r"^(?P<mark><!-- run -->\n)?```(?P<language>\w+)\n(?P<text>.*?)^```$", re.DOTALL | re.MULTILINE
)


@dataclass(frozen=True)
class Block:
    """A fenced block. `run` when `<!-- run -->` stands on the line before it."""

    page: str
    line: int
    language: str
    text: str
    run: bool


def list_pages() -> list[str]:
    """All Markdown pages that people read, relative to the checkout."""
    paths = [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("benchmarks/*.md")]
    return sorted(str(path.relative_to(ROOT)) for path in paths)


def read_page(page: str) -> str:
    """The text of a page."""
    return (ROOT / page).read_text(encoding="utf-8")


def find_blocks(page: str) -> list[Block]:
    """The fenced blocks of a page that name their language, in order."""
    text = read_page(page)
    return [
        Block(
            page,
            text.count("\n", 0, match.start()) + 1,
            match["language"],
            match["text"],
            match["mark"] is not None,
        )
        for match in _FENCE.finditer(text)
    ]


def split_commands(block: Block) -> Iterator[list[str]]:
    """The command lines of a bash block as words; continued lines are joined, comments dropped."""
    for line in block.text.replace("\\\n", " ").splitlines():
        words = shlex.split(line, comments=True)
        if words:
            yield words
