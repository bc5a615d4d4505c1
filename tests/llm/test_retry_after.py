"""Retry-After as seconds, milliseconds or a date."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamit.llm.retry_after import MAX_BACKOFF_S, choose_backoff, read_retry_after

NOW_S = 1_700_000_000.0  # Tue, 14 Nov 2023 22:13:20 GMT


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, None),
        ({"retry-after": "3"}, 3.0),
        ({"retry-after": "0.5"}, 0.5),
        ({"retry-after": "-1"}, 0.0),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after-ms": "250", "retry-after": "9"}, 0.25),
        ({"retry-after": "Tue, 14 Nov 2023 22:13:50 GMT"}, 30.0),
        ({"retry-after": "Tue, 14 Nov 2023 22:13:00 GMT"}, 0.0),
        ({"retry-after": "Tue, 14 Nov 2023 99:13:00 GMT"}, None),
    ],
)
def test_what_the_header_asks_for(headers, expected):
    assert read_retry_after(headers, NOW_S) == expected


@given(st.text())
def test_any_other_header_is_a_wait_or_none(value):
    wait = read_retry_after({"retry-after": value}, NOW_S)
    assert wait is None or wait >= 0


@given(st.floats(0, 10), st.integers(1, 500))
def test_waits_double_up_to_the_longest(base_s, n_failures):
    full = min(base_s * 2 ** (n_failures - 1), MAX_BACKOFF_S)
    assert 0.75 * full <= choose_backoff(base_s, n_failures) <= full
