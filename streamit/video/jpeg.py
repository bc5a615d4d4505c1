"""Encodes pictures as JPEG, always the same bytes for the same picture and Pillow version."""

from __future__ import annotations

import io

from streamit.video.jobs import JPEG_QUALITY
from streamit.video.picture import Picture


def encode_jpeg(rgb: Picture, quality: int = JPEG_QUALITY) -> bytes:
    """A baseline JPEG file of a uint8 [height, width, 3] picture, chroma at half size (4:2:0)."""
    from PIL import Image

    file = io.BytesIO()
    Image.fromarray(rgb).save(file, "JPEG", quality=quality, subsampling="4:2:0")
    return file.getvalue()
