"""Frames at 1 FPS as JPEG, against ffmpeg that decodes the same file and throws it away.

Each way uses one thread; a decoding child does the work, as in a build, and probing, scaling and
JPEG are in its time. Floors (720p h264): at most 1.2 times ffmpeg's time with a key frame every 250
frames, 0.8 times with one every 30. The other files show where decord stands: `auto` would pick it
where it is exact and faster.
"""

from __future__ import annotations

import importlib.util
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from benchmarks.harness import Case, Comparison, run_cases
from streamit.video.ffmpeg_binary import find_ffmpeg
from streamit.video.jobs import DECORD, PYAV, SampleJob
from streamit.video.worker import DecodeWorker

SECONDS = 60
FPS = 30


@dataclass(frozen=True, slots=True)
class Sample:
    """A video to render, and the most time to take for it, as a share of ffmpeg's own."""

    name: str
    file_name: str
    size: str
    encoder: tuple[str, ...]
    most: float | None = None


SAMPLES = (
    Sample("720p h264 GOP 250", "a.mp4", "1280x720", ("libx264", "-g", "250"), 1.2),
    Sample("720p h264 GOP 30", "b.mp4", "1280x720", ("libx264", "-g", "30"), 0.8),
    Sample("360p h264 GOP 250", "c.mp4", "640x360", ("libx264", "-g", "250")),
    Sample(
        "360p vp9", "d.webm", "640x360", ("libvpx-vp9", "-cpu-used", "8", "-deadline", "realtime")
    ),
)


def main() -> int:
    """Render the videos and measure every way on each."""
    with tempfile.TemporaryDirectory() as scratch, DecodeWorker() as worker:
        cases: list[Case] = []
        comparisons: list[Comparison] = []
        for sample in SAMPLES:
            path = render(sample, Path(scratch))
            cases += make_cases(sample, path, worker)
            comparisons += make_comparisons(sample)
        return run_cases("Frames at 1 FPS, short side 384, JPEG", cases, comparisons)


def render(sample: Sample, folder: Path) -> str:
    """A minute of moving shapes under noise, so that a picture costs bits as in a real video."""
    path = folder / sample.file_name
    picture = f"testsrc2=size={sample.size}:rate={FPS}:duration={SECONDS}"
    command = [find_ffmpeg(), "-v", "error", "-f", "lavfi", "-i", picture]
    command += ["-vf", "noise=alls=6:allf=t", "-c:v", *sample.encoder, "-crf", "28"]
    subprocess.run([*command, "-b:v", "0", "-pix_fmt", "yuv420p", str(path)], check=True)
    return str(path)


def make_cases(sample: Sample, path: str, worker: DecodeWorker) -> list[Case]:
    """ffmpeg, PyAV, and decord where it is installed."""
    ways = [PYAV, *([DECORD] if has_decord() else [])]
    return [
        Case(f"{sample.name}: ffmpeg", "seconds of video", SECONDS, lambda: decode_all(path)),
        *(
            Case(
                f"{sample.name}: {way}",
                "seconds of video",
                SECONDS,
                lambda way=way: len(worker.sample(path, SampleJob(decoder=way)).jpegs),
            )
            for way in ways
        ),
    ]


def make_comparisons(sample: Sample) -> list[Comparison]:
    """PyAV with ffmpeg, and with decord."""
    own = f"{sample.name}: {PYAV}"
    floor = None if sample.most is None else 1 / sample.most
    pairs = [Comparison(own, f"{sample.name}: ffmpeg", floor)]
    if has_decord():
        pairs.append(Comparison(own, f"{sample.name}: {DECORD}"))
    return pairs


def decode_all(path: str) -> int:
    """`ffmpeg -threads 1 -i X -f null -`; the seconds of video that it went through."""
    command = [find_ffmpeg(), "-v", "error", "-nostdin", "-threads", "1", "-i", path]
    subprocess.run([*command, "-f", "null", "-"], check=True)
    return SECONDS


def has_decord() -> bool:
    """Whether decord is installed; it is not on every platform."""
    return importlib.util.find_spec("decord") is not None


if __name__ == "__main__":
    sys.exit(main())
