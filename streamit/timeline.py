"""All time arithmetic, in seconds, with half-open stretches [start_s, end_s).

Times are rounded to one microsecond on reading, so that 104.53999999999999 and 104.54 are the same
instant and equality means equality. Nothing here knows about corpora, videos or records.
"""

from __future__ import annotations

import math
import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

from streamit.record import Clip, Span, Window

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

REPLY_SLACK_S = 3.0
# Times are whole microseconds: what differs by less than half of one is equal.
HALF_TICK_S = 5e-7
# Below this, the product with a million is exact to a thousandth of a microsecond.
_NEAR_S = 1e6
_TIMECODE = re.compile(r"(?:(?:(\d{1,6}):)?(\d{1,2}):)?(\d{1,2})(?:[.,](\d{1,9}))?")
_ISO_DURATION = re.compile(
    r"PT(?=\d)(?:(\d{1,6})H)?(?:(\d{1,6})M)?(?:(\d{1,6}(?:\.\d{1,9})?)S)?", re.ASCII
)


Bend = tuple[int, float]
"""The number of a frame and its start in seconds, where the rate of the frames changes."""


class TimeFault(ValueError):
    """A stretch that cannot be used; `reason` is the reject code, docs/rules.md explains each."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


def round_s(value: float) -> float:
    """Seconds rounded to one microsecond, the resolution of every time in a record."""
    return round(float(value), 6) + 0.0


def read_number(value: object, unit: str = "seconds") -> float:
    """A time as a corpus wrote it, in the corpus's own unit, which the message names.

    Raises TimeFault `bad_time` for what is no number (true and "12" are none) and `not_finite`
    for NaN, infinities and integers beyond all floats.
    """
    if type(value) is float and math.isfinite(value):  # nearly all there are
        return value
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TimeFault("bad_time", f"{value!r} is not a number of {unit}")
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise TimeFault("not_finite", f"time {value!r} is not finite")
    return number


def read_seconds(value: object) -> float:
    """A number of seconds as a corpus wrote it; faults are those of `read_number`."""
    return round_s(read_number(value))


def read_timecode(text: str) -> float:
    """Seconds of `SS`, `MM:SS`, `HH:MM:SS`, each with an optional fraction (`.5` or `,500`).

    Raises TimeFault `bad_time` on anything else, also on minutes or seconds of 60 and more behind
    a larger unit.
    """
    match = _TIMECODE.fullmatch(text.strip())
    if match is None:
        raise TimeFault("bad_time", f"{text!r} is not a timecode like 01:02:03.500")
    hours, minutes, seconds, fraction = match.groups()
    if (minutes and int(seconds) >= 60) or (hours and int(minutes) >= 60):
        raise TimeFault("bad_time", f"{text!r} has minutes or seconds of 60 or more")
    whole = int(hours or 0) * 3600 + int(minutes or 0) * 60 + int(seconds)
    return round_s(whole + (float(f"0.{fraction}") if fraction else 0.0))


def read_clock(value: object) -> float:
    """Seconds of a time that is a timecode in one file and a number of seconds in another.

    Raises TimeFault as `read_timecode` and `read_number` do.
    """
    return read_timecode(value) if isinstance(value, str) else read_seconds(value)


def read_iso_duration(text: str) -> float:
    """Seconds of an ISO 8601 duration of hours, minutes and seconds, such as `PT00H01M17S`.

    Raises TimeFault `bad_time` on anything else, also on one with days.
    """
    match = _ISO_DURATION.fullmatch(text.strip())
    if match is None:
        raise TimeFault("bad_time", f"{text!r} is not a duration like PT00H01M17S")
    hours, minutes, seconds = match.groups()
    return round_s(int(hours or 0) * 3600 + int(minutes or 0) * 60 + float(seconds or 0))


def milliseconds_to_s(value: float) -> float:
    """Seconds of a time in milliseconds."""
    return round_s(value / 1000)


def s_to_milliseconds(time_s: float) -> int:
    """A time in whole milliseconds."""
    return round(time_s * 1000)


def frames_to_s(frame: float, fps: float) -> float:
    """Time at which a frame of a constant-rate video starts."""
    return round_s(frame / fps)


def find_bends(starts_s: Sequence[float], end_s: float) -> tuple[Bend, ...]:
    """Where the rate of a video's frames changes; nothing where it is constant from time 0 on.

    Between two bends every frame starts within a quarter of a mean frame of the straight line. The
    first bend is the first frame, the last one the end, counted as a frame.
    """
    points = (*starts_s, end_s)
    slack_s = (end_s - starts_s[0]) / len(starts_s) / 4
    bends = [(0, points[0])]
    lowest, highest = -math.inf, math.inf
    for i in range(1, len(points)):
        frame, start_s = bends[-1]
        if not lowest <= (points[i] - start_s) / (i - frame) <= highest:
            frame, start_s = i - 1, points[i - 1]
            bends.append((frame, start_s))
            lowest, highest = -math.inf, math.inf
        lowest = max(lowest, (points[i] - slack_s - start_s) / (i - frame))
        highest = min(highest, (points[i] + slack_s - start_s) / (i - frame))
    is_even = len(bends) == 1 and abs(starts_s[0]) <= slack_s
    return () if is_even else (*bends, (len(starts_s), end_s))


def bent_frames_to_s(frame: float, bends: Sequence[Bend]) -> float:
    """Time at which a frame starts in a video whose rate changes at the bends.

    Before the first and after the last bend the nearest rate goes on.
    """
    after = bisect_right(bends, frame, 1, len(bends) - 1, key=lambda bend: bend[0])
    (first, start_s), (last, end_s) = bends[after - 1], bends[after]
    return round_s(start_s + (frame - first) * (end_s - start_s) / (last - first))


def counts_to_s(counts: NDArray[np.float64], per_second: float) -> NDArray[np.float64]:
    """Seconds of many counts of seconds, milliseconds or frames: `round_s(count / per_second)`.

    NaN where a count is not finite.
    """
    import numpy as np

    with np.errstate(over="ignore"):
        times_s = counts / per_second
    is_near = np.abs(times_s) < _NEAR_S
    ticks = np.where(is_near, times_s, 0.0) * 1e6
    whole = np.rint(ticks)
    rounded_s = np.where(np.isfinite(times_s), whole / 1e6 + 0.0, np.nan)
    is_open = ~is_near | (np.abs(ticks - whole) > 0.499)
    for place in np.flatnonzero(np.isfinite(times_s) & is_open):
        rounded_s[place] = round_s(times_s[place])
    return rounded_s


def frame_end_s(frame: float, fps: float) -> float:
    """Time at which a frame of a constant-rate video leaves the screen."""
    return frames_to_s(frame + 1, fps)


def read_second_cells(first: object, last: object) -> tuple[float, float]:
    """The stretch of the one-second cells `first` to `last`, both of them in it.

    Raises TimeFault as `read_number` does, and `reversed` when the last cell is before the first.
    """
    start_s, last_s = read_seconds(first), read_seconds(last)
    if start_s > last_s:
        raise TimeFault("reversed", f"starts at second {start_s:g}, after its last, {last_s:g}")
    return start_s, round_s(last_s + 1)


def ends_at_next(starts_s: Sequence[float]) -> list[float | None]:
    """The ends of tags that only have starts: each lasts until the next later start.

    Tags of one start share its end, so none is empty. The last start has None: it lasts until the
    video ends, which only the video can tell. The starts may come in any order.
    """
    following = sorted(set(starts_s))
    return [
        following[place] if (place := bisect_right(following, start_s)) < len(following) else None
        for start_s in starts_s
    ]


def ticks_to_s(ticks: int, numerator: int, denominator: int, zero_s: float) -> float:
    """Seconds since `zero_s` of a container's time stamp, counted in numerator/denominator s."""
    return round_s(ticks * numerator / denominator - zero_s)


