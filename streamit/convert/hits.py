"""One question about one thing, asked at 0 and answered at every hit: "when X happens, say X"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from streamit.convert.events import SettledEvent
from streamit.convert.layout import Answer, Question
from streamit.convert.negatives import INSTRUCTION, ask_in_vain
from streamit.convert.scene import PROACTIVE, Scene
from streamit.convert.turns import Group, answer_time, make_answer, merge_events
from streamit.record import Span

MANY = "many"


def group_hits(events: Sequence[SettledEvent]) -> list[Group]:
    """Events with the same words are hits of one question; in the order of their first ends."""
    by_text: dict[str, Group] = {}
    for event in events:
        by_text.setdefault(event.text.casefold(), []).append(event)
    return list(by_text.values())


def add_hits(
    scene: Scene,
    hits: Group,
    identity: str,
    pool: Sequence[str],
    expects: str,
    known: Sequence[Span] = (),
) -> None:
    """Add the record of one question, or a negative in its place where one is drawn.

    The answers have a wording of the task's `answer` pool, or, without one, the annotation's words.
    `known` as in `Scene.add_record`.
    """
    if ask_in_vain(scene, identity, pool, INSTRUCTION, hits):
        return
    groups = merge_events(scene, hits)
    answers = tuple(_answer(scene, group, identity, i) for i, group in enumerate(groups))
    asked = scene.word(pool, identity, event=hits[0].text)
    question = Question(0.0, asked, INSTRUCTION, expects, answers)
    scene.add_record(identity, PROACTIVE, [question], hits, known)


def _answer(scene: Scene, group: Group, identity: str, i: int) -> Answer:
    answer, text = make_answer(group, answer_time(group), "answer"), group[0].text
    pool = scene.context.questions.answer
    if not pool:
        return replace(answer, text=text)
    said = scene.word(pool, f"{identity}#{i}", "answer", event=text)
    return replace(answer, text=said, origin="template")
