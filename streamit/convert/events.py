"""Settles the events of one item: the same decision about the same defect in every corpus.

Every event ends as settled or rejected, with a reason code; docs/rules.md lists the codes.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from streamit.convert.base import VideoKnown, reject_event
from streamit.item import VIDEO_FRAMES, Event, Item, Reject
from streamit.record import Span
from streamit.timeline import TimeFault, fit_span, frames_to_s, round_s


@dataclass(frozen=True, slots=True)
class SettledEvent:
    """An event whose stretch lies inside the stream. `index` is its place in the corpus's list."""

    index: int
    span: Span
    text: str
    question: str | None


@dataclass(slots=True)
class Settled:
    """Usable events in (end, start) order, the refused ones, and what was adjusted, by code."""

    events: list[SettledEvent] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)
    adjusted: Counter[str] = field(default_factory=Counter)


def settle_events(
    item: Item, duration_s: float | None, known: VideoKnown, tolerance_s: float
) -> Settled:
    """Bring every event inside [0, duration) or reject it.

    An end may overrun by `tolerance_s` (one sampling step, or the source's own) and is clamped.
    Frame numbers become seconds by the video's own rate; a missing end becomes the stream's end;
    where the video is needed for that and not there, the reason is `needs_video`.
    """
    settled = Settled()
    for event in item.events:
        try:
            span, adjusted = _fit(event, item, duration_s, known, tolerance_s)
        except TimeFault as fault:
            message = f"event {event.index}: {fault}"
            settled.rejects.append(reject_event(item, event.index, fault.reason, message))
            continue
        if adjusted:
            settled.adjusted[adjusted] += 1
        settled.events.append(SettledEvent(event.index, span, event.text, event.question))
    _count_disorder(settled)
    settled.events.sort(key=lambda e: (e.span.end_s, e.span.start_s, e.index))
    return settled


def _fit(
    event: Event, item: Item, duration_s: float | None, known: VideoKnown, tolerance_s: float
) -> tuple[Span, str | None]:
    start_s, end_s = event.start_s, event.end_s
    if item.time_unit == VIDEO_FRAMES:
        if known.fps is None:
            raise TimeFault(
                "needs_video", "its times are frame numbers, and the video's frame rate is unknown"
            )
        start_s = frames_to_s(start_s, known.fps)
        end_s = None if end_s is None else frames_to_s(end_s, known.fps)
    if end_s is None:
        if duration_s is None:
            raise TimeFault("needs_video", "it has no end, and the video's length is unknown")
        end_s = max(duration_s, start_s)
    span, adjusted = fit_span(start_s, end_s, duration_s, tolerance_s)
    short_end_s = find_short_end(duration_s, known, tolerance_s)
    if short_end_s is None:
        return span, adjusted
    try:
        span, clamped = fit_span(span.start_s, span.end_s, short_end_s, tolerance_s)
    except TimeFault as fault:
        raise TimeFault(
            "past_decoded_end",
            f"ends at {span.end_s:g} s, but the file decodes only up to {short_end_s:g} s",
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
