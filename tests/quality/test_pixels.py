"""The pixel descriptor: unit rows, exact, about layout and nothing else."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamit.quality.pixels import PixelEmbedder

EMBEDDER = PixelEmbedder()


def noise(seed, height=90, width=160):
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)


def scene(left, right, height=90, width=160):
    """Two halves of one colour each."""
    picture = np.empty((height, width, 3), np.uint8)
    picture[:, : width // 2], picture[:, width // 2 :] = left, right
    return picture


def compare(*pictures):
    rows = EMBEDDER.embed(pictures)
    return (rows @ rows.T).round(3).tolist()


def test_it_is_named_for_what_it_is():
    assert EMBEDDER.name == "pixels-1"


@given(st.integers(0, 255), st.integers(1, 300), st.integers(1, 300))
def test_rows_are_unit_rows_also_of_blank_pictures(grey, height, width):
    rows = EMBEDDER.embed([np.full((height, width, 3), grey, np.uint8)])
    assert rows.shape == (1, EMBEDDER.dim)
    assert rows.dtype == np.float32
    assert float(np.linalg.norm(rows)) == pytest.approx(1, abs=1e-6)


def test_a_row_does_not_depend_on_its_neighbours():
    pictures = [noise(seed) for seed in range(5)]
    alone = [EMBEDDER.embed([picture])[0].tolist() for picture in pictures]
    assert EMBEDDER.embed(pictures).tolist() == alone


def test_the_same_layout_is_alike_in_any_size():
    red, blue = (200, 30, 30), (30, 30, 200)
    pictures = (scene(red, blue), scene(red, blue, 240, 320), scene(blue, red))
    (_, same, other), *_ = compare(*pictures)
    assert same > 0.99
    assert other < 0.6


def test_dark_and_bright_are_opposites():
    black, white = np.zeros((8, 8, 3), np.uint8), np.full((8, 8, 3), 255, np.uint8)
    assert compare(black, white)[0] == [1.0, -1.0]


def test_edges_count_beside_colours():
    """Fine upright and level stripes have the same thumbnail."""
    stripes = np.zeros((64, 64, 3), np.uint8)
    stripes[:, ::4] = 255
    stripes[:, 1::4] = 255
    level = stripes.transpose(1, 0, 2)
    assert compare(stripes, level)[0][1] < 0.6


def test_it_knows_no_words():
    rows = EMBEDDER.embed([noise(0)])
    assert EMBEDDER.score(rows, ["a picture"]) is None


def test_rows_are_the_same_everywhere():
    """Whole numbers until the last division: a checksum of a known picture."""
    steps = np.arange(90 * 160 * 3, dtype=np.int64).reshape(90, 160, 3) % 251
    row = EMBEDDER.embed([steps.astype(np.uint8)])[0].astype(np.float64)
    assert [round(float(part.sum()), 4) for part in (row[:192], row[192:320])] == [-7.4862, 5.276]
