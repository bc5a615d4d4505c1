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
