"""Opens a video file with PyAV and picks the stream that ffmpeg would show."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from streamit.errors import VideoError

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.packet import Packet
    from av.video.stream import VideoStream

_MICROSECOND = 1_000_000


@contextmanager
def open_video(path: str) -> Iterator[tuple[InputContainer, VideoStream]]:
    """The opened container and its video stream, closed at the end of the block.

    Messages name the file without its folder: they end up in a build's rejects, which are the same
    on every machine.

    Raises VideoError `video_missing`, `video_empty`, `video_unreadable` or `no_video_stream`.
    """
    import av

    name = os.path.basename(path)
    _refuse_empty(path, name)
    try:
        # `file:` so that a name like `-x` or `http:x` is a name; the white list keeps a play list
        # that poses as a video from opening the network.
        container = av.open(
            "file:" + os.path.abspath(path),
            options={"protocol_whitelist": "file"},
            metadata_errors="replace",
        )
    except (av.FFmpegError, OSError, ValueError) as exc:
        why = getattr(exc, "strerror", None) or type(exc).__name__
        raise VideoError(
            "video_unreadable", f"{name}: no video that ffmpeg can read ({why}); fetch it again"
        ) from exc
    with container:
        yield container, _shown_stream(container, name)


def read_packets(container: InputContainer, stream: VideoStream) -> Iterator[Packet[VideoStream]]:
    """The stream's packets in the file's order.

    PyAV counts the streams once: one that a transport stream adds later upsets the empty packets
    it makes up at the end, which are not needed here.
    """
    with contextlib.suppress(IndexError):
        for packet in container.demux(stream):
            if packet.size and packet.stream_index == stream.index:
                yield packet


def zero_of(container: InputContainer) -> float:
    """Time 0 in the container's own count, in seconds: the earliest start of its streams.

    ffmpeg and players shift every time stamp by AVFormatContext.start_time. It is rounded to a
    microsecond; the stream start that it was taken from is not, so the latter is used.
    """
    if container.start_time is None:
        return 0.0
    rounded_s = container.start_time / _MICROSECOND
    starts = [
        float(stream.start_time * stream.time_base)
        for stream in container.streams
        if stream.start_time is not None and stream.time_base is not None
    ]
    near = [start for start in starts if abs(start - rounded_s) <= 1 / _MICROSECOND]
    return min(near, default=rounded_s)


def _refuse_empty(path: str, name: str) -> None:
    try:
        size = os.stat(path).st_size
    except FileNotFoundError as exc:
        raise VideoError("video_missing", f"{name}: there is no such file") from exc
    except OSError as exc:
        raise VideoError("video_unreadable", f"{name}: cannot be read: {exc.strerror}") from exc
    if size == 0:
        raise VideoError("video_empty", f"{name}: the file is empty; fetch it again")


def _shown_stream(container: InputContainer, name: str) -> VideoStream:
    """The stream ffmpeg calls best. A cover picture is no video."""
    from av.stream import Disposition

    moving = [s for s in container.streams.video if not s.disposition & Disposition.attached_pic]
    if not moving:
        raise VideoError("no_video_stream", f"{name}: has no video stream, only sound or pictures")
    best = container.streams.best("video")
    chosen = best if best in moving else max(moving, key=lambda s: s.width * s.height)
    if chosen.codec_context is None:
        raise VideoError(
            "video_unreadable", f"{name}: PyAV has no decoder for its video; convert the file"
        )
    return chosen
