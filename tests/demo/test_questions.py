"""Questions of the demo are answered by the scene's own facts, and by one event only."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streamit.demo.acts import KINDS
from streamit.demo.captions import load_templates, name_actions
from streamit.demo.dice import Dice
from streamit.demo.questions import ask_about_all, ask_about_events, ask_for_description
from streamit.demo.scene import Change, Repaint, SceneEvent, look_at
from streamit.demo.script import SINGLE, STAGGERED, TOGETHER, Script, write_scene
from streamit.record import Span

SEEDS = st.integers(0, 10**6)
LONG = Script(12, (SINGLE, STAGGERED, TOGETHER) * 4)
TWELVE = Script(12, (SINGLE,) * 12)


def event(kind: str, start_s: float, **words: str) -> SceneEvent:
    known = {"shape": "red ring", "shape_colour": "red", "a_shape": "a red ring", "place": "there"}
    return SceneEvent(kind, Span(start_s, start_s + 2), (), {**known, **words})


def test_a_question_has_the_facts_and_the_stretch_of_its_event() -> None:
    (question,) = ask_about_events([event("repaint", 4, colour="blue")])
    assert question.text == "Which colour is the red ring painted?"
    assert question.answer == "blue"
    assert question.span == Span(4, 6)


def test_nothing_is_asked_about_what_happens_twice() -> None:
    events = [event("grow", 1), event("spin", 4), event("grow", 7, shape="blue star")]
    assert [q.text for q in ask_about_events(events)] == ["Which shape turns around itself?"]


@pytest.mark.parametrize("kind", KINDS)
def test_no_answer_stands_in_its_question(kind: str) -> None:
    words = {"colour": "blue", "partner": "pink star", "origin": "left", "goal": "right"}
    (question,) = ask_about_events([event(kind, 1, **words)])
    assert question.answer not in question.text


@given(SEEDS)
@settings(max_examples=30)
def test_the_colour_asked_for_is_the_one_that_the_picture_shows(seed: int) -> None:
    scene = write_scene(LONG, Dice(seed, "scene"))
    looks = {look.shape: look for look in scene.opening}
    answers = {question.span: question.answer for question in ask_about_events(scene.events)}
    for one in scene.events:
        change = one.changes[0]
        if one.span not in answers:
            continue
        before = look_at(scene, looks[change.shape], one.span.start_s)
        if isinstance(change, Repaint):
            assert answers[one.span] == change.colour
        elif one.kind == "cross":
            assert answers[one.span] == before.colour
        elif isinstance(change, Change) and one.kind != "swap":
            assert answers[one.span] == f"the {before.colour} {before.shape}"


@given(SEEDS)
@settings(max_examples=30)
def test_one_event_only_answers_a_question(seed: int) -> None:
    scene = write_scene(TWELVE, Dice(seed, "scene"))
    kinds = [one.kind for one in scene.events]
    asked = {question.span for question in ask_about_events(scene.events)}
    assert asked == {one.span for one in scene.events if kinds.count(one.kind) == 1}


def test_a_whole_video_is_asked_about_in_its_own_words() -> None:
    events = [event("spin", 1), event("grow", 4), event("shrink", 6)]
    talk = ask_about_all(events)
    assert talk[0] == ("What happens first?", "The red ring turns once around itself.")
    assert talk[-1] == ("What happens last?", "The red ring shrinks.")
    assert ("How often does a shape change its size?", "Twice.") in talk
    assert ("How often does a shape bounce up and down?", "Never.") in talk


def test_every_class_of_actions_is_counted() -> None:
    counted = set(load_templates()["whole"]["count"])
    assert counted == set(name_actions([event(kind, 1) for kind in KINDS]))


def test_a_description_tells_every_event() -> None:
    asked, told = ask_for_description([event("grow", 1), event("spin", 4)], Dice(0, "words"))
    assert asked == "Please describe this video."
    assert told.count("red ring") == 2
