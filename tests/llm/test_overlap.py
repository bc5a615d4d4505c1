"""Two texts repeat each other by their words of content."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamit.llm.overlap import content_words, is_denial, measure_overlap


def test_articles_pronouns_and_auxiliaries_are_no_content():
    assert content_words("The Dog's bone is now in HIS basket.") == {"dog's", "bone", "basket"}


@pytest.mark.parametrize(
    ("text", "other", "expected"),
    [
        ("A dog eats a bone.", "the DOG eats its bone", 1.0),
        ("A dog eats a bone.", "A dog eats a fish.", 0.5),
        ("A dog eats a bone.", "Two cats sleep outdoors.", 0.0),
        ("A dog eats.", "A dog eats.", 0.0),
    ],
)
def test_overlap_is_the_share_of_words_that_both_have(text, other, expected):
    assert measure_overlap(text, other) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("No.", True), ("There isn\u2019t any.", True), ("A knot in a note.", False), ("Yes.", False)],
)
def test_a_denial_has_a_word_that_denies(text, expected):
    assert is_denial(text) is expected


@given(st.text(), st.text())
def test_overlap_is_a_share_and_the_same_from_both_sides(text, other):
    assert 0 <= measure_overlap(text, other) == measure_overlap(other, text) <= 1
