"""Items as bytes: for the plan's file, for the way to a worker, and to be hashed.

JSON by msgspec, which writes and reads the dataclasses themselves: several times as fast as `json`
or `pickle`, and a field that an item gains travels with the others.
"""

from __future__ import annotations

import hashlib
from operator import attrgetter

from msgspec.json import Decoder, Encoder

from streamit.item import Item

_encode = Encoder().encode
_decode = Decoder(Item).decode
_read_content = attrgetter("video_id", "duration_s", "time_unit", "language", "n_refused", "goal")
_read_event = attrgetter("start_s", "end_s", "text", "question", "earlier")
_read_clip = attrgetter(
    "video_id", "start_s", "end_s", "pair", "no_pair", "caption_score", "likeness"
)


def pack_item(item: Item) -> tuple[bytes, str]:
    """The item as bytes, and the sha256 of its annotation, whatever file it stands in.

    What was written about the clips of a joined stream belongs to it.
    """
    content = [_read_content(item), [_read_event(event) for event in item.events]]
    if item.clips:
        content.append([_read_clip(clip) for clip in item.clips])
    return _encode(item), hashlib.sha256(_encode(content)).hexdigest()


def unpack_item(packed: bytes) -> Item:
    """The item that `pack_item` packed."""
    return _decode(packed)
