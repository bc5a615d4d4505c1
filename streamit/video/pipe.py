"""Messages between the decoding child and its parent: length-prefixed pickles on two pipes."""

from __future__ import annotations

import pickle
import struct
from dataclasses import dataclass
from typing import IO, Any

from streamit.video.jobs import CutJob, Encoding, SampleJob

_LENGTH = struct.Struct(">Q")


@dataclass(frozen=True, slots=True)
class Probe:
    """Asks for the VideoFacts of a file."""

    path: str


@dataclass(frozen=True, slots=True)
class Sample:
    """Asks for the SampledVideo of a file."""

    path: str
    job: SampleJob


@dataclass(frozen=True, slots=True)
class MakeClip:
    """Asks for a ClipFile, to be written to `out_path`."""

    path: str
    out_path: str
    job: SampleJob


@dataclass(frozen=True, slots=True)
class SampleCuts:
    """Asks for the KeptCuts of a file as JPEG files."""

    path: str
    job: CutJob


@dataclass(frozen=True, slots=True)
class SpoolCuts:
    """Asks for the KeptCuts of a file as raw pictures, appended to the file at `spool_path`.

    Each item is the place of a picture in it.
    """

    path: str
    job: CutJob
    spool_path: str


@dataclass(frozen=True, slots=True)
class Encode:
    """Asks for raw pictures to be encoded as a video, to be written to `path`."""

    path: str
    encoding: Encoding


Request = Probe | Sample | MakeClip | SampleCuts | SpoolCuts | Encode


@dataclass(frozen=True, slots=True)
class Answer:
    """What a request gave."""

    value: Any


@dataclass(frozen=True, slots=True)
class Fault:
    """The error a request ended in: the class of streamit/errors.py, the reason of a VideoError."""

    error: str
    reason: str | None
    message: str


def send(pipe: IO[bytes], message: Request | Answer | Fault) -> None:
    """Write one message whole. Raises BrokenPipeError when the other side is gone."""
    data = pickle.dumps(message, protocol=pickle.HIGHEST_PROTOCOL)
    pipe.write(_LENGTH.pack(len(data)))
    pipe.write(data)
    pipe.flush()


def receive(pipe: IO[bytes]) -> Any:
    """Read one message. Raises EOFError when the other side ended, also in the middle of one."""
    (size,) = _LENGTH.unpack(_read_whole(pipe, _LENGTH.size))
    return pickle.loads(_read_whole(pipe, size))


def _read_whole(pipe: IO[bytes], size: int) -> bytes:
    data = pipe.read(size)
    if len(data) < size:
        raise EOFError("the other side of the pipe has ended")
    return data
