"""Ordinary video QA and captions as one round: the whole video, a question, its answer (PAPER 5).

The paper mixes about 600k such samples into the training of the main model, to keep its general
ability. Each question becomes a record of its own.
"""

from __future__ import annotations

from streamit.convert.base import Context, Conversion, VideoKnown
from streamit.convert.layout import Question
from streamit.convert.scene import MULTI_TURN, open_scene
from streamit.convert.turns import make_answer
from streamit.item import Item
from streamit.record import Video


def convert(
    item: Item, n: int, item_hash: str, video: Video, known: VideoKnown, context: Context
) -> Conversion:
    """A record per question, asked and answered when the video has ended."""
    scene = open_scene(item, n, item_hash, video, known, context)
    for event in scene.events:
        identity, end_s = scene.name_record([event]), scene.end_s
        answers = (make_answer([event], end_s, "answer"),)
        if event.question is not None:
            question = Question(end_s, event.question, "question", "one", answers, "annotation")
        else:
            asked = scene.word(context.questions.whole, identity)
            question = Question(end_s, asked, "question", "one", answers)
        scene.add_record(identity, MULTI_TURN, [question], [event])
    return scene.out
