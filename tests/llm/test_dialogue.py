"""A question is asked until an answer passes or the attempts are used up."""

from __future__ import annotations

from dataclasses import replace

from streamit.llm.cache import Cache
from streamit.llm.dialogue import Dialogue
from streamit.llm.question import QuestionAnswer, Refused
from streamit.llm.render import load_prompts
from streamit.llm.reply import Reply
from tests.llm.asking import QUESTION, SETTINGS, make_pair

PROMPTS = load_prompts()
GOOD = Reply(make_pair(), "stop")
BAD = Reply("tea", "stop")


def begin(**changes) -> Dialogue:
    return Dialogue(QUESTION, replace(SETTINGS, **changes), PROMPTS)


def test_a_good_reply_settles_it():
    dialogue = begin()
    dialogue.take(GOOD)
    assert dialogue.result == QuestionAnswer(
        "What is the man making just now?",
        "He prepares himself some tea.",
        "AR",
        "gpt-4o",
        PROMPTS.sha256,
    )


def test_a_refused_reply_leads_to_another_request_that_says_why():
    dialogue = begin()
    first = dialogue.key
    dialogue.take(BAD)
    assert dialogue.result is None
    assert dialogue.key != first
    assert "is no JSON object" in dialogue.request["messages"][1]["content"]


def test_the_last_fault_is_the_reason_when_attempts_are_used_up():
    dialogue = begin(attempts=2)
    dialogue.take(BAD)
    dialogue.take(Reply("", "stop"))
    assert dialogue.result == Refused("no_answer", "the reply is empty")


def test_equal_faults_still_lead_to_different_keys():
    dialogue = begin(attempts=3)
    keys = {dialogue.key}
    for _ in range(2):
        dialogue.take(BAD)
        keys.add(dialogue.key)
    assert len(keys) == 3


def test_a_cache_leads_to_the_same_end(tmp_path):
    first, again = begin(), begin()
    with Cache(tmp_path / "c.sqlite") as cache:
        for reply in (BAD, GOOD):
            cache.put(first.key, reply)
            first.take(reply)
        again.read(cache)
    assert again.result == first.result is not None


def test_a_cache_that_ends_too_early_leaves_the_next_request(tmp_path):
    dialogue = begin()
    with Cache(tmp_path / "c.sqlite") as cache:
        cache.put(dialogue.key, BAD)
        dialogue.read(cache)
    assert (dialogue.result, dialogue.attempt) == (None, 2)
