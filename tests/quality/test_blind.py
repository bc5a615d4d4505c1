"""What the guessing model is asked, and what counts as its guess."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from streamit.llm.exchange import Exchange
from streamit.llm.prices import Price, Prices
from streamit.llm.question import Refused
from streamit.llm.reply import Reply
from streamit.quality.blind import (
    BlindExchange,
    Guess,
    estimate_blind,
    make_blind_settings,
    render_blind,
)
from streamit.quality.pair import WrittenPair
from streamit.quality_settings import Blind
from tests.llm.asking import SETTINGS

PAIR = WrittenPair("s/0", "s", "What colour is the cup?", "The cup is green.", "OP")
BLIND = Blind("small")


def begin() -> BlindExchange:
    return BlindExchange(PAIR, make_blind_settings(BLIND, SETTINGS), 0.6)


def take(reply: Reply) -> Guess | Refused | None:
    exchange: Exchange[Guess] = begin()
    exchange.take(reply)
    return exchange.result


def test_the_model_sees_the_question_and_nothing_of_the_answer():
    request = begin().request
    assert request["messages"][1] == {"role": "user", "content": PAIR.question}
    assert "green" not in json.dumps(request)


def test_the_request_is_that_of_the_guessing_model():
    settings = make_blind_settings(replace(BLIND, max_tokens=50), SETTINGS)
    request = render_blind("Why?", settings)
    assert {key: request[key] for key in ("model", "max_tokens", "temperature")} == {
        "model": "small",
        "max_tokens": 50,
        "temperature": 0.0,
    }
    assert "response_format" not in request


def test_a_temperature_of_null_is_not_sent():
    settings = make_blind_settings(replace(BLIND, temperature=None), SETTINGS)
    assert "temperature" not in render_blind("Why?", settings)


def test_what_is_not_said_is_as_in_llm():
    llm = replace(SETTINGS, extra_body={"top_k": 1}, seed=7)
    settings = make_blind_settings(BLIND, llm)
    assert settings == replace(llm, model="small", temperature=0.0)
    assert render_blind("Why?", settings)["seed"] == 7
    assert render_blind("Why?", settings)["top_k"] == 1


def test_server_and_key_may_be_its_own():
    blind = Blind("small", "http://localhost:1/v1", "OTHER_KEY", extra_body={})
    settings = make_blind_settings(blind, replace(SETTINGS, extra_body={"top_k": 1}))
    assert (settings.base_url, settings.api_key_env) == ("http://localhost:1/v1", "OTHER_KEY")
    assert settings.extra_body == {}


@pytest.mark.parametrize(
    ("text", "is_right"), [("  It's green,\nI guess. ", True), ("Red.", False)]
)
def test_a_reply_is_a_guess(text, is_right):
    assert take(Reply(text, "stop")) == Guess(PAIR, " ".join(text.split()), is_right)


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (Reply(None, "stop"), "no_answer"),
        (Reply(" \n", "stop"), "no_answer"),
        (Reply("It is", "length"), "cut_off"),
        (Reply("It is", "content_filter"), "content_filter"),
        (Reply("<think>" + "hm " * 60 + "</think> Green.", "stop"), "too_long"),
    ],
)
def test_what_is_no_guess_is_refused_and_not_asked_again(reply, reason):
    result = take(reply)
    assert isinstance(result, Refused)
    assert result.reason == reason


def test_the_estimate_is_one_request_for_each_pair():
    prices = Prices("today", models={"small": Price(input=1.0, output=1.0)})
    one, many = (estimate_blind(n, BLIND, SETTINGS, prices) for n in (1, 10))
    assert (many.n_questions, many.input_tokens) == (10, 10 * one.input_tokens)
    assert many.cost == pytest.approx(10 * one.cost)
    assert one.input_tokens > 60


def test_money_is_unknown_without_a_price():
    assert estimate_blind(5, BLIND, SETTINGS).cost is None
