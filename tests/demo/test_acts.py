from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from streamit.demo.acts import KINDS, RADII, Stage
from streamit.demo.dice import Dice
from streamit.demo.scene import COLOURS, SHAPES

SEEDS = st.integers(0, 10**6)


def test_every_kind_of_event_happens() -> None:
    counts: Counter[str] = Counter()
    for seed in range(20):
        stage = Stage(Dice(seed, "stage"))
        counts.update(stage.draw_act().kind for _ in range(7))
    assert set(counts) == set(KINDS)
    assert min(counts.values()) >= 5


@given(SEEDS)
def test_every_shape_is_there_once_with_a_colour_of_its_own(seed: int) -> None:
    stage = Stage(Dice(seed, "stage"))
    for _ in range(12):
        looks = list(stage.looks.values())
        assert sorted(look.shape for look in looks) == sorted(SHAPES)
        assert len({look.colour for look in looks}) == len(looks)
        assert {look.colour for look in looks} <= set(COLOURS)
        stage.draw_act()


@given(SEEDS)
def test_a_colour_that_was_given_up_never_comes_back(seed: int) -> None:
    stage = Stage(Dice(seed, "stage"))
    had = {look.shape: [look.colour] for look in stage.looks.values()}
    for _ in range(12):
        stage.draw_act()
        for shape, look in stage.looks.items():
            if look.colour != had[shape][-1]:
                assert all(look.colour not in colours for colours in had.values())
                had[shape].append(look.colour)


@given(SEEDS)
def test_next_to_any_act_another_one_is_possible(seed: int) -> None:
    stage = Stage(Dice(seed, "stage"))
    for _ in range(10):
        first = stage.draw_act()
        assert not stage.draw_act(first.shapes).shapes & first.shapes


@given(SEEDS)
def test_shapes_never_leave_their_places_and_sizes(seed: int) -> None:
    stage = Stage(Dice(seed, "stage"))
    places = {look.x for look in stage.looks.values() if abs(look.x - 0.5) < 0.5}
    for _ in range(20):
        stage.draw_act()
        standing = [look for look in stage.looks.values() if abs(look.x - 0.5) < 0.5]
        assert {look.x for look in standing} == places
        assert {look.radius for look in standing} <= set(RADII)
        assert stage.count_visible() >= 2


def test_the_words_of_an_act_name_what_takes_part_as_it_looks_before() -> None:
    stage = Stage(Dice(0, "stage"))
    for _ in range(20):
        before = dict(stage.looks)
        act = stage.draw_act()
        look = before[act.words["shape"].split()[1]]
        assert act.words["shape"] == f"{look.colour} {look.shape}"
        article = "an" if look.colour == "orange" else "a"
        assert act.words["a_shape"] == f"{article} {look.colour} {look.shape}"
        assert look.shape in act.shapes
