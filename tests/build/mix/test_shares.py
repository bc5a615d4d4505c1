"""How many records each part gives: exact, and never more than there are."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamit.build.mix.shares import apportion, largest_total, share_held_out, share_out
from streamit.errors import RecipeError
from streamit.mix import Mix, MixPart

WEIGHTS = st.lists(
    st.fractions(min_value=Fraction(1, 1000), max_value=1000), min_size=1, max_size=12
)
NUMBERS = st.integers(0, 10**7)


def make_mix(*numbers: float | None, key: str = "count", **changes: Any) -> Mix:
    parts = tuple(MixPart(f"b{i}", **{key: number}) for i, number in enumerate(numbers))
    return Mix("m", {part.build: "x" for part in parts}, parts, **changes)


@given(NUMBERS, WEIGHTS)
def test_shares_add_up_and_differ_by_less_than_one_from_the_exact_ones(total, weights):
    numbers = apportion(total, weights)
    assert sum(numbers) == total
    whole = sum(weights)
    assert all(abs(n - total * w / whole) < 1 for n, w in zip(numbers, weights, strict=True))


def test_of_equal_remainders_the_first_is_rounded_up():
    assert apportion(10, [Fraction(1)] * 4) == [3, 3, 2, 2]
    assert apportion(1, [Fraction(1), Fraction(1)]) == [1, 0]


@given(WEIGHTS, st.data())
def test_the_largest_total_fits_and_a_larger_one_has_a_share_that_does_not(weights, data):
    size = len(weights)
    available = data.draw(st.lists(NUMBERS, min_size=size, max_size=size))
    total = largest_total(weights, available)
    numbers = apportion(total, weights)
    assert all(n <= there for n, there in zip(numbers, available, strict=True))
    shares = [(total + 1) * weight / sum(weights) for weight in weights]
    assert any(share > there for share, there in zip(shares, available, strict=True))


@given(st.lists(st.integers(1, 10**6), min_size=1, max_size=8), st.data())
def test_no_part_gives_more_than_it_has_or_is_asked_for(counts, data):
    size = len(counts)
    available = data.draw(st.lists(NUMBERS, min_size=size, max_size=size))
    for when_short in ("take_all", "scale"):
        numbers = share_out(make_mix(*counts, when_short=when_short), available)
        bounds = [min(pair) for pair in zip(counts, available, strict=True)]
        assert all(n <= bound for n, bound in zip(numbers, bounds, strict=True))
        if bounds == counts:
            assert numbers == counts


def test_a_short_part_is_an_error_that_names_all_of_them():
    with pytest.raises(RecipeError) as caught:
        share_out(make_mix(10, 20, 30), [9, 20, 0])
    assert str(caught.value).startswith(
        "m: b0 has 9 of the 10 training records, b2 has 0 of the 30 training records; set "
        "when_short=take_all"
    )


def test_scaled_parts_keep_their_proportion():
    assert share_out(make_mix(100, 200, 300, when_short="scale"), [50, 999, 999]) == [50, 100, 150]


def test_a_part_without_a_number_gives_all_it_has():
    assert share_out(make_mix(5, None), [9, 7]) == [5, 7]


def test_weights_take_as_much_as_the_scarcest_part_allows():
    assert share_out(make_mix(0.1, 0.2, key="weight"), [10, 999]) == [10, 20]


def test_a_size_is_shared_by_weight():
    mix = make_mix(1.0, 2.0, key="weight", size=10)
    assert share_out(mix, [99, 99]) == [3, 7]


def test_a_size_that_a_part_cannot_give_is_a_shortage():
    weighted = {"key": "weight", "size": 30}
    with pytest.raises(RecipeError, match="b0 has 4 of the 10"):
        share_out(make_mix(1.0, 2.0, **weighted), [4, 99])
    assert share_out(make_mix(1.0, 2.0, when_short="scale", **weighted), [4, 99]) == [4, 8]
    assert share_out(make_mix(1.0, 2.0, when_short="take_all", **weighted), [4, 99]) == [4, 20]


@pytest.mark.parametrize(
    ("held_out", "taken", "available", "share"),
    [(10, 50, 100, 5), (5, 50, 100, 3), (7, 100, 100, 7), (7, 0, 100, 0), (7, 0, 0, 7)],
)
def test_held_out_records_come_in_the_same_share(held_out, taken, available, share):
    assert share_held_out(held_out, taken, available) == share
