"""Reads the cells of one row of a table: to which video it belongs, when and what."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from streamit.item import Reject
from streamit.readers.base import SourceFile
from streamit.readers.column_map import Columns, Times
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
from streamit.timeline import TimeFault

_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8})*", re.ASCII)


class VideoRow(NamedTuple):
    """A row that belongs to a video. `name` is how messages call it.

    `reason` and `message` say why it cannot be used; `start_s` is kept even so where it could be
    read, since it may end the row before. A tuple, because there are millions to pack.
    """

    video_id: str
    number: int
    name: str
    start_s: float | None = None
    end_s: float | None = None
    split: str | None = None
    language: str | None = None
    duration_s: float | None = None
    question: str | None = None
    text: str | None = None
    reason: str | None = None
    message: str | None = None


def read_row(
    file: SourceFile,
    columns: Columns,
    number: int,
    values: Mapping[str, Any],
    problem: Refusal | None,
) -> VideoRow | Reject:
    """The row with what could be read of it; a Reject where it names no video.

    `problem` is what is wrong with a row that has no cells.
    """
    name = name_row(None if columns.id is None else values.get(columns.id), number)
    try:
        if problem is not None:
            raise problem
        video_id = read_video(values.get(columns.video))
    except Refusal as fault:
        return Place(file, name).reject(None, fault.reason, f"row {number}: {fault}")
    row = VideoRow(video_id, number, name)
    try:
        row = row._replace(start_s=columns.start.read(values.get(columns.start.column)))
        return _read_cells(row, values, columns)
    except (Refusal, TimeFault) as fault:
        message = make_storable(f"row {number}: {fault}")
        return row._replace(reason=fault.reason, message=message)


def _read_cells(row: VideoRow, values: Mapping[str, Any], columns: Columns) -> VideoRow:
    def cell(column: str | None) -> object:
        return None if column is None else values.get(column)

    end_s = None if columns.end is None else columns.end.read(cell(columns.end.column))
    question, text = _read_texts(cell(columns.question), cell(columns.answer), cell(columns.text))
    duration = columns.duration
    return row._replace(
        end_s=end_s,
        question=question,
        text=text,
        split=read_split_cell(cell(columns.split_column), columns.split),
        language=read_language(cell(columns.language)),
        duration_s=None if duration is None else read_length(duration, cell(duration.column)),
    )


def _read_texts(question: object, answer: object, text: object) -> tuple[str | None, str]:
    """(question, text): a row with a question is answered by its answer, or else by its text."""
    asks, answers, tells = (not is_blank(cell) for cell in (question, answer, text))
    if answers and not asks and not tells:
        raise Refusal("empty_text", f"the answer {show(answer)} has no question")
    if not tells and not (asks and answers):
        raise Refusal("empty_text", "the row has no text")
    said = answer if asks and answers else text
    return clean_text(question) if asks else None, clean_text(said)


def is_blank(cell: object) -> bool:
    """Whether there is nothing in the cell."""
    return cell is None or (isinstance(cell, str) and not cell.strip())


def name_row(cell: object, number: int) -> str:
    """The row's own id where the table has one, else its number."""
    return f"row {number}" if is_blank(cell) else make_storable(str(cell))


def read_video(cell: object) -> str:
    """The id of a video. Numbers are names, too, where a column holds nothing else.

    Raises Refusal `bad_id`.
    """
    if isinstance(cell, int) and not isinstance(cell, bool):
        return read_video_id(str(cell))
    return read_video_id(cell.strip() if isinstance(cell, str) else cell)


def read_split_cell(cell: object, default: str) -> str:
    """The split that the cell names. Raises Refusal `bad_split`."""
    return default if is_blank(cell) else read_split(cell)


def read_language(cell: object) -> str | None:
    """The language code in the cell. Raises Refusal `bad_language`."""
    if is_blank(cell):
        return None
    text = cell.strip() if isinstance(cell, str) else ""
    if not _LANGUAGE.fullmatch(text):
        raise Refusal("bad_language", f"{show(cell)} is no language code such as en or pt-BR")
    return text


def read_length(duration: Times, cell: object) -> float | None:
    """The length of the row's video in seconds. Raises Refusal `bad_duration`."""
    if is_blank(cell):
        return None
    try:
        return read_duration(duration.read(cell))
    except TimeFault as fault:
        raise Refusal("bad_duration", f"the duration cannot be used: {fault}") from fault
