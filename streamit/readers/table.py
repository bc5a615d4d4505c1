"""A table of the user's own: a row per event, in CSV, TSV, JSON, JSONL or Parquet.

The rows of a video may stand anywhere. Rows of one video with another split or language make an
item of their own. docs/own-data.md explains the column map.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

from streamit.item import SECONDS, VIDEO_FRAMES, Event, Item, Reject
from streamit.readers.base import SourceFile
from streamit.readers.column_map import Columns, fit_columns
from streamit.readers.gather import RowsByVideo
from streamit.readers.parse import Place
from streamit.readers.table_cells import VideoRow
from streamit.readers.table_columns import read_chunk
from streamit.readers.table_rows import Chunk, read_header, read_rows
from streamit.source import BY_RECORD
from streamit.timeline import ends_at_next


def read(file: SourceFile) -> Iterator[Item | Reject]:
    """One item per video, split and language.

    Raises SourceError when the file is no table, ColumnMapError when the map does not fit it.
    """
    columns = _fit_columns(file)
    yield from _read_chunks(file, columns, read_rows(file, columns.names()))


def read_first(file: SourceFile, n_rows: int) -> Iterator[Item | Reject]:
    """Like `read`, of the first rows alone."""
    columns = _fit_columns(file)
    chunks = read_rows(file, columns.names(), n_rows)
    yield from _read_chunks(file, columns, islice(chunks, 1))


def _fit_columns(file: SourceFile) -> Columns:
    file_split = None if file.split == BY_RECORD else file.split
    return fit_columns(file.columns, read_header(file), file.path, file_split)


def _read_chunks(
    file: SourceFile, columns: Columns, chunks: Iterator[Chunk]
) -> Iterator[Item | Reject]:
    with RowsByVideo[tuple[Any, ...]]() as gathered:
        for chunk in chunks:
            for row in read_chunk(file, chunk, columns):
                if isinstance(row, Reject):
                    yield row
                else:
                    gathered.add(row.video_id, tuple(row))
        for _, rows in gathered.videos():
            yield from _make_items(file, columns, [VideoRow(*row) for row in rows])


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
            yield row._replace(reason="bad_duration", message=message)


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
