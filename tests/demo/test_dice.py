from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from streamit.demo.dice import Dice

SEEDS = st.integers(0, 10**6)


def test_the_same_dice_give_the_same_row() -> None:
    assert [Dice(3, "a", 1).fraction() for _ in range(2)] == [Dice(3, "a", 1).fraction()] * 2


def test_another_seed_or_purpose_gives_another_row() -> None:
    rows = {Dice(*key).fraction() for key in ((0, "a"), (1, "a"), (0, "b"), (0, "a", 0))}
    assert len(rows) == 4


def test_the_row_is_fixed_for_all_versions() -> None:
    dice = Dice(0, "demo")
    assert [dice.between(0, 100) for _ in range(3)] == [37.11, 6.03, 97.07]


@given(SEEDS, st.floats(-50, 50), st.floats(0, 50))
def test_a_number_lies_between_its_bounds_in_hundredths(
    seed: int, low: float, width: float
) -> None:
    drawn = Dice(seed, "x").between(low, low + width)
    assert low - 0.005 <= drawn <= low + width + 0.005
    assert drawn == round(drawn, 2)


@given(SEEDS, st.lists(st.integers(), min_size=1))
def test_shuffling_keeps_the_items_and_picking_takes_one(seed: int, items: list[int]) -> None:
    dice = Dice(seed, "x")
    assert sorted(dice.shuffle(items)) == sorted(items)
    assert dice.pick(items) in items
