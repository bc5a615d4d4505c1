"""All time arithmetic: exact values where a number is promised, properties for the rest."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamit import timeline
from streamit.record import Clip, Span, Window
from streamit.timeline import TimeFault

TIMES = st.floats(0, 10_000).map(timeline.round_s)
LENGTHS = st.floats(0.01, 100).map(timeline.round_s)
SPANS = st.tuples(TIMES, LENGTHS).map(lambda t: Span(t[0], timeline.round_s(t[0] + t[1])))
FPS = st.sampled_from((0.5, 1.0, 2.0, 3.0, 23.976, 29.97))
CAPS = st.none() | st.integers(1, 300)


def test_float_noise_of_a_corpus_is_rounded_away() -> None:
    assert timeline.round_s(104.53999999999999) == timeline.round_s(104.54) == 104.54


def test_rounding_leaves_no_negative_zero() -> None:
    assert math.copysign(1, timeline.round_s(-1e-9)) == 1


@given(st.floats(-1e9, 1e9))
def test_rounding_twice_is_rounding_once(value: float) -> None:
    assert timeline.round_s(timeline.round_s(value)) == timeline.round_s(value)


# Half microseconds are where two ways to round may differ.
COUNTS = st.floats() | st.floats(0, 1e5) | st.integers(-(10**13), 10**13).map(lambda n: n / 2e6)


@given(st.lists(COUNTS), st.sampled_from((1.0, 1000.0, 24, 29.97, 1e-3)))
def test_many_counts_become_seconds_like_each_alone(counts: list[float], per_second: float) -> None:
    alone = [timeline.round_s(count / per_second) for count in counts]
    many = timeline.counts_to_s(np.array(counts, np.float64), per_second).tolist()
    # As text, 0.0 and -0.0 differ and NaN is itself.
    assert list(map(repr, many)) == [repr(x if math.isfinite(x) else math.nan) for x in alone]


@pytest.mark.parametrize("value", [True, "12", None, [1.0]])
def test_what_is_no_number_is_a_bad_time(value: object) -> None:
    with pytest.raises(TimeFault) as caught:
        timeline.read_seconds(value)
    assert caught.value.reason == "bad_time"


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, 10**400])
def test_what_is_beyond_all_floats_is_not_finite(value: float) -> None:
    with pytest.raises(TimeFault) as caught:
        timeline.read_seconds(value)
    assert caught.value.reason == "not_finite"


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("7", 7.0),
        ("83", 83.0),
        ("1:05", 65.0),
        ("00:01:02.500", 62.5),
        ("01:02:03,25", 3723.25),
        (" 100:00:00 ", 360000.0),
        ("0.000000001", 0.0),
    ],
)
def test_a_timecode_is_read(text: str, seconds: float) -> None:
    assert timeline.read_timecode(text) == seconds


@pytest.mark.parametrize(
    "text", ["", "1:60", "1:60:00", "-1:00", "1:2:3:4", "1.", "12 s", "9" * 400 + ":00:00", "1e3"]
)
def test_anything_else_is_no_timecode(text: str) -> None:
    with pytest.raises(TimeFault) as caught:
        timeline.read_timecode(text)
    assert caught.value.reason == "bad_time"


@given(st.integers(0, 359_999), st.integers(0, 999))
def test_a_timecode_that_was_written_is_read_again(whole: int, ms: int) -> None:
    text = f"{whole // 3600:02d}:{whole // 60 % 60:02d}:{whole % 60:02d}.{ms:03d}"
    assert timeline.read_timecode(text) == timeline.round_s(whole + ms / 1000)


@pytest.mark.parametrize(("value", "seconds"), [("0:01:20.880", 80.88), (80.88, 80.88), (3, 3.0)])
def test_a_clock_shows_timecodes_or_seconds(value: object, seconds: float) -> None:
    assert timeline.read_clock(value) == seconds


@pytest.mark.parametrize("value", [None, "3 s", True, b"0:01", ["0:01"]])
def test_anything_else_is_no_clock(value: object) -> None:
    with pytest.raises(TimeFault) as caught:
        timeline.read_clock(value)
    assert caught.value.reason == "bad_time"


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("PT00H00M17S", 17.0), ("PT1H", 3600.0), ("PT2M0.25S", 120.25), ("PT90M", 5400.0)],
)
def test_an_iso_duration_is_read(text: str, seconds: float) -> None:
    assert timeline.read_iso_duration(text) == seconds


@pytest.mark.parametrize("text", ["", "PT", "17", "P1DT1H", "PT-1S", "PT1S2M", "pt1s", "PT1.S"])
def test_anything_else_is_no_iso_duration(text: str) -> None:
    with pytest.raises(TimeFault) as caught:
        timeline.read_iso_duration(text)
    assert caught.value.reason == "bad_time"


@given(st.integers(0, 99), st.integers(0, 99), st.integers(0, 99))
def test_an_iso_duration_that_was_written_is_read_again(hours: int, minutes: int, s: int) -> None:
    text = f"PT{hours:02d}H{minutes:02d}M{s:02d}S"
    assert timeline.read_iso_duration(text) == hours * 3600 + minutes * 60 + s


def test_a_tag_without_an_end_lasts_until_the_next_later_start() -> None:
    assert timeline.ends_at_next([5.0, 1.0, 5.0, 9.0]) == [9.0, 5.0, 9.0, None]


def test_a_number_in_another_unit_names_it() -> None:
    assert timeline.read_number(12, "frames") == 12.0
    with pytest.raises(TimeFault, match="'12' is not a number of frames"):
        timeline.read_number("12", "frames")


def test_ticks_of_a_container_count_from_its_start() -> None:
    assert timeline.ticks_to_s(177_300, 1, 90_000, zero_s=1.47) == 0.5


def test_the_average_rate_of_a_stretch_without_length_is_0() -> None:
    assert timeline.average_fps(250, 1.5, 11.5) == 25.0
    assert timeline.average_fps(1, 1.5, 1.5) == 0.0


@given(st.integers(1, 500), st.integers(1, 2_000_000))
def test_even_times_are_whole_steps(count: int, step_us: int) -> None:
    times_s = timeline.even_times(count, step_us)
    assert [timeline.to_microseconds(t) for t in times_s] == [i * step_us for i in range(count)]


@pytest.mark.parametrize(
    ("duration_s", "fps", "max_frames", "step_s"),
    [(100.0, 1.0, 256, 1.0), (512.0, 1.0, 256, 2.0), (512.0, 2.0, None, 0.5), (None, 2.0, 4, 0.5)],
)
def test_the_step_is_the_longer_of_rate_and_cap(
    duration_s: float | None, fps: float, max_frames: int | None, step_s: float
) -> None:
    assert timeline.step_of(duration_s, fps, max_frames) == step_s


def test_samples_follow_the_rate_until_the_cap_bites() -> None:
    assert timeline.sample_times(3.2, 1.0, 256) == [0.0, 1.0, 2.0, 3.0]
    assert timeline.sample_times(3.0, 1.0, 256) == [0.0, 1.0, 2.0]
    assert timeline.sample_times(10.0, 1.0, 4) == [0.0, 2.5, 5.0, 7.5]
    assert timeline.sample_times(0.2, 1.0, None) == [0.0]
    assert timeline.sample_times(0.0, 1.0, None) == []


@given(TIMES, FPS, CAPS)
def test_samples_increase_inside_the_video_and_are_counted_without_making_them(
    duration_s: float, fps: float, max_frames: int | None
) -> None:
    times_s = timeline.sample_times(duration_s, fps, max_frames)
    assert len(times_s) == timeline.len_samples(duration_s, fps, max_frames)
    assert max_frames is None or len(times_s) <= max_frames
    assert all(a < b for a, b in itertools.pairwise(times_s))
    # i/fps lies before the end, but rounded to the microsecond it may be the end.
    assert all(0 <= time_s <= duration_s for time_s in times_s)


@given(SPANS, FPS, CAPS, st.floats(0.001, 10_000).map(timeline.round_s))
def test_a_span_holds_a_sample_when_one_of_them_lies_in_it(
    span: Span, fps: float, max_frames: int | None, duration_s: float
) -> None:
    times_s = timeline.sample_times(duration_s, fps, max_frames)
    holds = any(timeline.covers(span, time_s) for time_s in times_s)
    assert timeline.holds_sample(span, duration_s, fps, max_frames) == holds


def test_a_time_takes_the_last_frame_shown_at_or_before_it() -> None:
    assert timeline.pick_shown([0.5, 1.0, 1.4, 2.2], [0.0, 1.0, 2.0, 3.0]) == [0, 1, 2, 3]


def test_a_frame_is_taken_once_and_none_from_an_empty_video() -> None:
    assert timeline.pick_shown([0.0, 5.0], [0.0, 1.0, 2.0, 5.0, 6.0]) == [0, 1]
    assert timeline.pick_shown([], [0.0, 1.0]) == []


@given(st.sets(TIMES, min_size=1).map(sorted), st.lists(TIMES).map(sorted))
def test_picked_frames_are_shown_at_their_time(pts_s: list[float], times_s: list[float]) -> None:
    picked = timeline.pick_shown(pts_s, times_s)
    wanted = [max((i for i, p in enumerate(pts_s) if p <= t), default=0) for t in times_s]
    assert [timeline.index_shown(pts_s, t) for t in times_s] == wanted
    assert picked == sorted(set(wanted))
    assert all(timeline.is_shown_by(pts_s[i], max(times_s)) for i in picked if i > 0)


def test_text_follows_the_first_sample_at_or_after_it() -> None:
    places = [timeline.delay_to_sample(t, [0.0, 1.0, 2.0]) for t in (0.0, 0.1, 1.0, 2.0, 2.7)]
    assert places == [0, 1, 1, 2, 2]


@pytest.mark.parametrize(
    ("start_s", "end_s", "span", "adjusted"),
    [
        (1.0, 2.0, Span(1.0, 2.0), None),
        (-0.5, 2.0, Span(0.0, 2.0), "clamped_start"),
        (9.0, 10.01, Span(9.0, 10.0), "clamped_end"),
        (9.0, 11.0, Span(9.0, 10.0), "clamped_end"),
    ],
)
def test_what_sticks_out_a_little_is_clamped(
    start_s: float, end_s: float, span: Span, adjusted: str | None
) -> None:
    assert timeline.fit_span(start_s, end_s, 10.0, tolerance_s=1.0) == (span, adjusted)


@pytest.mark.parametrize(
    ("start_s", "end_s", "reason"),
    [
        (2.0, 1.0, "reversed"),
        (1.0, 1.0, "zero_length"),
        (-2.0, 1.0, "before_start"),
        (-1.0, 0.0, "before_start"),
        (9.0, 11.1, "past_end"),
        (10.0, 10.5, "past_end"),
    ],
)
def test_what_cannot_be_used_has_a_reason(start_s: float, end_s: float, reason: str) -> None:
    with pytest.raises(TimeFault) as caught:
        timeline.fit_span(start_s, end_s, 10.0, tolerance_s=1.0)
    assert caught.value.reason == reason


@given(st.floats(-5, 120), st.floats(-5, 120), st.none() | LENGTHS, st.floats(0, 2))
def test_a_fitted_span_lies_in_the_video_and_is_close_to_what_was_given(
    start_s: float, end_s: float, duration_s: float | None, tolerance_s: float
) -> None:
    try:
        span, adjusted = timeline.fit_span(start_s, end_s, duration_s, tolerance_s)
    except TimeFault:
        return
    assert 0 <= span.start_s < span.end_s <= (duration_s or math.inf)
    assert abs(span.start_s - start_s) <= tolerance_s + 1e-6
    assert abs(span.end_s - end_s) <= tolerance_s + 1e-6
    assert (adjusted is None) == (span == Span(start_s, end_s))


def test_groups_are_greedy_from_the_earliest_and_never_chain() -> None:
    spans = [Span(0, 2.0), Span(1, 1.0), Span(0, 1.8), Span(0, 2.5)]
    assert timeline.group_by_end(spans, 1.0) == [[1, 2, 0], [3]]


@given(st.lists(SPANS), st.floats(0.1, 50))
def test_groups_take_every_span_once_within_one_step(spans: list[Span], step_s: float) -> None:
    groups = timeline.group_by_end(spans, step_s)
    assert sorted(itertools.chain(*groups)) == list(range(len(spans)))
    firsts = [spans[group[0]].end_s for group in groups]
    for group, first_s in zip(groups, firsts, strict=True):
        assert all(spans[i].end_s - first_s <= step_s + 1e-6 for i in group)
    assert all(b - a > step_s - 1e-6 for a, b in itertools.pairwise(firsts))


@given(st.lists(TIMES), LENGTHS)
def test_stretches_cover_the_stream_and_are_cut_at_every_time(
    times_s: list[float], end_s: float
) -> None:
    stretches = timeline.cut_stretches(times_s, end_s)
    assert stretches[0].start_s == 0
    assert stretches[-1].end_s == end_s
    assert all(a.end_s == b.start_s for a, b in itertools.pairwise(stretches))
    assert all(s.start_s < s.end_s for s in stretches)
    assert {t for t in times_s if 0 < t < end_s} <= {s.end_s for s in stretches}


@pytest.mark.parametrize(
    ("answer_s", "next_s", "end_s", "window"),
    [
        (10.0, None, 60.0, Window(9.0, 13.0)),
        (10.0, 11.5, 60.0, Window(9.0, 11.5)),
        (10.0, None, 12.0, Window(9.0, 12.0)),
        (14.0, None, 60.0, Window(9.0, 14.0)),
        (10.0, 10.0, 60.0, Window(9.0, 10.0)),
    ],
)
def test_the_window_ends_with_slack_the_next_answer_or_the_stream(
    answer_s: float, next_s: float | None, end_s: float, window: Window
) -> None:
    assert timeline.answer_window(Span(8.0, 10.0), answer_s, next_s, end_s) == window


@given(SPANS, TIMES, st.none() | TIMES, TIMES)
def test_the_window_always_holds_the_answer(
    evidence: Span, answer_s: float, next_s: float | None, end_s: float
) -> None:
    window = timeline.answer_window(evidence, answer_s, next_s, end_s)
    assert window.earliest_s <= answer_s <= window.latest_s


@given(SPANS, SPANS, TIMES)
def test_stretches_overlap_when_they_share_an_instant(one: Span, other: Span, t: float) -> None:
    latest_start_s = max(one.start_s, other.start_s)
    shared = timeline.covers(one, latest_start_s) and timeline.covers(other, latest_start_s)
    assert timeline.overlaps_any(one, [other]) == timeline.overlaps_any(other, [one]) == shared
    assert timeline.overlaps_any(one, [other]) or not (
        timeline.covers(one, t) and timeline.covers(other, t)
    )


@given(TIMES, st.lists(SPANS))
def test_a_time_is_covered_by_any_span(time_s: float, spans: list[Span]) -> None:
    covered = any(timeline.covers(span, time_s) for span in spans)
    assert timeline.is_covered(time_s, spans) == covered


@given(st.lists(TIMES), st.lists(SPANS))
def test_times_outside_are_those_in_no_span(times_s: list[float], spans: list[Span]) -> None:
    outside = [i for i, t in enumerate(times_s) if not any(timeline.covers(s, t) for s in spans)]
    assert timeline.find_outside(times_s, spans) == outside


def test_a_clip_ends_where_its_length_reaches() -> None:
    assert timeline.clip_end(Clip("a.mp4", None, None, 2.0, 6.5, 7.5)) == 12.0
    assert timeline.clip_end(Clip("a.mp4", None, None, 2.0, None, 7.5)) is None


@pytest.mark.parametrize(("time_s", "clock"), [(83.4, "1:23.4"), (0, "0:00.0"), (59.96, "1:00.0")])
def test_a_clock_is_for_people(time_s: float, clock: str) -> None:
    assert timeline.format_clock(time_s) == clock


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


@given(TIMES, LENGTHS, st.floats(-1, 2), st.floats(-1, 2), st.integers(1, 200))
def test_every_stretch_touches_at_least_one_cell_and_none_beyond(
    start_s: float, length_s: float, begin: float, end: float, n_cells: int
) -> None:
    whole = Span(start_s, timeline.round_s(start_s + length_s))
    begin, end = sorted((begin, end))
    cells = timeline.cells_touched(
        start_s + begin * length_s, start_s + end * length_s, whole, n_cells
    )
    assert 0 <= cells[0] <= cells[-1] < n_cells


def test_cells_are_half_open_as_stretches_are() -> None:
    whole = Span(10.0, 20.0)
    assert timeline.cells_touched(10.0, 12.0, whole, 5) == range(1)
    assert timeline.cells_touched(12.0, 14.5, whole, 5) == range(1, 3)
    assert timeline.cells_touched(14.0, 14.0, whole, 5) == range(2, 3)
    assert timeline.cells_touched(20.0, 20.0, whole, 5) == range(4, 5)


def test_a_length_is_exact_to_the_microsecond() -> None:
    assert timeline.length_s(0.1, 0.3) == 0.2


def test_three_in_ninety_seconds_are_two_per_minute() -> None:
    assert timeline.per_minute(3, 90.0) == 2.0


@pytest.mark.parametrize(
    ("end_s", "step_s", "start_s"),
    [(10.0, 1.0, 9.0), (0.4, 1.0, 0.0), (0.0, 1.0, -1.0), (-2.0, 1.0, -3.0), (10.3, 0.1, 10.2)],
)
def test_step_before(end_s: float, step_s: float, start_s: float) -> None:
    assert timeline.step_before(end_s, step_s) == start_s


def test_a_frame_leaves_the_screen_when_the_next_one_comes() -> None:
    assert timeline.frame_end_s(23_975, 23.976) == timeline.frames_to_s(23_976, 23.976) == 1000.0


def test_cells_of_a_second_are_both_in_the_stretch() -> None:
    assert timeline.read_second_cells(9, 9) == (9.0, 10.0)
    assert timeline.read_second_cells(0, 179) == (0.0, 180.0)


@given(st.integers(-10, 200), st.integers(-10, 200))
def test_a_stretch_of_cells_is_as_long_as_there_are_cells(first: int, last: int) -> None:
    if first > last:
        with pytest.raises(TimeFault) as caught:
            timeline.read_second_cells(first, last)
        assert caught.value.reason == "reversed"
    else:
        assert timeline.length_s(*timeline.read_second_cells(first, last)) == last - first + 1


@given(TIMES, LENGTHS)
def test_a_step_before_an_instant_ends_there_and_starts_in_the_stream(
    end_s: float, step_s: float
) -> None:
    start_s = timeline.step_before(end_s, step_s)
    assert start_s < end_s or end_s == 0
    if end_s > 0:
        assert start_s == max(timeline.round_s(end_s - step_s), 0.0)


@given(TIMES, LENGTHS, LENGTHS)
def test_the_first_step_of_a_span_lies_in_it(
    start_s: float, length_s: float, step_s: float
) -> None:
    span = Span(start_s, timeline.round_s(start_s + length_s))
    first = timeline.first_step(span, step_s)
    assert first.start_s == span.start_s
    assert first.start_s < first.end_s <= span.end_s
    assert first.end_s in (span.end_s, timeline.round_s(start_s + step_s))


@given(TIMES, st.floats(0.001, 1000).map(timeline.round_s), LENGTHS)
def test_a_step_into_a_span_leaves_half_of_it(
    start_s: float, length_s: float, step_s: float
) -> None:
    span = Span(start_s, timeline.round_s(start_s + length_s))
    time_s = timeline.step_into(span, step_s)
    assert start_s < time_s or step_s < 1e-6
    assert time_s == min(timeline.round_s(start_s + step_s), timeline.point_in(span, 0.5))
    assert time_s - start_s <= length_s / 2 + 1e-6


@pytest.mark.parametrize(
    ("duration_s", "bucket"),
    [
        (None, None),
        (0.0, None),
        (0.5, -1),
        (1.0, 0),
        (7.999999, 2),
        (8.0, 3),
        (15.999999, 3),
        (16.0, 4),
    ],
)
def test_bounds_of_length_buckets_double(duration_s: float | None, bucket: int | None) -> None:
    assert timeline.length_bucket(duration_s) == bucket


@given(st.floats(0.01, 1e5), st.floats(0.01, 1e5))
def test_videos_of_one_bucket_are_less_than_twice_as_long(one_s: float, other_s: float) -> None:
    if timeline.length_bucket(one_s) == timeline.length_bucket(other_s):
        assert 0.5 < one_s / other_s < 2


@given(st.lists(TIMES, unique=True, max_size=40).map(sorted), TIMES, TIMES, st.integers(0, 100))
def test_the_last_percent_are_the_last_times_in_the_stretch(
    times_s: list[float], start_s: float, end_s: float, percent: int
) -> None:
    inside = [i for i, time_s in enumerate(times_s) if start_s <= time_s < end_s]
    wanted = -(-len(inside) * percent // 100)
    chosen = list(timeline.last_percent(times_s, start_s, end_s, percent))
    assert chosen == inside[len(inside) - wanted :]


def test_a_constant_rate_has_no_bends() -> None:
    """Also where the container rounds its times, to milliseconds in Matroska."""
    starts_s = [round(i * 1001 / 24000, 3) for i in range(20_000)]
    assert timeline.find_bends(starts_s, round(20_000 * 1001 / 24000, 3)) == ()


def test_a_rate_that_changes_bends_there() -> None:
    starts_s = [*(i / 10 for i in range(50)), *(5 + i / 2 for i in range(20))]
    bends = timeline.find_bends(starts_s, 15.0)
    assert bends == ((0, 0.0), (50, 5.0), (70, 15.0))
    times_s = [timeline.bent_frames_to_s(frame, bends) for frame in (0, 25, 50, 50.5, 51, 70, 72)]
    assert times_s == [0.0, 2.5, 5.0, 5.25, 5.5, 15.0, 16.0]


def test_a_video_that_starts_late_bends_at_its_start() -> None:
    bends = timeline.find_bends([1.5, 1.75, 2.0], 2.25)
    assert bends == ((0, 1.5), (3, 2.25))
    assert timeline.bent_frames_to_s(1, bends) == 1.75
    assert timeline.bent_frames_to_s(-2, bends) == 1.0


@given(st.lists(st.floats(0.01, 4).map(timeline.round_s), min_size=1, max_size=60))
def test_frames_between_bends_are_off_by_a_quarter_of_a_frame_at_most(gaps_s: list[float]) -> None:
    times_s = [timeline.round_s(t) for t in itertools.accumulate(gaps_s, initial=0.0)]
    bends = timeline.find_bends(times_s[:-1], times_s[-1]) or ((0, 0.0), (len(gaps_s), times_s[-1]))
    slack_s = times_s[-1] / len(gaps_s) / 4
    for frame, time_s in enumerate(times_s):
        assert abs(timeline.bent_frames_to_s(frame, bends) - time_s) <= slack_s + 1e-6


FRAMES = st.lists(TIMES, unique=True, min_size=1, max_size=40).map(sorted)


@given(FRAMES, SPANS, st.lists(st.floats(0, 1), max_size=20).map(sorted))
def test_a_clip_shows_only_frames_that_start_within_it(
    pts_s: list[float], clip: Span, shares: list[float]
) -> None:
    times_s = [timeline.point_in(clip, share) for share in shares]
    inside = [pts for pts in pts_s if clip.start_s <= pts < clip.end_s]
    picked = timeline.pick_shown_within(pts_s, clip.start_s, clip.end_s, times_s)
    if inside and times_s:
        wanted = [max((p for p in inside if p <= t), default=inside[0]) for t in times_s]
        assert [pts_s[i] for i in picked] == list(dict.fromkeys(wanted))


def test_a_clip_without_a_frame_of_its_own_shows_what_is_on_the_screen() -> None:
    pts_s = [0.0, 4.0, 8.0]
    assert timeline.pick_shown_within(pts_s, 5.0, 7.0, [5.0, 6.0]) == [1]
    assert timeline.pick_shown_within(pts_s, 4.0, 8.0, [4.0, 7.9]) == [1]
    assert timeline.pick_shown_within(pts_s, 3.9, 8.1, [3.9, 4.5, 8.05]) == [1, 2]
    assert timeline.pick_shown_within([], 0.0, 1.0, [0.0]) == []


def test_the_last_frame_before_a_time_does_not_start_at_it() -> None:
    pts_s = [1.0, 2.0, 3.0]
    wanted = [(0.5, 0), (2.0, 0), (2.0000004, 0), (2.000001, 1), (9.0, 2)]
    assert [(t, timeline.index_before(pts_s, t)) for t, _ in wanted] == wanted


@given(TIMES, TIMES, TIMES)
def test_rebasing_there_and_back_changes_nothing(time_s: float, from_s: float, to_s: float) -> None:
    there_s = timeline.rebase(time_s, from_s, to_s)
    assert timeline.rebase(there_s, to_s, from_s) == time_s
    assert abs((there_s - to_s) - (time_s - from_s)) < 1e-6


@given(st.lists(TIMES, max_size=40).map(sorted), st.lists(LENGTHS, min_size=1, max_size=12))
def test_every_time_belongs_to_the_stretch_it_lies_in(
    times_s: list[float], lengths_s: list[float]
) -> None:
    starts_s = [span.start_s for span in timeline.lay_out((0.0, length) for length in lengths_s)]
    shares = timeline.share_times(times_s, starts_s)
    assert [time_s for share in shares for time_s in share] == times_s
    for start_s, stop_s, share in zip(starts_s, [*starts_s[1:], math.inf], shares, strict=True):
        assert all(start_s <= time_s < stop_s for time_s in share)
