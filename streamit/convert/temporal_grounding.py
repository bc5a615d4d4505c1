"""Moments: "tell me when you see QUERY", answered when it has ended (PAPER 4).

One record per query. The same words twice about one video are one query with two moments.
"""

from __future__ import annotations

from streamit.convert.base import Context, Conversion, VideoKnown
from streamit.convert.hits import MANY, add_hits, group_hits
from streamit.convert.scene import open_scene
from streamit.item import Item
from streamit.record import Video


def convert(
    item: Item, n: int, item_hash: str, video: Video, known: VideoKnown, context: Context
) -> Conversion:
    """One record per query, asked at 0 and answered at the end of each of its moments."""
    scene = open_scene(item, n, item_hash, video, known, context)
    for hits in group_hits(scene.events):
        expects = "one" if len(hits) == 1 else MANY
        add_hits(scene, hits, scene.name_record(hits), context.questions.proactive, expects)
    return scene.out
