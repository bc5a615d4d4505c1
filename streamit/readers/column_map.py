"""Which column of a table holds what: read from a source's YAML, fitted to the file's columns.

A key left out means the column of its own name, if there is one; null switches a key off; a column
that is named must be there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import timedelta
from typing import Any

from streamit import config
from streamit.errors import ColumnMapError, RecipeError
from streamit.readers.parse import parse_number
from streamit.source import SPLITS
from streamit.timeline import (
    TimeFault,
    frames_to_s,
    milliseconds_to_s,
    read_number,
    read_seconds,
    read_timecode,
    round_s,
)

UNITS = ("seconds", "milliseconds", "frames", "timecode")
HASH = "hash"


@dataclass(frozen=True, slots=True)
class TimeColumn:
    """A column of times. `unit` and `fps` are those of the whole map where they are left out."""

    column: str
    unit: str | None = None
    fps: float | None = None


@dataclass(frozen=True, slots=True)
class SplitColumn:
    """The column that holds each row's split."""

    column: str


@dataclass(frozen=True, slots=True)
class ColumnMap:
    """The `columns` of a table's YAML.

    `unit` is seconds, milliseconds, frames or timecode; `fps` belongs to frames, and without it
    they are frames of the video itself. `end: null` says that a row lasts until the next one of
    its video starts. `split` is train, validation, test, hash, or `{column: name}`.
    """

    video: str = "video"
    start: str | TimeColumn = "start"
    end: str | TimeColumn | None = "end"
    duration: str | TimeColumn | None = "duration"
    text: str | None = "text"
    question: str | None = "question"
    answer: str | None = "answer"
    language: str | None = "language"
    id: str | None = "id"
    split: str | SplitColumn | None = None
    unit: str = "seconds"
    fps: float | None = None


@dataclass(frozen=True, slots=True)
class Times:
    """A column of times of this file; `fps` None with unit frames: the video's own rate."""

    column: str
    unit: str
    fps: float | None

    @property
    def in_video_frames(self) -> bool:
        """Whether only the video can tell the seconds."""
        return self.unit == "frames" and self.fps is None

    @property
    def per_second(self) -> float | None:
        """How many make a second; 1 for frames of the video itself, None for timecodes."""
        return {"seconds": 1.0, "milliseconds": 1000.0, "frames": self.fps or 1.0}.get(self.unit)

    def read(self, value: object) -> float:
        """Seconds, or a frame number where the times are frames of the video itself.

        Raises TimeFault `bad_time` or `not_finite`.
        """
        if isinstance(value, timedelta):
            return round_s(value.total_seconds())
        if self.unit == "timecode":
            if not isinstance(value, str):
                raise TimeFault("bad_time", f"{value!r} is not a timecode like 01:02:03.500")
            return read_timecode(value)
        number = read_number(parse_number(value), self.unit)
        if self.unit == "milliseconds":
            return milliseconds_to_s(number)
        if self.unit == "frames" and self.fps is not None:
            return read_seconds(frames_to_s(number, self.fps))
        return round_s(number)


@dataclass(frozen=True, slots=True)
class Columns:
    """A column map that fits a file: None where the file has nothing of the kind.

    `split` is the split of rows that name none in `split_column`.
    """

    video: str
    start: Times
    end: Times | None
    duration: Times | None
    text: str | None
    question: str | None
    answer: str | None
    language: str | None
    id: str | None
    split_column: str | None
    split: str

    def names(self) -> list[str]:
        """Every column that is used."""
        values = [getattr(self, field.name) for field in fields(self) if field.name != "split"]
        names = [value.column if isinstance(value, Times) else value for value in values]
        return list(dict.fromkeys(name for name in names if name is not None))


