"""Reads the facts of a video from its packets; of its pictures only the first is decoded.

A header says what a file was meant to hold, packets say what it holds: a truncated file keeps its
header. Rotation stands in side data that PyAV shows on frames alone, hence the one picture.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING

from streamit.errors import VideoError
from streamit.timeline import average_fps, ticks_to_s
from streamit.video.container import open_video, read_packets, zero_of
from streamit.video.entry_points import is_entry, is_hidden
from streamit.video.facts import PROGRESSIVE, PacketTable, VideoFacts

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.packet import Packet
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream

_PACKETS_UNTIL_FIRST_FRAME = 64
_PICTURE_FPS = 25  # what ffmpeg takes for a single picture without any rate
_JUMP_BACK_S = 1.0


def probe_video(path: str) -> VideoFacts:
    """The facts of a video file.

    Raises VideoError `video_missing`, `video_empty`, `video_unreadable`, `no_video_stream`,
    `no_frames` (a stream without a single shown frame) or `time_jumps_back`.
    """
    import av

    name = os.path.basename(path)
    with open_video(path) as (container, stream):
        try:
            scan = _scan(container, stream, name)
        except (av.FFmpegError, OSError) as exc:
            raise VideoError(
                "video_unreadable", f"{name}: reading stopped: {exc.strerror}; fetch it again"
            ) from exc
        if not scan.shown:
            raise VideoError(
                "no_frames", f"{name}: its video stream holds no frame; fetch it again"
            )
        return _facts(container, stream, scan)


@dataclass(slots=True)
class _Scan:
    """What one pass over the packets gathers. `shown` maps a tick to its packet's number."""

    shown: dict[int, int] = field(default_factory=dict)
    lengths: dict[int, int] = field(default_factory=dict)
    entries: list[tuple[int, int]] = field(default_factory=list)
    corrupt: list[tuple[int, int]] = field(default_factory=list)
    n_packets: int = 0
    n_hidden: int = 0
    n_without_pts: int = 0
    is_cut_short: bool = False
    has_open_groups: bool = False
    first_frame: VideoFrame | None = None


def _scan(container: InputContainer, stream: VideoStream, name: str) -> _Scan:
    codec = stream.codec_context.codec.canonical_name
    extradata = stream.codec_context.extradata
    stream.codec_context.thread_count = 1  # for one picture, threads cost more than they save
    last_dts = None
    scan = _Scan()
    for packet in read_packets(container, stream):
        if packet.dts is not None:
            _refuse_jump(packet, last_dts, name)
            last_dts = packet.dts
        if scan.first_frame is None and scan.n_packets < _PACKETS_UNTIL_FIRST_FRAME:
            scan.first_frame = _try_decode(stream, packet)
        _note(scan, packet, codec, extradata)
    if scan.first_frame is None:
        scan.first_frame = _try_decode(stream, None)
    _drop_cut_tail(scan)
    return scan


def _note(scan: _Scan, packet: Packet[VideoStream], codec: str, extradata: bytes | None) -> None:
    number = scan.n_packets
    scan.n_packets += 1
    tick = packet.pts if packet.pts is not None else packet.dts
    scan.n_without_pts += packet.pts is None
    if tick is None:
        return
    if packet.is_keyframe:
        if is_entry(codec, bytes(packet), extradata):
            scan.entries.append((tick, number))
        else:
            scan.has_open_groups = True
    elif scan.entries and tick < scan.entries[-1][0]:
        scan.has_open_groups = True
    if packet.is_discard or (codec == "vp8" and is_hidden(codec, bytes(packet))):
        scan.n_hidden += 1
        return
    scan.shown.setdefault(tick, number)
    scan.lengths[tick] = packet.duration or 0
    if packet.is_corrupt:
        scan.corrupt.append((tick, number))


def _try_decode(stream: VideoStream, packet: Packet[VideoStream] | None) -> VideoFrame | None:
    import av

    try:
        return next(iter(stream.codec_context.decode(packet)), None)
    except (av.FFmpegError, ValueError):
        return None


