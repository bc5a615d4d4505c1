"""How many training records each part of a mix gives: exact arithmetic, no record is looked at."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction

from streamit.errors import RecipeError
from streamit.mix import ERROR, SCALE, Mix, MixPart


def apportion(total: int, weights: Sequence[Fraction]) -> list[int]:
    """Whole numbers in proportion to the weights that add up to `total` (largest remainder).

    None differs from its exact share by 1 or more; of equal remainders the first is rounded up.
    """
    whole = sum(weights)
    exact = [total * weight / whole for weight in weights]
    numbers = [math.floor(share) for share in exact]
    by_remainder = sorted(range(len(exact)), key=lambda i: numbers[i] - exact[i])
    for i in by_remainder[: total - sum(numbers)]:
        numbers[i] += 1
    return numbers


def share_out(mix: Mix, available: Sequence[int]) -> list[int]:
    """The training records that each part gives, of those that it has.

    Raises RecipeError when a part has fewer than it is asked for and the mix wants an error.
    """
    asked = list_asked(mix, available)
    short = [i for i, n in enumerate(asked) if n is not None and n > available[i]]
    if short and mix.when_short == ERROR:
        raise RecipeError(_describe_shortage(mix, short, asked, available))
    if short and mix.when_short == SCALE:
        weights = [Fraction(n or 0) for n in asked] if not mix.is_weighted else _read_weights(mix)
        return apportion(largest_total(weights, available), weights)
    return [n if a is None else min(a, n) for a, n in zip(asked, available, strict=True)]


def list_asked(mix: Mix, available: Sequence[int]) -> list[int | None]:
    """What each part is asked for; None where it is all there is."""
    if not mix.is_weighted:
        return [part.count for part in mix.parts]
    weights = _read_weights(mix)
    total = mix.size if mix.size is not None else largest_total(weights, available)
    numbers: list[int | None] = list(apportion(total, weights))
    return [n if weight else None for n, weight in zip(numbers, weights, strict=True)]


def largest_total(weights: Sequence[Fraction], available: Sequence[int]) -> int:
    """The largest total of which no part's exact share is more than it has."""
    whole = sum(weights)
    return min(math.floor(n * whole / w) for n, w in zip(available, weights, strict=True) if w)


def share_held_out(held_out: int, taken: int, available: int) -> int:
    """The same share of the held-out records as of the training records, to the nearest one.

    All of them where there are no training records to go by.
    """
    return (2 * held_out * taken + available) // (2 * available) if available else held_out


def _read_weights(mix: Mix) -> list[Fraction]:
    """The weights as people wrote them: 0.1 is a tenth. 0 for a part that holds no training."""
    return [_read_weight(part) for part in mix.parts]


def _read_weight(part: MixPart) -> Fraction:
    return Fraction(0) if part.weight is None else Fraction(repr(part.weight))


def _describe_shortage(
    mix: Mix, short: Sequence[int], asked: Sequence[int | None], available: Sequence[int]
) -> str:
    found = ", ".join(
        f"{mix.parts[i].name} has {available[i]} of the {asked[i]} training records" for i in short
    )
    return (
        f"{mix.name}: {found}; set when_short=take_all to take what is there, or when_short=scale "
        "to scale all parts down (no record is taken twice)"
    )
