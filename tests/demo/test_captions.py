from __future__ import annotations

import string

import pytest

from streamit.demo.acts import KINDS, Stage
from streamit.demo.captions import (
    list_actions,
    list_steps,
    load_templates,
    name_actions,
    name_steps,
    write_clauses,
    write_plainly,
    write_sentences,
    write_summary,
    write_tags,
)
from streamit.demo.dice import Dice
from streamit.demo.scene import SceneEvent
from streamit.record import Span

WORDS = {"shape": "red ring", "a_shape": "a red ring", "place": "on the far left"}
GROW = SceneEvent("grow", Span(1, 2), (), WORDS)
SHRINK = SceneEvent("shrink", Span(3, 4), (), WORDS)
TEMPLATES = load_templates()


@pytest.mark.parametrize("part", ["clauses", "tags"])
def test_every_kind_of_event_has_several_wordings(part: str) -> None:
    assert set(TEMPLATES[part]) == set(KINDS)
    assert all(len(set(texts)) == len(texts) >= 2 for texts in TEMPLATES[part].values())


@pytest.mark.parametrize("part", ["clauses", "tags"])
def test_every_blank_can_be_filled(part: str) -> None:
    stage = Stage(Dice(0, "stage"))
    acts = [stage.draw_act() for _ in range(40)]
    assert {act.kind for act in acts} == set(KINDS)
    for act in acts:
        for template in TEMPLATES[part][act.kind]:
            blanks = {name for _, name, _, _ in string.Formatter().parse(template) if name}
            assert all(act.words[blank] for blank in blanks), template


def test_annotators_next_to_each_other_use_different_words() -> None:
    events = [GROW] * 20
    for write in (write_clauses, write_tags):
        one, other = (write(events, Dice(0, "words"), annotator) for annotator in (1, 2))
        assert all(a != b for a, b in zip(one, other, strict=True))


def test_wordings_vary_from_event_to_event() -> None:
    assert len(set(write_clauses([GROW] * 20, Dice(0, "words"), 1))) == 3


def test_a_clause_becomes_a_sentence() -> None:
    assert write_sentences(["the Red ring grows"]) == ["The Red ring grows."]


def test_a_tag_begins_with_a_capital() -> None:
    tags = set(write_tags([GROW] * 20, Dice(0, "words"), 1))
    assert tags == {"Red ring grows", "Making the red ring larger"}


def test_a_summary_tells_every_clause_in_order() -> None:
    summary = write_summary(["one", "two", "three"], Dice(0, "words"))
    assert summary.index("one.") < summary.index("two.") < summary.index("three.")


@pytest.mark.parametrize("n_clauses", [1, 2])
def test_a_short_clip_has_a_summary_too(n_clauses: int) -> None:
    assert write_summary(["it grows"] * n_clauses, Dice(0, "x")).count("it grows.") == n_clauses


def test_a_plain_clause_is_the_same_for_what_looks_the_same() -> None:
    assert write_plainly([GROW] * 5) == ["the red ring grows larger"] * 5


@pytest.mark.parametrize("part", ["steps", "actions", "questions"])
def test_every_kind_of_event_can_be_told_in_every_task(part: str) -> None:
    assert set(TEMPLATES[part]) == set(KINDS)


def test_a_step_is_one_of_a_fixed_list() -> None:
    assert name_steps([GROW, SHRINK]) == ["make a shape larger", "make a shape smaller"]
    assert len(set(list_steps())) == len(KINDS)


def test_a_class_of_actions_may_hold_two_kinds() -> None:
    assert name_actions([GROW, SHRINK]) == ["Change_size", "Change_size"]
    assert len(list_actions()) == 6