def fit_columns(
    given: Mapping[str, Any], header: Sequence[str], where: str, file_split: str | None
) -> Columns:
    """The map in a source's `columns`, fitted to the columns of the file named `where`.

    `file_split` is the split that the source's YAML states for the file. Raises ColumnMapError on
    an unknown key, a column that is not there (with the nearest name), a unit that is none, or
    when nothing says what happened.
    """
    try:
        plan = config.read_dataclass(ColumnMap, given, f"{where}: columns")
    except RecipeError as exc:
        raise ColumnMapError(str(exc)) from exc
    find = _Finder(plan, given, header, where)
    columns = Columns(
        video=find.must("video", plan.video),
        start=find.must_times("start", plan.start),
        end=None if plan.end is None else find.must_times("end", plan.end),
        duration=find.times("duration", plan.duration),
        text=find.column("text", plan.text),
        question=find.column("question", plan.question),
        answer=find.column("answer", plan.answer),
        language=find.column("language", plan.language),
        id=find.column("id", plan.id),
        split_column=find.split_column(file_split),
        split=find.fixed_split(file_split),
    )
    _check(columns, where, header)
    return columns


class _Finder:
    """Looks the columns of one map up in one header."""

    def __init__(
        self, plan: ColumnMap, given: Mapping[str, Any], header: Sequence[str], where: str
    ) -> None:
        self._plan, self._given, self._header, self._where = plan, given, header, where

    def must(self, key: str, name: str) -> str:
        if name in self._header:
            return name
        advice = "; write `end: null` if there are starts alone" if key == "end" else ""
        raise ColumnMapError(
            f"{self._where}: has no column {name!r} for {key!r}; "
            f"{config.nearest(name, list(self._header))}{advice} "
            "(`streamit sources new` writes a column map that fits)"
        )

    def column(self, key: str, name: str | None) -> str | None:
        if name is None or (key not in self._given and name not in self._header):
            return None
        return self.must(key, name)

    def must_times(self, key: str, source: str | TimeColumn) -> Times:
        spec = TimeColumn(source) if isinstance(source, str) else source
        name = self.must(key, spec.column)
        unit = spec.unit or self._plan.unit
        fps = spec.fps if spec.fps is not None else self._plan.fps
        if unit not in UNITS:
            hint = config.nearest(unit, list(UNITS))
            raise ColumnMapError(f"{self._where}: {unit!r} is no unit of {key!r}; {hint}")
        if fps is not None and not fps > 0:
            raise ColumnMapError(f"{self._where}: fps of {key!r} is {fps!r}; it must be positive")
        return Times(name, unit, fps if unit == "frames" else None)

    def times(self, key: str, source: str | TimeColumn | None) -> Times | None:
        name = source.column if isinstance(source, TimeColumn) else source
        if source is None or self.column(key, name) is None:
            return None
        return self.must_times(key, source)

    def split_column(self, file_split: str | None) -> str | None:
        if isinstance(self._plan.split, SplitColumn):
            return self.must("split", self._plan.split.column)
        decided = "split" in self._given or file_split is not None
        return "split" if not decided and "split" in self._header else None

    def fixed_split(self, file_split: str | None) -> str:
        split = self._plan.split
        if not isinstance(split, str):
            return file_split or "train"
        if split not in (*SPLITS, HASH):
            hint = config.nearest(split, [*SPLITS, HASH])
            raise ColumnMapError(
                f"{self._where}: {split!r} is no split; {hint}, or write split: {{column: NAME}}"
            )
        return split


def _check(columns: Columns, where: str, header: Sequence[str]) -> None:
    if columns.text is None and columns.answer is None:
        raise ColumnMapError(
            f"{where}: no column says what happens: map `text`, or `question` and `answer`; the "
            f"columns are {', '.join(header)}"
        )
    if columns.answer is not None and columns.question is None and columns.text is None:
        raise ColumnMapError(f"{where}: has answers, but no column is mapped to `question`")
    ends = columns.end if columns.end is not None else columns.start
    if columns.start.in_video_frames != ends.in_video_frames:
        raise ColumnMapError(
            f"{where}: only one of start and end counts frames of the video; state `fps`"
        )
    if columns.duration is not None and columns.duration.in_video_frames:
        raise ColumnMapError(f"{where}: a duration in frames needs `fps`")
