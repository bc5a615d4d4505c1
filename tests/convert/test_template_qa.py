"""Modest questions without a model: the caption is the answer, and an absent thing is absent."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from streamit.convert import template_qa
from streamit.convert.template_qa import TemplateQuestion, write_question
from streamit.llm.question import AFTER, BEFORE, Refused
from streamit.wording import find_fault, find_leak

POOLS = yaml.safe_load(Path(template_qa.__file__).with_suffix(".yaml").read_text())
CAPTIONS = ("A man fills a kettle.", "The man pours {water} into a cup.")
SUBJECTS = [f"stream/{i}" for i in range(200)]


def write(place=AFTER, hallucination=False, subject="s", split="train", captions=CAPTIONS, seed=0):
    return write_question(captions, place, hallucination, seed, subject, split)


@pytest.mark.parametrize("place", [AFTER, BEFORE])
def test_the_answer_is_the_caption_as_it_stands(place):
    pair = write(place)
    assert pair.question in POOLS[place]
    assert (pair.answer, pair.question_type, pair.origin) == (CAPTIONS[-1], "EU", "template")


@pytest.mark.parametrize("place", [AFTER, BEFORE])
def test_training_lacks_the_last_wording_and_other_splits_have_all(place):
    def list_used(split: str) -> set[str]:
        return {write(place, subject=subject, split=split).question for subject in SUBJECTS}

    assert list_used("train") == set(POOLS[place][:-1])
    assert list_used("validation") == set(POOLS[place])


def test_a_hallucination_question_and_its_answer_speak_of_one_absent_thing():
    pair = write(hallucination=True)
    things = [thing for thing in POOLS["things"] if thing in pair.question]
    assert len(things) == 1
    assert things[0] in pair.answer
    assert pair.question_type == "OP"


@given(st.sampled_from(sorted(POOLS["things"])), st.integers(0, 50))
def test_a_thing_in_any_caption_so_far_is_not_called_absent(thing, seed):
    for word in POOLS["things"][thing]:
        pair = write(hallucination=True, captions=(f"Look, {word.upper()}!", "A cup."), seed=seed)
        assert thing not in pair.question


def test_where_nothing_is_absent_the_question_is_refused():
    everything = " ".join(word for words in POOLS["things"].values() for word in words)
    found = write(hallucination=True, captions=(everything,))
    assert isinstance(found, Refused)
    assert found.reason == "not_absent"


def test_the_same_seed_and_subject_give_the_same_pair():
    pairs = [write(hallucination=True, subject=subject) for subject in SUBJECTS]
    assert pairs == [write(hallucination=True, subject=subject) for subject in SUBJECTS]
    assert pairs != [write(hallucination=True, subject=subject, seed=1) for subject in SUBJECTS]


def test_all_wordings_are_clean_and_leak_nothing():
    wordings = [text for name, pool in POOLS.items() if name != "things" for text in pool]
    assert [text for text in wordings if find_fault(text) or find_leak(text)] == []


def test_every_pool_holds_a_wording_out_and_names_the_thing_where_there_is_one():
    assert {len(POOLS[name]) >= 5 for name in POOLS} == {True}
    for name in ("after", "before", "absent", "absent_answer"):
        named = {bool(re.search(r"\{thing\}", text)) for text in POOLS[name]}
        assert named == {name.startswith("absent")}


def test_every_thing_is_known_by_a_word_of_its_own_name():
    for thing, words in POOLS["things"].items():
        assert set(thing.split()) & set(words)


def test_a_template_question_never_claims_another_origin():
    assert TemplateQuestion("Q?", "A.", "EU").origin == "template"
