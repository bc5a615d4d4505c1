"""What all commands print with: data on stdout, notes on stderr."""

from __future__ import annotations

import json
import shutil
import sys
import textwrap
import unicodedata
from collections.abc import Iterable, Sequence

MIN_LAST_COLUMN = 20


def note(text: str) -> None:
    """Tell the user something that is not data."""
    print(f"streamit: {text}", file=sys.stderr, flush=True)


def print_json(value: object) -> None:
    """Print one JSON document."""
    print(json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False))


def terminal_width() -> int:
    """Columns of the terminal; COLUMNS, or 80, where the output goes elsewhere."""
    return shutil.get_terminal_size((80, 24)).columns


def print_table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print aligned columns, numbers to the right; the last column wraps to fit the terminal."""
    cells = [[_format(value) for value in row] for row in rows]
    lines = [list(header), *cells]
    widths = [max(len(line[k]) for line in lines) for k in range(len(header))]
    numeric = [
        all(_is_number(line[k]) for line in cells) and bool(cells) for k in range(len(header))
    ]
    for line in lines:
        padded = [
            cell.rjust(width) if right else cell.ljust(width)
            for cell, width, right in zip(line, widths, numeric, strict=True)
        ]
        print(_wrap_last("  ".join(padded[:-1]), padded[-1]))


def _wrap_last(left: str, last: str) -> str:
    if not left:
        return last.rstrip()
    room = max(terminal_width() - len(left) - 2, MIN_LAST_COLUMN)
    wrapped = textwrap.wrap(last.rstrip(), room, break_on_hyphens=False) or [""]
    indent = "\n" + " " * (len(left) + 2)
    return f"{left}  {indent.join(wrapped)}".rstrip()


def _format(value: object) -> str:
    if value is None:
        return "-"
    return format_number(value) if isinstance(value, float) else printable(str(value))


def _is_number(text: str) -> bool:
    return text == "-" or text.replace(",", "").replace(".", "").isdigit()


def printable(text: str) -> str:
    """The text with control characters spelled out, so that it cannot act upon the terminal."""
    return "".join(
        repr(character)[1:-1] if unicodedata.category(character) in ("Cc", "Cs") else character
        for character in text
    )


def format_number(value: float) -> str:
    """A number with at most six decimals and no useless zeros."""
    return f"{value:.6f}".rstrip("0").rstrip(".")


def count(n: int, word: str) -> str:
    """`1 shard`, `2 shards`."""
    return f"{n} {word}" if n == 1 else f"{n} {word}s"
