"""A column map says what it does not understand, and what it meant instead."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamit.errors import ColumnMapError
from streamit.readers.column_map import Columns, Times, fit_columns
from streamit.timeline import TimeFault

HEADER = ("video", "start", "end", "text")


def fit(header: tuple[str, ...] = HEADER, **given: Any) -> Columns:
    return fit_columns(given, header, "my.csv", None)


def test_what_is_left_out_is_the_column_of_that_name() -> None:
    columns = fit((*HEADER, "question", "answer", "duration", "language", "id", "split"))
    assert columns.names() == [
        *("video", "start", "end", "duration", "text", "question", "answer", "language"),
        *("id", "split"),
    ]


def test_columns_that_are_not_there_are_off() -> None:
    columns = fit()
    assert columns.names() == ["video", "start", "end", "text"]
    assert (columns.duration, columns.question, columns.split_column) == (None, None, None)


def test_null_switches_a_column_off() -> None:
    columns = fit((*HEADER, "question"), question=None, end=None)
    assert columns.names() == ["video", "start", "text"]


@pytest.mark.parametrize(
    ("header", "given", "message"),
    [
        (("vid", "start", "end", "text"), {}, "has no column 'video' for 'video'; .* 'vid'"),
        (HEADER, {"text": "txet"}, "has no column 'txet' for 'text'; did you mean 'text'"),
        (HEADER, {"question": "question"}, "has no column 'question'"),
        (("video", "start", "text"), {}, "write `end: null` if there are starts alone"),
        (("video", "start", "end"), {}, "map `text`, or `question` and `answer`"),
        (("video", "start", "end", "answer"), {}, "no column is mapped to `question`"),
        (HEADER, {"txt": "text"}, "unknown key 'txt'; did you mean 'text'"),
        (HEADER, {"unit": "hours"}, "'hours' is no unit of 'start'"),
        (HEADER, {"start": {"colum": "start"}}, "unknown key 'colum'"),
        (HEADER, {"unit": "frames", "fps": 0}, "fps of 'start' is 0.0"),
        (HEADER, {"start": {"column": "start", "unit": "frames"}}, "only one of start and end"),
        ((*HEADER, "duration"), {"unit": "frames"}, "a duration in frames needs `fps`"),
        (HEADER, {"split": "trian"}, "'trian' is no split; did you mean 'train'"),
        (HEADER, {"split": {"column": "fold"}}, "has no column 'fold' for 'split'"),
        (HEADER, {"video": 3}, "3 is not of type str"),
    ],
)
def test_a_map_that_does_not_fit(
    header: tuple[str, ...], given: dict[str, Any], message: str
) -> None:
    with pytest.raises(ColumnMapError, match=message) as caught:
        fit(header, **given)
    assert str(caught.value).startswith("my.csv: ")


def test_a_rate_belongs_to_frames_alone() -> None:
    columns = fit(unit="frames", fps=25, end={"column": "end", "unit": "seconds"})
    assert columns.start == Times("start", "frames", 25.0)
    assert columns.end == Times("end", "seconds", None)


@pytest.mark.parametrize(
    ("unit", "value", "seconds"),
    [
        ("seconds", " 1.5 ", 1.5),
        ("seconds", "+.5", 0.5),
        ("seconds", "-2", -2.0),
        ("seconds", "1e-3", 0.001),
        ("seconds", 3, 3.0),
        ("milliseconds", "1234.5", 1.2345),
        ("timecode", " 01:02:03.5 ", 3723.5),
        ("milliseconds", timedelta(seconds=2), 2.0),
    ],
)
def test_times_are_read_in_their_unit(unit: str, value: object, seconds: float) -> None:
    assert Times("t", unit, None).read(value) == seconds


@pytest.mark.parametrize(
    ("unit", "value", "reason"),
    [
        ("seconds", "", "bad_time"),
        ("seconds", None, "bad_time"),
        ("seconds", "12s", "bad_time"),
        ("seconds", "1_000", "bad_time"),
        ("seconds", "\u0661\u0662", "bad_time"),
        ("seconds", "0x10", "bad_time"),
        ("seconds", True, "bad_time"),
        ("seconds", "NaN", "not_finite"),
        ("milliseconds", "-inf", "not_finite"),
        ("timecode", 12.5, "bad_time"),
        ("timecode", "1:75", "bad_time"),
        ("timecode", "", "bad_time"),
    ],
)
def test_times_that_are_none(unit: str, value: object, reason: str) -> None:
    with pytest.raises(TimeFault) as caught:
        Times("t", unit, None).read(value)
    assert caught.value.reason == reason


@given(st.text() | st.floats() | st.integers() | st.none() | st.binary())
def test_any_value_is_read_or_refused(value: object) -> None:
    for unit in ("seconds", "milliseconds", "frames", "timecode"):
        try:
            assert isinstance(
                Times("t", unit, 30.0 if unit == "frames" else None).read(value), float
            )
        except TimeFault as fault:
            assert fault.reason in ("bad_time", "not_finite")  # noqa: PT017


def test_a_frame_beyond_all_seconds_is_not_finite() -> None:
    with pytest.raises(TimeFault, match="not finite"):
        Times("t", "frames", 0.5).read(1e308)
