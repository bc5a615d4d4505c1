"""Messages between the decoding child and its parent: length-prefixed pickles on two pipes."""

from __future__ import annotations

import pickle
import struct
from dataclasses import dataclass
from typing import IO, Any

from streamit.video.jobs import SampleJob

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


Request = Probe | Sample | MakeClip


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
