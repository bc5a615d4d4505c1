import math
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamit.convert.activation import frame_labels
from streamit.record import Span
from streamit.timeline import sample_times

SECONDS = sample_times(12.0, 1.0, None)


@pytest.mark.parametrize(
    ("percent", "positive"),
    [(0, []), (0.001, [5]), (25, [5]), (26, [4, 5]), (50, [4, 5]), (51, [3, 4, 5])],
)
def test_the_last_percent_of_the_frames_of_a_span_are_positive(percent, positive):
    labels = frame_labels(SECONDS, [Span(2.0, 6.0)], percent)
    assert np.flatnonzero(labels).tolist() == positive


def test_labels_are_int8_and_one_per_frame():
    labels = frame_labels(SECONDS, [(2.0, 6.0)], 50)
    assert (labels.dtype, labels.shape) == (np.int8, (12,))
    assert set(labels.tolist()) == {0, 1}


def test_spans_are_half_open():
    assert np.flatnonzero(frame_labels(SECONDS, [(2.0, 6.0)], 100)).tolist() == [2, 3, 4, 5]
    assert np.flatnonzero(frame_labels(SECONDS, [(2.1, 6.1)], 100)).tolist() == [3, 4, 5, 6]


def test_each_span_is_measured_by_itself_and_overlapping_ones_are_united():
    labels = frame_labels(SECONDS, [(0.0, 4.0), (2.0, 5.0), (8.0, 10.0)], 50)
    assert np.flatnonzero(labels).tolist() == [2, 3, 4, 9]


@pytest.mark.parametrize("span", [(3.2, 3.8), (-4.0, -1.0), (12.0, 20.0), (6.0, 2.0)])
def test_a_span_without_a_frame_has_none(span):
    assert not frame_labels(SECONDS, [span], 100).any()


def test_no_frames_and_no_spans_are_fine():
    assert frame_labels([], [(0.0, 5.0)], 50).tolist() == []
    assert frame_labels(SECONDS, [], 50).tolist() == [0] * 12


@pytest.mark.parametrize(
    ("percent", "count", "positive"),
    [(7, 100, 7), (14, 50, 7), (28, 25, 7), (29, 100, 29), (0.1, 1000, 1), (1e-10, 5, 1)],
)
def test_floats_make_no_frame_more(percent, count, positive):
    """7 / 100 * 100 is 7.000000000000001 in floats, and its ceiling 8."""
    labels = frame_labels([float(i) for i in range(count)], [(0.0, float(count))], percent)
    assert labels.sum() == positive


def test_floats_would_make_a_frame_more():
    assert math.ceil(7 / 100 * 100) == 8


@pytest.mark.parametrize("percent", [-1, 100.1, float("nan")])
def test_a_percentage_out_of_range_is_refused(percent):
    with pytest.raises(ValueError, match="between 0 and 100"):
        frame_labels(SECONDS, [(2.0, 6.0)], percent)


TIMES = st.lists(st.integers(0, 400), unique=True, max_size=60).map(
    lambda ticks: [tick / 4 for tick in sorted(ticks)]
)
SPANS = st.lists(st.tuples(st.floats(-5, 110), st.floats(-5, 110)), max_size=4)
PERCENTS = st.integers(0, 100) | st.floats(0, 100) | st.decimals(0, 100, places=2).map(float)


@given(TIMES, SPANS, PERCENTS)
def test_labels_are_those_of_the_definition(times_s, spans, percent):
    """Counted one by one; the percentage means what it says in decimals."""
    expected = [0] * len(times_s)
    for start_s, end_s in spans:
        inside = [i for i, time_s in enumerate(times_s) if start_s <= time_s < end_s]
        wanted = math.ceil(Decimal(str(percent)) * len(inside) / 100)
        for i in inside[len(inside) - wanted :]:
            expected[i] = 1
    assert frame_labels(times_s, spans, percent).tolist() == expected
