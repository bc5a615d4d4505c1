"""Decodes a video in order with PyAV: the reference that every other way must equal."""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain, islice, takewhile
from typing import TYPE_CHECKING

from streamit.timeline import is_shown_by
from streamit.video.container import open_video, read_packets
from streamit.video.facts import VideoFacts

if TYPE_CHECKING:
    from av.packet import Packet
    from av.video.codeccontext import VideoCodecContext
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream

Keep = Callable[[float, "VideoFrame"], None]
"""Takes a frame that was picked, with its own time in seconds."""


def decode_in_order(
    path: str, facts: VideoFacts, times_s: Sequence[float], keep: Keep, *, to_end: bool = True
) -> float | None:
    """Decode everything; keep the last frame shown at each time, each frame once.

    A time before the first frame takes the first. Frames that do not decode are passed over.
    Returns when the last decoded frame ends, in seconds, or None when none decodes; `to_end` false
    stops behind the last time.
    """
    waiting = deque(times_s)
    shown: tuple[float, VideoFrame] | None = None
    is_kept = False
    for start_s, frame in _shown_frames(path, facts):
        while shown and waiting and not is_shown_by(start_s, waiting[0]):
            waiting.popleft()
            if not is_kept:
                keep(*shown)
                is_kept = True
        shown, is_kept = (start_s, frame), False
        if not (waiting or to_end):
            break
    if shown is None:
        return None
    if waiting and not is_kept:
        keep(*shown)
    return facts.end_of(shown[0])


def list_decoded(path: str, facts: VideoFacts, until_s: float) -> list[float]:
    """When the frames that decode start, in seconds; those that start before `until_s`."""
    starts_s = (start_s for start_s, _frame in _shown_frames(path, facts))
    return list(takewhile(lambda start_s: start_s < until_s, starts_s))


@contextmanager
def open_decoder(
    path: str, facts: VideoFacts
) -> Iterator[tuple[Iterator[Packet[VideoStream] | None], VideoCodecContext]]:
    """The stream's whole packets in the file's order, then None to drain; and their decoder.

    One thread: workers are processes, one per core.
    """
    with open_video(path) as (container, stream):
        codec = stream.codec_context
        codec.thread_type = "NONE"
        codec.thread_count = 1
        whole = islice(read_packets(container, stream), facts.packets.n_packets)
        yield chain(whole, [None]), codec


def _shown_frames(path: str, facts: VideoFacts) -> Iterator[tuple[float, VideoFrame]]:
    """Every shown frame that decodes, with its time; times increase strictly."""
    import av

    first = facts.packets.ticks[0]
    last = first - 1
    with open_decoder(path, facts) as (packets, codec):
        for packet in packets:
            try:
                frames = codec.decode(packet)
            except (av.FFmpegError, ValueError):
                continue
            for frame in frames:
                tick = _tick_of(frame, facts, last)
                if tick is not None and tick > last:
                    last = tick
                    yield facts.packets.time_of(tick), frame


def _tick_of(frame: VideoFrame, facts: VideoFacts, last: int) -> int | None:
    """The frame's time stamp.

    Where the container stores none, libavformat makes them up and gets the order of B frames wrong;
    the stamps of decoding are right then, as frames come out in the order they are shown. The
    frames that come out of the drain have none: each is the next one.
    """
    if facts.stores_pts:
        return frame.pts if frame.pts is not None else frame.dts
    if frame.dts is not None:
        return frame.dts
    after = bisect_right(facts.packets.ticks, last)
    return facts.packets.ticks[after] if after < facts.n_shown else None
