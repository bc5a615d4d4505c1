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
from streamit.video.jobs import CutJob, Encoding, KeptCuts, SampledVideo
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
        case SampleCuts(path, cuts):
            return _sample_cuts(path, cuts)
        case SpoolCuts(path, cuts, spool_path):
            return _spool_cuts(path, cuts, spool_path)
        case Encode(path, encoding):
            _encode(path, encoding)


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


def _sample_cuts(path: str, job: CutJob) -> KeptCuts[bytes]:
    from streamit.video.cuts import keep_cuts
    from streamit.video.jpeg import encode_jpeg

    return keep_cuts(path, job, lambda rgb: encode_jpeg(rgb, job.jpeg_quality))


def _spool_cuts(path: str, job: CutJob, spool_path: str) -> KeptCuts[int]:
    from streamit.video.cuts import keep_cuts
    from streamit.video.picture import center_on
    from streamit.video.raw import append_picture

    with open(spool_path, "ab") as spool:
        return keep_cuts(
            path,
            job,
            lambda rgb: append_picture(spool, center_on(job.canvas, rgb) if job.canvas else rgb),
        )


def _encode(path: str, encoding: Encoding) -> None:
    from streamit.video.encode import encode_video
    from streamit.video.raw import read_pictures

    with open(encoding.spool_path, "rb") as spool:
        pictures = read_pictures(spool, encoding.offsets, encoding.size)
        encode_video(path, encoding.size, encoding.step_us, pictures)


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
