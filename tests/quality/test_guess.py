"""When a guess counts as right."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamit.llm.overlap import list_words
from streamit.quality.guess import is_guessed

CUP = "What colour is the cup?"
KETTLE = "What does the man do with the kettle?"
POURS = "He pours boiling water into a green cup."

TEXT = st.lists(st.sampled_from(["red", "green", "cup", "the", "no", "yes", "is", "table"])).map(
    " ".join
)


@pytest.mark.parametrize(
    ("question", "answer", "guess", "expected"),
    [
        # The same words.
        (CUP, "The cup is green.", "the CUP is green", True),
        (CUP, "It is.", "It is!", True),
        # A short answer is contained.
        (CUP, "The cup is green.", "Probably green.", True),
        (CUP, "The cup is green.", "It is blue.", False),
        (CUP, "It is green and white.", "It is green.", False),
        # Words of the question prove nothing.
        (CUP, "The cup is green.", "The cup has a colour.", False),
        # Whoever lists everything has guessed nothing.
        (CUP, "The cup is green.", "Red, blue, green, white, black or yellow.", False),
        # A longer answer shares most of its words.
        (KETTLE, POURS, "He pours hot water into a cup.", True),
        (KETTLE, POURS, "He puts water on the stove.", False),
        # Yes and no.
        ("Is there a dog?", "Yes, there is a dog.", "Yes.", True),
        ("Is there a dog?", "Yes, there is a dog.", "Yes, a brown one.", True),
        ("Is there a dog?", "Yes, there is a dog.", "A cat, perhaps.", False),
        ("Is there a dog?", "Yes, there is a dog.", "No, there is no dog.", False),
        ("Is there a dog?", "No, there is no dog.", "No.", True),
        ("Where is the dog?", "There is no dog.", "The dog is on the sofa.", False),
        ("Where is the dog?", "There is no dog.", "It is not there.", True),
        # Nothing was said.
        (CUP, "The cup is green.", "", False),
        (CUP, "The cup is green.", "...", False),
    ],
)
def test_a_guess_is_right_by_its_words(question, answer, guess, expected):
    assert is_guessed(question, answer, guess, 0.6) is expected


@pytest.mark.parametrize(("min_overlap", "expected"), [(2 / 3, True), (0.67, False)])
def test_the_overlap_is_the_f1_of_words_that_the_question_lacks(min_overlap, expected):
    # pours, boiling, water, green, cup against pours, hot, water, cup: 2 * 3 / (5 + 4).
    assert is_guessed(KETTLE, POURS, "He pours hot water into a cup.", min_overlap) is expected


@given(TEXT, TEXT, TEXT, st.floats(0.01, 1))
def test_neither_case_nor_punctuation_counts(question, answer, guess, min_overlap):
    loud = f"«{guess.upper()}!»"
    assert is_guessed(question, answer, loud, min_overlap) == is_guessed(
        question, answer, guess, min_overlap
    )


@given(st.text(), st.text(), st.floats(0.01, 1))
def test_the_answer_itself_is_right_where_it_has_a_word(question, answer, min_overlap):
    assert is_guessed(question, answer, answer, min_overlap) is bool(list_words(answer))


@given(TEXT, TEXT, TEXT, st.floats(0.01, 1), st.floats(0.01, 1))
def test_a_stricter_overlap_never_makes_a_guess_right(question, answer, guess, some, other):
    strict, lax = max(some, other), min(some, other)
    assert is_guessed(question, answer, guess, strict) <= is_guessed(question, answer, guess, lax)
