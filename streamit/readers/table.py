"""A table of the user's own: a row per event, in CSV, TSV, JSON, JSONL or Parquet.

The rows of a video may stand anywhere. Rows of one video with another split or language make an
item of their own. docs/own-data.md explains the column map.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from streamit.item import SECONDS, VIDEO_FRAMES, Event, Item, Reject
from streamit.readers.base import SourceFile
from streamit.readers.column_map import Columns, Times, fit_columns
from streamit.readers.gather import RowsByVideo
from streamit.readers.parse import (
    Place,
    Refusal,
    clean_text,
    make_storable,
    read_duration,
    read_split,
    read_video_id,
    show,
)
from streamit.readers.table_rows import Row, read_header, read_rows
from streamit.source import BY_RECORD
from streamit.timeline import TimeFault, ends_at_next

_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8})*", re.ASCII)


@dataclass(frozen=True, slots=True)
class VideoRow:
    """A row that belongs to a video. `name` is how messages call it.

    `reason` and `message` say why it cannot be used; `start_s` is kept even so where it could be
    read, since it may end the row before.
    """

    video_id: str
    number: int
    name: str
    split: str | None = None
    language: str | None = None
    start_s: float | None = None
    end_s: float | None = None
    duration_s: float | None = None
    text: str | None = None
    question: str | None = None
    reason: str | None = None
    message: str | None = None


def read(file: SourceFile) -> Iterator[Item | Reject]:
    """One item per video, split and language.

    Raises SourceError when the file is no table, ColumnMapError when the map does not fit it.
    """
    return read_first(file, None)


def read_first(file: SourceFile, n_rows: int | None) -> Iterator[Item | Reject]:
    """Like `read`, of the first rows alone; None: of all."""
    file_split = None if file.split == BY_RECORD else file.split
    columns = fit_columns(file.columns, read_header(file), file.path, file_split)
    with RowsByVideo[VideoRow]() as gathered:
        for row in islice(read_rows(file, columns.names()), n_rows):
            parsed = _parse_row(file, row, columns)
            if isinstance(parsed, Reject):
                yield parsed
            else:
                gathered.add(parsed.video_id, parsed)
        for _, rows in gathered.videos():
            yield from _make_items(file, columns, rows)


def _parse_row(file: SourceFile, row: Row, columns: Columns) -> VideoRow | Reject:
    """The row with what could be read of it; a Reject where it names no video."""
    name = _name_row(row, columns)
    try:
        if row.problem is not None:
            raise Refusal(*row.problem)
        video_id = read_video_id(_as_id(row.values.get(columns.video)))
    except Refusal as fault:
        return Place(file, name).reject(None, fault.reason, f"row {row.number}: {fault}")
    parsed = VideoRow(video_id, row.number, make_storable(name))
    try:
        start_s = columns.start.read(row.values.get(columns.start.column))
        parsed = replace(parsed, start_s=start_s)
        return _read_cells(parsed, row.values, columns)
    except (Refusal, TimeFault) as fault:
        message = make_storable(f"row {row.number}: {fault}")
        return replace(parsed, reason=fault.reason, message=message)


def _read_cells(parsed: VideoRow, values: Mapping[str, Any], columns: Columns) -> VideoRow:
    end_s = None if columns.end is None else columns.end.read(values.get(columns.end.column))
    question, text = _read_texts(values, columns)
    duration = columns.duration
    length = None if duration is None else _cell(values, duration.column)
    split = _cell(values, columns.split_column)
    return replace(
        parsed,
        split=columns.split if split is None else read_split(split),
        language=_read_language(_cell(values, columns.language)),
        end_s=end_s,
        duration_s=None if duration is None or length is None else _read_length(duration, length),
        text=text,
        question=question,
    )


def _name_row(row: Row, columns: Columns) -> str:
    """The row's own id where the table has one, else its number."""
    own = _cell(row.values, columns.id)
    return f"row {row.number}" if own is None else str(own)


