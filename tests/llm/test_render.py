"""A request holds the captions up to its clip, the rules, and nothing of server or key."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

import streamit.llm.render as render
from streamit.errors import ResourceError
from streamit.llm.question import BEFORE, TASK_TYPES, ClipQuestion
from streamit.llm.render import load_prompts, render_request, request_key
from streamit.wording import find_leak
from tests.llm.asking import CAPTIONS, QUESTION, SETTINGS

PROMPTS = load_prompts()
FOLDER = Path(render.__file__).parent / "prompts"


def rendered(question=QUESTION, settings=SETTINGS, **more):
    return render_request(question, settings, PROMPTS, **more)


def user_text(question=QUESTION, **more):
    return rendered(question, **more)["messages"][1]["content"]


def test_every_type_of_the_paper_is_defined():
    assert tuple(PROMPTS.task_types) == TASK_TYPES


def test_all_braces_are_filled_in():
    for question in (QUESTION, replace(QUESTION, hallucination=True)):
        request = rendered(question)
        texts = [message["content"] for message in request["messages"]]
        assert "{task_types}" not in texts[0]
        assert f"at most {SETTINGS.max_question_words} words" in texts[0]
        assert "{notes}" not in texts[1]


def test_captions_are_numbered_in_order_with_the_clip_s_own_last():
    assert f"1. {CAPTIONS[0]}\n2. {CAPTIONS[1]}\n\n" in user_text()


def test_braces_and_line_breaks_in_a_caption_do_no_harm():
    asked = user_text(ClipQuestion("k", ("a sign says {notes}\n2. {problem}",)))
    assert "1. a sign says {notes} 2. {problem}\n\n" in asked


def test_the_place_of_the_question_is_told():
    assert "before the scene of the last note" in user_text(replace(QUESTION, place=BEFORE))
    assert "has just been shown" in user_text()


def test_only_a_hallucination_question_asks_for_an_absent_thing():
    asked = rendered(replace(QUESTION, hallucination=True))
    schema = asked["response_format"]["json_schema"]["schema"]
    assert schema["required"] == ["question_type", "question", "answer", "absent_thing"]
    assert "absent_thing" in asked["messages"][1]["content"]
    assert "absent_thing" not in str(rendered())


def test_the_schema_is_strict_and_offers_the_types():
    named = rendered(replace(QUESTION, task_types=("OP", "AR")))["response_format"]["json_schema"]
    assert named["strict"] is True
    assert named["schema"]["additionalProperties"] is False
    assert named["schema"]["required"] == list(named["schema"]["properties"])
    assert named["schema"]["properties"]["question_type"]["enum"] == ["OP", "AR"]


@pytest.mark.parametrize(
    ("format_", "expected"), [("json_object", {"type": "json_object"}), ("none", None)]
)
def test_servers_without_schemas_get_another_format(format_, expected):
    request = rendered(settings=replace(SETTINGS, response_format=format_))
    assert request.get("response_format") == expected


def test_settings_become_parameters_and_null_is_not_sent():
    settings = replace(
        SETTINGS,
        temperature=None,
        seed=7,
        max_tokens_key="max_completion_tokens",
        extra_body={"top_p": 0.5},
    )
    request = rendered(settings=settings, attempt=3)
    assert {k: v for k, v in request.items() if k not in ("messages", "response_format")} == {
        "model": "gpt-4o",
        "max_completion_tokens": 300,
        "seed": 9,
        "top_p": 0.5,
    }


def test_a_later_attempt_is_told_what_was_wrong():
    assert "refused: the answer is empty." in user_text(attempt=2, problem="the answer is empty")


def test_the_key_depends_on_request_and_attempt_only():
    elsewhere = replace(
        SETTINGS, base_url="http://elsewhere/v1", api_key_env="OTHER", concurrency=1, timeout_s=1.0
    )
    key = request_key(rendered(), 1)
    assert request_key(rendered(settings=elsewhere), 1) == key
    others = [
        request_key(rendered(), 2),
        request_key(rendered(settings=replace(SETTINGS, temperature=0.1)), 1),
        request_key(rendered(replace(QUESTION, place=BEFORE)), 1),
    ]
    assert len({key, *others}) == 4


def test_the_key_of_a_stream_s_question_is_not_in_the_request():
    assert rendered(replace(QUESTION, key="other")) == rendered()


def test_prompts_do_not_teach_the_phrases_that_are_refused():
    taught = {name: find_leak(text) for name, text in PROMPTS.texts.items() if name != "system"}
    assert set(taught.values()) == {None}


def test_a_prompt_of_one_s_own_changes_the_hash(tmp_path):
    own = tmp_path / "prompts"
    shutil.copytree(FOLDER, own)
    assert load_prompts(str(own)).sha256 == PROMPTS.sha256
    (own / "again.txt").write_text("Again, without: {problem}")
    assert load_prompts(str(own)).sha256 != PROMPTS.sha256


def test_a_folder_that_lacks_a_prompt_is_named(tmp_path):
    with pytest.raises(ResourceError, match=r"system\.txt: this prompt cannot be read"):
        load_prompts(str(tmp_path))


@pytest.mark.parametrize("types", [("OP", "XX"), ()])
def test_a_type_without_a_definition_is_an_error(types):
    with pytest.raises(ResourceError, match="is not defined in the prompt"):
        rendered(replace(QUESTION, task_types=types))
