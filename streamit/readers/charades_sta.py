"""Charades-STA: `<video> <start> <end>##<sentence>` per line, times in seconds.

The sentence is a query, and the stretch its answer. How long a video lasts stands in the column
`length` of Charades itself (`Charades_v1_train.csv`, `Charades_v1_test.csv`), beside the file. Gao
et al., TALL: Temporal Activity Localization via Language Query, ICCV 2017.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import PurePosixPath

from streamit.errors import SourceError
from streamit.item import Item, Reject
from streamit.readers import files
from streamit.readers.base import SourceFile
from streamit.readers.by_video import Annotation, make_items, refuse
from streamit.readers.gather import RowsByVideo
from streamit.readers.parse import (
    Place,
    Refusal,
    clean_text,
    parse_number,
    read_duration,
    read_video_id,
    show,
)
from streamit.readers.table_csv import open_csv
from streamit.timeline import TimeFault, read_seconds

_LENGTH_COLUMNS = ("id", "length")
_SHAPE = "`<video> <start> <end>##<sentence>`"


def read(file: SourceFile) -> Iterator[Item | Reject]:
    """One item per video with all its queries.

    A video of which no CSV in the folder tells the length has none. Raises SourceError when the
    first line is of another format, or the lengths cannot be read.
    """
    lengths = _read_lengths(file)
    with RowsByVideo[Annotation]() as gathered:
        for ordinal, (number, line) in enumerate(_number_lines(file.path)):
            if ordinal == 0 and b"##" not in line:
                raise SourceError(
                    f"{file.path}: its first line is {show(line)}; a line of Charades-STA is "
                    f"{_SHAPE}"
                )
            try:
                video_id, start, end, sentence = _split_line(line)
            except Refusal as fault:
                yield Place(file, f"line {number}").reject(None, fault.reason, str(fault))
                continue
            try:
                annotation = _read_query(number - 1, start, end, sentence, lengths.get(video_id))
            except (Refusal, TimeFault) as fault:
                annotation = refuse(number - 1, fault, "line")
            gathered.add(video_id, annotation)
        yield from make_items(file, gathered)


def _number_lines(path: str) -> Iterator[tuple[int, bytes]]:
    """(number from 1, bytes) of the lines that are not blank."""
    return ((n, line) for n, line in enumerate(files.read_lines(path), 1) if line.strip())


def _split_line(line: bytes) -> tuple[str, str, str, str]:
    """Video, start, end and sentence."""
    try:
        # A sentence may hold `##` itself; ids and times cannot.
        head, separator, sentence = line.decode("utf-8").partition("##")
    except UnicodeDecodeError as exc:
        raise Refusal("bad_row", f"{show(line)} is no UTF-8: {exc}") from exc
    cells = head.split()
    if not separator or len(cells) != 3:
        raise Refusal("bad_row", f"{show(line)} is not {_SHAPE}")
    return read_video_id(cells[0]), cells[1], cells[2], sentence


def _read_query(
    ordinal: int, start: str, end: str, sentence: str, length: str | None
) -> Annotation:
    return Annotation(
        ordinal,
        read_seconds(parse_number(start)),
        read_seconds(parse_number(end)),
        clean_text(sentence),
        duration_s=_read_length(length),
    )


def _read_length(length: str | None) -> float | None:
    if length is None or not length.strip():
        return None
    return read_duration(parse_number(length))


def _read_lengths(file: SourceFile) -> Mapping[str, str]:
    """The length of each video as a CSV states it, from all CSVs of the folder that have any."""
    lengths: dict[str, str] = {}
    for path in files.list_files(file.folder):
        if files.unpacked_name(path).lower().endswith(".csv"):
            table = replace(file, path=path, name=PurePosixPath(path).name, options={})
            for video, length in _read_table(table):
                if lengths.setdefault(video, length) != length:
                    raise SourceError(
                        f"{path}: {video} lasts {length} s here and {lengths[video]} s in a row "
                        "or file before; keep one of them"
                    )
    return lengths


def _read_table(table: SourceFile) -> Iterator[tuple[str, str]]:
    """(video, length) of each row; nothing where the table has no such columns."""
    with open_csv(table, ",") as (header, rows):
        if not set(_LENGTH_COLUMNS) <= set(header):
            return
        at_video, at_length = (header.index(name) for name in _LENGTH_COLUMNS)
        for number, cells in enumerate(rows, start=1):
            if isinstance(cells, Refusal) or len(cells) <= max(at_video, at_length):
                raise SourceError(f"{table.path}: row {number} is broken ({show(cells)}); mend it")
            yield cells[at_video].strip(), cells[at_length].strip()
