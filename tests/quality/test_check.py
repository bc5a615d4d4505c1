"""All checks together, with a model on loopback that guesses."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import repeat
from pathlib import Path

import pytest

from streamit.errors import BudgetError
from streamit.llm.prices import Price, Prices
from streamit.quality.check import AskOptions, Findings, check_quality, describe_findings
from streamit.quality.pair import WrittenPair
from streamit.quality_settings import Blind, Duplicates, Quality
from tests.llm.asking import SETTINGS
from tests.openai_server import Body, Step, serve_openai

BLIND = Blind("small")
PRICES = Prices("today", models={"small": Price(1000.0, 1000.0)})


def pair(
    key: str, question: str, answer: str = "It is green.", question_type: str = "OP"
) -> WrittenPair:
    return WrittenPair(key, key.split("/")[0], question, answer, question_type)


PAIRS = [
    pair("a/0", "What colour is the cup?"),
    pair("a/1", "What does she pick up now?", "She takes a hammer.", "AR"),
    pair("a/2", "What does she pick up just now?", "She takes a nail.", "AR"),
    pair("b/0", "What colour is the grass?"),
    pair("b/1", "What does she now pick up?", "She takes a rope.", "AR"),
]


def guess_green(request: Body) -> str:
    return "It is green."


def unasked(cache: Path) -> AskOptions:
    """Nobody listens, so a check that asks fails."""
    return AskOptions(SETTINGS, cache, PRICES)


def check(quality: Quality, options: AskOptions, pairs: list[WrittenPair] = PAIRS) -> Findings:
    return check_quality(lambda: iter(pairs), quality, options)


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache.sqlite"


@pytest.fixture
def ask(cache: Path) -> Callable[..., tuple[Findings, int]]:
    """What is found with a server that says so, and how many requests it took."""

    def run(quality: Quality, answer=guess_green, steps=(), **options) -> tuple[Findings, int]:
        with serve_openai(steps, answer) as server:
            llm = replace(SETTINGS, base_url=server.url)
            found = check(quality, AskOptions(llm, cache, PRICES, **options))
            return found, len(server.requests)

    return run


def test_without_checks_nothing_is_read_or_found(cache):
    def refuse():
        raise AssertionError("nobody needs the pairs")

    assert check_quality(refuse, Quality(), unasked(cache)) == Findings()


def test_repeats_are_counted_within_streams_and_the_build(cache):
    found = check(Quality(duplicates=Duplicates(0.8)), unasked(cache))
    assert found == Findings(
        set_aside={},
        numbers={
            "n_pairs": 5,
            "duplicates": {"min_similarity": 0.8, "in_stream": 1, "in_build": 2},
            "set_aside": {},
        },
        examples={"duplicates": [{"question": "What does she pick up now?", "repeated": 2}]},
    )


@pytest.mark.parametrize(
    ("drop", "expected"), [(None, set()), ("stream", {"a/2"}), ("build", {"a/2", "b/1"})]
)
def test_the_first_of_two_questions_alike_stays(cache, drop, expected):
    found = check(Quality(duplicates=Duplicates(0.8, drop)), unasked(cache))
    assert found.set_aside == dict.fromkeys(expected, "near_duplicate_question")


def test_right_guesses_are_counted_by_type(ask):
    found, n_requests = ask(Quality(blind=BLIND))
    assert n_requests == 5
    row = found.numbers["blind"]
    assert (row["model"], row["min_overlap"]) == ("small", 0.6)
    assert (row["answered"], row["guessed"], row["share"]) == (5, 2, 0.4)
    assert row["types"] == {
        "AR": {"answered": 3, "guessed": 0},
        "OP": {"answered": 2, "guessed": 2},
    }
    assert found.set_aside == {}


def test_examples_show_what_was_guessed(ask):
    found, _ = ask(Quality(blind=BLIND))
    assert [row["key"] for row in found.examples["blind"]] == ["a/0", "b/0"]
    assert found.examples["blind"][0] == {
        "key": "a/0",
        "question": "What colour is the cup?",
        "answer": "It is green.",
        "guess": "It is green.",
    }


def test_what_was_guessed_is_set_aside_on_request(ask):
    found, _ = ask(Quality(blind=replace(BLIND, drop=True)))
    assert found.set_aside == {"a/0": "blind_guessed", "b/0": "blind_guessed"}
    assert found.numbers["set_aside"] == {"blind_guessed": 2}


def test_no_guess_is_paid_for_that_is_thrown_away(ask):
    found, n_requests = ask(Quality(replace(BLIND, drop=True), Duplicates(0.8, "build")))
    assert n_requests == 3
    assert found.numbers["set_aside"] == {"blind_guessed": 2, "near_duplicate_question": 2}


def test_the_mix_is_that_of_what_stays(ask):
    quality = Quality(replace(BLIND, drop=True), task_mix={"AR": 0.5, "OP": 0.5})
    found, _ = ask(quality)
    assert found.numbers["task_mix"] == {
        "types": {
            "AR": {"n": 3, "share": 1.0, "target": 0.5, "deviation": 0.5},
            "OP": {"n": 0, "share": 0.0, "target": 0.5, "deviation": -0.5},
        },
        "distance": 0.5,
    }


def test_a_question_without_a_guess_stays_and_is_counted(ask):
    found, _ = ask(Quality(blind=replace(BLIND, drop=True)), steps=repeat(Step(text="")))
    assert found.set_aside == {}
    assert found.numbers["blind"]["unanswered"] == {"no_answer": 5}
    assert found.numbers["blind"]["answered"] == 0


def test_a_second_run_asks_nothing_and_finds_the_same(ask, cache):
    quality = Quality(replace(BLIND, drop=True))
    first, _ = ask(quality)
    assert check(quality, unasked(cache)) == first


def test_a_replay_counts_what_the_cache_lacks(ask, cache):
    ask(Quality(blind=BLIND))
    more = [*PAIRS, pair("c/0", "Who is that?")]
    found = check(Quality(blind=BLIND), replace(unasked(cache), replay=True), more)
    assert found.numbers["blind"]["unanswered"] == {"not_in_cache": 1}


def test_the_cap_holds_for_guesses_too(ask):
    with pytest.raises(BudgetError, match="--max-cost"):
        ask(Quality(blind=BLIND), max_cost=0.001)


def test_the_report_fits_into_one_line(ask):
    quality = Quality(replace(BLIND, drop=True), Duplicates(0.8, "stream"), {"OP": 1.0})
    found, _ = ask(quality, steps=[Step(text="")] * 4)
    assert describe_findings(found.numbers) == (
        "5 questions: 1 repeat one of their stream, 2 one of the build, 0 of 0 guessed blind, "
        "4 without a guess, 50.0% off the mix of types; 1 set aside"
    )


def test_the_report_of_no_check_is_empty():
    assert describe_findings({}) == ""
