"""Guesses the column map of a table from the names of its columns and their first values.

A guess is a proposal: `streamit sources new` writes it into a file with comments, tries it on five
rows and shows what comes out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pandas as pd

from streamit.ids import VIDEO_ENDINGS
from streamit.readers.base import SourceFile
from streamit.readers.table_cells import is_blank
from streamit.readers.table_rows import is_delimited, read_header, read_rows

_SAMPLE_ROWS = 200
# A video of 10 000 s would be almost three hours long; integers above that are milliseconds.
_LONGEST_S = 10_000
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")
_TIMECODE = re.compile(r"\d+(?::\d{1,2}){1,2}(?:[.,]\d+)?", re.ASCII)
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?", re.ASCII)

_UNIT_WORDS = {
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds"), "seconds"),
    **dict.fromkeys(("ms", "msec", "millis", "milliseconds", "millisecond"), "milliseconds"),
    **dict.fromkeys(("frame", "frames", "fr"), "frames"),
    **dict.fromkeys(("tc", "timecode", "smpte"), "timecode"),
}
# Words that say nothing about which of the times, texts or ids a column holds.
_FILLERS = {"time", "timestamp", "ts", "name", "str", "moment", "event", "segment", "at"}

# Words of a column's name, the likeliest first.
_SYNONYMS = {
    "video": "video, video id, videoid, vid, clip, clip id, youtube id, yt id, video path, "
    "video file, media, file, filename, path, uri",
    "start": "start, begin, beginning, onset, from, t 0, t start, in, time, timestamp",
    "end": "end, stop, finish, until, to, t 1, t end, out, offset",
    "duration": "video duration, video length, duration, length",
    "question": "question, query, q",
    "answer": "answer, response, reply, a",
    "text": "text, caption, sentence, description, narration, label, tag, step, annotation, "
    "transcript, title",
    "split": "split, subset, partition",
    "language": "language, lang, locale",
    "id": "id, uid, row id, annotation id, sample id, qid",
}
_TIMES = ("start", "end", "duration")


@dataclass(frozen=True, slots=True)
class Guess:
    """What the columns of a table seem to be.

    `columns` leads from a key of the column map to a column, `units` from a column of times to its
    unit. `delimiter` is None where the file's ending tells it.
    """

    columns: Mapping[str, str]
    units: Mapping[str, str]
    delimiter: str | None = None


def guess_map(file: SourceFile) -> Guess:
    """The likely column map of a table. Raises SourceError when the file is no table."""
    delimiter = _guess_delimiter(file)
    if delimiter is not None:
        file = replace(file, options={**file.options, "delimiter": delimiter})
    header = read_header(file)
    cells = _read_sample(file, header)
    samples = {name: [cell for cell in cells[name] if not is_blank(cell)] for name in header}
    columns = _match_names(header)
    _match_values(columns, header, samples)
    if "duration" in columns and _varies_in_a_video(cells, columns):
        del columns["duration"]
    units = {
        name: _guess_unit(name, samples[name])
        for key, name in columns.items()
        if key in _TIMES and samples[name]
    }
    return Guess(columns, units, delimiter)


def _guess_delimiter(file: SourceFile) -> str | None:
    """The delimiter of a CSV whose header holds another one instead of commas."""
    if not is_delimited(file) or "delimiter" in file.options:
        return None
    header = read_header(file)
    if len(header) > 1:
        return None
    return next((mark for mark in (";", "\t", "|", ",") if mark in header[0]), None)


def _read_sample(file: SourceFile, header: Sequence[str]) -> pd.DataFrame:
    """The first rows."""
    chunk = next(read_rows(file, header, _SAMPLE_ROWS), None)
    return pd.DataFrame(columns=list(header)) if chunk is None else chunk.cells


def _match_names(header: Sequence[str]) -> dict[str, str]:
    """Each key's column by name: the earliest synonym wins, a column serves one key."""
    columns: dict[str, str] = {}
    for key, synonyms in _SYNONYMS.items():
        free = [name for name in header if name not in columns.values()]
        readings = {name: set(_read_name(name, key in _TIMES)) for name in free}
        matches = [name for s in synonyms.split(", ") for name in free if s in readings[name]]
        _take(columns, key, matches)
    return columns


def _take(columns: dict[str, str], key: str, names: Sequence[str]) -> None:
    """Give the key the first of the columns, if there is one."""
    if names:
        columns[key] = names[0]


def _read_name(name: str, is_time: bool) -> Iterator[str]:
    """The words of a column's name: all of them, without units, without fillers."""
    words = [word.lower() for word in _WORD.findall(name)]
    yield " ".join(words)
    kept = [word for word in words if not (is_time and word in _UNIT_WORDS)]
    yield " ".join(kept)
    yield " ".join(word for word in kept if word not in _FILLERS)


def _match_values(
    columns: dict[str, str], header: Sequence[str], samples: Mapping[str, Sequence[Any]]
) -> None:
    """Fill what the names left open: file names, pairs of times that rise, the longest texts."""

    def free(fits: Callable[[Sequence[Any]], bool]) -> list[str]:
        taken = columns.values()
        return [n for n in header if n not in taken and samples[n] and fits(samples[n])]

    if "video" not in columns:
        _take(columns, "video", free(_are_files))
    if "start" not in columns:
        times = free(_are_times)
        _take(columns, "start", times)
        if "end" not in columns:
            _take(columns, "end", times[1:])
    if "text" not in columns and "answer" not in columns:
        _take(columns, "text", sorted(free(_are_texts), key=lambda n: -_mean_length(samples[n])))
    if "video" not in columns:
        _take(columns, "video", [columns.pop("id")] if "id" in columns else free(_are_texts))


def _varies_in_a_video(cells: pd.DataFrame, columns: Mapping[str, str]) -> bool:
    """Whether the durations differ within a video: then they are lengths of the events."""
    first: dict[str, Any] = {}
    lengths = cells[columns["duration"]]
    videos = cells[columns["video"]] if "video" in columns else [""] * len(cells)
    pairs = zip(map(str, videos), lengths, strict=True)
    return any(length and first.setdefault(video, length) != length for video, length in pairs)


def _are_files(values: Sequence[Any]) -> bool:
    return all(isinstance(v, str) and v.lower().endswith(VIDEO_ENDINGS) for v in values)


def _are_times(values: Sequence[Any]) -> bool:
    return all(_is_time(value) for value in values)


def _is_time(value: Any) -> bool:
    if isinstance(value, str):
        text = value.strip()
        return bool(_TIMECODE.fullmatch(text) or _NUMBER.fullmatch(text))
    return isinstance(value, int | float | timedelta) and not isinstance(value, bool)


def _are_texts(values: Sequence[Any]) -> bool:
    return all(isinstance(value, str) for value in values) and not _are_times(values)


def _mean_length(values: Sequence[Any]) -> float:
    return sum(len(str(value)) for value in values) / len(values)


def _guess_unit(name: str, values: Sequence[Any]) -> str:
    """By the name, else by the values: colons, or integers too large for seconds."""
    words = [word.lower() for word in _WORD.findall(name)]
    named = next((_UNIT_WORDS[word] for word in words if word in _UNIT_WORDS), None)
    if any(isinstance(value, str) and ":" in value for value in values):
        return "timecode"
    if named is not None:
        return named
    numbers = [str(value).strip() for value in values]
    whole = all(number.lstrip("-").isdigit() for number in numbers)
    if whole and max(int(number) for number in numbers) > _LONGEST_S:
        return "milliseconds"
    return "seconds"
