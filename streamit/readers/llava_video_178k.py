"""LLaVA-Video-178K: captions, open questions and multiple choice, as LLaVA conversations.

A list of `{"id", "conversations", "data_source", "video": path}` per file; the path is relative to
the folder of the file. Nothing has times: each round is about the whole video. Zhang et al., Video
Instruction Tuning with Synthetic Data, 2024.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from streamit.item import Item, Reject
from streamit.readers.base import SourceFile
from streamit.readers.by_video import Annotation, RowFormat, read_json_rows
from streamit.readers.conversation import TURNS, read_rounds

# Corpora inside it whose ids are neither YouTube's nor UUIDs. Charades is a source of its own; the
# videos of NExT-QA are there twice, under two paths.
_FOLDERS = (
    ("academic_source/Charades/", ""),
    ("academic_source/NextQA/", "NextQA/"),
    ("NextQA/NExTVideo/", "NextQA/"),
)


def read(file: SourceFile) -> Iterator[Item | Reject]:
    """One item per video, with all rounds that the file has of it.

    Raises SourceError when the file holds something else.
    """
    folder = file.name.rpartition("/")[0]

    def find_media(video_id: str) -> str:
        return f"{folder}/{video_id}" if folder else video_id

    return read_json_rows(file, replace(_FORMAT, find_media=find_media))


def _read_row(row: Mapping[str, Any], ordinal: int) -> tuple[object, list[Annotation]]:
    return row.get("video"), read_rounds(row, ordinal)


def _find_origin(video_id: str) -> str:
    """The name that the video has in the corpus it was taken from."""
    for folder, corpus in _FOLDERS:
        if video_id.startswith(folder):
            return corpus + video_id.removeprefix(folder)
    return video_id


_FORMAT = RowFormat(
    keys=(TURNS,),
    expected="a LLaVA-Video file is a list of {id, video, data_source, conversations}",
    read_row=_read_row,
    find_origin=_find_origin,
)
