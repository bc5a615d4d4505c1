"""What is kept of a completion, however strange it is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamit.llm.reply import Reply, read_reply


def body(message: object = None, **more: object) -> dict[str, object]:
    return {"choices": [{"message": message, "finish_reason": "stop"}], "model": "m-1", **more}


def test_text_reason_model_and_tokens_are_kept():
    usage = {"prompt_tokens": 7, "completion_tokens": 3}
    assert read_reply(body({"content": "hello"}, usage=usage)) == Reply(
        "hello", "stop", "m-1", 7, 3
    )


@pytest.mark.parametrize("value", [None, [], "text", {}, {"error": "no"}, {"choices": None}])
def test_what_has_no_list_of_choices_is_no_completion(value):
    assert read_reply(value) is None


@pytest.mark.parametrize("choices", [[], [None], [{}], [{"message": {"content": [{}]}}]])
def test_a_completion_without_a_text_is_a_reply_without_text(choices):
    assert read_reply({"choices": choices}) == Reply(None)


def test_a_model_that_declines_counts_as_filtered():
    assert read_reply(body({"content": None, "refusal": "No."})).finish_reason == "content_filter"


@pytest.mark.parametrize("count", [-1, True, "7", 1.5, None])
def test_a_count_that_is_none_is_unknown(count):
    assert read_reply(body(usage={"prompt_tokens": count})).input_tokens is None


def test_half_a_surrogate_pair_is_replaced():
    assert read_reply(body({"content": "a\ud800b\U0001f600"})).text == "a\ufffdb\U0001f600"


@given(st.text())
def test_other_text_stays_as_it_is(text):
    assert read_reply(body({"content": text})).text == text
