"""Panda-70M: the clips of one source video per row of a CSV, with their captions.

Columns are found by name: `videoID`, and lists as Python writes them: `timestamp`
`[['0:01:20.880', '0:01:23.983'], ...]` (or numbers of seconds) and `caption` `['A man.', "It's a
dog."]`, of equal length. Times are those of the source video. `matching_score` and, in newer files,
`desirable_filtering` and `shot_boundary_detection` are not read. Chen et al., Panda-70M, CVPR 2024.
"""

from __future__ import annotations

import ast
import csv
import warnings
from collections.abc import Iterator, Mapping
from typing import Any

from streamit.errors import SourceError
from streamit.item import Event, Item, Reject
from streamit.readers.base import SourceFile
from streamit.readers.files import read_lines
from streamit.readers.parse import (
    Place,
    Refusal,
    check_lengths,
    clean_text,
    read_events,
    read_video_id,
    show,
)
from streamit.timeline import TimeFault, read_clock

_ID = "videoID"
_LISTS = ("timestamp", "caption")
# `csv` takes 131 072 characters as a rule; the clips of a video of some hours have more.
_LONGEST_CELL = 1 << 30


def read(file: SourceFile) -> Iterator[Item | Reject]:
    """One item per source video. Raises SourceError when the file has other columns."""
    csv.field_size_limit(_LONGEST_CELL)
    lines = (line for line in read_lines(file.path) if line.strip())
    header = _read_header(file, next(lines, b""))
    for ordinal, line in enumerate(lines):
        yield from _read_video(file, ordinal, line, header)


def _read_header(file: SourceFile, line: bytes) -> list[str]:
    try:
        header = [name.strip() for name in _split_line(line)]
    except Refusal as fault:
        raise SourceError(f"{file.path}: the header cannot be read: {fault}") from fault
    if not {_ID, *_LISTS} <= set(header):
        raise SourceError(
            f"{file.path}: its columns are {', '.join(header)}; a Panda-70M file has videoID, url, "
            "timestamp, caption and matching_score"
        )
    return header


def _split_line(line: bytes) -> list[str]:
    """The cells of a line. Lists are written without line breaks, so each line is a row."""
    try:
        return next(csv.reader([line.decode("utf-8").rstrip("\r")], strict=True), [])
    except (UnicodeDecodeError, csv.Error) as exc:
        raise Refusal("bad_row", f"the line cannot be read: {exc}") from exc


def _read_video(
    file: SourceFile, ordinal: int, line: bytes, header: list[str]
) -> Iterator[Item | Reject]:
    place = Place(file, f"row {ordinal + 1}")
    n_annotations = 0
    try:
        cells = _split_line(line)
        if len(cells) != len(header):
            raise Refusal("bad_row", f"has {len(cells)} cells for {len(header)} columns")
        row = dict(zip(header, cells, strict=True))
        place = Place(file, row[_ID], row[_ID])
        lists = {name: _read_list(row[name], name) for name in _LISTS}
        n_annotations = max(map(len, lists.values()))
        video_id = read_video_id(row[_ID])
        check_lengths(lists, _LISTS)
        if not n_annotations:
            raise Refusal("no_events", "the video has no clips")
    except Refusal as fault:
        yield from place.reject_each(n_annotations, fault.reason, f"row {ordinal + 1}: {fault}")
        return
    events, rejects = read_events(place, n_annotations, lambda index: _read_clip(lists, index))
    yield from rejects
    if events:
        yield place.make_item(ordinal, video_id, events, n_refused=len(rejects))


def _read_list(cell: str, name: str) -> list[Any]:
    try:
        value = _read_literal(cell)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError) as exc:
        raise Refusal("bad_item", f"{name!r} {show(cell)} is no Python literal: {exc}") from exc
    if not isinstance(value, list):
        raise Refusal("bad_item", f"{name!r} {show(cell)} is not a list")
    return value


def _read_literal(cell: str) -> Any:
    if "\\" not in cell:
        return ast.literal_eval(cell)
    with warnings.catch_warnings():
        # `\d` in a caption is two characters, and no reason to warn.
        warnings.simplefilter("ignore")
        return ast.literal_eval(cell)


def _read_clip(lists: Mapping[str, list[Any]], index: int) -> Event:
    pair = lists["timestamp"][index]
    if not isinstance(pair, list) or len(pair) != 2:
        raise TimeFault("bad_time", f"{show(pair)} is not a pair of times")
    start_s, end_s = (read_clock(time) for time in pair)
    return Event(index, start_s, end_s, clean_text(lists["caption"][index]))
