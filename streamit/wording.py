"""What clean text is (rule X1), and the phrases that model-made text must not hold (rule X2)."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from streamit import resources

_SHOWN = 80


def find_fault(text: str) -> str | None:
    """Why a text is not clean, None when it is.

    Clean text is not empty, is in NFC, has single spaces only between words, and holds no control
    characters and no halves of surrogate pairs.
    """
    if not text or text.isspace():
        return "is empty"
    if text.isascii() and text.isprintable() and "  " not in text and text.strip() == text:
        return None  # most texts, and three times faster than what follows
    if " ".join(text.split()) != text:
        return f"{text[:_SHOWN]!r} has white space that is not collapsed"
    if any(unicodedata.category(character) in ("Cc", "Cs") for character in text):
        return f"{text[:_SHOWN]!r} holds a control character or half a surrogate pair"
    if not unicodedata.is_normalized("NFC", text):
        return f"{text[:_SHOWN]!r} is not in NFC"
    return None


def find_leak(text: str) -> str | None:
    """The first phrase of schemas/leak_phrases.txt in a text, as it stands there, or None."""
    found = _leak_pattern().search(text)
    return found[0] if found else None


@cache
def _leak_pattern() -> re.Pattern[str]:
    lines = (resources.folder("schemas") / "leak_phrases.txt").read_text("utf-8").splitlines()
    phrases = [line.split() for line in lines if line.strip() and not line.startswith("#")]
    choices = "|".join(r"\s+".join(map(re.escape, words)) for words in phrases)
    return re.compile(rf"\b(?:{choices})\b", re.IGNORECASE)
