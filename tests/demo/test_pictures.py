"""The decoded pictures show what the annotation tells, when it tells it, and nothing else."""

from __future__ import annotations

import math

import numpy as np
import pytest

from streamit.demo.render import HEIGHT, WIDTH
from streamit.demo.scene import SceneEvent
from streamit.demo.videos import DemoVideo
from streamit.timeline import overlaps_any

from .pixels import EVERY, NAMES, Sight


def colour_of(event: SceneEvent, blank: str = "shape") -> str:
    return event.words[blank].split()[0]


def events_of(video: DemoVideo, *kinds: str) -> list[SceneEvent]:
    return [event for event in video.scene.events if event.kind in kinds]


def largest_step(sight: Sight, colour: str, event: SceneEvent) -> float:
    """How far the colour's middle goes from where it was before the event, in seen pixels."""
    home = sight.middle(sight.before(event.span.start_s), colour)
    return max(math.dist(home, sight.middle(i, colour)) for i in sight.within(event.span))


def test_a_shape_that_appears_is_unseen_until_the_event_and_whole_at_its_end(
    video: DemoVideo, sight: Sight
) -> None:
    for event in events_of(video, "appear"):
        colour = colour_of(event)
        before, after = sight.before(event.span.start_s), sight.after(event.span.end_s)
        assert sight.count(before, colour) == 0
        assert sight.count(after, colour) > 30


def test_a_shape_that_vanishes_is_whole_until_the_event_and_gone_at_its_end(
    video: DemoVideo, sight: Sight
) -> None:
    for event in events_of(video, "vanish"):
        colour = colour_of(event)
        before, after = sight.before(event.span.start_s), sight.after(event.span.end_s)
        assert sight.count(before, colour) > 30
        assert sight.count(after, colour) == 0


def test_a_new_colour_is_unseen_until_the_event_and_replaces_the_old_one_evenly(
    video: DemoVideo, sight: Sight
) -> None:
    for event in events_of(video, "repaint"):
        old, new = colour_of(event), event.words["colour"]
        before, after = sight.before(event.span.start_s), sight.after(event.span.end_s)
        counts = [sight.count(i, new) for i in (before, *sight.within(event.span), after)]
        assert sum(sight.counts[: before + 1, NAMES.index(new)]) == 0
        assert counts[len(counts) // 4] < counts[3 * len(counts) // 4] < counts[-1]
        assert sight.count(before, old) > 30
        assert sight.count(after, old) == 0


def test_a_crossing_shape_is_seen_only_in_the_event_and_goes_from_side_to_side(
    video: DemoVideo, sight: Sight
) -> None:
    for event in events_of(video, "cross"):
        colour = colour_of(event)
        seen = [i for i in sight.within(event.span) if sight.count(i, colour) > 30]
        places = [sight.middle(i, colour)[0] * EVERY / WIDTH for i in seen]
        first, last = sight.before(event.span.start_s), sight.after(event.span.end_s)
        assert sight.count(first, colour) == sight.count(last, colour) == 0
        ends = (min(places), max(places))
        assert ends[0] < 0.15
        assert ends[1] > 0.85
        goes_right = places[-1] > places[0]
        assert event.words["goal"] == ("right" if goes_right else "left")


def test_swapped_shapes_stand_where_the_other_one_stood(video: DemoVideo, sight: Sight) -> None:
    for event in events_of(video, "swap"):
        one, other = colour_of(event), colour_of(event, "partner")
        before, after = sight.before(event.span.start_s), sight.after(event.span.end_s)
        assert sight.middle(after, one)[0] == pytest.approx(sight.middle(before, other)[0], abs=2)
        assert sight.middle(after, other)[0] == pytest.approx(sight.middle(before, one)[0], abs=2)


def test_a_shape_that_grows_or_shrinks_changes_its_area(video: DemoVideo, sight: Sight) -> None:
    for event in events_of(video, "grow", "shrink"):
        colour = colour_of(event)
        before, after = sight.before(event.span.start_s), sight.after(event.span.end_s)
        small, large = sorted((sight.count(before, colour), sight.count(after, colour)))
        assert large > 1.7 * small
        assert (event.kind == "grow") == (sight.count(after, colour) == large)


def test_a_bouncing_shape_leaves_the_ground_and_comes_back(video: DemoVideo, sight: Sight) -> None:
    for event in events_of(video, "bounce"):
        colour = colour_of(event)
        before, after = sight.before(event.span.start_s), sight.after(event.span.end_s)
        assert largest_step(sight, colour, event) > 0.2 * HEIGHT / EVERY
        assert math.dist(sight.middle(before, colour), sight.middle(after, colour)) < 1.5


def test_a_spinning_shape_stays_where_it_is(video: DemoVideo, sight: Sight) -> None:
    for event in events_of(video, "spin"):
        assert largest_step(sight, colour_of(event), event) < 2.5


def test_no_shape_changes_or_moves_where_nothing_is_annotated(
    video: DemoVideo, sight: Sight
) -> None:
    spans = [event.span for event in video.scene.events]
    for i in range(1, len(sight.times_s)):
        start_s, end_s = sight.times_s[i - 1], sight.times_s[i]
        if any(span.start_s < end_s and start_s < span.end_s for span in spans):
            continue
        for colour in NAMES:
            was, now = sight.count(i - 1, colour), sight.count(i, colour)
            assert abs(now - was) <= 8 + 0.1 * was, (colour, start_s)
            if min(was, now) > 30:
                moved = math.dist(sight.middle(i - 1, colour), sight.middle(i, colour))
                assert moved < 1, (colour, start_s)


def test_both_silences_hold_a_change_that_means_nothing(video: DemoVideo, sight: Sight) -> None:
    first, last = (
        sight.before(video.scene.events[0].span.start_s),
        sight.after(video.scene.events[-1].span.end_s),
    )
    steps = abs(np.diff(sight.backdrop, axis=0)).max(axis=1)
    assert steps[:first].max() > 5
    assert steps[last:].max() > 5


def test_every_event_is_caught_by_two_frames_at_one_per_second(video: DemoVideo) -> None:
    for event in video.scene.events:
        seconds = range(math.ceil(event.span.start_s), math.ceil(event.span.end_s))
        assert len(seconds) >= 2


def test_the_file_lasts_as_long_as_the_scene(video: DemoVideo, sight: Sight) -> None:
    assert len(sight.times_s) == len(video.shown)
    assert sight.end_s == pytest.approx(video.scene.duration_s, abs=0.002)
    assert sight.times_s[0] == pytest.approx(0, abs=0.001)


def test_frame_times_are_those_of_the_scene(video: DemoVideo, sight: Sight) -> None:
    expected = [number / video.scene.fps for number in video.shown]
    assert list(sight.times_s) == pytest.approx(expected, abs=0.001)


def test_events_that_overlap_concern_different_shapes(video: DemoVideo) -> None:
    events = video.scene.events
    for i, one in enumerate(events):
        for other in events[i + 1 :]:
            if overlaps_any(one.span, [other.span]):
                shapes = [{change.shape for change in event.changes} for event in (one, other)]
                assert not shapes[0] & shapes[1]
