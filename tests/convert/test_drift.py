"""Ten minutes into a video, a record still means the frames that the annotation means.

From an annotation, in seconds or in frames of the video, over the record to the frames picked, at
rates that are no whole number and at ones that change. A video is its list of frame starts; two are
rendered with their frames' numbers in the picture, to include probing and decoding.
"""

from __future__ import annotations

import random
from dataclasses import replace
from fractions import Fraction
from itertools import accumulate, pairwise
from pathlib import Path

import pytest

from streamit.convert.base import VideoKnown
from streamit.record import Record, Span
from streamit.schema import check
from streamit.timeline import (
    average_fps,
    covers,
    find_bends,
    frame_end_s,
    index_shown,
    pick_shown,
    round_s,
    sample_times,
    ticks_to_s,
)
from streamit.video.facts import VideoFacts
from streamit.video.frames import sample_frames
from streamit.video.probe import probe_video
from tests.convert.scenes import make_item, run
from tests.rendered import Style, even_ticks, read_number, render

MINUTES_S = 640.0
FILM, TV, SPORT = Fraction(24000, 1001), Fraction(30000, 1001), Fraction(60000, 1001)


def list_starts(rate: Fraction) -> list[float]:
    """Starts of the frames of a video of constant rate, and its end, in seconds."""
    count = int(MINUTES_S * rate)
    return [round_s(float(i / rate)) for i in range(count + 1)]


def vary_starts(seed: int = 0) -> list[float]:
    """As a phone or a screen recorder leaves them: bursts, dropped frames, minutes of few."""
    dice = random.Random(seed)
    gaps_s: list[float] = []
    while sum(gaps_s) < MINUTES_S:
        gaps_s += [1 / dice.choice([60, 30, 30, 24, 10, 1])] * dice.randint(1, 200)
        gaps_s.append(dice.uniform(0.05, 3.6))
    return [round_s(start_s) for start_s in accumulate(gaps_s, initial=0.0)]


STARTS = {
    "23.976": list_starts(FILM),
    "29.97": list_starts(TV),
    "59.94": list_starts(SPORT),
    "variable": vary_starts(),
}


def know(starts_s: list[float]) -> VideoKnown:
    """What probing says of a video with these frames; the last number is its end."""
    *pts_s, end_s = starts_s
    fps = average_fps(len(pts_s), pts_s[0], end_s)
    return VideoKnown(end_s, fps, find_bends(pts_s, end_s))


def list_evidence(record: Record) -> list[Span]:
    return [span for entry in record.timeline for span in entry.evidence]


def find_frame(starts_s: list[float], time_s: float) -> int:
    return index_shown(starts_s[:-1], time_s)


@pytest.mark.parametrize("name", STARTS)
def test_shots_in_frame_numbers_hold_the_frames_they_name(name: str) -> None:
    """As Shot2Story has them: half-open numbers of the video's own frames."""
    starts_s = STARTS[name]
    bounds = [find_frame(starts_s, time_s) for time_s in (3.4, 300.4, 601.3, 620.8)]
    shots = [(a, b, f"shot {a}") for a, b in pairwise(bounds)]
    item = make_item(shots, duration_s=None, time_unit="video_frames")
    (record,) = run(item, know(starts_s), sampling__max_frames=None).records
    assert check(record) == []
    slack_s = starts_s[-1] / len(starts_s) / 4
    times_s = sample_times(starts_s[-1], 1.0, None)
    for span, (first, stop, _) in zip(list_evidence(record), shots, strict=True):
        assert abs(span.start_s - starts_s[first]) <= slack_s
        assert abs(span.end_s - starts_s[stop]) <= slack_s
        inside = [time_s for time_s in times_s if covers(span, time_s)]
        picked = pick_shown(starts_s[:-1], inside)
        assert first - 1 <= picked[0] <= picked[-1] < stop


@pytest.mark.parametrize("name", ["23.976", "29.97", "59.94"])
def test_frame_numbers_at_a_constant_rate_are_exact(name: str) -> None:
    starts_s = STARTS[name]
    first, stop = find_frame(starts_s, 600.0), find_frame(starts_s, 620.0)
    item = make_item([(first, stop, "a shot")], duration_s=None, time_unit="video_frames")
    (span,) = list_evidence(run(item, know(starts_s)).records[0])
    assert span.start_s == pytest.approx(starts_s[first], abs=2e-6)
    assert span.end_s == pytest.approx(starts_s[stop], abs=2e-6)


