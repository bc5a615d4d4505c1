"""Which compared clips stay: those that fit their captions, and that repeat no neighbour."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

_DECIMALS = 4
"""Finer digits are noise of the hardware."""


def choose_fitting(
    scores: NDArray[np.float32], threshold: float | None, keep: float | None
) -> NDArray[np.bool_]:
    """Which clips stay by the scores of their captions: bool[N].

    Those of at least `threshold`; or the best `keep` share of all, at least one, of equal ones the
    first; or all. A score that is NaN is the worst.
    """
    if threshold is not None:
        return scores >= threshold
    stays = np.ones(len(scores), dtype=np.bool_)
    if keep is not None:
        n_kept = math.ceil(round(keep * len(scores), 6))
        stays[np.argsort(-scores, kind="stable")[n_kept:]] = False
    return stays


def walk_chain(
    rows: NDArray[np.float32], order: Sequence[int] | NDArray[np.int64], max_similarity: float
) -> Iterator[tuple[int, float | None, bool]]:
    """(clip, its likeness to the one before, whether it stays) along the order of a chain.

    `rows` are about unit rows. A clip more like the last one that stayed than `max_similarity` does
    not stay. The first has nothing before it.
    """
    last: NDArray[np.float64] | None = None
    for place in order:
        row = rows[place].astype(np.float64)
        likeness = None if last is None else _cosine(row, last)
        stays = likeness is None or likeness <= max_similarity
        if stays:
            last = row
        yield int(place), likeness, stays


def _cosine(row: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    # Rows are kept as 16-bit floats, so that equal ones come out a little above 1.
    return round(min(float((row * other).sum()), 1.0), _DECIMALS)
