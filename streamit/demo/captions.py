"""Puts the events of a demo scene into words, from the templates of `captions.yaml`."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from streamit.config import read_yaml
from streamit.demo.dice import Dice
from streamit.demo.scene import SceneEvent

_FILE = Path(__file__).with_name("captions.yaml")


def write_clauses(events: Sequence[SceneEvent], dice: Dice, annotator: int) -> list[str]:
    """A clause per event, without capital and full stop.

    With the same dice, annotators with numbers next to each other choose different words.
    """
    return [
        _fill(load_templates()["clauses"][event.kind], event, dice, annotator) for event in events
    ]


def write_sentences(clauses: Sequence[str]) -> list[str]:
    """The clauses as sentences of their own."""
    return [f"{_capitalise(clause)}." for clause in clauses]


def write_plainly(events: Sequence[SceneEvent]) -> list[str]:
    """A clause per event, the same for whatever looks the same."""
    return [load_templates()["clauses"][event.kind][0].format(**event.words) for event in events]


def write_tags(events: Sequence[SceneEvent], dice: Dice, annotator: int) -> list[str]:
    """A short tag per event, as ViTT's annotators wrote them."""
    texts = (
        _fill(load_templates()["tags"][event.kind], event, dice, annotator) for event in events
    )
    return [_capitalise(text) for text in texts]


def write_summary(clauses: Sequence[str], dice: Dice) -> str:
    """One text that tells all clauses in their order, as Shot2Story's summaries do."""
    places = ["first", *["next"] * (len(clauses) - 2), "last"][: len(clauses)]
    templates = (dice.pick(load_templates()["summary"][place]) for place in places)
    return " ".join(t.format(clause=c) for t, c in zip(templates, clauses, strict=True))


def name_steps(events: Sequence[SceneEvent]) -> list[str]:
    """The step that each event is, from a list that is the same for all videos."""
    return [load_templates()["steps"][event.kind] for event in events]


def name_actions(events: Sequence[SceneEvent]) -> list[str]:
    """The class of action that each event is."""
    return [load_templates()["actions"][event.kind] for event in events]


def list_steps() -> list[str]:
    """All steps there are."""
    return list(load_templates()["steps"].values())


def list_actions() -> list[str]:
    """All classes of actions, each once."""
    return list(dict.fromkeys(load_templates()["actions"].values()))


def _capitalise(text: str) -> str:
    # str.capitalize would make all other letters small.
    return text[:1].upper() + text[1:]


def _fill(templates: Sequence[str], event: SceneEvent, dice: Dice, annotator: int) -> str:
    first = dice.pick(range(len(templates)))
    return templates[(first + annotator) % len(templates)].format(**event.words)


@cache
def load_templates() -> dict[str, Any]:
    """The wordings of `captions.yaml`."""
    return read_yaml(_FILE)
