"""Conversations of LLaVA: rounds of a question and an answer about the whole video."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamit.readers.by_video import Annotation
from streamit.readers.conversation import read_rounds
from streamit.readers.parse import Refusal


def talk(*values: object) -> dict[str, Any]:
    """A conversation whose turns take turns."""
    turns = [{"from": ("human", "gpt")[i % 2], "value": value} for i, value in enumerate(values)]
    return {"conversations": turns}


def test_every_round_is_a_question_about_the_whole_video() -> None:
    rounds = read_rounds(talk("<image>\nWho is it?", "A  man.", "Why? <video>", "Nobody knows."), 3)
    assert rounds == [
        Annotation(3, 0.0, None, "A man.", "Who is it?"),
        Annotation(3, 0.0, None, "Nobody knows.", "Why?"),
    ]


def test_the_options_of_a_question_stay_in_it() -> None:
    question = "<image>\nWhat is it?\nA. a dog\nB. a cat\nAnswer with the letter."
    rounds = read_rounds(talk(question, "A. a dog"), 0)
    assert rounds[0].question == "What is it? A. a dog B. a cat Answer with the letter."


@pytest.mark.parametrize(
    ("turns", "reasons"),
    [
        (talk("Q", "A", "Q"), [None, "bad_item"]),
        (talk("<video>\n", "A", "Q", "A"), ["empty_text", None]),
        (talk("Q", " ", "Q", "A"), ["empty_text", None]),
        (talk("Q", 3, "Q", "A"), ["not_text", None]),
        ({"conversations": [{"from": "gpt", "value": "A"}]}, ["bad_item"]),
        ({"conversations": [{"from": "human", "value": "Q"}] * 2}, ["bad_item"]),
        ({"conversations": ["Q", "A"]}, ["bad_item"]),
    ],
)
def test_a_round_that_is_none_costs_itself(
    turns: dict[str, Any], reasons: list[str | None]
) -> None:
    assert [one.reason for one in read_rounds(turns, 0)] == reasons


@pytest.mark.parametrize(
    ("row", "reason"),
    [({}, "bad_item"), ({"conversations": "Q"}, "bad_item"), (talk(), "no_events")],
)
def test_a_row_without_turns_is_refused(row: dict[str, Any], reason: str) -> None:
    with pytest.raises(Refusal) as caught:
        read_rounds(row, 0)
    assert caught.value.reason == reason


JUNK = st.none() | st.integers() | st.text(max_size=3)
TURNS = st.fixed_dictionaries(
    {}, optional={"from": JUNK | st.sampled_from(("human", "gpt")), "value": JUNK}
)


@given(st.lists(JUNK | TURNS, min_size=1, max_size=6))
def test_no_turn_is_lost(turns: list[object]) -> None:
    assert len(read_rounds({"conversations": turns}, 0)) == (len(turns) + 1) // 2
