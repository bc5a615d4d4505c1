"""How alike pictures are, and how well a caption fits one: embedders by name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from streamit.errors import UsageError
from streamit.video.picture import Picture

PIXELS = "pixels"
"""The embedder that needs no weights. It compares colours and edges, and understands nothing."""

Rows = NDArray[np.float32]
"""Embeddings, one unit row each, float32 [N, dim]."""


class Embedder(Protocol):
    """Makes unit rows of pictures. Equal pictures get equal rows, whatever stands beside them."""

    @property
    def name(self) -> str:
        """Which embedder and which version of its weights; no path of this machine."""

    @property
    def dim(self) -> int:
        """Numbers per row."""

    @property
    def batch_size(self) -> int:
        """How many pictures are done at a time; fewer cost as much."""

    def embed(self, pictures: Sequence[Picture]) -> Rows:
        """A row for each picture; they may differ in size."""

    def score(self, rows: Rows, captions: Sequence[str]) -> NDArray[np.float32] | None:
        """Cosine of each picture's row and its caption, [N]; None where texts have no rows."""


def open_embedder(name: str, batch_size: int = 64) -> Embedder:
    """The embedder `pixels`, or a CLIP or SigLIP checkpoint: a folder, or a name on the Hub.

    `NAME@REVISION` takes that revision of a repository of the Hub. Weights are loaded when the
    first picture comes, `batch_size` pictures go through them at a time.

    Raises UsageError for a checkpoint that is not there or is of another kind, and where the
    packages of `streamit[train]` are missing.
    """
    if batch_size < 1:
        raise UsageError(f"the batch size of the embedder is {batch_size!r}; give 1 or more")
    if name == PIXELS:
        from streamit.quality.pixels import PixelEmbedder

        return PixelEmbedder()
    from streamit.quality.checkpoint import CheckpointEmbedder, find_checkpoint

    return CheckpointEmbedder(find_checkpoint(name), batch_size)
