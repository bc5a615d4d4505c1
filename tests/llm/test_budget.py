"""Tokens and money are counted, and what is held keeps the cap whatever comes back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamit.errors import BudgetError, EndpointError, RecipeError
from streamit.llm.budget import Budget, Spent
from streamit.llm.prices import Price, Prices, read_prices
from streamit.llm.render import load_prompts, render_request
from streamit.llm.reply import Reply
from streamit.llm.tokens import Tokens, bound_tokens, estimate_tokens
from tests.llm.asking import QUESTION, SETTINGS

REQUEST = render_request(QUESTION, SETTINGS, load_prompts())
MOST = bound_tokens(REQUEST)
PRICES = Prices("today", models={"gpt-4o": Price(input=1.0, output=2.0)})
MOST_COST = (MOST.input * 1.0 + MOST.output * 2.0) / 1_000_000


def test_a_bound_counts_bytes_and_an_estimate_a_fourth_of_the_characters():
    request = {"messages": [{"content": "\u00e9" * 8}], "max_tokens": 30}
    assert bound_tokens(request) == Tokens(16 + 16, 30)
    assert estimate_tokens(request) == Tokens(2 + 16, 30)


@given(st.text(max_size=50))
def test_an_estimate_is_never_above_the_bound(text):
    request = {"messages": [{"content": text}], "max_completion_tokens": 300}
    assert estimate_tokens(request).input <= bound_tokens(request).input


def test_replies_add_up():
    budget = Budget("gpt-4o", PRICES)
    for _ in range(2):
        budget.settle(budget.hold(REQUEST), Reply("x", input_tokens=100, output_tokens=20))
    assert budget.spent == Spent(200, 40, pytest.approx(0.00028))


def test_without_a_price_tokens_are_counted_and_money_is_unknown():
    budget = Budget("local", PRICES)
    budget.settle(budget.hold(REQUEST), Reply("x", input_tokens=100, output_tokens=20))
    assert budget.spent == Spent(100, 20, None)


def test_what_the_server_did_not_count_counts_as_the_most():
    budget = Budget("gpt-4o", PRICES)
    budget.settle(budget.hold(REQUEST), Reply("x"))
    assert budget.spent == Spent(MOST.input, MOST.output, pytest.approx(MOST_COST))


def test_a_reply_that_never_came_may_be_on_the_bill():
    budget = Budget("gpt-4o", PRICES)
    budget.settle(budget.hold(REQUEST))
    assert budget.spent == Spent(0, 0, pytest.approx(MOST_COST))


def test_a_request_waits_while_others_could_leave_room_and_ends_the_run_otherwise():
    budget = Budget("gpt-4o", PRICES, max_cost=MOST_COST * 1.5)
    held = budget.hold(REQUEST)
    assert budget.hold(REQUEST) is None
    budget.settle(held)
    with pytest.raises(BudgetError, match="run again with a new budget"):
        budget.hold(REQUEST)


def test_a_request_that_cost_nothing_leaves_its_room():
    budget = Budget("gpt-4o", PRICES, max_cost=MOST_COST)
    for _ in range(3):
        budget.release(budget.hold(REQUEST))
    assert budget.spent == Spent(0, 0, 0.0)


@given(st.lists(st.tuples(st.integers(0, MOST.input), st.integers(0, MOST.output))))
def test_the_cap_is_kept_whatever_comes_back(counts):
    cap = MOST_COST * 3
    budget = Budget("gpt-4o", PRICES, max_cost=cap)
    for sent, written in counts:
        try:
            held = budget.hold(REQUEST)
        except BudgetError:
            break
        budget.settle(held, Reply("x", input_tokens=sent, output_tokens=written))
    assert budget.spent.cost <= cap


def test_a_cap_without_a_price_is_refused():
    with pytest.raises(EndpointError, match="nobody knows what 'local' costs"):
        Budget("local", PRICES, max_cost=5.0)
    with pytest.raises(EndpointError, match="cannot be capped"):
        Budget("gpt-4o", None, max_cost=5.0)


def test_the_shipped_prices_have_the_paper_s_model_and_a_date():
    prices = read_prices()
    assert prices.models["gpt-4o"] == Price(2.5, 10.0)
    assert prices.as_of.startswith("20")


@pytest.mark.parametrize(
    "text",
    ["as_of: now\nmodels: {m: {input: -1, output: 0}}", "as_of: now\nmodel: {}", "models: {}"],
)
def test_prices_that_are_none_are_refused(tmp_path, text):
    (tmp_path / "own.yaml").write_text(text)
    with pytest.raises(RecipeError, match=r"own\.yaml"):
        read_prices(str(tmp_path / "own.yaml"))
