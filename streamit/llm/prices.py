"""What the tokens of a model cost, from a file that users edit."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from streamit import config
from streamit.errors import RecipeError

SHIPPED = Path(__file__).resolve().parent / "prices.yaml"
_PER = 1_000_000


@dataclass(frozen=True, slots=True)
class Price:
    """Money per million tokens that are sent (`input`) and written (`output`)."""

    input: float
    output: float

    def cost(self, input_tokens: int, output_tokens: int) -> float:
        """What so many tokens cost."""
        return (input_tokens * self.input + output_tokens * self.output) / _PER


@dataclass(frozen=True, slots=True)
class Prices:
    """Prices by the name of the model, and the day they are of."""

    as_of: str
    currency: str = "USD"
    models: Mapping[str, Price] = field(default_factory=dict)


def read_prices(path: str | None = None) -> Prices:
    """The prices in a file, or the shipped example.

    Raises RecipeError on an unknown key, a value of another type or a negative price.
    """
    file = Path(path) if path else SHIPPED
    prices = config.read_dataclass(Prices, config.read_yaml(file), file.name)
    for name, price in prices.models.items():
        for amount in (price.input, price.output):
            if not 0 <= amount < math.inf:
                raise RecipeError(f"{file.name}: models.{name}: {amount!r} is no price")
    return prices