def average_fps(n_frames: int, start_s: float, end_s: float) -> float:
    """Shown frames per second of a stretch; 0 where it has no length."""
    return round_s(n_frames / (end_s - start_s)) if end_s > start_s else 0.0


def step_of(duration_s: float | None, fps: float, max_frames: int | None) -> float:
    """The sampling step max(1/fps, D/max_frames), in seconds (DESIGN 3, Sampling)."""
    if duration_s is None or max_frames is None:
        return 1 / fps
    return max(1 / fps, duration_s / max_frames)


def step_before(end_s: float, step_s: float) -> float:
    """Where the sampling step that ends at `end_s` starts; 0 where there is less before it."""
    start_s = round_s(end_s - step_s)
    return start_s if end_s <= 0 else max(start_s, 0.0)


def first_step(span: Span, step_s: float) -> Span:
    """The first sampling step of a span, or all of a shorter one."""
    return Span(span.start_s, min(round_s(span.start_s + step_s), span.end_s))


def step_into(span: Span, step_s: float) -> float:
    """The instant one sampling step into a span, or the middle of one shorter than two steps."""
    return min(round_s(span.start_s + step_s), point_in(span, 0.5))


def length_bucket(duration_s: float | None) -> int | None:
    """Videos of about the same length share a bucket: its bounds double (8 to 16 s, 16 to 32 s).

    None where nobody knows the length.
    """
    return None if duration_s is None or duration_s <= 0 else math.floor(math.log2(duration_s))


