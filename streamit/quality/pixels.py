"""A plain pixel descriptor: where which colours are, and which way edges run.

For the demo and for tests: two pictures are alike to it when their layouts are, not when they show
the same thing. All but the last step is done in whole numbers, so that it is the same everywhere.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from streamit.quality.similarity import PIXELS, Rows
from streamit.video.picture import Picture

_VERSION = 1
_COLOUR_CELLS = 8
_EDGE_PIXELS = 33
_EDGE_CELLS = 4
_DIRECTIONS = 8
_COLOUR_DIM = _COLOUR_CELLS**2 * 3
_EDGE_DIM = _EDGE_CELLS**2 * _DIRECTIONS
_FLAT = 1e-3  # what is left of a picture of one grey: it must have a direction, too


class PixelEmbedder:
    """A thumbnail of 8 x 8 colours, and edges in 8 directions counted in 4 x 4 cells."""

    name = f"{PIXELS}-{_VERSION}"
    dim = _COLOUR_DIM + _EDGE_DIM + 1
    batch_size = 1

    def embed(self, pictures: Sequence[Picture]) -> Rows:
        """Unit rows; both halves weigh the same."""
        rows = np.empty((len(pictures), self.dim), np.float32)
        for row, picture in zip(rows, pictures, strict=True):
            row[:] = _describe(picture)
        return rows

    def score(self, rows: Rows, captions: Sequence[str]) -> None:
        """None: it knows nothing of words."""


def _describe(picture: Picture) -> NDArray[np.float64]:
    from PIL import Image

    image = Image.fromarray(picture)
    box = Image.Resampling.BOX
    colours = np.asarray(image.resize((_COLOUR_CELLS, _COLOUR_CELLS), box), np.int64)
    greys = np.asarray(image.convert("L").resize((_EDGE_PIXELS, _EDGE_PIXELS), box), np.int64)
    # Around the middle of the scale, so that dark is the opposite of bright.
    parts = (_unit(2 * colours.ravel() - 255), _unit(_count_edges(greys)), [_FLAT])
    row = np.concatenate(parts)
    unit: NDArray[np.float64] = row / np.sqrt((row * row).sum())
    return unit


def _count_edges(greys: NDArray[np.int64]) -> NDArray[np.int64]:
    """Strength of the edges by cell and direction, [cells * cells * directions]."""
    right = greys[:-1, 1:] - greys[:-1, :-1]
    down = greys[1:, :-1] - greys[:-1, :-1]
    octant = (right < 0) * 4 + (down < 0) * 2 + (abs(right) < abs(down))
    strength = abs(right) + abs(down)
    cell = np.arange(_EDGE_PIXELS - 1) * _EDGE_CELLS // (_EDGE_PIXELS - 1)
    place = (cell[:, None] * _EDGE_CELLS + cell) * _DIRECTIONS + octant
    counts = np.bincount(place.ravel(), strength.ravel(), _EDGE_DIM)
    return counts.astype(np.int64)


def _unit(values: NDArray[np.int64]) -> NDArray[np.float64]:
    """The values at length 1, or all 0."""
    return values / max(float(np.sqrt((values * values).sum())), 1.0)
