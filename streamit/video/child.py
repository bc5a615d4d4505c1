"""The decoding child: `python -m streamit.video.child`, started by worker.py.

It reads requests from stdin and writes answers to what was its stdout; stdout itself is turned to
stderr first, so that the chatter of libraries cannot get between the answers. When stdin ends the
parent is dead or done, and the child ends at once, together with an ffmpeg it may have started:
decoding may be stuck, so this happens in a thread.
"""

from __future__ import annotations

import importlib
import os
import queue
import signal
import sys
import threading
from typing import IO, Any

from streamit.errors import StreamitError, VideoError
from streamit.video.jobs import SampledVideo
from streamit.video.pipe import Answer, Fault, MakeClip, Probe, Request, Sample, receive, send


def main() -> None:
    """Say that the libraries are there, then serve requests until the parent is gone."""
    requests: queue.SimpleQueue[Request] = queue.SimpleQueue()
    answers = _claim_stdout()
    threading.Thread(target=_read_requests, args=(sys.stdin.buffer, requests), daemon=True).start()
    importlib.import_module("streamit.video.frames")
    importlib.import_module("av")
    send(answers, Answer("ready"))
    while True:
        send(answers, serve(requests.get()))


def serve(request: Request) -> Answer | Fault:
    """Do what is asked. Whatever goes wrong costs this video only."""
    try:
        return Answer(_do(request))
    except VideoError as exc:
        return Fault("VideoError", exc.reason, str(exc))
    except StreamitError as exc:
        return Fault(type(exc).__name__, None, str(exc))
    except Exception as exc:
        said = f"{os.path.basename(request.path)}: {type(exc).__name__}: {exc}"
        return Fault("VideoError", "decoder_error", f"{said}; not foreseen, please report it")


def _do(request: Request) -> Any:
    match request:
        case Probe(path):
            from streamit.video.probe import probe_video

            return probe_video(path)
        case Sample(path, _):
            return _sample(request)
        case MakeClip(path, out_path, job):
            from streamit.video.clips import write_clip

            return write_clip(path, out_path, job)


def _sample(request: Sample) -> SampledVideo:
    from streamit.video.frames import keep_frames
    from streamit.video.jpeg import encode_jpeg

    quality = request.job.jpeg_quality
    kept = keep_frames(request.path, request.job, lambda rgb: encode_jpeg(rgb, quality))
    return SampledVideo(
        times_s=kept.times_s,
        jpegs=kept.items,
        width=kept.size[0],
        height=kept.size[1],
        decoded_end_s=kept.decoded_end_s,
        decoder=kept.decoder,
        facts=kept.facts,
    )


def _claim_stdout() -> IO[bytes]:
    """The pipe of answers; from here on, what anything prints goes to stderr."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return answers


def _read_requests(stdin: IO[bytes], requests: queue.SimpleQueue[Request]) -> None:
    try:
        while True:
            requests.put(receive(stdin))
    except EOFError:
        os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    main()
