"""Counts the guesses of the blind check."""

from __future__ import annotations

import heapq
from collections import Counter
from typing import Any

from streamit.llm.question import Refused
from streamit.quality.blind import Guess

N_EXAMPLES = 20


class Tally:
    """Guesses by type of question, and some right ones: the same in whatever order they arrive."""

    def __init__(self) -> None:
        self._unanswered: Counter[str] = Counter()
        self._answered: Counter[str] = Counter()
        self._guessed: Counter[str] = Counter()
        self._right: list[Guess] = []

    def add(self, result: Guess | Refused) -> None:
        """Count what came of one pair."""
        if isinstance(result, Refused):
            self._unanswered[result.reason] += 1
            return
        question_type = result.pair.question_type
        self._answered[question_type] += 1
        if result.is_right:
            self._guessed[question_type] += 1
            self._right = heapq.nsmallest(N_EXAMPLES, [*self._right, result], key=_key)

    def to_dict(self) -> dict[str, Any]:
        """Plain data; `share` is that of the right guesses among all guesses."""
        answered, guessed = self._answered.total(), self._guessed.total()
        return {
            "answered": answered,
            "guessed": guessed,
            "share": round(guessed / answered, 6) if answered else 0.0,
            "unanswered": dict(sorted(self._unanswered.items())),
            "types": {
                name: {"answered": n, "guessed": self._guessed[name]}
                for name, n in sorted(self._answered.items())
            },
        }

    def list_examples(self) -> list[dict[str, str]]:
        """The right guesses with the smallest keys."""
        return [
            {
                "key": guess.pair.key,
                "question": guess.pair.question,
                "answer": guess.pair.answer,
                "guess": guess.text,
            }
            for guess in self._right
        ]


def _key(guess: Guess) -> str:
    return guess.pair.key
