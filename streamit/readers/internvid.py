"""InternVid: a clip of a YouTube video per line, with its caption; ten million of them in FLT.

`{"YoutubeID", "Start_timestamp": "00:01:51.578", "End_timestamp", "Caption", ...}`, or `videoID`
and `caption`; the clips of a video do not stand together. Scores of beauty and likeness are not
read. Wang et al., InternVid, ICLR 2024.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from streamit.item import Item, Reject
from streamit.readers.base import SourceFile
from streamit.readers.by_video import Annotation, RowFormat, read_json_rows, refuse
from streamit.readers.parse import Refusal, clean_text
from streamit.timeline import TimeFault, read_clock

_IDS = ("YoutubeID", "videoID")


def read(file: SourceFile) -> Iterator[Item | Reject]:
    """One item per video, with all its clips, in bounded memory.

    Raises SourceError when the file holds something else.
    """
    return read_json_rows(file, _FORMAT)


def _read_row(row: Mapping[str, Any], ordinal: int) -> tuple[object, list[Annotation]]:
    try:
        annotation = Annotation(
            ordinal,
            read_clock(row.get("Start_timestamp")),
            read_clock(row.get("End_timestamp")),
            clean_text(row.get("Caption", row.get("caption"))),
        )
    except (Refusal, TimeFault) as fault:
        annotation = refuse(ordinal, fault)
    return row.get("YoutubeID", row.get("videoID")), [annotation]


_FORMAT = RowFormat(
    keys=_IDS,
    expected="an InternVid file has {YoutubeID, Start_timestamp, End_timestamp, Caption} per line",
    read_row=_read_row,
)