def test_the_average_rate_would_be_seconds_off_where_it_varies() -> None:
    starts_s = STARTS["variable"]
    fps = know(starts_s).fps or 0.0
    off_s = [abs(i / fps - start_s) for i, start_s in enumerate(starts_s)]
    assert max(off_s) > 25


@pytest.mark.parametrize(
    ("rate", "late_s"), [(FILM, 24.4), (TV, 19.4), (SPORT, 9.4)], ids=["23.976", "29.97", "59.94"]
)
def test_a_stride_of_whole_frames_would_be_seconds_late(rate: Fraction, late_s: float) -> None:
    """Taking each int(fps)-th frame for a second, as a converter in the wild does, labels frame
    600 * 29 of a 29.97 video with 600 s. It is on the screen at 580.6 s; ours, at 600 s.
    """
    starts_s = list_starts(rate)
    naive = 600 * int(rate)
    assert round(600 - starts_s[naive], 1) == late_s
    (ours,) = pick_shown(starts_s[:-1], [600.0])
    assert 0 <= 600 - starts_s[ours] < 1 / rate


def test_a_rounded_rate_would_be_six_tenths_of_a_second_off() -> None:
    starts_s = STARTS["29.97"]
    frame = 18_000
    assert round(starts_s[frame] - frame / round(TV), 3) == 0.6
    item = make_item([(17_700, frame, "a shot")], duration_s=None, time_unit="video_frames")
    (span,) = list_evidence(run(item, know(starts_s)).records[0])
    assert span.end_s == pytest.approx(600.6, abs=2e-6)


@pytest.mark.parametrize(("name", "fps"), [("23.976", 23.976), ("29.97", 29.97), ("59.94", 59.94)])
def test_a_breakpoint_rests_on_a_step_that_ends_with_its_frame(name: str, fps: float) -> None:
    """As MovieChat has them: a frame's number, and a rate written with three digits."""
    starts_s = STARTS[name]
    frame = find_frame(starts_s, 605.0)
    item = make_item(
        [(None, frame_end_s(frame, fps), "A man.", "Who is there?")], duration_s=starts_s[-1]
    )
    (record,) = run(item, recipe="grounded_qa").records
    (span,) = list_evidence(record)
    assert find_frame(starts_s, span.end_s - 0.001) == frame
    assert abs(span.end_s - starts_s[frame + 1]) < 0.001


@pytest.mark.parametrize("name", STARTS)
@pytest.mark.parametrize("cap", [None, 256])
def test_events_in_seconds_hold_the_frames_that_are_shown_then(name: str, cap: int | None) -> None:
    """Each sampled frame is in the evidence just when it is on the screen during the event."""
    starts_s = STARTS[name]
    events = [(30.25, 61.5, "early"), (600.4, 611.9, "late"), (620.3, 633.0, "later")]
    (record,) = run(make_item(events, duration_s=starts_s[-1]), sampling__max_frames=cap).records
    times_s = sample_times(starts_s[-1], 1.0, cap)
    for span, (start_s, end_s, _) in zip(list_evidence(record), events, strict=True):
        assert (span.start_s, span.end_s) == (start_s, end_s)
        inside = [time_s for time_s in times_s if covers(span, time_s)]
        for time_s in inside:
            shown = find_frame(starts_s, time_s)
            assert starts_s[shown] <= time_s < starts_s[shown + 1]


@pytest.mark.parametrize("name", ["23.976", "29.97", "59.94"])
def test_no_frame_that_is_picked_is_further_from_its_time_than_a_frame_lasts(name: str) -> None:
    starts_s = STARTS[name]
    times_s = sample_times(starts_s[-1], 1.0, None)
    picked = pick_shown(starts_s[:-1], times_s)
    assert len(picked) == len(times_s) == 640
    late_s = [time_s - starts_s[index] for time_s, index in zip(times_s, picked, strict=True)]
    assert min(late_s) >= 0
    assert max(late_s) < starts_s[1]


