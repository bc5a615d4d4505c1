"""Streams the members of a JSON document without holding the document.

Three shapes: an object (members with keys), an array, and JSONL (a value per line). Annotation
files hold NaN where JSON knows none, repeat keys and carry raw control characters. Each of these
must cost one annotation and not the file, so the members are decoded one by one with the standard
library's scanner, which lets them through; ijson stops at the first NaN.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath
from typing import Any, NoReturn

from streamit.errors import SourceError
from streamit.frozen import frozen
from streamit.readers.files import read_lines, read_text, unpacked_name

# The scanner reports a cut token at most this far before the end of the text it was given.
_LONGEST_TOKEN = 16
_MOST_DIGITS = 4000
_OPEN_STRING = "Unterminated string"
_BLANK = " \t\n\r"
_JSONL_ENDINGS = (".jsonl", ".ndjson")
_CLOSING = {"{": "}", "[": "]"}


class RepeatedKeys(dict[str, Any]):
    """An object inside a member in which a key stands twice: only the last values are left."""


@frozen
class Member:
    """One member of the document; `ordinal` counts from 0.

    `key` is None in arrays and JSONL, `line` (from 1) in all but JSONL. `problem` says why a line
    of JSONL is no JSON; `value` is then None. `parent` is the key of the object that it stands in,
    where that is not the document itself.
    """

    ordinal: int
    key: str | None
    value: Any
    line: int | None = None
    problem: str | None = None
    parent: str | None = None


def stream_json(path: str, inside: str | None = None) -> Iterator[Member]:
    """The members of a JSON or JSONL file, in order; a broken line of JSONL is a member, too.

    Where the document is an object that holds another one under the key `inside`, the members of
    that one come in its place: corpora wrap their videos in `{"version": ..., "database": {...}}`.

    Raises SourceError, with the place, when the file cannot be read or is no JSON: what comes
    after a fault in an object or array cannot be told apart.
    """
    if is_jsonl(path):
        yield from _stream_lines(path)
    else:
        yield from _stream_document(_Window(path), inside)


def join_members(members: Iterable[Member]) -> dict[str, Any]:
    """The object whose members these are, for documents that are one small object."""
    return _collect([(member.key or "", member.value) for member in members])


def decode_json(data: bytes) -> Any:
    """The value of a whole UTF-8 document. Raises ValueError, or RecursionError when too deep."""
    return _DECODER.decode(data.decode("utf-8-sig").strip())


def is_jsonl(path: str) -> bool:
    """By the file's ending, or because its first two lines are objects of their own."""
    suffix = PurePosixPath(unpacked_name(path)).suffix.lower()
    if suffix in _JSONL_ENDINGS:
        return True
    head = next(read_text(path), "").lstrip()
    first, newline, rest = head.partition("\n")
    return bool(newline) and rest.lstrip().startswith("{") and _is_object(first)


def _is_object(line: str) -> bool:
    try:
        return isinstance(_DECODER.decode(line), dict)
    except (ValueError, RecursionError):
        return False


def _stream_lines(path: str) -> Iterator[Member]:
    ordinal = 0
    for number, line in enumerate(read_lines(path), start=1):
        if not line.strip():
            continue
        try:
            yield Member(ordinal, None, _DECODER.decode(line.decode("utf-8").strip()), number)
        except (ValueError, RecursionError) as exc:
            yield Member(ordinal, None, None, number, f"line {number} is no JSON: {exc}")
        ordinal += 1


def _stream_document(window: _Window, inside: str | None) -> Iterator[Member]:
    opening = window.peek()
    if opening not in _CLOSING:
        window.fail(f"begins with {opening!r}" if opening else "is empty")
    yield from _stream_members(window, inside, None)
    if window.peek():
        window.fail(f"goes on after the closing {_CLOSING[opening]!r}")


