"""Captioned clips, and streams joined of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

from streamit.convert.clips import CaptionedClip
from streamit.convert.joining import make_stream
from streamit.convert.pairs import attach_pairs, list_questions
from streamit.item import Item, ItemClip, NoPair, Pair
from streamit.llm.question import ClipQuestion
from streamit.recipe import Recipe
from streamit.timeline import round_s


def make_clip(
    n: int, length_s: float = 10.0, start_s: float = 0.0, **changes: Any
) -> CaptionedClip:
    """The n-th clip: of a video of its own, unless `video` says otherwise."""
    video = changes.pop("video", f"video{n}")
    text = changes.pop("text", f"Caption zq{n}.")
    clip = ItemClip(
        "clips.csv", video, n, video, f"web/{video}", video, start_s, round_s(start_s + length_s)
    )
    values = {"source": "corpus", "split": "train", "language": "en"}
    return CaptionedClip(**(values | changes), clip=clip, text=text)


def make_clips(*lengths_s: float, **changes: Any) -> list[CaptionedClip]:
    """Clips of these lengths."""
    return [make_clip(n, length_s, **changes) for n, length_s in enumerate(lengths_s)]


def join(*lengths_s: float, **changes: Any) -> Item:
    """One stream of clips of these lengths."""
    return make_stream(make_clips(*lengths_s, **changes))


def write_all(item: Item, recipe: Recipe, write: Callable[[ClipQuestion], Pair | NoPair]) -> Item:
    """The stream with the pairs that `write` makes."""
    questions = list_questions(item, recipe)
    return attach_pairs(item, {int(q.key.rpartition("#")[2]): write(q) for q in questions})


LENGTHS = st.floats(0.001, 100).map(round_s)
STREAMS = st.lists(LENGTHS, min_size=2, max_size=12).map(lambda lengths_s: join(*lengths_s))
