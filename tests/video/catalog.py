"""Rendered videos for the frame tests: one per trap, each with the truth about its frames."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from tests.rendered import (
    Rendered,
    Style,
    add_stream,
    even_ticks,
    numbered_frame,
    render,
    run_ffmpeg,
    truth,
)

_FPS = Fraction(30)
_TICKS = even_ticks(300, _FPS)
_GOP_60 = {"g": "60", "bf": "3"}
_SHORT = even_ticks(120, _FPS)
_MS = Fraction(1, 1000)
_SHORT_MS = even_ticks(120, _FPS, time_base=1000)
"""Matroska and WebM keep milliseconds."""


def constant_rate(path: Path) -> Rendered:
    return render(path, _TICKS)


def short_groups(path: Path) -> Rendered:
    return render(path, _TICKS, Style(options={"g": "30", "bf": "3"}))


def ntsc_rate(path: Path) -> Rendered:
    rate = Fraction(30000, 1001)
    return render(path, even_ticks(300, rate), Style(rate=rate))


def variable_rate(path: Path) -> Rendered:
    dice = random.Random(1)
    ticks = [0]
    while len(ticks) < 120:
        ticks.append(ticks[-1] + dice.choice([1500, 3000, 9000, 45000, 120000]))
    return render(path, ticks, Style(options={"g": "25", "bf": "3"}))


def transport_stream(path: Path) -> Rendered:
    """MPEG-TS muxers start the clock late, here at 1.47 s."""
    return render(path, even_ticks(300, _FPS, first=132300), Style(options=_GOP_60))


def matroska_from_5_s(path: Path) -> Rendered:
    ticks = even_ticks(300, _FPS, first=5000, time_base=1000)
    return render(path, ticks, Style(time_base=_MS))


def edit_list(path: Path) -> Rendered:
    """Cut without encoding: begins at a key frame, an edit list hides what is too early."""
    whole = render(path.with_name("whole.mp4"), _TICKS, Style(options=_GOP_60))
    run_ffmpeg("-ss", "3.5", "-i", whole.path, "-c", "copy", path)
    return Rendered(path, whole.numbers[105:], tuple(s for s in whole.starts_s[:195]), 6.5)


def rotated(path: Path) -> Rendered:
    """Written lying on its side, with a note to turn it by 90 degrees."""
    return render(path, _SHORT, Style(rotation=90))


def rotated_right(path: Path) -> Rendered:
    return render(path, _SHORT, Style(rotation=-90))


def upside_down(path: Path) -> Rendered:
    return render(path, _SHORT, Style(rotation=180))


def odd_size(path: Path) -> Rendered:
    return render(
        path, _SHORT_MS, Style("libvpx-vp9", size=(193, 129), time_base=_MS, options=_GOP_60)
    )


def vp8(path: Path) -> Rendered:
    options = {"g": "60", "auto-alt-ref": "1", "lag-in-frames": "16"}
    return render(path, _SHORT_MS, Style("libvpx", time_base=_MS, options=options))


def av1(path: Path) -> Rendered:
    return render(path, _SHORT_MS, Style("libsvtav1", time_base=_MS, options=_GOP_60))


def ten_bit_hevc(path: Path) -> Rendered:
    options = {"x265-params": "keyint=60:log-level=none"}
    return render(path, _SHORT, Style("libx265", "yuv420p10le", options=options))


def ten_bit_h264(path: Path) -> Rendered:
    return render(path, _SHORT_MS, Style(pix_fmt="yuv420p10le", time_base=_MS))


def full_chroma(path: Path) -> Rendered:
    return render(path, _SHORT, Style(pix_fmt="yuv444p", options=_GOP_60))


def open_groups(path: Path) -> Rendered:
    options = {"g": "30", "bf": "3", "x264-params": "open-gop=1"}
    return render(path, _TICKS, Style(options=options))


def open_groups_hevc(path: Path) -> Rendered:
    options = {"x265-params": "keyint=30:min-keyint=30:open-gop=1:log-level=none"}
    return render(path, _SHORT, Style("libx265", options=options))


def intra_refresh(path: Path) -> Rendered:
    """No key pictures after the first: a column of fresh blocks wanders through the picture."""
    options = {"g": "30", "bf": "3", "x264-params": "intra-refresh=1"}
    return render(path, _TICKS, Style(options=options))


def interlaced(path: Path) -> Rendered:
    options = {"g": "60", "bf": "3", "x264-params": "interlaced=1"}
    return render(path, _TICKS, Style(options=options))


def avi(path: Path) -> Rendered:
    """AVI stores no presentation times, and MPEG-4 part 2 has B frames."""
    style = Style("mpeg4", time_base=Fraction(1, 30), options={"g": "60", "bf": "2"})
    render(path, range(120), style)
    return truth(path, range(120), style, zero_s=1 / 30)  # the decoder's delay, as in ffmpeg


def mpeg2(path: Path) -> Rendered:
    style = Style("mpeg2video", time_base=Fraction(1, 30), options={"g": "15", "bf": "2"})
    return render(path, range(120), style)


def one_frame(path: Path) -> Rendered:
    return render(path, [0])


def long_and_slow(path: Path) -> Rendered:
    """300 s at 2 frames per second: longer than the cap of 256 frames reaches at 1 per second."""
    return render(path, even_ticks(600, Fraction(2)), Style(rate=Fraction(2)))


def two_streams(path: Path) -> Rendered:
    """A small picture first, the main one second and marked as default."""
    small, large = Style(size=(96, 64)), Style()
    with av.open(str(path), "w") as container:
        streams = [add_stream(container, small), add_stream(container, large)]
        streams[0].disposition = av.stream.Disposition(0)
        streams[1].disposition = av.stream.Disposition.default
        for number, tick in enumerate(_SHORT):
            for stream, style, shown in zip(streams, (small, large), (999, number), strict=True):
                for packet in stream.encode(numbered_frame(shown, tick, style)):
                    container.mux(packet)
        for stream in streams:
            container.mux(stream.encode(None))
    return truth(path, _SHORT, large)


def sound_first(path: Path) -> Rendered:
    """The sound begins at 0, the picture 1.2 s later; players count from the sound."""
    style = Style(time_base=_MS)
    render_with_sound(path, [tick + 1200 for tick in _SHORT_MS], style, "pcm_s16le", first_s=0)
    return truth(path, _SHORT_MS, style, zero_s=1.2)


def sound_begins_later(path: Path) -> Rendered:
    """A transport stream that gets a second stream, the sound, in the middle."""
    style = Style(options=_GOP_60)
    first, second = path.with_name("first.ts"), path.with_name("second.ts")
    render(first, even_ticks(120, _FPS, first=180000), style)
    render_with_sound(second, even_ticks(120, _FPS, first=540000), style, "mp2", first_s=6)
    path.write_bytes(first.read_bytes() + second.read_bytes())
    shown = truth(path, even_ticks(240, _FPS), style)
    return replace(shown, numbers=(*range(120), *range(120)))


def render_with_sound(
    path: Path, ticks: list[int], style: Style, sound_codec: str, first_s: int
) -> None:
    """Numbered frames, and 4 s of silence from `first_s` on."""
    rate = 32000
    with av.open(str(path), "w") as container:
        stream = add_stream(container, style)
        sound = container.add_stream(sound_codec, rate=rate, layout="mono")
        for second in range(first_s, first_s + 4):
            frame = av.AudioFrame.from_ndarray(np.zeros((1, rate), np.int16), layout="mono")
            frame.rate, frame.pts, frame.time_base = rate, second * rate, Fraction(1, rate)
            container.mux(sound.encode(frame))
        container.mux(sound.encode(None))
        for number, tick in enumerate(ticks):
            container.mux(stream.encode(numbered_frame(number, tick, style)))
        container.mux(stream.encode(None))


CATALOG: dict[str, tuple[str, Callable[[Path], Rendered]]] = {
    "constant_rate": ("a.mp4", constant_rate),
    "short_groups": ("a.mp4", short_groups),
    "ntsc_rate": ("a.mp4", ntsc_rate),
    "variable_rate": ("a.mp4", variable_rate),
    "transport_stream": ("a.ts", transport_stream),
    "matroska_from_5_s": ("a.mkv", matroska_from_5_s),
    "edit_list": ("a.mp4", edit_list),
    "rotated": ("a.mp4", rotated),
    "rotated_right": ("a.mov", rotated_right),
    "upside_down": ("a.mp4", upside_down),
    "odd_size": ("a.webm", odd_size),
    "vp8": ("a.webm", vp8),
    "av1": ("a.mkv", av1),
    "ten_bit_hevc": ("a.mp4", ten_bit_hevc),
    "ten_bit_h264": ("a.mkv", ten_bit_h264),
    "full_chroma": ("a.mp4", full_chroma),
    "open_groups": ("a.mp4", open_groups),
    "open_groups_hevc": ("a.mp4", open_groups_hevc),
    "intra_refresh": ("a.mp4", intra_refresh),
    "interlaced": ("a.ts", interlaced),
    "avi": ("a.avi", avi),
    "mpeg2": ("a.ts", mpeg2),
    "one_frame": ("a.mp4", one_frame),
    "long_and_slow": ("a.mp4", long_and_slow),
    "two_streams": ("a.mp4", two_streams),
    "sound_begins_later": ("a.ts", sound_begins_later),
    "sound_first": ("a.mkv", sound_first),
}
"""Name -> file name and renderer."""