def _as_id(value: object) -> object:
    """Numbers are names, too, where a column holds nothing else."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value.strip() if isinstance(value, str) else value


def _cell(values: Mapping[str, Any], column: str | None) -> Any:
    """The value in the column; None where it is empty or there is no such column."""
    value = None if column is None else values.get(column)
    return None if isinstance(value, str) and not value.strip() else value


def _read_texts(values: Mapping[str, Any], columns: Columns) -> tuple[str | None, str]:
    """(question, text): a row with a question is answered by its answer, or else by its text."""
    question = _cell(values, columns.question)
    answer = _cell(values, columns.answer)
    text = _cell(values, columns.text)
    if question is None and answer is not None and text is None:
        raise Refusal("empty_text", f"the answer {show(answer)} has no question")
    said = answer if question is not None and answer is not None else text
    if said is None:
        raise Refusal("empty_text", "the row has no text")
    return None if question is None else clean_text(question), clean_text(said)


def _read_language(value: object) -> str | None:
    if value is None:
        return None
    text = value.strip() if isinstance(value, str) else ""
    if not _LANGUAGE.fullmatch(text):
        raise Refusal("bad_language", f"{show(value)} is no language code such as en or pt-BR")
    return text


def _read_length(duration: Times, value: object) -> float | None:
    try:
        return read_duration(duration.read(value))
    except TimeFault as fault:
        raise Refusal("bad_duration", f"the duration cannot be used: {fault}") from fault


def _make_items(
    file: SourceFile, columns: Columns, rows: Sequence[VideoRow]
) -> Iterator[Item | Reject]:
    """The items of one video. An event's index is its place among all rows of the video."""
    sets: dict[tuple[str | None, str | None], list[tuple[int, VideoRow]]] = {}
    refused: list[VideoRow] = []
    for index, row in enumerate(_settle_durations(rows)):
        if row.reason is None:
            sets.setdefault((row.split, row.language), []).append((index, row))
        else:
            refused.append(row)
            place = Place(file, row.name, row.video_id)
            yield place.reject(index, row.reason, row.message or "")
    duration_s = next((row.duration_s for row in rows if row.duration_s is not None), None)
    for n, chosen in enumerate(sets.values(), start=1):
        first = chosen[0][1]
        place = Place(file, first.video_id if n == 1 else f"{first.video_id}#{n}")
        yield place.make_item(
            first.number - 1,
            first.video_id,
            _make_events(columns, chosen, refused),
            split=first.split,
            duration_s=duration_s,
            language=first.language,
            time_unit=VIDEO_FRAMES if columns.start.in_video_frames else SECONDS,
            n_refused=len(refused),
        )


def _settle_durations(rows: Sequence[VideoRow]) -> Iterator[VideoRow]:
    """The rows of one video; one that states another duration than those before is refused."""
    first: VideoRow | None = None
    for row in rows:
        if row.duration_s is None or row.reason is not None:
            yield row
        elif first is None or row.duration_s == first.duration_s:
            first = first or row
            yield row
        else:
            message = (
                f"row {row.number}: the video lasts {row.duration_s:g} s here and "
                f"{first.duration_s:g} s in row {first.number}"
            )
            yield replace(row, reason="bad_duration", message=message)


def _make_events(
    columns: Columns, chosen: Sequence[tuple[int, VideoRow]], refused: Sequence[VideoRow]
) -> tuple[Event, ...]:
    """The events of one item; where the table has starts alone, each ends with the next start.

    The start of a refused row is one, too: something else began there.
    """
    starts_s = [row.start_s for _, row in chosen if row.start_s is not None]
    bounds_s = [*starts_s, *(row.start_s for row in refused if row.start_s is not None)]
    ends_s = ends_at_next(bounds_s) if columns.end is None else [row.end_s for _, row in chosen]
    return tuple(
        Event(index, start_s, end_s, row.text or "", row.question)
        for (index, row), start_s, end_s in zip(chosen, starts_s, ends_s, strict=False)
    )
