"""HACS Segments: actions in untrimmed YouTube videos, ActivityNet's 200 classes; in seconds.

`HACS_segments_v1.1.1.json` has the shape of readers/database.py, with the duration as text; copies
made for training tools hold it as a number. A video lies in `<CLASS>/v_<id>.mp4`. The labels of the
test videos are hidden. HACS Clips (a CSV of two-second windows, label 1 or -1) is another task and
is not read. Zhao et al., HACS: Human Action Clips and Segments, ICCV 2019.
"""

from __future__ import annotations

from collections.abc import Iterator

from streamit.ids import normalise_video_id
from streamit.item import Item, Reject
from streamit.readers.base import SourceFile
from streamit.readers.database import Corpus, read_database
from streamit.readers.labels import read_label
from streamit.readers.parse import Refusal, parse_number, read_duration
from streamit.timeline import TimeFault


def read(file: SourceFile) -> Iterator[Item | Reject]:
    """One item per video; labels are class names in words. Raises SourceError."""
    corpus = Corpus(
        "HACS Segments",
        "label",
        read_label,
        read_length=_read_length,
        name_media=_name_media,
        hides_test=True,
    )
    return read_database(file, corpus)


def _read_length(value: object) -> float | None:
    try:
        return read_duration(parse_number(value))
    except TimeFault as fault:
        raise Refusal("bad_duration", f"the duration cannot be used: {fault}") from fault


def _name_media(video_id: str) -> str:
    return f"v_{normalise_video_id(video_id)}"
