"""Drop, shift and hallucination: drawn in this order, at the rates that were asked for."""

import math

from streamit.convert.augment import Fate, draw_fates
from streamit.stream_settings import Augment

PAPER = Augment()
N_PAIRS = 40_000
# Farther off than this by chance once in 30,000 draws.
SIGMAS = 4


def draw_many(augment: Augment, seed: int = 0) -> list[Fate]:
    return [
        fate for k in range(N_PAIRS // 10) for fate in draw_fates(augment, seed, f"r/s/{k}/0", 10)
    ]


def is_near(count: int, of: int, rate: float) -> bool:
    return abs(count - of * rate) <= SIGMAS * math.sqrt(of * rate * (1 - rate))


def count(fates: list[Fate], name: str) -> int:
    return sum(getattr(fate, name) for fate in fates)


def test_the_defaults_are_those_of_the_paper():
    assert (PAPER.drop, PAPER.shift, PAPER.hallucination) == (0.55, 0.1, 0.0001)


def test_realised_rates_are_within_their_binomial_bounds():
    fates = draw_many(Augment(hallucination=0.02))
    stay = N_PAIRS - count(fates, "is_dropped")
    assert is_near(count(fates, "is_dropped"), N_PAIRS, 0.55)
    assert is_near(count(fates, "is_shifted"), stay, 0.1)
    assert is_near(count(fates, "is_absent"), stay, 0.02)


def test_the_bounds_would_notice_another_rate():
    fates = draw_many(Augment(drop=0.53, shift=0.085, hallucination=0.015))
    stay = N_PAIRS - count(fates, "is_dropped")
    assert not is_near(count(fates, "is_dropped"), N_PAIRS, 0.55)
    assert not is_near(count(fates, "is_shifted"), stay, 0.1)
    assert not is_near(count(fates, "is_absent"), stay, 0.02)


def test_a_dropped_pair_is_nothing_else():
    fates = draw_many(Augment(drop=0.5, shift=1.0, hallucination=1.0))
    assert set(fates) == {Fate(is_dropped=True), Fate(is_shifted=True, is_absent=True)}


def test_draws_of_one_kind_do_not_move_those_of_another():
    before = draw_many(Augment(shift=0.0))
    after = draw_many(Augment(shift=1.0))
    assert [f.is_dropped for f in before] == [f.is_dropped for f in after]


def test_a_draw_depends_on_seed_record_and_place_alone():
    fates = draw_fates(Augment(), 0, "r/s/k/0", 200)
    assert draw_fates(Augment(), 0, "r/s/k/0", 100) == fates[:100]
    assert draw_fates(Augment(), 1, "r/s/k/0", 200) != fates
    assert draw_fates(Augment(), 0, "r/s/l/0", 200) != fates
