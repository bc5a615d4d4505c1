"""Files of clips of web videos: as many rows and videos as were asked for."""

from __future__ import annotations

import csv
import json
from collections import Counter
from pathlib import Path

from benchmarks.web_clips import CLIPS_PER_VIDEO, write_internvid, write_panda


def test_clips_of_a_video_stand_far_from_each_other(tmp_path: Path) -> None:
    assert write_internvid(tmp_path, 3000) == 3000
    lines = (tmp_path / "InternVid-10M-flt.jsonl").read_text().splitlines()
    ids = [json.loads(line)["YoutubeID"] for line in lines]
    assert ids[:1000] == ids[1000:2000] == ids[2000:]
    assert set(Counter(ids).values()) == {CLIPS_PER_VIDEO}


def test_clips_of_one_video_do_not_overlap(tmp_path: Path) -> None:
    write_internvid(tmp_path, 300)
    lines = (tmp_path / "InternVid-10M-flt.jsonl").read_text().splitlines()
    rows = [json.loads(line) for line in lines]
    for video in range(100):
        clips = rows[video::100]
        bounds = [row[f"{at}_timestamp"] for row in clips for at in ("Start", "End")]
        assert bounds == sorted(bounds)


def test_a_row_of_panda_is_a_video(tmp_path: Path) -> None:
    assert write_panda(tmp_path, 50) == 50 * CLIPS_PER_VIDEO
    with (tmp_path / "panda70m_training_2m.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len({row["videoID"] for row in rows}) == 50
    assert {row["timestamp"].count("'00:") for row in rows} == {2 * CLIPS_PER_VIDEO}
