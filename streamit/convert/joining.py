"""Joins clips in a row into long streams (paper, section 5, step 3)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from msgspec.json import encode

from streamit.convert.clips import CaptionedClip
from streamit.item import Event, Item
from streamit.stream_settings import Streams
from streamit.timeline import lay_out, length_s

_NAME_LENGTH = 16


def join_clips(
    clips: Iterable[CaptionedClip],
    streams: Streams,
    set_aside: Callable[[CaptionedClip, str], None],
) -> Iterator[Item]:
    """One stream of every so many clips in a row; the clips are of one source, split and language.

    What cannot be part of a stream is handed to `set_aside` with the reason: a clip longer than a
    stream may be, and what is left with too few others.
    """
    held: list[CaptionedClip] = []
    for clip in clips:
        if _length_of(clip) > streams.max_length_s:
            set_aside(clip, "long_clip")
            continue
        if length_s(0.0, sum(map(_length_of, [*held, clip]))) > streams.max_length_s:
            yield from _close(held, streams, set_aside)
            held = []
        held.append(clip)
        if len(held) == streams.clips:
            yield make_stream(held)
            held = []
    yield from _close(held, streams, set_aside)


def make_stream(clips: Sequence[CaptionedClip]) -> Item:
    """The stream of these clips: an item with one event per clip, its caption.

    Its id depends on which clips it has, in which order; files and keys of all are listed.
    """
    first = clips[0]
    spans = lay_out((0.0, _length_of(one)) for one in clips)
    name = f"stream-{_digest(clips)}"
    return Item(
        source=first.source,
        split=first.split,
        file=", ".join(dict.fromkeys(one.clip.file for one in clips)),
        ordinal=0,
        key=", ".join(f"{one.clip.key}#{one.clip.index}" for one in clips),
        video_id=name,
        source_video=name,
        duration_s=spans[-1].end_s,
        events=tuple(
            Event(i, span.start_s, span.end_s, one.text)
            for i, (one, span) in enumerate(zip(clips, spans, strict=True))
        ),
        language=first.language,
        clips=tuple(
            # What the first one is like is of no stream but the one before.
            replace(one.clip, offset_s=span.start_s, likeness=one.clip.likeness if i else None)
            for i, (one, span) in enumerate(zip(clips, spans, strict=True))
        ),
    )


def _close(
    held: Sequence[CaptionedClip],
    streams: Streams,
    set_aside: Callable[[CaptionedClip, str], None],
) -> Iterator[Item]:
    if len(held) >= streams.min_clips:
        yield make_stream(held)
        return
    for clip in held:
        set_aside(clip, "short_stream")


def _length_of(one: CaptionedClip) -> float:
    return length_s(one.clip.start_s, one.clip.end_s)


def _digest(clips: Sequence[CaptionedClip]) -> str:
    named = [(one.clip.file, one.clip.key, one.clip.index) for one in clips]
    return hashlib.sha256(encode([clips[0].source, named])).hexdigest()[:_NAME_LENGTH]
