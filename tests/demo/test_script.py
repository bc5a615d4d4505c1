from __future__ import annotations

import itertools

from hypothesis import given, settings
from hypothesis import strategies as st

from streamit.demo.dice import Dice
from streamit.demo.scene import Scene
from streamit.demo.script import SINGLE, STAGGERED, TOGETHER, Script, write_scene
from streamit.record import Span
from streamit.timeline import frames_to_s, overlaps_any

SEEDS = st.integers(0, 10**6)
MIXED = Script(12, (SINGLE, STAGGERED, SINGLE, TOGETHER, SINGLE))
SHOTS = Script(25, (SINGLE,) * 4, one_shot_per_event=True)


def overlapping_pairs(scene: Scene) -> list[tuple[Span, Span]]:
    spans = [event.span for event in scene.events]
    return [(a, b) for i, a in enumerate(spans) for b in spans[i + 1 :] if overlaps_any(a, [b])]


@given(SEEDS)
@settings(max_examples=30)
def test_nothing_happens_in_the_silence_at_both_ends(seed: int) -> None:
    scene = write_scene(MIXED, Dice(seed, "scene"))
    assert min(event.span.start_s for event in scene.events) >= 3.0
    assert max(event.span.end_s for event in scene.events) <= scene.duration_s - 3.0


@given(SEEDS)
@settings(max_examples=30)
def test_events_start_in_order_at_irregular_times(seed: int) -> None:
    starts = [event.span.start_s for event in write_scene(MIXED, Dice(seed, "scene")).events]
    steps = {round(b - a, 2) for a, b in itertools.pairwise(starts)}
    assert starts == sorted(starts)
    assert len(steps) >= 4


@given(SEEDS)
@settings(max_examples=30)
def test_one_pair_ends_within_a_second_and_the_other_does_not(seed: int) -> None:
    pairs = overlapping_pairs(write_scene(MIXED, Dice(seed, "scene")))
    later_s = sorted(round(b.end_s - a.end_s, 2) for a, b in pairs)
    assert len(later_s) == 2
    assert 0.25 <= later_s[0] <= 0.8
    assert 1.5 <= later_s[1] <= 2.2


@given(SEEDS)
@settings(max_examples=30)
def test_every_event_has_a_shot_of_its_own_where_asked(seed: int) -> None:
    scene = write_scene(SHOTS, Dice(seed, "scene"))
    cuts_s = [frames_to_s(frame, scene.fps) for frame in scene.cut_frames]
    shots = itertools.pairwise(cuts_s)
    assert len(cuts_s) == len(scene.events) + 1
    for (start_s, end_s), event in zip(shots, scene.events, strict=True):
        assert start_s < event.span.start_s
        assert event.span.end_s < end_s


@given(SEEDS)
@settings(max_examples=30)
def test_backdrops_cover_the_scene_and_change_at_every_cut(seed: int) -> None:
    scene = write_scene(MIXED, Dice(seed, "scene"))
    bounds = [backdrop.span.start_s for backdrop in scene.backdrops]
    assert bounds == [0.0, *(frames_to_s(frame, scene.fps) for frame in scene.cut_frames)]
    assert scene.backdrops[-1].span.end_s == scene.duration_s
    for one, next_one in zip(scene.backdrops, scene.backdrops[1:], strict=False):
        assert one.colour != next_one.colour


def test_some_cuts_come_inside_an_event() -> None:
    scenes = [write_scene(MIXED, Dice(seed, "scene")) for seed in range(10)]
    inside = [
        frame
        for scene in scenes
        for frame in scene.cut_frames
        for event in scene.events
        if event.span.start_s < frames_to_s(frame, scene.fps) < event.span.end_s
    ]
    assert len(inside) >= 10
