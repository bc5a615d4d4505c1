"""Asks for one event only: "tell me when ..." in sources whose segments tile the video.

There every cut ends a segment, so a model that answers at every cut would always be right. Asked
for one segment, it must stay silent at all other cuts.
"""

from __future__ import annotations

from streamit.convert.base import Conversion
from streamit.convert.hits import MANY, add_hits, group_hits
from streamit.convert.scene import Scene
from streamit.convert.turns import has_questions
from streamit.draws import draw_bits


def draw_one_event(scene: Scene) -> bool:
    """Whether this record asks for one event only (`one_event` of the recipe, tiled sources)."""
    share = scene.context.recipe.one_event
    if not share or not scene.context.source.tiled or has_questions(scene):
        return False
    return scene.draw("one_event") < share


def ask_for_one(scene: Scene) -> Conversion:
    """One record about one drawn event; the other events are what it must not be taken in by.

    They are set aside as negatives, and learned as silence. Events with the same words are hits.
    The draw is by the words, so that a refused event changes it only where it was the chosen one.
    """
    seed, identity = scene.context.recipe.seed, scene.identity
    groups = group_hits(scene.events)
    hits = max(
        groups, key=lambda group: draw_bits(seed, identity, f"hit {group[0].text.casefold()}")
    )
    pool = scene.context.questions.one_event
    add_hits(scene, hits, identity, pool, MANY, [event.span for event in scene.events])
    others = len(scene.events) - len(hits)
    if others:
        scene.out.set_aside["negative"] += others
    return scene.out
