"""Decodes in a child process, so that a video that kills or hangs its decoder costs that video.

A plain subprocess: multiprocessing's spawn would run a user's script again where it has no
`__main__` guard, and its fork is unsafe beside Ray's threads. The child has its own session, so
Ctrl-C in a terminal does not reach it, and an ffmpeg it started ends together with it.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import threading
from typing import IO, Any

from streamit import errors
from streamit.errors import EngineError, StreamitError, VideoError
from streamit.video.facts import VideoFacts
from streamit.video.jobs import ClipFile, CutJob, Encoding, KeptCuts, SampledVideo, SampleJob
from streamit.video.pipe import (
    Answer,
    Encode,
    Fault,
    MakeClip,
    Probe,
    Request,
    Sample,
    SampleCuts,
    SpoolCuts,
    receive,
    send,
)

DEFAULT_TIMEOUT_S = 600.0
_START_TIMEOUT_S = 120.0
_LAST_WORDS_BYTES = 2000
_LAST_WORDS_LINES = 3


class DecodeWorker:
    """One decoding child, started when first needed and replaced after a crash or time-out.

    Serves one call at a time. Every method raises VideoError: the child's own, `timeout` when it
    took longer than `timeout_s` seconds, `decoder_crash` when the process died.
    """

    def __init__(self, timeout_s: float = DEFAULT_TIMEOUT_S) -> None:
        self.timeout_s = timeout_s
        self._child: subprocess.Popen[bytes] | None = None
        self._chatter: IO[bytes] | None = None

    def __enter__(self) -> DecodeWorker:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    @property
    def pid(self) -> int | None:
        """Process id of the child; None while there is none."""
        return None if self._child is None else self._child.pid

    def probe(self, path: str) -> VideoFacts:
        """`probe_video` in the child."""
        facts: VideoFacts = self._ask(Probe(path))
        return facts

    def sample(self, path: str, job: SampleJob) -> SampledVideo:
        """`sample_frames` in the child, as JPEG files."""
        sampled: SampledVideo = self._ask(Sample(path, job))
        return sampled

    def clip(self, path: str, out_path: str, job: SampleJob) -> ClipFile:
        """`write_clip` in the child."""
        clip: ClipFile = self._ask(MakeClip(path, out_path, job))
        return clip

    def sample_cuts(self, path: str, job: CutJob) -> KeptCuts[bytes]:
        """`keep_cuts` in the child, as JPEG files."""
        kept: KeptCuts[bytes] = self._ask(SampleCuts(path, job))
        return kept

    def spool_cuts(self, path: str, job: CutJob, spool_path: str) -> KeptCuts[int]:
        """`keep_cuts` in the child, as raw pictures appended to a file; where each begins in it."""
        kept: KeptCuts[int] = self._ask(SpoolCuts(path, job, spool_path))
        return kept

    def encode(self, encoding: Encoding, out_path: str) -> None:
        """`encode_video` in the child."""
        self._ask(Encode(out_path, encoding))

    def kill(self) -> None:
        """Make the call that another thread waits for fail at once."""
        if self._child is not None:
            _kill(self._child.pid)

    def close(self) -> None:
        """End the child, whatever it is doing."""
        if self._child is None:
            return
        _kill(self._child.pid)
        self._child.wait()
        for pipe in (self._child.stdin, self._child.stdout, self._chatter):
            if pipe is not None:
                with contextlib.suppress(BrokenPipeError):
                    pipe.close()
        self._child = self._chatter = None

    def _ask(self, request: Request) -> Any:
        child = self._living_child()
        clock = _Clock(self.timeout_s, child.pid)
        try:
            with clock:
                reply = _exchange(child, request)
        except (EOFError, BrokenPipeError) as exc:
            raise self._bury(request.path, clock.rang) from exc
        except BaseException:
            self.close()  # an answer still on its way would be taken for the next call's
            raise
        if isinstance(reply, Fault):
            raise _error_of(reply)
        return reply.value

    def _living_child(self) -> subprocess.Popen[bytes]:
        if self._child is not None and self._child.poll() is None:
            _forget(self._chatter)
            return self._child
        self.close()
        self._chatter = tempfile.TemporaryFile()  # noqa: SIM115 (lives until close)
        self._child = _start(self._chatter)
        try:
            with _Clock(_START_TIMEOUT_S, self._child.pid):
                receive(_pipe(self._child.stdout))
        except EOFError as exc:
            said = _last_words(self._chatter)
            self.close()
            raise EngineError(f"the decoding process does not start: {said}") from exc
        return self._child

    def _bury(self, path: str, is_late: bool) -> VideoError:
        """Clear away a child that ended in the middle of a video; the error that says how."""
        code = 0 if self._child is None else self._child.wait()
        said = _last_words(self._chatter)
        self.close()
        name = os.path.basename(path)
        if is_late:
            return VideoError(
                "timeout",
                f"{name}: took longer than {self.timeout_s:g} s; raise video.timeout_s to wait",
            )
        return VideoError(
            "decoder_crash", f"{name}: decoding ended its process ({_name_exit(code)}); {said}"
        )


class _Clock:
    """Kills a process group when its time is up; `rang` tells that it did."""

    def __init__(self, timeout_s: float, group: int) -> None:
        self.rang = False
        self._group = group
        self._timer = threading.Timer(timeout_s, self._ring)
        self._timer.daemon = True

    def __enter__(self) -> _Clock:
        self._timer.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._timer.cancel()
        self._timer.join()

    def _ring(self) -> None:
        self.rang = True
        _kill(self._group)


def _start(chatter: IO[bytes]) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-P", "-m", "streamit.video.child"]
    try:
        return subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=chatter,
            # What the parent can import, the child can: also under Ray, in a notebook, in a zip.
            env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            start_new_session=True,
        )
    except OSError as exc:
        raise EngineError(f"the decoding process {command} does not start: {exc}") from exc


def _exchange(child: subprocess.Popen[bytes], request: Request) -> Answer | Fault:
    send(_pipe(child.stdin), request)
    reply: Answer | Fault = receive(_pipe(child.stdout))
    return reply


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    if pipe is None:
        raise EngineError("the decoding process was started without pipes")
    return pipe


def _kill(group: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signal.SIGKILL)


def _error_of(fault: Fault) -> StreamitError:
    if fault.reason is not None:
        return VideoError(fault.reason, fault.message)
    kind: type[StreamitError] = getattr(errors, fault.error)
    return kind(fault.message)


def _name_exit(code: int) -> str:
    return signal.Signals(-code).name if code < 0 else f"exit code {code}"


def _forget(chatter: IO[bytes] | None) -> None:
    """Empty the file; the child writes on at the same place, as both share one file offset."""
    if chatter is not None:
        chatter.seek(0)
        chatter.truncate()


def _last_words(chatter: IO[bytes] | None) -> str:
    """The last lines that the child's libraries printed."""
    if chatter is None:
        return "it said nothing"
    end = chatter.seek(0, os.SEEK_END)
    chatter.seek(max(end - _LAST_WORDS_BYTES, 0))
    lines = chatter.read().decode("utf-8", "replace").strip().splitlines()
    return " | ".join(lines[-_LAST_WORDS_LINES:]) or "it said nothing"
