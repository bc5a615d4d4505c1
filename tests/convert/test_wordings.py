"""A fifth of the wordings of every pool is kept out of training."""

from collections import Counter
from dataclasses import fields

import pytest

from streamit import resources
from streamit.convert.wordings import choose_wording, list_wordings
from streamit.recipe import Questions, load_recipe

RECIPES = [load_recipe(name) for name in resources.names("recipes")]


def list_pools():
    return [
        pytest.param(pool, id=f"{recipe.name}-{task}-{field.name}")
        for recipe in RECIPES
        for task in sorted({recipe.task, *recipe.tasks})
        for field in fields(Questions)
        if (pool := getattr(recipe.questions_of(task), field.name))
    ]


@pytest.mark.parametrize("pool", list_pools())
def test_every_shipped_pool_holds_a_fifth_back(pool):
    assert len(pool) % 5 == 0
    assert len(set(pool)) == len(pool)
    assert set(pool) - set(list_wordings(pool, "train")) == set(pool[len(pool) * 4 // 5 :])


@pytest.mark.parametrize(
    ("n", "n_train"), [(1, 1), (4, 4), (5, 4), (9, 8), (10, 8), (14, 12), (15, 12)]
)
def test_small_pools_hold_back_a_fifth_rounded_down(n, n_train):
    pool = [f"wording {k}" for k in range(n)]
    assert list_wordings(pool, "train") == pool[:n_train]
    for split in ("validation", "test"):
        assert list_wordings(pool, split) == pool


def test_every_wording_of_a_split_has_the_same_chance():
    pool = "abcde"
    for split, shares in (
        ("train", {"a": 495, "b": 487, "c": 477, "d": 541}),
        ("validation", {"a": 400, "b": 378, "c": 395, "d": 382, "e": 445}),
    ):
        drawn = Counter(choose_wording(pool, split, 0, f"record {i}", "x") for i in range(2000))
        assert drawn == Counter(shares)


def test_what_stands_in_braces_is_filled_in_once():
    text = choose_wording(["{goal}: {event}"], "train", 0, "x", "y", goal="{event}", event="{goal}")
    assert text == "{event}: {goal}"


def test_braces_without_a_value_stay():
    assert choose_wording(["{other}"], "train", 0, "x", "y", event="z") == "{other}"
