"""Cuts an annotated video into its captioned clips, of which streams are joined."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace

from streamit.convert.base import VideoKnown, reject_event
from streamit.convert.events import SettledEvent, settle_events
from streamit.item import Event, Item, ItemClip, Reject

# What its video tells before it, and what it overlaps, is nothing to a clip by itself.
_ABOUT_ORDER = frozenset({"out_of_order", "overlapping"})


@dataclass(frozen=True, slots=True)
class CaptionedClip:
    """A clip and what it shows. Streams hold clips of one source, split and language only."""

    source: str
    split: str
    language: str | None
    clip: ItemClip
    text: str


@dataclass(slots=True)
class CutItem:
    """The usable clips of an item, the refused ones, repeated ones, and what was adjusted."""

    clips: list[CaptionedClip] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)
    repeated: list[CaptionedClip] = field(default_factory=list)
    adjusted: Counter[str] = field(default_factory=Counter)


class ClipCutter:
    """Cuts items, those of one source video after each other; no stretch comes out twice."""

    def __init__(self) -> None:
        self._source_video: str | None = None
        self._seen: set[tuple[str, str, float, float]] = set()

    def cut(
        self,
        item: Item,
        split: str,
        duration_s: float | None,
        known: VideoKnown,
        tolerance_s: float,
        step_s: float,
    ) -> CutItem:
        """The clips of an item, settled as the events of any video are (`settle_events`).

        An annotation that answers a question describes no clip, and is rejected `not_caption`.
        """
        if item.source_video != self._source_video:
            self._source_video = item.source_video
            self._seen.clear()
        captions = tuple(event for event in item.events if event.question is None)
        held = item if len(captions) == len(item.events) else replace(item, events=captions)
        settled = settle_events(held, duration_s, known, tolerance_s, step_s)
        out = CutItem(rejects=[_refuse(item, e) for e in item.events if e.question is not None])
        out.rejects += settled.rejects
        out.adjusted.update(
            {code: n for code, n in settled.adjusted.items() if code not in _ABOUT_ORDER}
        )
        for event in sorted(settled.events, key=lambda event: event.index):
            found = _make_clip(item, split, event)
            clip = found.clip
            name = (item.source, clip.media_id, clip.start_s, clip.end_s)
            (out.repeated if name in self._seen else out.clips).append(found)
            self._seen.add(name)
        return out


def _refuse(item: Item, event: Event) -> Reject:
    message = f"event {event.index}: answers the question {event.question!r}"
    return reject_event(item, event.index, "not_caption", message)


def _make_clip(item: Item, split: str, event: SettledEvent) -> CaptionedClip:
    clip = ItemClip(
        item.file,
        item.key,
        event.index,
        item.video_id,
        item.media_id or item.video_id,
        item.source_video,
        event.span.start_s,
        event.span.end_s,
    )
    return CaptionedClip(item.source, split, item.language, clip, event.text)
