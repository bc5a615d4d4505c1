"""Questions about a demo scene that its picture truly answers, from the templates of captions.yaml.

A question about one event is put only where no other event of the video is of its kind: nobody can
then mean another one. Its answer cannot be told from the question, nor from what comes before.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from streamit.demo.captions import (
    load_templates,
    name_actions,
    write_clauses,
    write_plainly,
    write_sentences,
    write_summary,
)
from streamit.demo.dice import Dice
from streamit.demo.scene import SceneEvent
from streamit.record import Span


@dataclass(frozen=True, slots=True)
class EventQuestion:
    """A question with its answer, and the stretch that shows it."""

    text: str
    answer: str
    span: Span


def ask_about_events(events: Sequence[SceneEvent]) -> list[EventQuestion]:
    """A question about each event whose kind occurs once, in the order of the events."""
    n_events = Counter(event.kind for event in events)
    templates = load_templates()["questions"]
    return [
        EventQuestion(
            templates[event.kind]["question"].format(**event.words),
            templates[event.kind]["answer"].format(**event.words),
            event.span,
        )
        for event in events
        if n_events[event.kind] == 1
    ]


def ask_for_description(events: Sequence[SceneEvent], dice: Dice) -> tuple[str, str]:
    """A question for all that happens, and a description that tells it."""
    summary = write_summary(write_clauses(events, dice, annotator=1), dice)
    return load_templates()["whole"]["describe"], summary


def ask_about_all(events: Sequence[SceneEvent]) -> list[tuple[str, str]]:
    """(question, answer) about the whole video: what comes first and last, and what how often."""
    whole: dict[str, Any] = load_templates()["whole"]
    by_start = sorted(events, key=lambda event: event.span.start_s)
    by_end = sorted(events, key=lambda event: event.span.end_s)
    first, last = write_sentences(write_plainly([by_start[0], by_end[-1]]))
    n_hits = Counter(name_actions(events))
    counts = [(text, whole["times"][n_hits[name]]) for name, text in whole["count"].items()]
    return [(whole["first"], first), *counts, (whole["last"], last)]
