"""Clips that fit their captions, and that repeat no neighbour, stay."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from streamit.convert.selection import choose_fitting, walk_chain

SCORES = np.array([0.3, 0.1, 0.25, 0.25, np.nan], np.float32)


def test_without_a_filter_all_stay():
    assert choose_fitting(SCORES, None, None).all()


def test_a_threshold_keeps_what_reaches_it():
    assert choose_fitting(SCORES, 0.25, None).tolist() == [True, False, True, True, False]


def test_a_share_keeps_the_best_and_the_first_of_equal_ones():
    assert choose_fitting(SCORES, None, 0.4).tolist() == [True, False, True, False, False]
    assert choose_fitting(SCORES, None, 0.41).tolist() == [True, False, True, True, False]
    assert choose_fitting(SCORES, None, 1.0).all()


@given(st.lists(st.floats(-1, 1, width=32), max_size=50), st.floats(0.01, 1))
def test_a_share_is_rounded_up(scores, keep):
    stays = choose_fitting(np.array(scores, np.float32), None, keep)
    assert len(scores) * keep - 1e-6 <= stays.sum() < len(scores) * keep + 1
    kept = [score for score, stay in zip(scores, stays, strict=True) if stay]
    left = [score for score, stay in zip(scores, stays, strict=True) if not stay]
    assert not left or min(kept) >= max(left)


def at(*degrees):
    angles = np.radians(degrees)
    return np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)


def test_a_clip_is_compared_with_the_last_one_that_stayed():
    rows = at(0, 5, 10, 15, 60)
    walked = list(walk_chain(rows, [0, 1, 2, 3, 4], max_similarity=0.98))
    assert [(place, stays) for place, _, stays in walked] == [
        (0, True),
        (1, False),
        (2, False),
        (3, True),
        (4, True),
    ]
    assert [likeness for _, likeness, _ in walked] == [None, 0.9962, 0.9848, 0.9659, 0.7071]


def test_the_order_is_that_of_the_chain():
    walked = list(walk_chain(at(0, 30, 60), np.array([2, 0, 1]), max_similarity=1.0))
    assert [place for place, _, _ in walked] == [2, 0, 1]
    assert all(stays for _, _, stays in walked)
