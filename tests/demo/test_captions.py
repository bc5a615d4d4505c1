from __future__ import annotations

import string
from pathlib import Path

import pytest

from streamit.config import read_yaml
from streamit.demo import captions
from streamit.demo.acts import KINDS, Stage
from streamit.demo.captions import write_clauses, write_sentences, write_summary, write_tags
from streamit.demo.dice import Dice
from streamit.demo.scene import SceneEvent
from streamit.record import Span

WORDS = {"shape": "red ring", "a_shape": "a red ring", "place": "on the far left"}
GROW = SceneEvent("grow", Span(1, 2), (), WORDS)
TEMPLATES = read_yaml(Path(captions.__file__).with_name("captions.yaml"))


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
