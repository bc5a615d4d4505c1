"""Settles the events of one item: the same decision about the same defect in every corpus.

Every event ends as settled or rejected, with a reason code; docs/rules.md lists the codes.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from streamit.convert.base import VideoKnown, reject_event
from streamit.item import VIDEO_FRAMES, Event, Item, Reject
from streamit.record import Span
from streamit.timeline import TimeFault, fit_span, round_s, step_before


@dataclass(frozen=True, slots=True)
class SettledEvent:
    """An event whose stretches lie inside the stream. `index` is its place in the corpus's list.

    `span` is the evidence that ends last; `earlier` is other evidence, in (end, start) order.
    """

    index: int
    span: Span
    text: str
    question: str | None
    earlier: tuple[Span, ...] = ()

    @property
    def evidence(self) -> tuple[Span, ...]:
        """All stretches in (end, start) order."""
        return (*self.earlier, self.span)


@dataclass(slots=True)
class Settled:
    """Usable events in (end, start) order, the refused ones, and what was adjusted, by code."""

    events: list[SettledEvent] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)
    adjusted: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class _Bounds:
    """What an item's events are measured against."""

    duration_s: float | None
    short_end_s: float | None
    tolerance_s: float
    step_s: float


def settle_events(
    item: Item, duration_s: float | None, known: VideoKnown, tolerance_s: float, step_s: float
) -> Settled:
    """Bring every event inside [0, duration) or reject it.

    An end may overrun by `tolerance_s` (one sampling step, or the source's own) and is clamped.
    Frame numbers become seconds by the video's own rate; a missing end becomes the stream's end;
    where the video is needed for that and not there, the reason is `needs_video`. A moment rests
    on the sampling step (`step_s`) that ends there. One bad stretch of several costs the event.
    """
    settled = Settled()
    short_end_s = find_short_end(duration_s, known, tolerance_s)
    bounds = _Bounds(duration_s, short_end_s, tolerance_s, step_s)
    for event in item.events:
        try:
            spans, adjusted = _fit_event(event, item, known, bounds)
        except TimeFault as fault:
            message = f"event {event.index}: {fault}"
            settled.rejects.append(reject_event(item, event.index, fault.reason, message))
            continue
        settled.adjusted.update(adjusted)
        *earlier, last = spans
        settled.events.append(
            SettledEvent(event.index, last, event.text, event.question, tuple(earlier))
        )
    _count_disorder(settled)
    settled.events.sort(key=lambda e: (e.span.end_s, e.span.start_s, e.index))
    return settled


def _fit_event(
    event: Event, item: Item, known: VideoKnown, bounds: _Bounds
) -> tuple[list[Span], set[str]]:
    """All stretches of the event in (end, start) order, and the codes of what was adjusted."""
    spans, adjusted = [], set()
    for start, end in ((event.start_s, event.end_s), *event.earlier):
        start_s, end_s = _read_bounds(start, end, item, known, bounds)
        span, code = _fit(start_s, end_s, bounds)
        spans.append(span)
        if code:
            adjusted.add(code)
    if len(spans) > 1:
        spans.sort(key=lambda span: (span.end_s, span.start_s))
    return spans, adjusted


def _read_bounds(
    start: float | None, end: float | None, item: Item, known: VideoKnown, bounds: _Bounds
) -> tuple[float, float]:
    """Both bounds in seconds."""
    if item.time_unit == VIDEO_FRAMES:
        start, end = (None if n is None else _read_frame(n, known) for n in (start, end))
    if end is None:
        if bounds.duration_s is None:
            raise TimeFault("needs_video", "it has no end, and the video's length is unknown")
        end = max(bounds.duration_s, start or 0.0)
    if start is None:
        shown_s = end if bounds.duration_s is None else min(end, bounds.duration_s)
        return step_before(shown_s, bounds.step_s), end
    return start, end


def _read_frame(frame: float, known: VideoKnown) -> float:
    time_s = known.time_of_frame(frame)
    if time_s is None:
        raise TimeFault(
            "needs_video", "its times are frame numbers, and the video's frame rate is unknown"
        )
    return time_s


def _fit(start_s: float, end_s: float, bounds: _Bounds) -> tuple[Span, str | None]:
    span, adjusted = fit_span(start_s, end_s, bounds.duration_s, bounds.tolerance_s)
    if bounds.short_end_s is None:
        return span, adjusted
    try:
        span, clamped = fit_span(span.start_s, span.end_s, bounds.short_end_s, bounds.tolerance_s)
    except TimeFault as fault:
        raise TimeFault(
            "past_decoded_end",
            f"ends at {span.end_s:g} s, but the file decodes only up to {bounds.short_end_s:g} s",
        ) from fault
    return span, clamped or adjusted


def find_short_end(duration_s: float | None, known: VideoKnown, tolerance_s: float) -> float | None:
    """Where the stream really ends when the file holds less than its length promises, else None."""
    decoded_end_s = known.decoded_end_s
    if duration_s is None or decoded_end_s is None:
        return None
    return decoded_end_s if round_s(duration_s - decoded_end_s) > tolerance_s else None


def _count_disorder(settled: Settled) -> None:
    reached_s = last_start_s = float("-inf")
    for event in settled.events:
        if event.span.start_s < last_start_s:
            settled.adjusted["out_of_order"] += 1
        if event.span.start_s < reached_s:
            settled.adjusted["overlapping"] += 1
        last_start_s = event.span.start_s
        reached_s = max(reached_s, event.span.end_s)
