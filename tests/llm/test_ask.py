"""Asking over a real connection: what servers do wrong, and what comes of it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from email.utils import formatdate
from itertools import repeat

import pytest

from streamit.errors import BudgetError, EndpointError, LlmError, RecipeError, UsageError
from streamit.llm.ask import ask_all
from streamit.llm.budget import Spent
from streamit.llm.cache import Cache
from streamit.llm.dialogue import Dialogue
from streamit.llm.prices import Price, Prices
from streamit.llm.progress import Progress
from streamit.llm.question import ClipQuestion, QuestionAnswer, Refused
from streamit.llm.render import load_prompts
from streamit.llm.sender import GIVE_UP_AFTER
from streamit.llm.tokens import bound_tokens
from tests.llm.asking import (
    QUESTION,
    SETTINGS,
    count_reasons,
    make_pair,
    make_questions,
    run,
    settings,
)
from tests.openai_server import GOOD, INPUT_TOKENS, OUTPUT_TOKENS, Step, error, serve_openai

PRICES = Prices("today", models={"gpt-4o": Price(input=1000.0, output=1000.0)})
EACH = (INPUT_TOKENS + OUTPUT_TOKENS) * 1000.0 / 1_000_000
MOST = bound_tokens(Dialogue(QUESTION, SETTINGS, load_prompts()).request)
MOST_EACH = (MOST.input + MOST.output) * 1000.0 / 1_000_000


@pytest.fixture
def cache(tmp_path):
    return tmp_path / "cache.sqlite"


def ask_one(cache, *steps: Step, **changes):
    """The result of one question, and the number of requests it took."""
    with serve_openai(steps) as server:
        results = run([QUESTION], settings(server.url, **changes), cache)
        return results[QUESTION.key], len(server.requests)


def test_every_question_gets_a_pair_with_one_request(cache):
    with serve_openai() as server:
        results = run(make_questions(50), settings(server.url), cache)
    assert all(isinstance(result, QuestionAnswer) for result in results.values())
    assert len({result.answer for result in results.values()}) == 50
    assert len(server.requests) == 50


def test_the_server_sees_just_the_rendered_request(cache):
    with serve_openai() as server:
        llm = settings(server.url, extra_body={"chat_template_kwargs": {"enable_thinking": False}})
        run([QUESTION], llm, cache)
    assert server.requests == [Dialogue(QUESTION, llm, load_prompts()).request]


def test_no_more_requests_run_at_once_than_are_allowed(cache):
    with serve_openai(repeat(Step(delay_s=0.01))) as server:
        run(make_questions(20), settings(server.url, concurrency=3), cache)
    assert 1 < server.most_at_once <= 3


def test_questions_are_drawn_as_they_are_needed(cache):
    drawn = 0

    def draw() -> Iterator[ClipQuestion]:
        nonlocal drawn
        for question in make_questions(100):
            drawn += 1
            yield question

    with serve_openai() as server:
        results = ask_all(draw(), settings(server.url, concurrency=2), cache)
        next(results)
        assert drawn <= 2 * 4 + 1
        results.close()
    assert len(server.requests) <= drawn


def test_a_second_run_makes_no_request_and_needs_no_server(cache):
    with serve_openai() as server:
        first = run(make_questions(5), settings(server.url), cache)
    assert run(make_questions(5), SETTINGS, cache) == first


def test_equal_questions_are_asked_once(cache):
    twins = [replace(QUESTION, key=f"twin/{i}") for i in range(8)]
    with serve_openai(repeat(Step(delay_s=0.02))) as server:
        results = run(twins, settings(server.url, concurrency=8), cache)
    assert len(server.requests) == 1
    assert len(set(results.values())) == 1


@pytest.mark.parametrize(
    "bad",
    [
        Step(text="not json"),
        Step(text=make_pair()[:-3]),
        Step(text='{"question": "What?"}'),
        Step(text=""),
        Step(body={"choices": []}),
        Step(finish_reason="length"),
        Step(finish_reason="content_filter"),
        Step(text=make_pair(answer="The caption says tea.")),
        error(400, "the prompt was filtered", "content_filter"),
    ],
)
def test_a_bad_reply_is_asked_for_again(cache, bad):
    result, n_requests = ask_one(cache, bad)
    assert isinstance(result, QuestionAnswer)
    assert n_requests == 2


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (Step(text="not json"), "bad_answer_json"),
        (Step(body={"choices": []}), "no_answer"),
        (Step(finish_reason="length"), "cut_off"),
        (Step(finish_reason="content_filter"), "content_filter"),
        (Step(text=make_pair(question_type="XX")), "unknown_type"),
    ],
)
def test_after_the_last_attempt_it_is_refused_and_never_asked_again(cache, bad, reason):
    result, n_requests = ask_one(cache, bad, bad, attempts=2)
    assert isinstance(result, Refused)
    assert (result.reason, n_requests) == (reason, 2)
    assert ask_one(cache, attempts=2) == (result, 0)


@pytest.mark.parametrize(
    "passing",
    [
        error(500),
        error(503),
        error(408),
        Step(cut=True),
        Step(body="<html>gateway</html>"),
        Step(body='{"choices": [{"mess'),
        Step(body={"error": {"message": "upstream is busy"}}),
        error(429),
        error(429, retry_after="0.01"),
        error(500, retry_after="0.01"),
    ],
)
def test_a_failing_server_is_tried_again_within_one_attempt(cache, passing):
    result, n_requests = ask_one(cache, passing, passing, attempts=1)
    assert isinstance(result, QuestionAnswer)
    assert n_requests == 3


def test_a_slow_server_is_tried_again(cache):
    result, n_requests = ask_one(cache, Step(delay_s=0.5), timeout_s=0.1)
    assert isinstance(result, QuestionAnswer)
    assert n_requests == 2


def test_a_request_that_fails_for_good_is_refused_and_not_kept(cache):
    result, n_requests = ask_one(cache, *[error(500, "on fire")] * 3)
    assert isinstance(result, Refused)
    assert (result.reason, n_requests) == ("llm_error", 3)
    assert "500: on fire" in result.message
    result, n_requests = ask_one(cache)
    assert isinstance(result, QuestionAnswer)
    assert n_requests == 1


def test_a_request_that_the_server_refuses_is_not_repeated(cache):
    result, n_requests = ask_one(cache, error(400, "maximum context length exceeded"))
    assert isinstance(result, Refused)
    assert (result.reason, n_requests) == ("llm_error", 1)


@pytest.mark.parametrize("step", [error(500), error(400), Step(cut=True)])
def test_a_server_that_fails_at_everything_ends_the_run(cache, step):
    with (
        serve_openai(repeat(step)) as server,
        pytest.raises(LlmError, match=rf"{GIVE_UP_AFTER} requests in a row failed"),
    ):
        run(make_questions(500), settings(server.url, retries=0), cache)
    assert len(server.requests) < 100


def test_a_server_that_is_not_there_ends_the_run(cache):
    with pytest.raises(LlmError, match="no connection"):
        run(make_questions(20), replace(SETTINGS, retries=1), cache)


@pytest.mark.parametrize(
    ("step", "advice"),
    [
        (error(401, "who are you"), "check the key in STREAMIT_TEST_KEY"),
        (error(403, "not you"), "may not use this model"),
        (error(404, "no such model"), "check --base-url"),
        (error(402, "pay"), "no money left"),
        (error(429, "quota", "insufficient_quota"), "no money left"),
    ],
)
def test_what_can_never_succeed_ends_the_run_at_once(cache, step, advice):
    with serve_openai(repeat(step)) as server, pytest.raises(EndpointError, match=advice):
        run(make_questions(100), settings(server.url), cache)
    assert len(server.requests) <= SETTINGS.concurrency


def test_replies_before_the_end_of_a_run_are_given_and_kept(cache):
    given = []
    with serve_openai([GOOD, GOOD, error(401)]) as server:
        results = ask_all(make_questions(10), settings(server.url, concurrency=1), cache)
        with pytest.raises(EndpointError):
            given.extend(results)
    assert len(given) == 2
    with serve_openai() as server:
        run(make_questions(10), settings(server.url), cache)
    assert len(server.requests) == 8


def test_rate_limits_cost_no_retry_and_lower_the_number_at_once(cache):
    seen: list[Progress] = []
    with serve_openai([error(429)] * 12) as server:
        llm = settings(server.url, concurrency=8, retries=0)
        results = run(make_questions(20), llm, cache, None, seen.append)
    assert count_reasons(results) == {}
    assert len(server.requests) == 32
    assert seen[-1].n_throttled == 12
    assert min(progress.concurrency for progress in seen) < 8


@pytest.mark.parametrize("in_words", [False, True])
def test_nobody_asks_before_the_time_that_the_server_names(cache, in_words):
    # A date has whole seconds, so it is at least one second away.
    wait = formatdate(time.time() + 2, usegmt=True) if in_words else "0.3"
    times = []

    def answer(request) -> str:
        times.append(time.monotonic())
        return make_pair()

    start = time.monotonic()
    with serve_openai([error(429, retry_after=wait)], answer) as server:
        run([QUESTION], settings(server.url), cache)
    assert times[0] - start > (0.9 if in_words else 0.29)


def test_a_pause_that_is_too_long_ends_the_run(cache):
    with (
        serve_openai([error(429, retry_after="3600")]) as server,
        pytest.raises(LlmError, match=r"a pause of 3600 s .* run again later"),
    ):
        run([QUESTION], settings(server.url), cache)


def test_progress_counts_tokens_and_money(cache):
    seen: list[Progress] = []
    with serve_openai([Step(text="not json")]) as server:
        run(make_questions(3), settings(server.url), cache, PRICES, seen.append)
        run(make_questions(4), settings(server.url), cache, PRICES, seen.append)
    first, second = seen[2], seen[-1]
    assert (first.n_settled, first.n_cached, first.n_requests) == (3, 0, 4)
    assert first.spent == Spent(4 * INPUT_TOKENS, 4 * OUTPUT_TOKENS, pytest.approx(4 * EACH))
    assert (second.n_settled, second.n_cached, second.n_requests) == (4, 3, 1)
    assert second.spent.cost == pytest.approx(EACH)


def test_the_cap_is_never_passed_and_a_new_budget_goes_on(cache):
    cap = MOST_EACH + 10 * EACH
    seen: list[Progress] = []
    with serve_openai() as server:
        llm = settings(server.url)
        given = []
        results = ask_all(make_questions(40), llm, cache, PRICES, seen.append, max_cost=cap)
        with pytest.raises(BudgetError, match="stopped before --max-cost"):
            given.extend(results)
        assert 10 <= len(given) == len(server.requests)
        assert len(server.requests) * EACH <= cap
        run(make_questions(40), llm, cache, PRICES, max_cost=1000.0)
    assert len(server.requests) == 40
    assert seen[-1].spent.cost <= cap


@pytest.mark.parametrize(
    ("step", "expected"),
    [(error(401), EndpointError), (Step(cut=True), BudgetError), (GOOD, BudgetError)],
)
def test_a_run_ends_while_requests_wait_for_room_in_the_budget(cache, step, expected):
    with serve_openai(repeat(replace(step, delay_s=0.05))) as server:
        llm = settings(server.url, retries=0, concurrency=8)
        with pytest.raises(expected):
            run(make_questions(9), llm, cache, PRICES, max_cost=MOST_EACH * 1.01 + EACH)
    assert server.most_at_once == 1


def test_a_cap_for_a_model_without_a_price_is_refused_before_anything_is_asked(cache):
    with serve_openai() as server, pytest.raises(EndpointError, match="cannot be capped"):
        ask_all([QUESTION], settings(server.url, model="mine"), cache, PRICES, max_cost=1.0)
    assert server.requests == []


def test_a_replay_gives_the_same_and_refuses_what_the_cache_lacks(cache):
    with serve_openai([Step(text="not json"), GOOD]) as server:
        first = run(make_questions(3), settings(server.url), cache)
        n_requests = len(server.requests)
        again = run(make_questions(5), settings(server.url), cache, replay=True)
        assert len(server.requests) == n_requests
    assert {key: again[key] for key in first} == first
    assert count_reasons(again) == {"not_in_cache": 2}


def test_a_replay_without_a_cache_is_an_error(cache):
    with pytest.raises(UsageError, match="there is no request cache"):
        ask_all([QUESTION], SETTINGS, cache, replay=True)
    assert not cache.exists()


def test_settings_out_of_range_are_refused():
    with pytest.raises(RecipeError, match=r"llm\.attempts"):
        ask_all([], replace(SETTINGS, attempts=0), "unused")


def test_leaving_early_ends_what_is_on_its_way(cache):
    with serve_openai(repeat(Step(delay_s=0.05))) as server:
        results = ask_all(make_questions(40), settings(server.url), cache)
        next(results)
        results.close()
        n_requests = len(server.requests)
        time.sleep(0.1)
        assert len(server.requests) == n_requests


def test_an_error_in_the_questions_comes_through(cache):
    def broken() -> Iterator[ClipQuestion]:
        yield QUESTION
        raise RuntimeError("broken source")

    with serve_openai() as server, pytest.raises(RuntimeError, match="broken source"):
        list(ask_all(broken(), settings(server.url), cache))


def test_no_question_needs_no_server(cache):
    assert run([], SETTINGS, cache) == {}


def test_a_reply_is_in_the_cache_before_it_is_given(cache):
    with serve_openai() as server:
        llm = settings(server.url)
        results = ask_all([QUESTION], llm, cache)
        next(results)
        with Cache(cache) as opened:
            assert opened.get(Dialogue(QUESTION, llm, load_prompts()).key) is not None
        results.close()