@pytest.mark.parametrize(
    ("numerator", "denominator"), [(1, 24000), (1, 30000), (1, 90000), (1, 1000), (1001, 30000)]
)
def test_time_stamps_of_containers_do_not_add_up_errors(numerator: int, denominator: int) -> None:
    """A day's stamps are right to the microsecond, since each is worked out by itself."""
    ticks = 86_400 * denominator // numerator
    exact = Fraction(ticks * numerator, denominator)
    assert abs(Fraction(ticks_to_s(ticks, numerator, denominator, 0.0)) - exact) < Fraction(
        1, 10**6
    )


def know_file(path: Path) -> tuple[VideoFacts, VideoKnown]:
    facts = probe_video(str(path))
    bends = find_bends(facts.pts_s, facts.duration_s)
    return facts, VideoKnown(facts.duration_s, facts.fps, bends)


SMALL = Style(size=(64, 64), options={"g": "250", "bf": "0", "preset": "ultrafast"})


@pytest.mark.slow
@pytest.mark.parametrize("ending", ["mp4", "mkv"])
def test_a_rendered_video_of_a_broken_rate_shows_what_was_annotated(
    tmp_path: Path, ending: str
) -> None:
    """3,800 numbered frames at 29.97 / 5 per second, in MP4 and with the milliseconds of MKV."""
    rate = TV / 5
    base = 1000 if ending == "mkv" else 90_000
    style = replace(SMALL, time_base=Fraction(1, base), rate=rate)
    video = render(tmp_path / f"tv.{ending}", even_ticks(3800, rate, time_base=base), style)
    facts, known = know_file(video.path)
    assert known.bends == ()
    item = make_item([(600.4, 611.9, "late")], duration_s=facts.duration_s)
    (span,) = list_evidence(run(item, known, sampling__max_frames=None).records[0])
    frames = sample_frames(video.path, max_frames=None, short_side=None)
    for image, time_s in zip(frames.images, sample_times(facts.duration_s, 1.0, None), strict=True):
        if covers(span, time_s):
            assert read_number(image) == int(time_s * rate)


@pytest.mark.slow
def test_a_rendered_video_of_variable_rate_shows_what_was_annotated(tmp_path: Path) -> None:
    """4,000 numbered frames over more than ten minutes; shots are named by these numbers."""
    dice = random.Random(1)
    gaps = [dice.choice([1500, 3000, 3003, 3750, 9000]) for _ in range(3900)]
    gaps += [dice.randrange(300_000, 600_000) for _ in range(99)]
    dice.shuffle(gaps)
    video = render(tmp_path / "variable.mp4", list(accumulate(gaps, initial=0)), SMALL)
    facts, known = know_file(video.path)
    assert facts.duration_s > 600
    shots = [(100, 2000, "first"), (2000, 3500, "second"), (3500, 3980, "third")]
    item = make_item(shots, duration_s=None, time_unit="video_frames")
    (record,) = run(item, known, sampling__max_frames=None).records
    frames = sample_frames(video.path, max_frames=None, short_side=None)
    numbers = [read_number(image) for image in frames.images]
    for span, (first, stop, _) in zip(list_evidence(record), shots, strict=True):
        inside = [
            number
            for number, time_s in zip(numbers, frames.times_s, strict=True)
            if covers(span, time_s)
        ]
        wanted = [number for number in numbers if first <= number < stop]
        assert inside == wanted
    naive_s = 3500 / facts.fps
    assert abs(naive_s - video.starts_s[3500]) > 5


@pytest.mark.shared
def test_a_real_video_of_variable_rate(shared: Path) -> None:
    """Frame numbers over the average rate are up to 4 s off in this file, gaps of 3.6 s in it."""
    facts, known = know_file(shared / "videos" / "derived_vfr_car-detection.mp4")
    off_s = [abs(i / facts.fps - start_s) for i, start_s in enumerate(facts.pts_s)]
    assert max(off_s) > 4
    shots = [(i, i + 20, f"shot {i}") for i in range(0, 140, 20)]
    item = make_item(shots, duration_s=None, time_unit="video_frames")
    (record,) = run(item, known, sampling__fps=10.0).records
    for span, (first, stop, _) in zip(list_evidence(record), shots, strict=True):
        assert abs(span.start_s - facts.pts_s[first]) <= 1 / facts.fps / 4
        assert abs(span.end_s - facts.pts_s[stop]) <= 1 / facts.fps / 4
