"""D1 and P1, while records stream by."""

from __future__ import annotations

from streamit.dataset_rules import DatasetRules, source_videos
from streamit.rules import Problem
from tests.factories import joined, multi_turn, video


def test_d1_an_id_is_seen_once() -> None:
    rules = DatasetRules()
    assert rules.see("a/b/c/0", ("c",), "train") == []
    assert rules.see("a/b/c/1", ("c",), "train") == []
    assert rules.see("a/b/c/0", ("c",), "train") == [
        Problem("D1", "a/b/c/0", "is the id of an earlier record too")
    ]


def test_p1_a_video_is_in_one_split_whatever_it_is_called() -> None:
    rules = DatasetRules()
    names = [
        ("v_dSwPbDXhSfw", "test"),
        ("dSwPbDXhSfw_60.0_210.0", "test"),
        ("how_to/dSwPbDXhSfw.mp4", "train"),
    ]
    found = []
    for n, (name, split) in enumerate(names):
        built = multi_turn(id=f"a/b/c/{n}", video=video(id=name), split=split)
        found.append(rules.see(built.id, source_videos(built), built.split))
    assert [[problem.rule for problem in problems] for problems in found] == [[], [], ["P1"]]
    assert found[2][0].where == "a/b/c/2"


def test_p1_looks_at_every_clip_of_a_joined_stream() -> None:
    assert source_videos(joined()) == ("a/first", "b/second")
    assert source_videos(multi_turn()) == ("demo0000001",)
