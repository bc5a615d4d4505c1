"""Turns what a corpus wrote into what an item holds, or refuses it with a reason code.

One rule of counting for all readers: rejects + events of the item = annotations read. A fault of
one annotation costs that annotation, a fault of the whole item costs each of its annotations, and
an item whose annotations cannot be counted costs one. docs/rules.md explains every code.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from streamit.errors import SourceError
from streamit.frozen import frozen
from streamit.ids import VIDEO_ENDINGS, normalise_video_id
from streamit.item import SECONDS, Event, Item, Reject
from streamit.readers.base import SourceFile
from streamit.readers.json_stream import Member, RepeatedKeys
from streamit.timeline import TimeFault, read_seconds

# Cc: control characters; Cs: halves of a character, left by a cut in the middle of an escape.
_REMOVED = ("Cc", "Cs")
_LONGEST_SHOWN = 80
_LONGEST_MESSAGE = 300
_MOST_KEYS_SHOWN = 8
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|[+-]?(?:nan|inf)", re.ASCII)
_SPLIT_WORDS = {
    **dict.fromkeys(("train", "training"), "train"),
    **dict.fromkeys(("validation", "valid", "val", "dev"), "validation"),
    **dict.fromkeys(("test", "testing"), "test"),
}


class Refusal(ValueError):
    """A value that cannot be used; `reason` is the reject code."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


@frozen
class Place:
    """Where annotations stand; makes their item and rejects.

    `key` is the corpus's own, or a line or row.
    """

    file: SourceFile
    key: str
    video_id: str | None = None

    def reject(self, index: int | None, reason: str, message: str) -> Reject:
        """A reject of one annotation; lone surrogates, which no file can hold, are escaped."""
        return Reject(
            self.file.source,
            self.file.name,
            make_storable(self.key),
            None if self.video_id is None else make_storable(self.video_id),
            index,
            reason,
            make_storable(message[:_LONGEST_MESSAGE]),
        )

    def make_item(
        self,
        ordinal: int,
        video_id: str,
        events: tuple[Event, ...],
        *,
        split: str | None = None,
        duration_s: float | None = None,
        language: str | None = None,
        time_unit: str = SECONDS,
        n_refused: int = 0,
        goal: str | None = None,
        media_id: str | None = None,
        origin: str | None = None,
    ) -> Item:
        """The item that stands here; split and language are those of the file unless given.

        `media_id` is given where the video file is not named after the id, `origin` where the
        corpus that the video was taken from knows it by another one.
        """
        stem = drop_video_ending(media_id or video_id)
        return Item(
            source=self.file.source,
            split=split or self.file.split,
            file=self.file.name,
            ordinal=ordinal,
            key=self.key,
            video_id=video_id,
            source_video=normalise_video_id(origin or video_id),
            duration_s=duration_s,
            events=events,
            language=language or self.file.language,
            media_id=None if stem == video_id else stem,
            time_unit=time_unit,
            n_refused=n_refused,
            goal=goal,
        )

    def reject_each(self, n_annotations: int, reason: str, message: str) -> Iterator[Reject]:
        """A reject for each annotation of the item; one for the item where it has none."""
        for index in range(n_annotations) if n_annotations else (None,):
            yield self.reject(index, reason, message)


def clean_text(value: object) -> str:
    """Text in NFC on one line, white space collapsed, without control characters.

    Raises Refusal `not_text` for what is no string, `empty_text` where nothing visible is left.
    """
    if not isinstance(value, str):
        raise Refusal("not_text", f"{show(value)} is not a text")
    if value.isascii() and value.isprintable():
        text = " ".join(value.split())
        is_visible = text != ""
    else:
        kept = "".join(c for c in value if c.isspace() or unicodedata.category(c) not in _REMOVED)
        text = " ".join(unicodedata.normalize("NFC", kept).split())
        is_visible = any(c.isprintable() and c != " " for c in text)
    if not is_visible:
        raise Refusal("empty_text", f"the text {show(value)} is empty")
    return text


def read_video_id(value: object) -> str:
    """The id under which a corpus knows a video, verbatim.

    It may hold folders, relative to the media root, and never leads out of it. Raises Refusal
    `bad_id` for anything that is no such name.
    """
    if not isinstance(value, str) or not value.strip():
        raise Refusal("bad_id", f"the video id {show(value)} is not a text that names a video")
    if not value.isprintable() and any(unicodedata.category(c) in _REMOVED for c in value):
        raise Refusal("bad_id", f"the video id {show(value)} holds control characters")
    parts = value.replace("\\", "/").split("/")
    if not parts[0] or ".." in parts or _URL.match(value):
        raise Refusal(
            "bad_id", f"the video id {show(value)} leads out of the media root; make it relative"
        )
    return value


