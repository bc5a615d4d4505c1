"""Dense captions: every event of a video is told when it has ended (PAPER 3.1, 5).

Proactive: one instruction at 0, one answer at the end of each event. Multi-turn: a question about
the present moment at the end of each event, answered at once. Which one is drawn per record.
"""

from __future__ import annotations

from streamit.convert.base import Context, Conversion, VideoKnown
from streamit.convert.one_event import ask_for_one, draw_one_event
from streamit.convert.scene import MULTI_TURN, PROACTIVE, open_scene
from streamit.convert.turns import ask_each, ask_once, group_events, is_told_unasked
from streamit.item import Item
from streamit.record import Video


def convert(
    item: Item, n: int, item_hash: str, video: Video, known: VideoKnown, context: Context
) -> Conversion:
    """One record per annotation set; none when no event of it can be used."""
    scene = open_scene(item, n, item_hash, video, known, context)
    if not scene.events:
        return scene.out
    if draw_one_event(scene):
        return ask_for_one(scene)
    groups = group_events(scene)
    if is_told_unasked(scene):
        text = scene.word(context.questions.proactive, scene.identity)
        question = ask_once(scene, groups, text, "narration")
        scene.add_record(scene.identity, PROACTIVE, [question], scene.events)
    else:
        scene.add_record(scene.identity, MULTI_TURN, ask_each(scene, groups), scene.events)
    return scene.out
