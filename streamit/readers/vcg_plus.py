"""VCG+ 112K, the instructions of VideoGPT+: LLaVA conversations about ActivityNet videos.

A list of `{"id": "v_<youtube>", "video": "v_<youtube>.mp4", "conversations"}`; where there is no
`video`, the id is its name without an ending. Maaz et al., VideoGPT+: Integrating Image and Video
Encoders for Enhanced Video Understanding, 2024.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from streamit.item import Item, Reject
from streamit.readers.base import SourceFile
from streamit.readers.by_video import Annotation, RowFormat, read_json_rows
from streamit.readers.conversation import TURNS, read_rounds


def read(file: SourceFile) -> Iterator[Item | Reject]:
    """One item per video, with all rounds that the file has of it.

    Raises SourceError when the file holds something else.
    """
    return read_json_rows(file, _FORMAT)


def _read_row(row: Mapping[str, Any], ordinal: int) -> tuple[object, list[Annotation]]:
    return row.get("video", row.get("id")), read_rounds(row, ordinal)


_FORMAT = RowFormat(
    keys=(TURNS,),
    expected="a VCG+ file is a list of {id, video, conversations}",
    read_row=_read_row,
)
