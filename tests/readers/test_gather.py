"""Rows come back by video, in their order, without standing together."""

from __future__ import annotations

import random

import pytest

from streamit.readers.gather import RowsByVideo


def test_rows_of_a_video_come_together_in_the_order_of_the_file() -> None:
    rows = [(f"v{n % 7}", n) for n in range(7000)]
    random.Random(0).shuffle(rows)
    with RowsByVideo[int]() as gathered:
        for video_id, n in rows:
            gathered.add(video_id, n)
        videos = list(gathered.videos())
    assert videos == [
        (name, [n for video_id, n in rows if video_id == name])
        for name in (f"v{k}" for k in range(7))
    ]


@pytest.mark.parametrize("video_id", ["", "视频/1", "a'b\"c", "-", "%s;--"])
def test_what_goes_in_comes_out(video_id: str) -> None:
    row = (3, "x", None, 0.25, ("Text.", "Why?"))
    with RowsByVideo[tuple[object, ...]]() as gathered:
        gathered.add(video_id, row)
        assert list(gathered.videos()) == [(video_id, [row])]