def _refuse_jump(packet: Packet[VideoStream], last_dts: int | None, name: str) -> None:
    """Streams glued together start counting anew; which of two frames a time means is unknown."""
    if last_dts is None or packet.dts is None or packet.time_base is None:
        return
    back_s = float((last_dts - packet.dts) * packet.time_base)
    if back_s > _JUMP_BACK_S:
        raise VideoError(
            "time_jumps_back",
            f"{name}: its clock jumps back by {back_s:.3f} s; convert the file with ffmpeg",
        )


def _drop_cut_tail(scan: _Scan) -> None:
    """Packets that the end of the file cut short hold no whole frame."""
    while scan.corrupt and scan.corrupt[-1][1] == scan.n_packets - 1:
        tick, _ = scan.corrupt.pop()
        scan.shown.pop(tick, None)
        scan.n_packets -= 1
        scan.is_cut_short = True


def _facts(container: InputContainer, stream: VideoStream, scan: _Scan) -> VideoFacts:
    context = stream.codec_context
    table = _table(stream, scan, zero_of(container))
    pts_s = tuple(table.time_of(tick) for tick in table.ticks)
    duration_s = table.time_of(table.ticks[-1] + _last_length(scan, stream, table.ticks))
    width, height, rotation_deg = _shape(stream, scan.first_frame)
    return VideoFacts(
        duration_s=duration_s,
        width=width,
        height=height,
        rotation_deg=rotation_deg,
        has_audio=bool(container.streams.audio),
        codec=context.codec.canonical_name,
        container=container.format.name,
        stream_index=stream.index,
        fps=average_fps(len(pts_s), pts_s[0], duration_s),
        pts_s=pts_s,
        is_progressive=int(context.field_order) == PROGRESSIVE,
        is_cut_short=scan.is_cut_short,
        has_hidden_packets=scan.n_hidden > 0,
        has_open_groups=scan.has_open_groups,
        stores_pts=scan.n_without_pts == 0 and container.format.name != "avi",
        packets=table,
    )


def _table(stream: VideoStream, scan: _Scan, zero_s: float) -> PacketTable:
    base = stream.time_base
    if base is None:
        raise ValueError("a demuxed stream has a time base")
    ticks = sorted(scan.shown)
    at_zero = [t for t in ticks if ticks_to_s(t, base.numerator, base.denominator, zero_s) <= 0]
    if at_zero:  # of what starts before time 0, a player shows the last at time 0
        ticks = ticks[len(at_zero) - 1 :]
    return PacketTable(
        time_base=(base.numerator, base.denominator),
        zero_s=zero_s,
        ticks=tuple(ticks),
        numbers=tuple(scan.shown[tick] for tick in ticks),
        entry_ticks=tuple(tick for tick, _ in sorted(scan.entries)),
        entry_numbers=tuple(number for _, number in sorted(scan.entries)),
        n_packets=scan.n_packets,
    )


def _last_length(scan: _Scan, stream: VideoStream, ticks: tuple[int, ...]) -> int:
    """Ticks that the last frame is shown: its packet's, the gap before it, or the stream's rate."""
    if scan.lengths[ticks[-1]] > 0:
        return scan.lengths[ticks[-1]]
    if len(ticks) > 1:
        return ticks[-1] - ticks[-2]
    rate = stream.average_rate or stream.guessed_rate or Fraction(_PICTURE_FPS)
    return max(round(1 / (rate * (stream.time_base or 1))), 1)


def _shape(stream: VideoStream, frame: VideoFrame | None) -> tuple[int, int, int]:
    """Width and height as shown, and the rotation. Angles between right angles are left alone."""
    if frame is None:
        return stream.width, stream.height, 0
    rotation_deg = frame.rotation % 360
    if rotation_deg % 90:
        rotation_deg = 0
    if rotation_deg % 180:
        return frame.height, frame.width, rotation_deg
    return frame.width, frame.height, rotation_deg
