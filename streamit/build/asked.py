"""What asking a language model took, while it goes on and in the end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from streamit.llm.estimate import Estimate
from streamit.llm.progress import Progress


@dataclass(frozen=True, slots=True)
class Asked:
    """What asking a model took, or (of a dry run) would take: questions, requests, tokens, money.

    `cost` is None where nobody knows the model's price, else in `currency`.
    """

    model: str
    n_questions: int
    n_cached: int
    n_refused: int
    n_requests: int
    input_tokens: int
    output_tokens: int
    cost: float | None
    currency: str

    def to_dict(self) -> dict[str, Any]:
        """Plain data."""
        return {name: getattr(self, name) for name in self.__slots__}


class Watch:
    """Passes on how far asking has come (`verb` says what is done), and remembers it."""

    def __init__(self, verb: str, currency: str, note: Callable[[str, int], None]) -> None:
        self._verb, self._currency, self._note = verb, currency, note
        self._last = Progress()

    def __call__(self, progress: Progress) -> None:
        """Hear of progress."""
        self._last, spent = progress, progress.spent
        money = "" if spent.cost is None else f", {spent.cost:.4f} {self._currency}"
        n_tokens = spent.input_tokens + spent.output_tokens
        text = f"{self._verb} ({progress.n_requests} requests, {n_tokens} tokens{money})"
        self._note(text, progress.n_settled)

    def sum_up(self, model: str) -> Asked:
        """What asking took."""
        last = self._last
        return Asked(
            model=model,
            n_questions=last.n_settled,
            n_cached=last.n_cached,
            n_refused=last.n_refused,
            n_requests=last.n_requests,
            input_tokens=last.spent.input_tokens,
            output_tokens=last.spent.output_tokens,
            cost=last.spent.cost,
            currency=self._currency,
        )


def foresee(model: str, found: Estimate, currency: str) -> Asked:
    """What asking would take."""
    return Asked(
        model=model,
        n_questions=found.n_questions,
        n_cached=found.n_cached,
        n_refused=0,
        n_requests=found.n_questions - found.n_cached,
        input_tokens=found.input_tokens,
        output_tokens=found.output_tokens,
        cost=found.cost,
        currency=currency,
    )
