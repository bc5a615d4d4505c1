"""A dry run says what is left to ask and what it takes, and asks nothing."""

from __future__ import annotations

import math

import pytest

from streamit.errors import EndpointError
from streamit.llm.dialogue import Dialogue
from streamit.llm.estimate import Estimate, estimate
from streamit.llm.prices import Price, Prices
from streamit.llm.render import load_prompts
from streamit.llm.tokens import ANSWER_TOKENS, estimate_tokens
from streamit.llm_settings import LlmSettings
from tests.llm.asking import SETTINGS, make_questions, run, settings
from tests.openai_server import Step, serve_openai

PRICES = Prices("today", models={"gpt-4o": Price(input=2.0, output=8.0)})


def list_input_tokens(questions):
    dialogues = [Dialogue(question, SETTINGS, load_prompts()) for question in questions]
    return [estimate_tokens(dialogue.request).input for dialogue in dialogues]


def test_every_question_is_one_request_of_usual_length():
    questions = make_questions(3)
    n_input = sum(list_input_tokens(questions))
    n_output = 3 * ANSWER_TOKENS
    cost = (n_input * 2.0 + n_output * 8.0) / 1_000_000
    assert estimate(questions, SETTINGS, None, PRICES) == Estimate(3, 0, n_input, n_output, cost)


def test_a_request_is_estimated_by_a_fourth_of_its_characters():
    request = Dialogue(make_questions(1)[0], SETTINGS, load_prompts()).request
    text = "".join(message["content"] for message in request["messages"])
    assert list_input_tokens(make_questions(1))[0] > math.ceil(len(text) / 4)


def test_what_the_cache_settles_costs_nothing(tmp_path):
    cache = tmp_path / "cache.sqlite"
    with serve_openai([Step(text="bad")] * 2) as server:
        run(make_questions(2), settings(server.url, attempts=2), cache)
        n_requests = len(server.requests)
        found = estimate(make_questions(5), settings(server.url, attempts=2), cache, PRICES)
        assert len(server.requests) == n_requests
    assert (found.n_questions, found.n_cached) == (5, 2)
    assert found.output_tokens == 3 * ANSWER_TOKENS


def test_a_cache_that_is_not_there_is_not_made(tmp_path):
    estimate(make_questions(1), SETTINGS, tmp_path / "cache.sqlite")
    assert list(tmp_path.iterdir()) == []


def test_money_is_unknown_without_a_price():
    assert estimate(make_questions(1), SETTINGS).cost is None


def test_a_model_must_be_named(monkeypatch):
    monkeypatch.delenv("OPENAI_MODEL", raising=False)
    with pytest.raises(EndpointError):
        estimate([], LlmSettings())