def last_percent(times_s: Sequence[float], start_s: float, end_s: float, percent: float) -> range:
    """Indices of the last ceil(percent / 100 * m) of the m times that lie in [start_s, end_s)."""
    first, stop = bisect_left(times_s, start_s), bisect_left(times_s, end_s)
    # In floats 7 / 100 * 100 is 7.000000000000001, and no eighth is meant.
    exact = Fraction(str(float(percent))) / 100 * max(stop - first, 0)
    return range(stop - math.ceil(exact), stop)


def sample_times(duration_s: float, fps: float, max_frames: int | None) -> list[float]:
    """The nominal sampling times: i/fps, or i*D/max_frames where the cap bites (PAPER 6).

    At least one time for a video of positive length; none otherwise.
    """
    count, length_s, parts = _grid(duration_s, fps, max_frames)
    return [round_s(i * length_s / parts) for i in range(count)]


def len_samples(duration_s: float, fps: float, max_frames: int | None) -> int:
    """How many times `sample_times` gives, without making them."""
    return _grid(duration_s, fps, max_frames)[0]


def holds_sample(span: Span, duration_s: float, fps: float, max_frames: int | None) -> bool:
    """Whether a nominal sampling time lies in the span (rule E1)."""
    count, length_s, parts = _grid(duration_s, fps, max_frames)
    # One early, because the quotient may have been rounded up.
    first = max(math.ceil(span.start_s * parts / length_s) - 1, 0)
    for i in range(first, min(first + 3, count)):
        time_s = i * length_s / parts + HALF_TICK_S
        if time_s >= span.start_s:
            return time_s < span.end_s
    return False


@lru_cache(maxsize=1024)
def _grid(duration_s: float, fps: float, max_frames: int | None) -> tuple[int, float, float]:
    """The number n of sampling times, and (length, parts): they are i * length / parts, i < n."""
    if duration_s <= 0:
        return 0, 1.0, fps
    wanted = max(math.ceil(round(duration_s * fps, 6)), 1)
    if max_frames is not None and wanted > max_frames:
        return max_frames, duration_s, max_frames
    return wanted, 1.0, fps


def is_shown_by(start_s: float, time_s: float) -> bool:
    """Whether a frame that starts at `start_s` is on the screen at `time_s` or was before.

    Both are known to the microsecond only, so what differs by less counts as equal.
    """
    return start_s < round_s(time_s) + HALF_TICK_S


def pick_shown(pts_s: Sequence[float], times_s: Iterable[float]) -> list[int]:
    """For each time the index of the last frame that starts at or before it, each index once.

    `pts_s` are the start times of the shown frames, increasing. A time before the first frame
    takes the first. The result is strictly increasing and never longer than `times_s`.
    """
    picked: list[int] = []
    if not pts_s:
        return picked
    for time_s in times_s:
        index = index_shown(pts_s, time_s)
        if not picked or index > picked[-1]:
            picked.append(index)
    return picked


def index_shown(pts_s: Sequence[float], time_s: float) -> int:
    """Index of the frame on the screen at a time: the last that starts by then, or the first."""
    return max(bisect_left(pts_s, round_s(time_s) + HALF_TICK_S) - 1, 0)


def pick_shown_within(
    pts_s: Sequence[float], start_s: float, end_s: float, times_s: Iterable[float]
) -> list[int]:
    """As `pick_shown`, but only among the frames that start in [start, end) of their video.

    So a clip never shows what was on the screen before its cut, but for one case: where no frame
    starts within it, the frame on the screen at its start is all there is to see.
    """
    first, stop = _count_before(pts_s, start_s), _count_before(pts_s, end_s)
    if first >= stop:
        return pick_shown(pts_s, [start_s])
    return [first + i for i in pick_shown(pts_s[first:stop], times_s)]


