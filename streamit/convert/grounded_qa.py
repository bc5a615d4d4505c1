"""Questions whose answer rests on known stretches of the video (PAPER 5, grounded video QA).

Proactive: a record per question, asked at 0 and answered where its last evidence ends. Multi-turn:
all questions of the video share one stream, each asked where its last evidence ends.
"""

from __future__ import annotations

from dataclasses import replace

from streamit.convert.base import Context, Conversion, VideoKnown, reject_event
from streamit.convert.events import SettledEvent
from streamit.convert.layout import Question
from streamit.convert.negatives import QUESTION, ask_in_vain
from streamit.convert.scene import MULTI_TURN, PROACTIVE, Scene, open_scene
from streamit.convert.turns import answer_time, ask_each, draw_layout, group_events, make_answer
from streamit.item import Item
from streamit.record import Video


def convert(
    item: Item, n: int, item_hash: str, video: Video, known: VideoKnown, context: Context
) -> Conversion:
    """A record per question, or one for all of them; what asks nothing is rejected."""
    scene = open_scene(item, n, item_hash, video, known, context)
    _reject_unasked(scene)
    if not scene.events:
        return scene.out
    if draw_layout(scene) == MULTI_TURN:
        questions = ask_each(scene, group_events(scene))
        scene.add_record(scene.identity, MULTI_TURN, questions, scene.events)
        return scene.out
    for event in scene.events:
        _add_question(scene, event)
    return scene.out


def _reject_unasked(scene: Scene) -> None:
    for event in scene.events:
        if event.question is None:
            message = f"event {event.index}: has no question; is the recipe meant for this source?"
            scene.out.rejects.append(reject_event(scene.item, event.index, "no_question", message))
    scene.events = [event for event in scene.events if event.question is not None]


def _add_question(scene: Scene, event: SettledEvent) -> None:
    identity, pool = scene.name_record([event]), scene.context.questions.proactive
    if ask_in_vain(scene, identity, pool, QUESTION, [event]):
        return
    asked = scene.word(pool, identity, question=event.question or "")
    answer = make_answer([event], answer_time([event]), "answer")
    question = Question(0.0, asked, QUESTION, "one", (answer,))
    if asked == event.question:
        question = replace(question, origin="annotation")
    scene.add_record(identity, PROACTIVE, [question], [event])
