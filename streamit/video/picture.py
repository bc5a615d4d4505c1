"""Turns a decoded frame into the RGB picture that is kept: turned upright, scaled, 8 bit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from av.video.frame import VideoFrame

Picture = NDArray[np.uint8]
"""One RGB picture, uint8 [height, width, 3]."""


Size = tuple[int, int]
"""Width and height of a picture, in pixels."""


def scaled_size(width: int, height: int, short_side: int | None, *, even: bool = False) -> Size:
    """Width and height with the short side brought down to `short_side` pixels.

    The long side keeps the proportion, rounded to an even number. A picture that is small enough
    already stays as it is: enlarging adds bytes, nothing to see. `even` rounds such a picture's odd
    sides down too (4:2:0 video has none).
    """
    shorter, longer = sorted((width, height))
    if short_side is not None and shorter > short_side:
        scaled = max(round(longer * short_side / shorter / 2) * 2, 2)
        shorter, longer = short_side, scaled
    if even:
        shorter, longer = max(shorter // 2 * 2, 2), max(longer // 2 * 2, 2)
    return (shorter, longer) if width <= height else (longer, shorter)


def fitted_size(width: int, height: int, canvas: Size) -> Size:
    """The largest even size of these proportions that fits on the canvas."""
    scale = min(canvas[0] / width, canvas[1] / height)
    sides = (
        min(max(round(side * scale / 2) * 2, 2), room)
        for side, room in zip((width, height), canvas, strict=True)
    )
    return next(sides), next(sides)


def center_on(canvas: Size, picture: Picture) -> Picture:
    """The picture in the middle of a black canvas; as it is where it fills the canvas."""
    height, width = picture.shape[:2]
    if (width, height) == canvas:
        return picture
    whole = np.zeros((canvas[1], canvas[0], 3), np.uint8)
    top, left = (canvas[1] - height) // 2, (canvas[0] - width) // 2
    whole[top : top + height, left : left + width] = picture
    return whole


class PictureMaker:
    """Makes pictures of one size from a video's frames, whatever sizes and formats they have.

    Colours follow the frame's own matrix and range; where it states none, BT.601 and limited range,
    as ffmpeg has it. Bit-exact scaling keeps the bytes the same on every CPU; full chroma
    interpolation avoids a shift of one level that swscale's fast path has.
    """

    def __init__(self, size: Size, rotation_deg: int) -> None:
        from av.video.reformatter import Interpolation, VideoReformatter

        self._quarter_turns = rotation_deg // 90
        self._lying_size = size if self._quarter_turns % 2 == 0 else size[::-1]
        self._reformatter = VideoReformatter()
        self._flags = (
            Interpolation.BICUBIC
            | Interpolation.ACCURATE_RND
            | Interpolation.FULL_CHR_H_INT
            | Interpolation.BITEXACT
        )

    def make(self, frame: VideoFrame) -> Picture:
        """The frame upright, scaled and in RGB."""
        scaled = self._reformatter.reformat(
            frame,
            width=self._lying_size[0],
            height=self._lying_size[1],
            format="rgb24",
            interpolation=self._flags,
            threads=1,
        )
        return np.ascontiguousarray(np.rot90(scaled.to_ndarray(), self._quarter_turns))