def drop_video_ending(video_id: str) -> str:
    """The id without `.mp4` and the like; other dots are part of it."""
    stem, dot, ending = video_id.rpartition(".")
    is_ending = stem and not stem.endswith("/") and dot + ending.lower() in VIDEO_ENDINGS
    return stem if is_ending else video_id


def read_duration(value: object) -> float | None:
    """The length of a video in seconds; None where the corpus states none.

    Raises Refusal `bad_duration` for what is no positive, finite number.
    """
    if value is None:
        return None
    try:
        duration_s = read_seconds(value)
    except TimeFault as fault:
        raise Refusal("bad_duration", f"the duration cannot be used: {fault}") from fault
    if duration_s <= 0:
        raise Refusal("bad_duration", f"the duration {show(value)} is not positive")
    return duration_s


def read_split(value: object) -> str:
    """The split that a corpus calls train, training, val, dev, testing, ... Raises `bad_split`."""
    split = _SPLIT_WORDS.get(str(value).strip().lower())
    if split is None:
        raise Refusal("bad_split", f"{show(value)} is no split: train, validation or test")
    return split


def read_pair(value: object) -> tuple[float, float]:
    """Start and end in seconds of a list of two numbers. Raises TimeFault."""
    if not isinstance(value, list) or len(value) != 2:
        raise TimeFault("bad_time", f"{show(value)} is not a pair of times")
    return read_seconds(value[0]), read_seconds(value[1])


def parse_number(value: object) -> object:
    """Numbers written as text and decimals as floats; anything else as it is.

    Raises TimeFault `bad_time` where the text is empty.
    """
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, str):
        text = value.strip()
        if not text:
            raise TimeFault("bad_time", "the time is empty")
        if _NUMBER.fullmatch(text.lower()):
            return float(text)
    return value


def read_object(value: object, *lists: str) -> Mapping[str, Any]:
    """A JSON object with no key twice that holds a list under each of the given keys.

    Raises Refusal `bad_item`.
    """
    if not isinstance(value, Mapping):
        raise Refusal("bad_item", f"{show(value)} is not an object")
    if isinstance(value, RepeatedKeys):
        raise Refusal("bad_item", "a key stands twice in the object, so one value is lost")
    for key in lists:
        if not isinstance(value.get(key), list):
            found = show(value[key]) if key in value else "missing"
            raise Refusal("bad_item", f"the list {key!r} is {found}")
    return value


def check_format(path: str, value: object, keys: Sequence[str], expected: str) -> None:
    """Raises SourceError when a file's first entry is an object with none of the format's keys."""
    if isinstance(value, Mapping) and not any(key in value for key in keys):
        found = ", ".join(repr(key) for key in list(value)[:_MOST_KEYS_SHOWN]) or "nothing"
        raise SourceError(f"{path}: its first entry holds {found}; {expected}")


def read_line(file: SourceFile, member: Member) -> Reject:
    """The reject of a line of JSONL that is no JSON."""
    return Place(file, f"line {member.line}").reject(None, "bad_json", member.problem or "")


def read_events(
    place: Place, n_annotations: int, read_event: Callable[[int], Event]
) -> tuple[tuple[Event, ...], list[Reject]]:
    """The events of an item in the corpus's order, and a reject for each that is faulty."""
    events, rejects = [], []
    for index in range(n_annotations):
        try:
            events.append(read_event(index))
        except (Refusal, TimeFault) as fault:
            rejects.append(place.reject(index, fault.reason, f"event {index}: {fault}"))
    return tuple(events), rejects


def check_lengths(item: Mapping[str, Any], keys: Sequence[str]) -> None:
    """Raises Refusal `length_mismatch` when parallel lists have different lengths."""
    lengths = {key: len(item[key]) for key in keys}
    if len(set(lengths.values())) > 1:
        listed = ", ".join(f"{key!r} has {n}" for key, n in lengths.items())
        raise Refusal("length_mismatch", f"parallel lists differ in length: {listed}")


def show(value: object) -> str:
    """A value as messages show it: as Python writes it, cut when long."""
    text = repr(value)
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}..."


def make_storable(text: str) -> str:
    """The text with lone surrogates written as escapes, so that UTF-8 can hold it."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
