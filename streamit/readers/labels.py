"""Names of classes as people say them: `PerformCPR` is "perform CPR", `Long_jump` "long jump"."""

from __future__ import annotations

import re

from streamit.readers.parse import clean_text

# A run of capitals ends before the capital of the next word: `CD` in `ReplaceCDDriveWithSSD`.
_CAPITAL = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def read_label(value: object) -> str:
    """A class name in words, in lower case but for abbreviations.

    `_` is a blank, and a name without blanks is cut where a capital begins a word. Raises Refusal
    `not_text` or `empty_text`.
    """
    words = clean_text(clean_text(value).replace("_", " ")).split()
    if len(words) == 1:
        words = _CAPITAL.sub(" ", words[0]).split()
    return clean_text(" ".join(w if _is_abbreviation(w) else w.lower() for w in words))


def _is_abbreviation(word: str) -> bool:
    return len(word) > 1 and word.isupper()
