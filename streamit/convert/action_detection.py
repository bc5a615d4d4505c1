"""Actions: "when X happens, say X", one answer per hit (PAPER 4). One record per action."""

from __future__ import annotations

from streamit.convert.base import Context, Conversion, VideoKnown
from streamit.convert.hits import MANY, add_hits, group_hits
from streamit.convert.scene import open_scene
from streamit.item import Item
from streamit.record import Video


def convert(
    item: Item, n: int, item_hash: str, video: Video, known: VideoKnown, context: Context
) -> Conversion:
    """One record per action of the video, asked at 0 and answered each time it has ended."""
    scene = open_scene(item, n, item_hash, video, known, context)
    for hits in group_hits(scene.events):
        identity = scene.name_record(hits)
        add_hits(scene, hits, identity, context.questions.proactive, MANY)
    return scene.out
