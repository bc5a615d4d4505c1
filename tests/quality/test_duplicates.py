"""Repeated questions are found as by comparing every question with every other."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamit.llm.overlap import list_words
from streamit.quality.duplicates import find_repeats

WORDS = st.sampled_from([f"w{i}" for i in range(12)])
QUESTIONS = st.lists(st.lists(WORDS, max_size=9).map(" ".join), max_size=40)
SIMILARITY = st.integers(20, 100).map(lambda percent: percent / 100)


def words_of(question: str) -> frozenset[str]:
    return frozenset(list_words(question) or [question])


def compare_all(questions: list[str], similarity: float) -> list[int]:
    """The definition, in quadratic time."""
    least = Fraction(str(similarity))
    found: list[int] = []
    for place, question in enumerate(questions):
        mine = words_of(question)
        firsts = (
            first
            for first in range(place)
            if found[first] == first
            and Fraction(
                len(mine & words_of(questions[first])), len(mine | words_of(questions[first]))
            )
            >= least
        )
        found.append(next(firsts, place))
    return found


@given(QUESTIONS, SIMILARITY)
def test_repeats_are_those_of_comparing_all(questions, similarity):
    assert list(find_repeats(questions, similarity)) == compare_all(questions, similarity)


@given(QUESTIONS)
def test_at_similarity_one_only_the_same_words_repeat(questions):
    first = {}
    expected = [first.setdefault(words_of(q), place) for place, q in enumerate(questions)]
    assert list(find_repeats(questions, 1.0)) == expected


@pytest.mark.parametrize(
    ("question", "similarity", "expected"),
    [
        ("What is the man doing just now?", 0.8, True),
        ("WHAT is the man doing, now?", 1.0, True),
        ("Now what is the man doing?", 1.0, True),
        ("What is the woman doing now?", 0.8, False),
        ("What is the woman doing now?", 0.71, True),
        ("What is the woman doing now?", 0.72, False),
    ],
)
def test_a_question_repeats_one_with_nearly_the_same_words(question, similarity, expected):
    found = find_repeats(["What is the man doing now?", question], similarity)
    assert (found[1] == 0) is expected


def test_a_similarity_of_55_percent_is_taken_by_its_decimal_value():
    # 11 of 20 words: as a float, 0.55 * 20 is a little more than 11.
    long = " ".join(f"w{i}" for i in range(20))
    short = " ".join(f"w{i}" for i in range(11))
    assert list(find_repeats([long, short], 0.55)) == [0, 0]


def test_texts_without_words_repeat_themselves_only():
    assert list(find_repeats(["?", "!", "?"], 0.5)) == [0, 1, 0]


def test_what_is_repeated_repeats_nothing_itself():
    # Each is near the one before; the third is not near the first.
    chain = ["a b c d e", "a b c d e f", "a b c d e f g"]
    assert list(find_repeats(chain, 0.8)) == [0, 0, 2]


def test_many_questions_take_little_memory():
    n = 20_000

    def write() -> Iterator[str]:
        return (f"What is thing{i} doing in place{i * 7 % n} just now?" for i in range(n))

    tracemalloc.start()
    assert len(set(find_repeats(write(), 0.8))) == n
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak / n < 600
