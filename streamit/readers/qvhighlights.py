"""QVHighlights: a query per line, with all windows of a clip that it describes.

`{"qid", "query", "duration", "vid": "<youtube>_<start>_<end>", "relevant_windows": [[s, s]], ...}`;
windows are seconds of the clip, not of the YouTube video. Each window is an event with the query as
its text, so that the windows of one query are the hits of one query. Rows of the test split have no
windows. Lei et al., Detecting Moments and Highlights in Videos via Natural Language Queries,
NeurIPS 2021.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from streamit.item import Item, Reject
from streamit.readers.base import SourceFile
from streamit.readers.by_video import Annotation, RowFormat, read_each, read_json_rows, refuse
from streamit.readers.parse import Refusal, clean_text, read_duration, read_object, read_pair

_WINDOWS = "relevant_windows"


def read(file: SourceFile) -> Iterator[Item | Reject]:
    """One item per clip, with the windows of all its queries.

    Raises SourceError when the file holds something else.
    """
    return read_json_rows(file, _FORMAT)


def _read_row(row: Mapping[str, Any], ordinal: int) -> tuple[object, list[Annotation]]:
    if row.get(_WINDOWS) is None:
        hidden = Refusal("hidden_label", "the windows of the test split are not public")
        return row.get("vid"), [refuse(ordinal, hidden)]
    windows = read_object(row, _WINDOWS)[_WINDOWS]
    if not windows:
        raise Refusal("no_events", f"{_WINDOWS!r} is empty")

    def read_window(index: int) -> Annotation:
        duration_s = read_duration(row.get("duration"))
        query = clean_text(row.get("query"))
        return Annotation(ordinal, *read_pair(windows[index]), query, duration_s=duration_s)

    return row.get("vid"), read_each(ordinal, len(windows), read_window)


_FORMAT = RowFormat(
    keys=("qid", "query", "vid"),
    expected="a QVHighlights file is a line per query: {qid, query, vid, duration, ...}",
    read_row=_read_row,
)