def _stream_members(window: _Window, inside: str | None, parent: str | None) -> Iterator[Member]:
    opening = window.peek()
    closing = _CLOSING[opening]
    window.step()
    ordinal = 0
    while window.peek() != closing:
        if ordinal and not window.take(","):
            window.fail(f"expected ',' or {closing!r}")
        key = _read_key(window) if opening == "{" else None
        if key is not None and key == inside and window.peek() == "{":
            yield from _stream_members(window, None, key)
        else:
            yield Member(ordinal, key, window.decode(), parent=parent)
        ordinal += 1
    window.step()


def _read_key(window: _Window) -> str:
    if window.peek() != '"':
        window.fail("expected a key in double quotes")
    key: str = window.decode()
    if not window.take(":"):
        window.fail(f"expected ':' after the key {key!r}")
    return key


class _Window:
    """A sliding window over the text of one file."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._pieces = read_text(path)
        self._text = ""
        self._at = 0
        self._ended = False
        self._passed = 0
        self._lines_passed = 0

    def peek(self) -> str:
        """The next character that is not blank; empty at the end of the file."""
        while True:
            while self._at < len(self._text):
                if self._text[self._at] not in _BLANK:
                    return self._text[self._at]
                self._at += 1
            if self._ended:
                return ""
            self._grow()

    def step(self) -> None:
        """Go on behind the character that was peeked at."""
        self._at += 1

    def take(self, char: str) -> bool:
        """Go on behind the next character if it is this one."""
        if self.peek() != char:
            return False
        self._at += 1
        return True

    def decode(self) -> Any:
        """The value that begins at the next character."""
        if not self.peek():
            self.fail("ends where a value was expected")
        while True:
            try:
                value, end = _DECODER.raw_decode(self._text, self._at)
            except json.JSONDecodeError as exc:
                if self._ended or not self._may_be_cut(exc):
                    self._at = exc.pos
                    self.fail(exc.msg, exc)
            except (ValueError, RecursionError) as exc:
                self.fail(str(exc), exc)
            else:
                # 12 may be the beginning of 12.5
                if self._ended or end + _LONGEST_TOKEN <= len(self._text):
                    self._at = end
                    return value
            self._grow()

    def fail(self, problem: str, cause: Exception | None = None) -> NoReturn:
        """Raise the error of a file that is no JSON, with the place where the window stands."""
        line = self._lines_passed + self._text.count("\n", 0, self._at) + 1
        place = f"line {line}, character {self._passed + self._at} of the file"
        at_end = self._at >= len(self._text.rstrip()) or problem.startswith(_OPEN_STRING)
        cut = self._ended and at_end
        hint = "it seems to be cut off: get it again" if cut else "mend it there, or get it again"
        raise SourceError(f"{self._path}: broken JSON at {place}: {problem}; {hint}") from cause

    def _may_be_cut(self, exc: json.JSONDecodeError) -> bool:
        starts_string = exc.msg.startswith(_OPEN_STRING)
        return starts_string or exc.pos + _LONGEST_TOKEN >= len(self._text)

    def _grow(self) -> None:
        """Forget what was read and double the rest, so that a long member costs linear time."""
        rest = self._text[self._at :]
        self._passed += self._at
        self._lines_passed += self._text.count("\n", 0, self._at)
        pieces, n_chars = [rest], 0
        while n_chars <= len(rest) and not self._ended:
            piece = next(self._pieces, None)
            self._ended = piece is None
            pieces.append(piece or "")
            n_chars += len(pieces[-1])
        self._text, self._at = "".join(pieces), 0


def _collect(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    return found if len(found) == len(pairs) else RepeatedKeys(found)


def _read_int(digits: str) -> int | float:
    """Python refuses to read integers of more than 4300 digits; as a float that is infinity."""
    return int(digits) if len(digits) <= _MOST_DIGITS else float(digits)


# Raw control characters in strings are let through here and taken out by `parse.clean_text`.
_DECODER = json.JSONDecoder(strict=False, object_pairs_hook=_collect, parse_int=_read_int)
