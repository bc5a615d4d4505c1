"""One item per video out of rows that hold annotations of one video each, wherever they stand.

Queries, questions and clips come that way, up to ten million rows of them; the videos come out in
the order of their ids. An event's index is its place among all annotations of its video.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from streamit.errors import SourceError
from streamit.item import Event, Item, Reject
from streamit.readers.base import SourceFile
from streamit.readers.gather import RowsByVideo
from streamit.readers.json_stream import Member, stream_json
from streamit.readers.parse import (
    Place,
    Refusal,
    check_format,
    read_line,
    read_object,
    read_video_id,
)
from streamit.timeline import TimeFault


class Annotation(NamedTuple):
    """One annotation of a video, in seconds; a tuple, since millions of them are pickled.

    `ordinal` is its row's place in the file. With a `reason` it cannot be used, and `text` says
    why.
    """

    ordinal: int
    start_s: float | None
    end_s: float | None
    text: str
    question: str | None = None
    duration_s: float | None = None
    reason: str | None = None


RowReader = Callable[[Mapping[str, Any], int], tuple[object, list[Annotation]] | None]
"""Takes a row and its ordinal; gives the video's id as it stands there, and the annotations.

None where the row belongs to another task. Raises Refusal for a row that cannot be counted.
"""


@dataclass(frozen=True, slots=True)
class RowFormat:
    """The rows of a JSON or JSONL format.

    A row has at least one of `keys`, and `expected` says so to whoever names another file.
    `find_origin` takes a video's id and gives the one it has in the corpus it was taken from;
    `find_media` gives the stem of its file.
    """

    keys: tuple[str, ...]
    expected: str
    read_row: RowReader
    find_origin: Callable[[str], str] | None = None
    find_media: Callable[[str], str] | None = None


def read_json_rows(file: SourceFile, form: RowFormat) -> Iterator[Item | Reject]:
    """One item per video of a list of rows, or of rows that are lines.

    Raises SourceError when the file is no such list, or its first row is of another format.
    """
    with RowsByVideo[Annotation]() as gathered:
        for member in stream_json(file.path):
            if member.key is not None:
                raise SourceError(f"{file.path}: is an object; {form.expected}")
            if member.ordinal == 0:
                check_format(file.path, member.value, form.keys, form.expected)
            if member.problem is not None:
                yield read_line(file, member)
            else:
                yield from _gather_row(file, form, member, gathered)
        yield from make_items(file, gathered, form.find_origin, form.find_media)


def make_items(
    file: SourceFile,
    gathered: RowsByVideo[Annotation],
    find_origin: Callable[[str], str] | None = None,
    find_media: Callable[[str], str] | None = None,
) -> Iterator[Item | Reject]:
    """An item per video, and a reject per annotation that cannot be used.

    A row that states another length of its video than the rows above is refused.
    """
    for video_id, rows in gathered.videos():
        place = Place(file, video_id, video_id)
        duration_s = next((row.duration_s for row in rows if row.duration_s is not None), None)
        events = []
        for index, row in enumerate(rows):
            if row.reason is not None:
                yield place.reject(index, row.reason, row.text)
            elif row.duration_s not in (None, duration_s):
                yield place.reject(index, "bad_duration", _tell_lengths(row, duration_s))
            else:
                events.append(Event(index, row.start_s, row.end_s, row.text, row.question))
        if events:
            yield place.make_item(
                rows[0].ordinal,
                video_id,
                tuple(events),
                duration_s=duration_s,
                n_refused=len(rows) - len(events),
                origin=find_origin(video_id) if find_origin else None,
                media_id=find_media(video_id) if find_media else None,
            )


def read_each(
    ordinal: int, n_annotations: int, read_one: Callable[[int], Annotation]
) -> list[Annotation]:
    """The annotations of one row; what `read_one` refuses stays among them, with its reason."""
    found = []
    for index in range(n_annotations):
        try:
            found.append(read_one(index))
        except (Refusal, TimeFault) as fault:
            found.append(refuse(ordinal, fault))
    return found


def refuse(ordinal: int, fault: Refusal | TimeFault, unit: str = "row") -> Annotation:
    """An annotation that cannot be used. People count rows and lines from 1."""
    text = f"{unit} {ordinal + 1}: {fault}"
    return Annotation(ordinal, None, None, text, reason=fault.reason)


def _gather_row(
    file: SourceFile, form: RowFormat, member: Member, gathered: RowsByVideo[Annotation]
) -> Iterable[Reject]:
    """Keeps the row's annotations; the rejects of a row that names no video."""
    annotations: list[Annotation] = []
    try:
        found = form.read_row(read_object(member.value), member.ordinal)
        if found is None:
            return ()
        named, annotations = found
        video_id = read_video_id(named)
    except Refusal as fault:
        key = f"[{member.ordinal}]" if member.line is None else f"line {member.line}"
        return Place(file, key).reject_each(len(annotations), fault.reason, str(fault))
    for annotation in annotations:
        gathered.add(video_id, annotation)
    return ()


def _tell_lengths(row: Annotation, duration_s: float | None) -> str:
    return (
        f"row {row.ordinal + 1}: the video lasts {row.duration_s:g} s here and {duration_s:g} s "
        "in a row above"
    )
