"""Orders clips so that neighbours look alike (paper, section 5, Algorithm 2).

From a seeded first clip on always to the most similar clip that is not used yet (`argmax`, the
algorithm's wording), or to one drawn by similarity, without replacement (`sample`, the text's). Any
run of consecutive clips can then pass for one long video. Within a split only: the caller passes
the clips of one.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from streamit.convert.neighbours import (
    MOST_LOOKED_AT,
    DrawNoise,
    IndexedClips,
    Rows,
    ScannedClips,
    Unused,
)
from streamit.draws import draw_bits
from streamit.errors import EmbeddingError, UsageError

ARGMAX, SAMPLE = "argmax", "sample"
EXACT, APPROXIMATE = "exact", "approximate"
TEMPERATURE = 0.01
"""Of `sample`: a clip's chance is in proportion to exp(cosine / 0.01), with CLIP's own scale."""

BUCKET_LIMIT = 50_000

_N_PROPOSED = {ARGMAX: 8, SAMPLE: 256}
# Wide enough for rows that a model normalised in 16 bits.
_LENGTH_TOLERANCE = 0.01
_SUBJECT = "chain"


def order_clips(
    embeddings: NDArray[np.floating[Any]],
    seed: int,
    strategy: str = ARGMAX,
    method: str = EXACT,
) -> Rows:
    """Row numbers in the order of the chain, each once: int64[N].

    `embeddings` are unit rows [N, D] of floats; other than float32 is converted. Similarity is
    their product in float64; of equal clips the lowest row comes first. `exact` compares with every
    unused clip, N * N / 2 products; `approximate` with the nearest 8,192 or so, and so is exact up
    to that many clips. The seed alone decides on the first clip, whatever the strategy and method.
    The same on any number of threads.
    Raises EmbeddingError for anything but finite unit rows, UsageError for unknown words.
    """
    _check_word("strategy", strategy, (ARGMAX, SAMPLE))
    _check_word("method", method, (EXACT, APPROXIMATE))
    rows = _check_embeddings(embeddings)
    if len(rows) == 0:
        return np.empty(0, dtype=np.int64)
    unused: Unused
    if method == EXACT or len(rows) <= MOST_LOOKED_AT:
        unused = ScannedClips(rows)
    else:
        unused = IndexedClips(rows, _N_PROPOSED[strategy])
    first = draw_bits(seed, _SUBJECT, "first clip") * len(rows) >> 64
    return _follow(rows, unused, first, _make_noise(seed, strategy))


def bucket_clips(n_clips: int, seed: int, limit: int = BUCKET_LIMIT) -> list[Rows]:
    """Rows 0 to n_clips - 1 in buckets of at most `limit`, each ascending; for many machines.

    As few buckets as possible, of nearly equal size, filled by chance from the seed: every bucket
    is a sample of all. Each can be ordered on a machine of its own.
    Raises UsageError if `limit` is less than one.
    """
    if limit < 1:
        raise UsageError(f"a bucket holds at most {limit} clips; the limit must be 1 or more")
    n_buckets = -(-n_clips // limit)
    shuffled = _make_generator(seed, "buckets").permutation(n_clips)
    return [np.sort(part) for part in np.array_split(shuffled, n_buckets)] if n_buckets else []


def order_buckets(
    embeddings: NDArray[np.floating[Any]],
    seed: int,
    strategy: str = ARGMAX,
    method: str = EXACT,
    limit: int = BUCKET_LIMIT,
) -> Iterator[Rows]:
    """Chains inside seeded buckets, one array of row numbers per bucket, in the buckets' order.

    Only one bucket's rows are in memory at a time if `embeddings` is mapped from a file. A stream
    should not cross from one array to the next. A single bucket gives the chain of `order_clips`.
    """
    for bucket in bucket_clips(len(embeddings), seed, limit):
        yield bucket[order_clips(embeddings[bucket], seed, strategy, method)]


def _follow(
    embeddings: NDArray[np.float32], unused: Unused, first: int, draw_noise: DrawNoise
) -> Rows:
    order = np.empty(len(embeddings), dtype=np.int64)
    order[0] = first
    unused.remove(first)
    for place in range(1, len(order)):
        clip = embeddings[order[place - 1]]
        rows, noise = unused.propose(clip, draw_noise)
        # Summed row by row, in an order that does not depend on where a row stands: equal rows get
        # equal sums, which a product of matrices does not promise.
        similarities = (embeddings[rows] * clip.astype(np.float64)).sum(axis=1)
        order[place] = rows[np.argmax(similarities + noise)]
        unused.remove(int(order[place]))
    return order


def _make_noise(seed: int, strategy: str) -> DrawNoise:
    """The most similar plus Gumbel noise is a draw from the softmax (the Gumbel-max trick)."""
    if strategy == ARGMAX:
        return np.zeros
    generator = _make_generator(seed, "noise")
    return lambda n: TEMPERATURE * generator.gumbel(size=n)


def _make_generator(seed: int, purpose: str) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(draw_bits(seed, _SUBJECT, purpose)))


def _check_word(name: str, value: str, known: tuple[str, ...]) -> None:
    if value not in known:
        raise UsageError(f"{name} is {value!r}; it must be one of {', '.join(known)}")


def _check_embeddings(embeddings: NDArray[np.floating[Any]]) -> NDArray[np.float32]:
    """The rows as contiguous float32, without a copy where they are that already."""
    given = np.asarray(embeddings)
    if given.ndim != 2 or not np.issubdtype(given.dtype, np.floating):
        raise EmbeddingError(
            f"embeddings are {given.dtype} of shape {given.shape}; "
            "give floats of shape (clips, dimensions)"
        )
    with np.errstate(over="ignore", invalid="ignore"):
        rows = np.ascontiguousarray(given, dtype=np.float32)
        lengths = np.sqrt(np.einsum("ij,ij->i", rows, rows))
        wrong = np.flatnonzero(~(np.abs(lengths - 1) <= _LENGTH_TOLERANCE))
    if len(wrong):
        raise EmbeddingError(
            f"{len(wrong)} of {len(rows)} embeddings are no unit rows: row {wrong[0]} has length "
            f"{lengths[wrong[0]]:.6g}; divide each row by its length, and leave out clips whose "
            "row is zero or not finite"
        )
    return rows