def index_before(pts_s: Sequence[float], time_s: float) -> int:
    """Index of the last frame that starts before a time, or of the first."""
    return max(_count_before(pts_s, time_s) - 1, 0)


def _count_before(pts_s: Sequence[float], time_s: float) -> int:
    return bisect_left(pts_s, round_s(time_s) - HALF_TICK_S)


def rebase(time_s: float, from_s: float, to_s: float) -> float:
    """The instant that is as long after `to_s` as the given one is after `from_s`."""
    return round_s(to_s + (time_s - from_s))


def share_times(times_s: Sequence[float], starts_s: Sequence[float]) -> list[Sequence[float]]:
    """The increasing times that belong to each of several stretches in a row.

    Each stretch lasts from its start until the next one's, the last without end. Times before the
    first start belong to none.
    """
    cuts = [bisect_left(times_s, start_s) for start_s in starts_s]
    return [times_s[first:stop] for first, stop in pairwise([*cuts, len(times_s)])]


def to_microseconds(time_s: float) -> int:
    """Whole microseconds, for time bases that are fractions of integers."""
    return round(time_s * 1_000_000)


def even_times(count: int, step_us: int) -> list[float]:
    """Start times in seconds of `count` frames that last `step_us` microseconds each."""
    return [round_s(i * step_us / 1_000_000) for i in range(count)]


def delay_to_sample(time_s: float, times_s: Sequence[float]) -> int:
    """Index of the sampled frame that a text at `time_s` follows: the first at or after it.

    At the end of the stream, behind the last sample, it is the last one.
    """
    return min(bisect_left(times_s, time_s), len(times_s) - 1)


def fit_span(
    start_s: float, end_s: float, duration_s: float | None, tolerance_s: float
) -> tuple[Span, str | None]:
    """The span brought inside [0, duration], and the code of what was adjusted, if anything.

    What sticks out by at most `tolerance_s` is clamped (`clamped_start`, `clamped_end`). Raises
    TimeFault `reversed`, `zero_length`, `before_start` or `past_end` for what cannot be used.
    """
    if start_s > end_s:
        raise TimeFault("reversed", f"starts at {start_s:g} s, after its end at {end_s:g} s")
    if start_s == end_s:
        raise TimeFault("zero_length", f"starts and ends at {start_s:g} s")
    adjusted = None
    if start_s < 0:
        if round_s(-start_s) > tolerance_s or end_s <= 0:
            raise TimeFault("before_start", f"starts at {start_s:g} s, before the video")
        start_s, adjusted = 0.0, "clamped_start"
    if duration_s is not None and end_s > duration_s:
        if round_s(end_s - duration_s) > tolerance_s or start_s >= duration_s:
            raise TimeFault(
                "past_end", f"[{start_s:g}, {end_s:g}) s ends past the video's {duration_s:g} s"
            )
        end_s, adjusted = duration_s, "clamped_end"
    return Span(start_s, end_s), adjusted


def group_by_end(spans: Sequence[Span], step_s: float) -> list[list[int]]:
    """Indices of the spans that become one answer, in (end, start) order.

    Greedy from the earliest: a group takes all that end within one step of its first end, and no
    chain grows from there (DESIGN 3).
    """
    order = sorted(range(len(spans)), key=lambda i: (spans[i].end_s, spans[i].start_s, i))
    groups: list[list[int]] = []
    for i in order:
        if groups and spans[i].end_s - spans[groups[-1][0]].end_s < step_s + HALF_TICK_S:
            groups[-1].append(i)
        else:
            groups.append([i])
    return groups


def cut_stretches(times_s: Iterable[float], end_s: float) -> list[Span]:
    """The stretches of [0, end) cut at every given time; all of positive length."""
    cuts = sorted({0.0, end_s, *(t for t in times_s if 0 < t < end_s)})
    return [Span(start_s, stop_s) for start_s, stop_s in pairwise(cuts)]


def answer_window(
    last_evidence: Span, answer_s: float, next_answer_s: float | None, end_s: float
) -> Window:
    """From the middle of the last evidence to its end + 3 s, the next answer or the stream's end.

    `next_answer_s` is the next answer to the same question. The window always holds the answer.
    """
    middle_s = round_s((last_evidence.start_s + last_evidence.end_s) / 2)
    latest_s = min(last_evidence.end_s + REPLY_SLACK_S, end_s)
    if next_answer_s is not None:
        latest_s = min(latest_s, next_answer_s)
    return Window(min(middle_s, answer_s), round_s(max(latest_s, answer_s)))


