"""ShareGPT4Video: captions of 40 thousand videos, and conversations made for training on them.

`sharegpt4video_40k.jsonl` has per line `{"video_id", "video_path", "timestamp": [..], "keyframe":
[..], "captions": [{"idx": "0", "content"}, ...]}`. All captions but one tell what changed from one
key frame to the next; the one with idx -1, the last, describes the whole video and is the event.
The two other files are lists of LLaVA conversations, whose `video`, or in the mix for images
`image`, names the video. Chen et al., ShareGPT4Video, NeurIPS 2024.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from streamit.item import Item, Reject
from streamit.readers.base import SourceFile
from streamit.readers.by_video import Annotation, RowFormat, read_each, read_json_rows
from streamit.readers.conversation import TURNS, read_rounds
from streamit.readers.parse import Refusal, clean_text, read_object

_CAPTIONS = "captions"
_WHOLE = "-1"
_PICTURE = re.compile(r"\.(?:jpe?g|png|webp)$", re.IGNORECASE)


def read(file: SourceFile) -> Iterator[Item | Reject]:
    """One item per video, known by its path as the file states it.

    Raises SourceError when the file holds something else.
    """
    return read_json_rows(file, _FORMAT)


def _read_row(row: Mapping[str, Any], ordinal: int) -> tuple[object, list[Annotation]]:
    if _CAPTIONS not in row:
        return row.get("video", row.get("image", row.get("id"))), read_rounds(row, ordinal)

    def read_caption(_: int) -> Annotation:
        captions = [read_object(caption) for caption in read_object(row, _CAPTIONS)[_CAPTIONS]]
        whole = [caption for caption in captions if str(caption.get("idx")) == _WHOLE]
        if len(whole) != 1:
            raise Refusal(
                "no_events", f"{len(whole)} captions, not one, are of the whole video (idx -1)"
            )
        return Annotation(ordinal, 0.0, None, clean_text(whole[0].get("content")))

    return row.get("video_path", row.get("video_id")), read_each(ordinal, 1, read_caption)


def _find_media(video_id: str) -> str:
    """The mix for images names a picture of the video's frames, which has the video's name."""
    return _PICTURE.sub("", video_id)


_FORMAT = RowFormat(
    keys=(_CAPTIONS, TURNS),
    expected=(
        "a ShareGPT4Video file has {video_id, video_path, captions} per line, or is a list of "
        "{id, video, conversations}"
    ),
    read_row=_read_row,
    find_origin=_find_media,
    find_media=_find_media,
)
