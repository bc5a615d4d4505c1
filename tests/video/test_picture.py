"""Sizes of scaled pictures, and JPEG files."""

from __future__ import annotations

import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from streamit.video.jpeg import encode_jpeg
from streamit.video.picture import center_on, fitted_size, scaled_size

SIDES = st.integers(2, 8192)


@pytest.mark.parametrize(
    ("size", "short_side", "expected"),
    [
        ((1280, 720), 384, (682, 384)),
        ((720, 1280), 384, (384, 682)),
        ((768, 432), 384, (682, 384)),
        ((640, 480), 384, (512, 384)),
        ((427, 241), 384, (427, 241)),
        ((427, 241), None, (427, 241)),
        ((3840, 2160), 480, (854, 480)),
        ((500, 500), 384, (384, 384)),
    ],
)
def test_sizes(size: tuple[int, int], short_side: int | None, expected: tuple[int, int]) -> None:
    assert scaled_size(*size, short_side) == expected


def test_even_sides_for_video() -> None:
    assert scaled_size(427, 241, 384, even=True) == (426, 240)


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ((1280, 720), (682, 384)),
        ((720, 1280), (216, 384)),
        ((64, 48), (512, 384)),
        ((4000, 2), (682, 2)),
    ],
)
def test_a_picture_fits_on_the_canvas(size: tuple[int, int], expected: tuple[int, int]) -> None:
    assert fitted_size(*size, (682, 384)) == expected


@given(SIDES, SIDES, SIDES.map(lambda n: n * 2), SIDES.map(lambda n: n * 2))
def test_a_fitted_picture_touches_two_edges_and_crosses_none(
    width: int, height: int, canvas_width: int, canvas_height: int
) -> None:
    fitted = fitted_size(width, height, (canvas_width, canvas_height))
    assert fitted[0] == canvas_width or fitted[1] == canvas_height
    assert all(
        2 <= side <= room for side, room in zip(fitted, (canvas_width, canvas_height), strict=True)
    )


def test_a_canvas_is_black_beside_the_picture() -> None:
    whole = center_on((6, 4), np.full((4, 2, 3), 9, np.uint8))
    assert whole[:, :, 0].tolist() == [[0, 0, 9, 9, 0, 0]] * 4


@given(SIDES, SIDES, st.integers(1, 540))
def test_the_short_side_is_kept_and_nothing_grows(width: int, height: int, short: int) -> None:
    short_side = 2 * short

    scaled = scaled_size(width, height, short_side)

    assert min(scaled) == min(width, height, short_side)
    assert max(scaled) <= max(width, height)
    assert abs(max(scaled) - max(width, height) * min(scaled) / min(width, height)) <= 1


@given(SIDES, SIDES, st.integers(2, 1080))
def test_even_sizes_are_even(width: int, height: int, short: int) -> None:
    assert [side % 2 for side in scaled_size(width, height, short, even=True)] == [0, 0]


def test_jpeg_is_the_same_every_time_and_close_to_the_picture() -> None:
    rows, columns = np.mgrid[0:48, 0:64]
    picture = np.stack([rows * 5, columns * 3, rows + columns], axis=2).astype(np.uint8)

    first, second = encode_jpeg(picture), encode_jpeg(picture)

    assert first == second
    with Image.open(io.BytesIO(first)) as image:
        assert (image.format, image.size, image.mode) == ("JPEG", (64, 48), "RGB")
        assert np.abs(np.asarray(image).astype(int) - picture).mean() < 4


def test_quality_changes_the_size() -> None:
    noise = np.random.default_rng(1).integers(0, 256, (64, 64, 3), np.uint8)

    assert len(encode_jpeg(noise, 95)) > len(encode_jpeg(noise, 50))
