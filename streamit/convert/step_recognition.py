"""Steps of a task: the goal first, each step told when it ends (PAPER 5).

A coach also reminds when a step begins (`steps.reminder`) and says what comes next
(`steps.forecast`). A forecast is the only entry that uses the text of a later event; nobody could
know it from the video, so by default it is not learned.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from streamit.convert.base import Context, Conversion, VideoKnown
from streamit.convert.layout import Answer, Question
from streamit.convert.scene import MULTI_TURN, PROACTIVE, Scene, open_scene
from streamit.convert.turns import (
    Group,
    answer_time,
    ask_each,
    group_events,
    is_told_unasked,
    join_texts,
    make_answer,
)
from streamit.item import Item
from streamit.record import Span, Video
from streamit.timeline import first_step

STEP, REMINDER, FORECAST = "step", "reminder", "forecast"
_ORDER = (STEP, FORECAST, REMINDER)


def convert(
    item: Item, n: int, item_hash: str, video: Video, known: VideoKnown, context: Context
) -> Conversion:
    """One record per annotation set; none when no step of it can be used."""
    scene = open_scene(item, n, item_hash, video, known, context)
    if not scene.events:
        return scene.out
    groups = group_events(scene)
    if not is_told_unasked(scene):
        scene.add_record(scene.identity, MULTI_TURN, ask_each(scene, groups), scene.events)
        return scene.out
    question = Question(0.0, _name_goal(scene), "instruction", "many", _tell(scene, groups))
    scene.add_record(scene.identity, PROACTIVE, [question], scene.events)
    return scene.out


def _name_goal(scene: Scene) -> str:
    """The instruction, with the goal in it where the corpus knows one."""
    pools, goal = scene.context.questions, scene.item.goal
    if goal is None:
        return scene.word(pools.proactive, scene.identity)
    return scene.word(pools.goal, scene.identity, goal=goal)


def _tell(scene: Scene, groups: Sequence[Group]) -> tuple[Answer, ...]:
    """All that is said, in order of time."""
    steps = scene.context.recipe.steps
    told = [make_answer(group, answer_time(group), STEP) for group in groups]
    if steps.reminder:
        told += _remind(scene)
    if steps.forecast:
        told += _forecast(scene, groups)
    return tuple(sorted(told, key=lambda answer: (answer.at_s, _ORDER.index(answer.kind))))


def _remind(scene: Scene) -> Iterator[Answer]:
    """What has begun, once one sampling step of it was seen; not of steps that are shorter."""
    for event in scene.events:
        seen = first_step(event.span, scene.step_s)
        if seen.end_s < event.span.end_s:
            subject = f"{scene.identity}#{event.index}"
            text = scene.word(scene.context.questions.reminder, subject, REMINDER, event=event.text)
            yield Answer(seen.end_s, text, (seen,), REMINDER, "template")


def _forecast(scene: Scene, groups: Sequence[Group]) -> Iterator[Answer]:
    """What comes next, said when a step has ended; it rests on the step just seen."""
    learned = scene.context.recipe.steps.forecast_loss
    for i, (group, following) in enumerate(pairwise(groups)):
        subject, at_s = f"{scene.identity}#{i}", answer_time(group)
        text = scene.word(
            scene.context.questions.forecast, subject, FORECAST, event=join_texts(following)
        )
        evidence: tuple[Span, ...] = (group[-1].span,)
        yield replace(Answer(at_s, text, evidence, FORECAST, "template"), learned=learned)
