from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from streamit import timeline
from streamit.record import Span

TIMES = st.floats(0, 10_000).map(timeline.round_s)
LENGTHS = st.floats(0.01, 100).map(timeline.round_s)


@given(st.lists(st.tuples(st.floats(0, 50), LENGTHS), min_size=1))
def test_stretches_with_gaps_follow_each_other(rows: list[tuple[float, float]]) -> None:
    spans = timeline.lay_out(rows)
    assert len(spans) == len(rows)
    assert all(a.end_s <= b.start_s for a, b in itertools.pairwise(spans))
    for span, (_, length_s) in zip(spans, rows, strict=True):
        assert timeline.round_s(span.end_s - span.start_s) == length_s


def test_a_negative_gap_makes_stretches_overlap() -> None:
    assert timeline.lay_out([(3.0, 2.5), (-1.0, 1.6), (0.4, 1.0)]) == [
        Span(3.0, 5.5),
        Span(4.5, 6.1),
        Span(6.5, 7.5),
    ]


@given(TIMES, LENGTHS, st.floats(0, 1))
def test_the_point_in_a_span_is_where_its_share_has_passed(
    start_s: float, length_s: float, fraction: float
) -> None:
    span = Span(start_s, timeline.round_s(start_s + length_s))
    time_s = timeline.point_in(span, fraction)
    assert span.start_s <= time_s <= span.end_s
    assert abs(timeline.fraction_passed(span, time_s) - fraction) <= 2e-6 / length_s


def test_nothing_has_passed_before_a_span_and_all_from_its_end_on() -> None:
    span = Span(2.0, 4.0)
    assert [timeline.fraction_passed(span, t) for t in (0, 2, 3, 4, 9)] == [0, 0, 0.5, 1, 1]


@given(TIMES, LENGTHS, st.floats(0, 5), st.floats(0, 5))
def test_a_widened_span_holds_the_old_one_and_starts_at_0_at_the_earliest(
    start_s: float, length_s: float, before_s: float, after_s: float
) -> None:
    span = Span(start_s, timeline.round_s(start_s + length_s))
    wide = timeline.widen(span, before_s, after_s)
    assert 0 <= wide.start_s <= span.start_s
    assert span.end_s <= wide.end_s


@given(TIMES, st.sampled_from((10, 12, 25, 29.97)))
def test_the_first_frame_from_an_instant_is_the_nearest_that_is_not_before_it(
    time_s: float, fps: float
) -> None:
    frame = timeline.first_frame_from(time_s, fps)
    assert timeline.frames_to_s(frame, fps) >= time_s - 1e-6
    assert frame == 0 or timeline.frames_to_s(frame - 1, fps) < time_s


@given(st.integers(0, 10**8))
def test_milliseconds_come_back(time_ms: int) -> None:
    assert timeline.s_to_milliseconds(timeline.milliseconds_to_s(time_ms)) == time_ms
