"""Items as readers make them, converted as a build would."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from typing import Any

from streamit.convert.base import Context, Conversion, VideoKnown
from streamit.convert.negatives import Donors
from streamit.convert.registry import load_converter
from streamit.item import Event, Item
from streamit.recipe import Recipe, fingerprint, load_recipe
from streamit.record import Clip, Record, Video
from streamit.source import ExpectedFile, Licence, SourceInfo


def make_item(events: Any, duration_s: float | None = 30.0, **changes: Any) -> Item:
    """An item of (start_s, end_s, text[, question[, earlier]]) tuples."""
    built = tuple(
        Event(i, start, end, text, *rest) for i, (start, end, text, *rest) in enumerate(events)
    )
    values = {
        "source": "corpus",
        "split": "train",
        "file": "train.json",
        "ordinal": 0,
        "key": "v_x",
        "video_id": "v_x",
        "source_video": "x",
        "duration_s": duration_s,
        "events": built,
    }
    return Item(**(values | changes))


UNREAD = VideoKnown()


@cache
def _load(name: str, overrides: str) -> tuple[Recipe, str]:
    """A recipe with overrides, as JSON, and its fingerprint: reading YAML takes most of a test."""
    recipe = load_recipe(name, json.loads(overrides))
    return recipe, fingerprint(recipe)


def run(
    item: Item,
    known: VideoKnown = UNREAD,
    recipe: str = "dense_caption",
    exhaustive: bool = True,
    tolerance_s: float = 0.0,
    tiled: bool = False,
    others: Sequence[Item] = (),
    n: int = 0,
    **overrides: Any,
) -> Conversion:
    """Convert an item by a shipped recipe; `others` are the other videos of its partition.

    `layout__proactive=0.5` sets `layout.proactive`; proactive unless it says otherwise.
    """
    keys = {key.replace("__", "."): value for key, value in overrides.items()}
    loaded, mark = _load(recipe, json.dumps({"layout.proactive": 1.0, **keys}))
    source = SourceInfo(
        "corpus",
        "Corpus",
        "activitynet",
        Licence("own", "own"),
        (ExpectedFile("*.json", "train"),),
        exhaustive=exhaustive,
        tiled=tiled,
        tolerance_s=tolerance_s,
    )
    task = loaded.task_of(item.source)
    donors = Donors((one, one.duration_s) for one in (item, *others))
    context = Context(loaded, mark, source, "0", task, loaded.questions_of(task), donors)
    clip = Clip("v_x.mp4", None, None, 0.0, item.duration_s, 0.0)
    duration_s = item.duration_s if item.duration_s is not None else known.duration_s
    video = Video("v_x", duration_s, None, None, (clip,))
    return load_converter(task)(item, n, "0" * 64, video, known, context)


def outline(record: Record) -> list[tuple[str, float, float]]:
    """(type, start, end) of every entry."""
    return [(e.type, e.start_s, e.end_s) for e in record.timeline]


def answers(record: Record) -> list[tuple[float, str | None]]:
    """(time, text) of every answer."""
    return [(e.start_s, e.text) for e in record.timeline if e.type == "assistant"]