def overlaps_any(span: Span, others: Iterable[Span]) -> bool:
    """Whether a half-open stretch shares an instant with any of the others."""
    start_s, end_s = span.start_s, span.end_s
    # A plain loop: any() with a generator takes three times as long.
    for other in others:  # noqa: SIM110
        if start_s < other.end_s and other.start_s < end_s:
            return True
    return False


def covers(span: Span, time_s: float) -> bool:
    """Whether the instant lies in the half-open stretch."""
    return span.start_s <= time_s < span.end_s


def is_covered(time_s: float, spans: Iterable[Span]) -> bool:
    """Whether the instant lies in any of the half-open stretches."""
    for span in spans:  # noqa: SIM110
        if span.start_s <= time_s < span.end_s:
            return True
    return False


def lay_out(gaps_and_lengths_s: Iterable[tuple[float, float]]) -> list[Span]:
    """Stretches in a row: each starts its gap after the end of the one before (the first after 0).

    A negative gap makes a stretch overlap the one before.
    """
    spans: list[Span] = []
    end_s = 0.0
    for gap_s, length_s in gaps_and_lengths_s:
        start_s = round_s(end_s + gap_s)
        end_s = round_s(start_s + length_s)
        spans.append(Span(start_s, end_s))
    return spans


def length_s(start_s: float, end_s: float) -> float:
    """How long a stretch lasts."""
    return round_s(end_s - start_s)


def per_minute(count: int, duration_s: float) -> float:
    """How often something happens in a minute of a stream of positive length."""
    return count * 60 / duration_s


def fraction_passed(span: Span, time_s: float) -> float:
    """Share of the span that has passed at an instant: 0 until it starts, 1 from its end on."""
    if time_s <= span.start_s:
        return 0.0
    if time_s >= span.end_s:
        return 1.0
    return (time_s - span.start_s) / (span.end_s - span.start_s)


def cells_touched(start_s: float, end_s: float, whole: Span, n_cells: int) -> range:
    """Which of n equal cells of a span are touched by [start_s, end_s): at least one.

    An instant (start_s = end_s) touches the cell it lies in; what lies outside, the nearest one.
    """
    first = min(math.floor(fraction_passed(whole, start_s) * n_cells), n_cells - 1)
    last = math.ceil(fraction_passed(whole, end_s) * n_cells)
    return range(first, max(last, first + 1))


def point_in(span: Span, fraction: float) -> float:
    """The instant at which this share of the span has passed."""
    return round_s(span.start_s + (span.end_s - span.start_s) * fraction)


def widen(span: Span, before_s: float, after_s: float) -> Span:
    """The span made longer at both ends, but not to before 0."""
    return Span(max(round_s(span.start_s - before_s), 0.0), round_s(span.end_s + after_s))


def first_frame_from(time_s: float, fps: float) -> int:
    """Number of the first frame of a constant-rate video that starts at or after an instant."""
    return math.ceil(round(time_s * fps, 6))


def merge_spans(spans: Iterable[Span]) -> list[Span]:
    """The same time in as few spans as possible, in order; those that touch become one."""
    merged: list[Span] = []
    for span in sorted(spans, key=lambda span: span.start_s):
        if not merged or span.start_s > merged[-1].end_s:
            merged.append(span)
        elif span.end_s > merged[-1].end_s:
            merged[-1] = Span(merged[-1].start_s, span.end_s)
    return merged


def find_outside(times_s: Sequence[float], spans: Iterable[Span]) -> list[int]:
    """Indices of the times that lie in none of the spans, which may overlap."""
    merged = merge_spans(spans)
    starts_s = [span.start_s for span in merged]
    outside = []
    for i, time_s in enumerate(times_s):
        k = bisect_right(starts_s, time_s) - 1
        if k < 0 or time_s >= merged[k].end_s:
            outside.append(i)
    return outside


def clip_end(clip: Clip) -> float | None:
    """Time of the stream at which a clip ends, None where the end of the clip is unknown."""
    return None if clip.end_s is None else round_s(clip.offset_s + (clip.end_s - clip.start_s))


def format_clock(time_s: float) -> str:
    """`M:SS.t` for people: 83.4 s is 1:23.4."""
    tenths = round(time_s * 10)
    return f"{tenths // 600}:{tenths // 10 % 60:02d}.{tenths % 10}"
