"""Rows come back by video, in their order, without standing together."""

from __future__ import annotations

import random

import pytest

from streamit.readers.gather import VideoRow, VideoRows


def test_rows_of_a_video_come_together_in_their_order() -> None:
    rows = [VideoRow(f"v{n % 7}", n, f"row {n}", start_s=float(n)) for n in range(70)]
    shuffled = random.Random(0).sample(rows, len(rows))
    with VideoRows() as gathered:
        for row in shuffled:
            gathered.add(row)
        videos = list(gathered.videos())
    assert [[row.video_id for row in video] for video in videos] == [
        [f"v{k}"] * 10 for k in range(7)
    ]
    assert sorted((row for video in videos for row in video), key=lambda row: row.number) == rows


@pytest.mark.parametrize("video_id", ["", "视频/1", "a'b\"c", "-", "%s;--"])
def test_what_goes_in_comes_out(video_id: str) -> None:
    row = VideoRow(video_id, 3, "x", "test", "de", 0.25, None, 9.0, "Text.", "Why?", "bad", "No.")
    with VideoRows() as gathered:
        gathered.add(row)
        assert list(gathered.videos()) == [[row]]
