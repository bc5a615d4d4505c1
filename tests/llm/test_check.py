"""A reply is one clean pair, or it is refused with the reason."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamit.llm.check import Pair, read_pair
from streamit.llm.question import BEFORE, ClipQuestion, Refused
from streamit.llm.reply import Reply
from streamit.reasons import REJECTED
from streamit.wording import find_fault, find_leak
from tests.llm.asking import CAPTIONS, QUESTION, SETTINGS, make_pair

AHEAD = replace(QUESTION, place=BEFORE)
ABSENT = replace(QUESTION, hallucination=True)


def read(text: str | None, question: ClipQuestion = QUESTION, finish: str | None = "stop"):
    return read_pair(Reply(text, finish), question, SETTINGS)


def reason(text: str | None, question: ClipQuestion = QUESTION, finish: str | None = "stop"):
    found = read(text, question, finish)
    return found.reason if isinstance(found, Refused) else None


def test_a_good_pair_is_read():
    assert read(make_pair("What is he making?", "Tea.", "EU")) == Pair(
        "What is he making?", "Tea.", "EU"
    )


@pytest.mark.parametrize("around", ["```json\n{}\n```", "```\n{}```", "\n {} \n"])
def test_a_code_fence_around_the_object_is_allowed(around):
    assert reason(around.replace("{}", make_pair())) is None


def test_white_space_is_collapsed_and_letters_are_composed():
    pair = read(make_pair("What  is\nin the cafe\u0301 now?", " Tea\tis. "))
    assert (pair.question, pair.answer) == ("What is in the caf\u00e9 now?", "Tea is.")


@pytest.mark.parametrize(
    ("finish", "expected"), [("length", "cut_off"), ("content_filter", "content_filter")]
)
def test_a_reply_that_was_stopped_is_refused_whatever_it_says(finish, expected):
    assert reason(make_pair(), finish=finish) == expected


def test_a_server_that_gives_no_finish_reason_is_believed():
    assert reason(make_pair(), finish=None) is None


@pytest.mark.parametrize(
    "text",
    [
        "tea",
        make_pair()[:-9],
        f"[{make_pair()}]",
        make_pair() * 2,
        f"Sure! {make_pair()}",
        make_pair(extra="x"),
        json.dumps({"question": "What?", "answer": "Tea."}),
        make_pair(answer=["Tea."]),
        make_pair(answer=None),
        make_pair("Wh\ud800t?"),
        make_pair("What\u0000?"),
        make_pair(answer="He makes t\ufffda."),
        '{"question_type": "AR", "question": "What?", "question": "Who?", "answer": "Tea."}',
        "[" * 100_000,
        "9" * 5000,
    ],
)
def test_anything_but_one_clean_object_is_bad_json(text):
    assert reason(text) == "bad_answer_json"


@pytest.mark.parametrize(
    "text", [None, "", " \n", make_pair(answer=""), make_pair(question=" \t ")]
)
def test_an_empty_reply_or_text_is_no_answer(text):
    assert reason(text) == "no_answer"


@pytest.mark.parametrize("question_type", ["XX", "ar", "", "AR, EU"])
def test_a_type_that_was_not_offered_is_refused(question_type):
    assert reason(make_pair(question_type=question_type)) == "unknown_type"


def test_only_the_types_that_were_offered_are_known():
    assert reason(make_pair(), replace(QUESTION, task_types=("OP",))) == "unknown_type"


@pytest.mark.parametrize(
    ("n_words", "expected"), [(SETTINGS.max_answer_words, None), (61, "too_long")]
)
def test_an_answer_has_so_many_words_at_most(n_words, expected):
    assert reason(make_pair(answer="tea " * n_words)) == expected


def test_a_long_text_without_spaces_is_too_long():
    assert reason(make_pair("x" * 361)) == "too_long"


@pytest.mark.parametrize(
    "texts",
    [
        {"question": "What does the caption say?"},
        {"answer": "At the beginning of the video he makes tea."},
        {"answer": "The image shows tea."},
    ],
)
def test_a_text_that_tells_of_captions_or_pictures_leaks(texts):
    assert reason(make_pair(**texts)) == "leaks"


@pytest.mark.parametrize(
    "texts",
    [
        {"answer": CAPTIONS[-1]},
        {"answer": "A man pours the boiling water into this green cup."},
        {"answer": CAPTIONS[0]},
        {"question": CAPTIONS[-1]},
        {"question": "Which cup is the man filling?", "answer": "The man is filling which cup."},
    ],
)
def test_a_text_with_the_words_of_another_and_no_others_repeats_it(texts):
    assert reason(make_pair(**texts)) == "repeats_caption"


def test_a_question_before_its_clip_may_not_give_the_answer_away():
    told = make_pair(
        "When does he pour water into the green cup?", "He pours water into the green cup."
    )
    assert reason(told, AHEAD) == "tells_ahead"
    assert reason(told, QUESTION) is None


def test_a_question_before_its_clip_may_say_what_was_seen_already():
    asked = make_pair("What does the man do with the kettle?", "The man pours out the kettle.")
    assert reason(asked, AHEAD) is None


def test_a_hallucination_question_names_a_thing_that_is_denied():
    asked = make_pair("Where is the red umbrella?", "There isn't any.", absent_thing="red umbrella")
    assert read(asked, ABSENT) == Pair("Where is the red umbrella?", "There isn't any.", "AR")


@pytest.mark.parametrize(
    ("question", "answer", "thing"),
    [
        ("Where is the umbrella?", "There is none.", "parrot"),
        ("Where is the umbrella?", "There is none.", ""),
        ("Where is the kettle?", "There is none.", "kettle"),
        ("Where are the kettles?", "There are none.", "kettles"),
        ("Where is the umbrella?", "It stands in the corner.", "umbrella"),
    ],
)
def test_a_hallucination_question_about_something_else_is_refused(question, answer, thing):
    assert reason(make_pair(question, answer, absent_thing=thing), ABSENT) == "not_absent"


@pytest.mark.parametrize("question", [QUESTION, ABSENT])
def test_the_absent_thing_is_named_where_it_is_asked_for_and_only_there(question):
    other = make_pair() if question.hallucination else make_pair(absent_thing="umbrella")
    assert reason(other, question) == "bad_answer_json"


TEXTS = st.one_of(st.text(max_size=40), st.sampled_from([*CAPTIONS, "the caption", "What now?"]))
REPLIES = st.one_of(
    st.none(),
    st.text(max_size=80),
    st.builds(make_pair, TEXTS, TEXTS, st.sampled_from(["AR", "EU", "XX"])),
    st.builds(make_pair, TEXTS, TEXTS, absent_thing=TEXTS),
    st.recursive(
        st.none() | st.booleans() | st.integers() | TEXTS,
        lambda inner: st.lists(inner) | st.dictionaries(TEXTS, inner),
        max_leaves=5,
    ).map(json.dumps),
)


@given(REPLIES, st.sampled_from([QUESTION, AHEAD, ABSENT]), st.sampled_from(["stop", "length"]))
def test_whatever_comes_is_a_pair_that_obeys_all_rules_or_a_known_refusal(text, question, finish):
    found = read(text, question, finish)
    if isinstance(found, Refused):
        assert found.reason in REJECTED
        assert found.message
    else:
        assert found.question_type in question.task_types
        for value in (found.question, found.answer):
            assert find_fault(value) is None
            assert find_leak(value) is None
