"""Asks for one event only: "tell me when ..." in sources whose segments tile the video.

There every cut ends a segment, so a model that answers at every cut would always be right. Asked
for one segment, it must stay silent at all other cuts.
"""

from __future__ import annotations

from streamit.convert.base import Conversion
from streamit.convert.hits import MANY, add_hits, group_hits
from streamit.convert.scene import Scene
from streamit.draws import choose


def draw_one_event(scene: Scene) -> bool:
    """Whether this record asks for one event only (`one_event` of the recipe, tiled sources)."""
    share = scene.context.recipe.one_event
    return scene.context.source.tiled and share > 0 and scene.draw("one_event") < share


def ask_for_one(scene: Scene) -> Conversion:
    """One record about one drawn event; the other events are what it must not be taken in by.

    They are set aside as negatives. Events with the same words are all hits.
    """
    seed = scene.context.recipe.seed
    hits = choose(group_hits(scene.events), seed, scene.identity, "which event")
    add_hits(scene, hits, scene.identity, scene.context.questions.one_event, MANY)
    others = len(scene.events) - len(hits)
    if others:
        scene.out.set_aside["negative"] += others
    return scene.out
