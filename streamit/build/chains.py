"""Puts the clips of a corpus into the order in which they are joined (paper, section 5, step 2)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from streamit.build.clip_table import ClipTable
from streamit.build.likeness import Likeness
from streamit.build.similarity import ClipRef
from streamit.convert.chain import order_buckets
from streamit.convert.clips import CaptionedClip
from streamit.convert.selection import choose_fitting, walk_chain
from streamit.quality.similarity import Rows
from streamit.recipe import Recipe

FindClip = Callable[[CaptionedClip], ClipRef | None]
SetAside = Callable[[CaptionedClip, str], None]
Refuse = Callable[[CaptionedClip, str, str], None]


def order_by_hash(table: ClipTable) -> Iterator[Iterator[CaptionedClip]]:
    """Chains of clips that were not compared, in an order that the seed alone decides."""
    for rows in table.list_chains():
        yield table.read(rows)


def order_by_likeness(
    table: ClipTable,
    likeness: Likeness,
    recipe: Recipe,
    find: FindClip,
    set_aside: SetAside,
    refuse: Refuse,
) -> Iterator[Iterator[CaptionedClip]]:
    """Chains of compared clips, each to be read before the next.

    Without its file, or without a row, a clip is refused; one that fits its caption badly
    (`low_similarity`), or repeats the clip before it (`near_duplicate`), is set aside.
    """
    for rows in table.list_chains():
        measured, keys = _drop_unmeasured(table, rows, likeness, find, refuse)
        scores = likeness.read_scores(keys)
        settings = recipe.similarity
        stays = choose_fitting(scores, settings.threshold, settings.keep)
        for one in table.read(measured[i] for i in np.flatnonzero(~stays)):
            set_aside(one, "low_similarity")
        kept = np.flatnonzero(stays)
        chosen = [measured[i] for i in kept]
        embeddings = likeness.read_rows([keys[i] for i in kept])
        streams = recipe.streams
        limit = streams.bucket or max(len(kept), 1)
        for order in order_buckets(embeddings, recipe.seed, streams.order, streams.method, limit):
            yield _follow(table, chosen, embeddings, scores[kept], order, recipe, set_aside)


def is_measured(table: ClipTable, likeness: Likeness, find: FindClip) -> bool:
    """Whether all clips whose files are there have been compared already."""
    known = likeness.list_keys()
    return all(ref is None or ref.key in known for ref in map(find, table.iterate()))


def _drop_unmeasured(
    table: ClipTable, rows: Sequence[int], likeness: Likeness, find: FindClip, refuse: Refuse
) -> tuple[list[int], list[bytes]]:
    """The rows of the clips that were measured, and their keys."""
    measured, keys = [], []
    for row, one in zip(rows, table.read(rows), strict=True):
        ref = find(one)
        if ref is None:
            name = one.clip.media_id
            refuse(one, "video_missing", f"no file named {name!r} was found to compare it by")
        elif ref.key in likeness.problems:
            refuse(one, *likeness.problems[ref.key])
        else:
            measured.append(row)
            keys.append(ref.key)
    return measured, keys


def _follow(
    table: ClipTable,
    chosen: Sequence[int],
    embeddings: Rows,
    scores: NDArray[np.float32],
    order: NDArray[np.int64],
    recipe: Recipe,
    set_aside: SetAside,
) -> Iterator[CaptionedClip]:
    for place, likeness, stays in walk_chain(embeddings, order, recipe.streams.max_similarity):
        (one,) = table.read([chosen[place]])
        if not stays:
            set_aside(one, "near_duplicate")
            continue
        score = float(scores[place])
        known = None if np.isnan(score) else round(score, 4)
        yield replace(one, clip=replace(one.clip, caption_score=known, likeness=likeness))
