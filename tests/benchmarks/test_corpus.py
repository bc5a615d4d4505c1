"""The synthetic corpus is always the same, and of the size that was asked for."""

from __future__ import annotations

import json

from benchmarks.corpus import write_corpus


def test_counts_are_exact(tmp_path):
    n_events = write_corpus(tmp_path, 50)
    videos = json.loads((tmp_path / "train.json").read_text())
    assert len(videos) == 50
    assert sum(len(video["timestamps"]) for video in videos.values()) == n_events


def test_two_runs_write_the_same_bytes(tmp_path):
    for name in ("one", "two"):
        write_corpus(tmp_path / name, 20)
    assert (tmp_path / "one/train.json").read_bytes() == (tmp_path / "two/train.json").read_bytes()
