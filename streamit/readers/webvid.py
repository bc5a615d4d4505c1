"""WebVid: a clip of stock footage per row of a CSV, with the caption of the shop.

Columns are found by name, because their order and number differ by copy: `videoid` and `name`, the
caption, are always there, `duration` (`PT00H00M17S`) and `page_dir` mostly. The caption is about
the whole clip, whose file is `<page_dir>/<videoid>.mp4`. Bain et al., Frozen in Time, ICCV 2021.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from streamit.errors import SourceError
from streamit.item import Event, Item, Reject
from streamit.readers.base import SourceFile
from streamit.readers.parse import (
    Place,
    Refusal,
    clean_text,
    read_duration,
    read_video_id,
)
from streamit.readers.table_csv import open_csv
from streamit.timeline import TimeFault, read_iso_duration

_NEEDED = ("videoid", "name")
_USED = (*_NEEDED, "duration", "page_dir")


def read(file: SourceFile) -> Iterator[Item | Reject]:
    """One item per row. Raises SourceError when the file has other columns."""
    with open_csv(file, ",") as (header, rows):
        if not set(_NEEDED) <= set(header):
            raise SourceError(
                f"{file.path}: its columns are {', '.join(header)}; a WebVid file has videoid and "
                "name, and mostly duration and page_dir"
            )
        places = {name: header.index(name) for name in _USED if name in header}
        for ordinal, cells in enumerate(rows):
            yield _read_clip(file, ordinal, cells, places)


def _read_clip(
    file: SourceFile, ordinal: int, cells: Sequence[str] | Refusal, places: Mapping[str, int]
) -> Item | Reject:
    name = f"row {ordinal + 1}"
    place = Place(file, name)
    try:
        if isinstance(cells, Refusal):
            raise cells
        row = {name: cells[at].strip() for name, at in places.items() if at < len(cells)}
        video_id = read_video_id(row.get("videoid"))
        place = Place(file, video_id, video_id)
        folder = row.get("page_dir")
        return place.make_item(
            ordinal,
            video_id,
            (Event(0, 0.0, None, clean_text(row.get("name"))),),
            duration_s=_read_length(row.get("duration")),
            media_id=read_video_id(f"{folder}/{video_id}") if folder else None,
        )
    except Refusal as fault:
        index = None if place.video_id is None else 0
        return place.reject(index, fault.reason, f"{name}: {fault}")


def _read_length(text: str | None) -> float | None:
    if not text:
        return None
    try:
        return read_duration(read_iso_duration(text))
    except TimeFault as fault:
        raise Refusal("bad_duration", f"the duration cannot be used: {fault}") from fault
