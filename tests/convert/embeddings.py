"""Embeddings of clips that do not exist: unit rows, in clusters as real ones are."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def normalise(rows: NDArray[np.floating]) -> NDArray[np.float32]:
    rows = rows.astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def make_clusters(
    n: int, size: int = 32, n_clusters: int = 200, noise: float = 0.8, seed: int = 0
) -> NDArray[np.float32]:
    """`n` rows around random centres, in random order."""
    generator = np.random.default_rng(seed)
    centres = normalise(generator.normal(size=(n_clusters, size)))
    spread = generator.normal(size=(n, size)) * noise / np.sqrt(size)
    return normalise(centres[generator.integers(n_clusters, size=n)] + spread)


def mean_similarity(embeddings: NDArray[np.float32], order: NDArray[np.int64]) -> float:
    """Of neighbours in the chain; what the chain is judged by."""
    return float((embeddings[order[:-1]] * embeddings[order[1:]]).sum(axis=1).mean())
