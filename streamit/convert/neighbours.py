"""Who is next to whom among the clips that are not used yet: all of them looked at, or an index.

Both ways only propose. They may compute in float32 and on any number of threads, as long as the
clip that is best in exact arithmetic is among the proposed ones; `chain.py` decides.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from streamit.errors import EngineError

Rows = NDArray[np.int64]
DrawNoise = Callable[[int], NDArray[np.float64]]
"""One number per clip, added to its similarity: zeros to take the best, noise to draw by chance."""

MOST_LOOKED_AT = 8192
"""Clips that the index compares per step, in the lists nearest to the current clip."""

_DEAD_SHARE = 8
_LISTS_PER_ROOT = 2
_TRAINED_PER_LIST = 64
_TRAINING_ROUNDS = 10
_ADDED_AT_ONCE = 16_384
# Rounded to whole numbers at this length, unit rows of up to 11,000 dimensions have products,
# squared distances and centroids whose partial sums stay under 2**24. Those are exact in float32,
# in any order, so that neither threads nor vector units change a result; and every number is under
# 2048, hence exact in 16 bits too. The price is an error of 2e-4 in a similarity.
_SCALE = 1920


class Unused(Protocol):
    """The clips that are not used yet."""

    def remove(self, row: int) -> None:
        """Use a clip."""

    def propose(
        self, clip: NDArray[np.float32], draw_noise: DrawNoise
    ) -> tuple[Rows, NDArray[np.float64]]:
        """Rows that may be next to `clip`, ascending, at least one, and the noise of each."""


class ScannedClips:
    """Compares with every unused clip. Used ones are dropped once they are an eighth of all."""

    def __init__(self, embeddings: NDArray[np.float32]) -> None:
        """Unit rows [N, D], which are not changed."""
        self._vectors = embeddings
        self._rows: Rows = np.arange(len(embeddings))
        self._used = np.zeros(len(embeddings), dtype=bool)
        self._n_used = 0
        # A float32 product of unit rows, summed in any order, is off by at most D * eps / 2
        # (Higham's gamma), the difference of two by D * eps; four times that is on the safe side.
        self._doubt = 4 * embeddings.shape[1] * float(np.finfo(np.float32).eps)

    @property
    def n_held(self) -> int:
        """Clips in memory, used ones among them."""
        return len(self._rows)

    def remove(self, row: int) -> None:
        """Use a clip."""
        self._used[np.searchsorted(self._rows, row)] = True
        self._n_used += 1
        if self._n_used * _DEAD_SHARE > self.n_held:
            unused = ~self._used
            self._vectors, self._rows = self._vectors[unused], self._rows[unused]
            self._used = np.zeros(self.n_held, dtype=bool)
            self._n_used = 0

    def propose(
        self, clip: NDArray[np.float32], draw_noise: DrawNoise
    ) -> tuple[Rows, NDArray[np.float64]]:
        """All unused clips that may be the best, given what float32 leaves in doubt."""
        noise = draw_noise(self.n_held)
        # One thread: two of BLAS wait for each other at every step, 8 ms where a core is busy.
        scores = np.vecdot(self._vectors, clip) + noise
        scores[self._used] = -np.inf
        places = np.flatnonzero(scores >= scores.max() - self._doubt)
        return self._rows[places], noise[places]


class IndexedClips:
    """An inverted file of faiss (k-means lists), from which used clips are really removed.

    The lists nearest to a clip are looked through until 8,192 unused clips have been compared. As
    empty lists cost nothing, a used-up neighbourhood only means that the search goes further, and
    when fewer than 8,192 are left all of them are compared: there is no second way to fall back to.
    """

    def __init__(self, embeddings: NDArray[np.float32], n_proposed: int) -> None:
        """Unit rows [N, D]; `n_proposed` is how many of the most similar clips are proposed."""
        self._index = _build_index(embeddings)
        self._n_proposed = n_proposed

    def remove(self, row: int) -> None:
        """Use a clip. Raises EngineError if the index does not know it: a bug, never ignored."""
        if self._index.remove_ids(np.array([row], dtype=np.int64)) != 1:
            raise EngineError(f"clip {row} is not in the faiss index; was it used before?")

    def propose(
        self, clip: NDArray[np.float32], draw_noise: DrawNoise
    ) -> tuple[Rows, NDArray[np.float64]]:
        """The most similar clips among those looked at; more of them while all are the same."""
        n_proposed, query = self._n_proposed, _round(clip[np.newaxis])
        while True:
            similarities, rows = self._index.search(query, n_proposed)
            if rows[0, -1] < 0 or similarities[0, 0] > similarities[0, -1]:
                break
            n_proposed *= 8
        proposed: Rows = np.sort(rows[rows >= 0])
        return proposed, draw_noise(len(proposed))


def _build_index(embeddings: NDArray[np.float32]) -> Any:
    """About 2 * sqrt(N) lists: then finding the lists costs less than looking through them."""
    import faiss

    n, size = embeddings.shape
    n_lists = int(_LISTS_PER_ROOT * n**0.5)
    index = faiss.IndexIVFScalarQuantizer(
        faiss.IndexFlatL2(size),
        size,
        n_lists,
        faiss.ScalarQuantizer.QT_fp16,
        faiss.METRIC_INNER_PRODUCT,
        False,
    )
    index.cp.spherical, index.cp.int_centroids = False, True
    index.cp.niter, index.cp.min_points_per_centroid = _TRAINING_ROUNDS, 1
    n_trained = min(n, _TRAINED_PER_LIST * n_lists)
    index.train(_round(embeddings[np.arange(n_trained) * n // n_trained]))
    # By number, a clip is removed without going through all lists.
    index.set_direct_map_type(index.direct_map.Hashtable)
    for start in range(0, n, _ADDED_AT_ONCE):
        block = embeddings[start : start + _ADDED_AT_ONCE]
        # Without ids of its own, faiss 1.15 files a block under other numbers than it returns.
        index.add_with_ids(_round(block), np.arange(start, start + len(block)))
    index.nprobe, index.max_codes = n_lists, MOST_LOOKED_AT
    return index


def _round(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    rounded: NDArray[np.float32] = np.rint(rows * np.float32(_SCALE))
    return rounded
