"""Rows of random choices for the demo corpus, made from the package's own draws."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from streamit.draws import draw_uniform

T = TypeVar("T")


class Dice:
    """A row of random choices that depends on the seed and on what it is thrown for alone."""

    def __init__(self, seed: int, *purpose: str | int) -> None:
        self._seed = seed
        self._purpose = "/".join(str(part) for part in purpose)
        self._n_thrown = 0

    def fraction(self) -> float:
        """A number in [0, 1)."""
        self._n_thrown += 1
        return draw_uniform(self._seed, self._purpose, str(self._n_thrown))

    def between(self, low: float, high: float) -> float:
        """A number from low to high, in hundredths: the precision of ActivityNet's times."""
        return round(low + (high - low) * self.fraction(), 2)

    def pick(self, items: Sequence[T]) -> T:
        """One of the items, all equally likely."""
        return items[int(self.fraction() * len(items))]

    def shuffle(self, items: Sequence[T]) -> list[T]:
        """The items in random order."""
        keyed = [(self.fraction(), i) for i in range(len(items))]
        return [items[i] for _, i in sorted(keyed)]
