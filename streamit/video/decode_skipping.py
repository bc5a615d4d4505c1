"""Decodes with PyAV only what the wanted frames need, and gives what decoding in order gives.

Packets between a wanted frame and the next entry point are read but not decoded, and of H.264
neither are the pictures that nothing leans on (nal_ref_idc 0). Which frame shows at a time is known
from the packets. Whenever anything is not as they said (a missing frame, an error, a picture that
the decoder patched up), SkipFault is raised and the caller decodes in order.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from streamit.timeline import pick_shown
from streamit.video.decode_pyav import Keep, open_decoder
from streamit.video.facts import VideoFacts

if TYPE_CHECKING:
    from av.packet import Packet
    from av.video.codeccontext import VideoCodecContext
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream

SKIPPABLE = frozenset({"h264", "hevc", "vp8", "vp9", "av1"})
"""Codecs whose entry points are known (entry_points.py)."""


class SkipFault(Exception):
    """Skipping met something that the packets did not announce; decode in order instead."""


def can_skip(facts: VideoFacts) -> bool:
    """Whether frames can be told apart by stored times, in a codec with known entry points."""
    return facts.codec in SKIPPABLE and facts.stores_pts


def decode_skipping(
    path: str, facts: VideoFacts, times_s: Sequence[float], keep: Keep, *, to_end: bool = True
) -> float:
    """Keep the last frame shown at each time, each frame once; the first if none is shown yet.

    With `to_end` the video's last frame is decoded too, as a witness that its end is whole.
    Returns the end in seconds. Raises SkipFault when a frame does not appear or appears damaged;
    what was kept until then is to be thrown away.
    """
    wants = [want for want in plan_wants(facts, times_s) if to_end or want.is_kept]
    n_found = 0
    for want, frame in zip(wants, _wanted_frames(path, facts, wants), strict=False):
        n_found += 1
        if want.is_kept:
            keep(facts.packets.time_of(want.tick), frame)
    if n_found < len(wants):
        raise SkipFault(f"{len(wants) - n_found} of {len(wants)} frames did not appear")
    return facts.duration_s


@dataclass(frozen=True, slots=True)
class Want:
    """A frame to decode: its tick, the packet to begin with, and whether to keep it."""

    tick: int
    entry: int
    is_kept: bool


def plan_wants(facts: VideoFacts, times_s: Sequence[float]) -> list[Want]:
    """The frames shown at the times, and the last one of the video."""
    table, last = facts.packets, facts.n_shown - 1
    picked = pick_shown(facts.pts_s, times_s)
    wants = [Want(table.ticks[i], table.entry_of(i), True) for i in picked]
    if not picked or picked[-1] != last:
        wants.append(Want(table.ticks[last], table.entry_of(last), False))
    return wants


def _wanted_frames(path: str, facts: VideoFacts, wants: Sequence[Want]) -> Iterator[VideoFrame]:
    """The wanted frames in order; ends early when some do not appear."""
    ticks = frozenset(want.tick for want in wants)
    spares = facts.codec == "h264" and facts.is_progressive
    at, is_fresh = 0, True
    with open_decoder(path, facts) as (packets, codec):
        for number, packet in enumerate(packets):
            # The first packet is never skipped: x264 states its version there, by which the decoder
            # works around faults of old ones for the whole stream.
            if packet is not None and 0 < number < wants[at].entry:
                if not is_fresh:
                    codec.flush_buffers()
                is_fresh = True
                continue
            is_fresh = False
            if spares and packet is not None:
                codec.skip_frame = "DEFAULT" if packet.pts in ticks else "NONREF"
            for frame in _decode(codec, packet):
                if _is_wanted(frame, wants[at]):
                    yield frame
                    at += 1
                    if at == len(wants):
                        return


def _decode(codec: VideoCodecContext, packet: Packet[VideoStream] | None) -> Sequence[VideoFrame]:
    import av

    try:
        frames = codec.decode(packet)
    except (av.FFmpegError, ValueError) as exc:
        raise SkipFault(f"a packet does not decode: {exc}") from exc
    for frame in frames:
        if frame.is_corrupt:
            raise SkipFault(f"frame {frame.pts} is damaged")
    return frames


def _is_wanted(frame: VideoFrame, want: Want) -> bool:
    """Whether this is the wanted frame. Raises SkipFault when that one was passed."""
    if frame.pts is None or frame.pts > want.tick:
        raise SkipFault(f"frame {frame.pts} came where {want.tick} was due")
    return frame.pts == want.tick
