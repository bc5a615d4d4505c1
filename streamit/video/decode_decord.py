"""Decodes with decord, by the times of its frames, only where that was found exact.

decord 0.6.0 hangs or errs on MPEG-TS, shows frames that edit lists hide, takes wrong frames from
open groups of pictures, fails on VP9 with several threads, and puts other frames in the place of
damaged ones without a word; docs/frames.md has the figures.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import Any

from streamit.errors import VideoError
from streamit.timeline import pick_shown
from streamit.video.decode_skipping import SkipFault, decode_skipping
from streamit.video.facts import VideoFacts
from streamit.video.picture import Picture, Size

KeepPicture = Callable[[float, Picture], None]

_CONTAINERS = ("mov,mp4,m4a,3gp,3g2,mj2", "matroska,webm")
_CODECS = ("h264", "hevc", "vp8", "vp9")
_FLOAT32_STEP = 2**-22  # decord keeps times as float32: so much of their size is noise


def why_not_decord(facts: VideoFacts) -> str | None:
    """What in the facts forbids decord, in words; None where it may serve."""
    if facts.container not in _CONTAINERS:
        return f"it hangs on or misplaces the frames of {facts.container} files"
    if facts.codec not in _CODECS:
        return f"it was not found exact with {facts.codec}"
    if facts.has_hidden_packets:
        return "it shows frames that an edit list or the codec hides"
    if facts.has_open_groups:
        return "it begins at key frames whose followers lean on earlier pictures"
    if facts.is_cut_short:
        return "it repeats frames in silence where a file is cut short"
    return None


def decode_decord(
    path: str,
    facts: VideoFacts,
    times_s: Sequence[float],
    size: Size,
    keep: KeepPicture,
) -> float:
    """Keep the last frame shown at each time, each frame once, as an RGB picture.

    Returns the end of the video in seconds. Raises VideoError `decoder_refused` when decord sees
    other frames than the packets hold, or the video's end does not decode.
    """
    reader = _open_reader(path, size)
    if not _agrees(reader, facts):
        raise refusal(path, "it counts other frames in this file than the file holds")
    for index in pick_shown(facts.pts_s, times_s):
        keep(facts.pts_s[index], _read(reader, index, path))
    return _checked_end(path, facts)


def refusal(path: str, why: str) -> VideoError:
    """The error for a file that decord must not decode."""
    return VideoError(
        "decoder_refused",
        f"{os.path.basename(path)}: not with decord: {why}; set video.decoder to pyav or auto",
    )


def _open_reader(path: str, size: Size) -> Any:
    try:
        import decord
    except ImportError as exc:
        raise VideoError(
            "decoder_refused",
            f"{os.path.basename(path)}: decord is not installed; set video.decoder to pyav or auto",
        ) from exc
    try:
        return decord.VideoReader(path, width=size[0], height=size[1], num_threads=1)
    except (RuntimeError, decord.DECORDError) as exc:
        raise refusal(path, "it cannot open it") from exc


def _read(reader: Any, index: int, path: str) -> Picture:
    import decord

    try:
        picture: Picture = reader[index].asnumpy()
    except (RuntimeError, IndexError, decord.DECORDError) as exc:
        raise refusal(path, f"it fails at frame {index}") from exc
    return picture


def _agrees(reader: Any, facts: VideoFacts) -> bool:
    """Whether decord lists the same frames, counted from the first."""
    if len(reader) != facts.n_shown:
        return False
    starts = reader.get_frame_timestamp(range(len(reader)))[:, 0]
    return all(
        abs((float(start) - float(starts[0])) - (pts - facts.pts_s[0]))
        <= 1e-5 + abs(float(start)) * _FLOAT32_STEP
        for start, pts in zip(starts, facts.pts_s, strict=True)
    )


def _checked_end(path: str, facts: VideoFacts) -> float:
    """The end, if PyAV can decode the last frame: decord would hide that it cannot."""
    try:
        return decode_skipping(path, facts, (), lambda _start_s, _frame: None)
    except SkipFault as exc:
        raise refusal(path, "the end of the video is damaged") from exc
