from __future__ import annotations

import re
from collections import Counter

import pytest

from streamit.demo.videos import DemoVideo, plan_videos
from streamit.ids import normalise_video_id

MAX_FRAMES = 4600


def test_videos_are_dealt_to_the_sources_in_turn(planned: list[DemoVideo]) -> None:
    assert Counter(video.source for video in planned) == {
        "activitynet": 4,
        "shot2story": 3,
        "vitt": 3,
    }


def test_all_frames_together_are_few_enough_to_render_in_seconds(
    planned: list[DemoVideo],
) -> None:
    assert sum(len(video.shown) for video in planned) <= MAX_FRAMES


def test_every_video_lasts_between_20_and_45_seconds(planned: list[DemoVideo]) -> None:
    assert all(20 <= video.scene.duration_s <= 45 for video in planned)


def test_ids_look_like_those_of_the_corpora(planned: list[DemoVideo]) -> None:
    for video in planned:
        pattern = r"[A-Za-z0-9]{4}" if video.source == "vitt" else r"v_[A-Za-z0-9-]{11}"
        assert re.fullmatch(pattern, video.video_id)


@pytest.mark.parametrize("source", ["activitynet", "shot2story"])
def test_an_id_begins_with_a_dash(planned: list[DemoVideo], source: str) -> None:
    ids = [video.video_id for video in planned if video.source == source]
    assert sum(video_id.startswith("v_-") for video_id in ids) == 1


def test_every_source_video_is_there_once(planned: list[DemoVideo]) -> None:
    names = {normalise_video_id(video.video_id).casefold() for video in planned}
    assert len(names) == len(planned)


def test_every_split_is_there(planned: list[DemoVideo]) -> None:
    splits = {(video.source, video.split) for video in planned}
    assert splits == {
        ("activitynet", "train"),
        ("activitynet", "validation"),
        ("shot2story", "train"),
        ("shot2story", "validation"),
        ("vitt", "train"),
        ("vitt", "validation"),
        ("vitt", "test"),
    }


def test_one_video_is_webm_and_the_clips_have_several_frame_rates(
    planned: list[DemoVideo],
) -> None:
    assert Counter(video.encoding.suffix for video in planned) == {".mp4": 9, ".webm": 1}
    clips = [video for video in planned if video.source == "shot2story"]
    assert {video.scene.fps for video in clips} == {12, 25}


def test_one_video_has_a_variable_frame_rate(planned: list[DemoVideo]) -> None:
    (video,) = [v for v in planned if len(v.shown) < v.scene.n_frames]
    gaps = Counter(b - a for a, b in zip(video.shown, video.shown[1:], strict=False))
    assert set(gaps) == {1, 2, 3, 4}
    assert video.shown[0] == 0
    assert list(video.shown[-2:]) == [video.scene.n_frames - 2, video.scene.n_frames - 1]


def test_more_videos_leave_the_first_ones_as_they_are() -> None:
    assert plan_videos(5, 3) == plan_videos(5, 7)[:3]


def test_another_seed_gives_other_ids_and_scenes() -> None:
    assert not {video.video_id for video in plan_videos(1, 3)} & {
        video.video_id for video in plan_videos(2, 3)
    }
