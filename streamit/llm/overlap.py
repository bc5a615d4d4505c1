"""How much two texts say the same, by their words."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

MIN_WORDS = 3
"""Below this many words of content, any two texts about one scene are alike."""

_WORD = re.compile(r"\w+(?:['\u2019]\w+)?")
_NEGATION = re.compile(
    r"\b(?:no|not|none|nothing|nobody|nowhere|never|neither|nor|without|absent|cannot)\b"
    r"|n['\u2019]t\b",
    re.IGNORECASE,
)


def list_words(text: str) -> list[str]:
    """The words of a text in lower case, without punctuation."""
    return _WORD.findall(text.casefold())


def content_words(text: str) -> frozenset[str]:
    """The words that say something: all but articles, pronouns, prepositions, auxiliaries."""
    return frozenset(list_words(text)) - _function_words()


def is_denial(text: str) -> bool:
    """Whether an English text says no, or that something is not so."""
    return _NEGATION.search(text) is not None


def measure_overlap(text: str, other: str) -> float:
    """Of the content words that either text has, the share that both have; 0 to 1.

    0 where one of them has fewer than `MIN_WORDS`: too little to call it a copy.
    """
    mine, theirs = content_words(text), content_words(other)
    if min(len(mine), len(theirs)) < MIN_WORDS:
        return 0.0
    return len(mine & theirs) / len(mine | theirs)


@cache
def _function_words() -> frozenset[str]:
    """Words that stand in every sentence and say nothing about a scene."""
    path = Path(__file__).resolve().parent / "function_words.txt"
    return frozenset(path.read_text(encoding="utf-8").split())
