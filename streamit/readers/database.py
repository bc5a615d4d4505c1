"""The `database` of ActivityNet's challenges, a shape that many corpora took over.

`{"database": {"<video id>": {"duration": s, "subset": str, "annotations": [{"segment": [s, s],
"label": str}]}}}`. What stands beside `database` (version, taxonomy) describes the corpus and is
passed over. Copies exist that are a list of objects with one video each (COIN in PDPP).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from streamit.errors import SourceError
from streamit.item import Event, Item, Reject
from streamit.readers.base import SourceFile
from streamit.readers.json_stream import Member, RepeatedKeys, stream_json
from streamit.readers.parse import (
    Place,
    Refusal,
    clean_text,
    read_duration,
    read_events,
    read_line,
    read_object,
    read_pair,
    read_split,
    read_video_id,
    show,
)
from streamit.source import BY_RECORD

WRAPPER = "database"
_LISTS = ("annotations", "annotation")
_MOST_SHOWN = 5


def _read_no_goal(_: Mapping[str, Any]) -> str | None:
    return None


def _take_id(video_id: str) -> str:
    return video_id


@dataclass(frozen=True, slots=True)
class Corpus:
    """How a corpus fills the shape.

    `text_key` holds the text of an annotation, which `read_text` reads. `read_goal` reads what all
    steps of an entry are for, `read_length` its duration in seconds. `name_media` gives the stem of
    the video's file. `hides_test`: the labels of the test split are not public.
    """

    title: str
    text_key: str
    read_text: Callable[[object], str] = clean_text
    read_goal: Callable[[Mapping[str, Any]], str | None] = _read_no_goal
    read_length: Callable[[object], float | None] = read_duration
    name_media: Callable[[str], str] = _take_id
    hides_test: bool = False


def read_database(file: SourceFile, corpus: Corpus) -> Iterator[Item | Reject]:
    """One item per video. Raises SourceError when the file holds no database."""
    seen: set[str] = set()
    beside: list[str] = []
    n_entries = 0
    for member in stream_json(file.path, inside=WRAPPER):
        if member.key is not None and member.parent is None:
            beside = [*beside, member.key][: _MOST_SHOWN + 1]
            continue
        n_entries += 1
        if member.problem is not None:
            yield read_line(file, member)
            continue
        try:
            entry = _unwrap(member)
        except Refusal as fault:
            yield Place(file, f"[{member.ordinal}]").reject(None, fault.reason, str(fault))
            continue
        yield from read_entry(file, corpus, entry, entry.key in seen)
        seen.add(entry.key or "")
    if beside and not n_entries:
        raise _no_database(file, corpus, beside)


def read_entry(
    file: SourceFile, corpus: Corpus, member: Member, repeated: bool
) -> Iterator[Item | Reject]:
    """The item and rejects of one video, the member's key; `repeated`: the file had it already."""
    key = member.key or ""
    place = Place(file, key, key)
    annotations: list[Any] = []
    try:
        entry = read_object(member.value)
        annotations = _find_annotations(entry)
        if repeated:
            raise Refusal("duplicate_key", f"{show(key)} is in the file already; that one is used")
        video_id = read_video_id(key)
        split = _read_split(file, entry)
        hidden = corpus.hides_test and split == "test"
        if not annotations:
            _refuse_empty(entry, hidden)
        duration_s = corpus.read_length(entry.get("duration"))
        goal = corpus.read_goal(entry)
    except Refusal as fault:
        yield from place.reject_each(len(annotations), fault.reason, str(fault))
        return
    events, rejects = read_events(
        place, len(annotations), lambda i: _read_annotation(corpus, annotations[i], i, hidden)
    )
    yield from rejects
    if events:
        yield place.make_item(
            member.ordinal,
            video_id,
            events,
            split=split,
            duration_s=duration_s,
            n_refused=len(rejects),
            goal=goal,
            media_id=corpus.name_media(video_id),
        )


def _unwrap(member: Member) -> Member:
    """The video of a list's element, an object whose only key is the id. Raises `bad_item`."""
    if member.key is not None:
        return member
    value = member.value
    if not isinstance(value, Mapping) or isinstance(value, RepeatedKeys) or len(value) != 1:
        raise Refusal("bad_item", f"{show(value)} is not an object that holds one video by its id")
    ((key, entry),) = value.items()
    return Member(member.ordinal, key, entry)


def _find_annotations(entry: Mapping[str, Any]) -> list[Any]:
    """The list of annotations; empty where the entry has none. Raises Refusal `bad_item`."""
    key = next((name for name in _LISTS if entry.get(name) is not None), None)
    return [] if key is None else list(read_object(entry, key)[key])


def _read_split(file: SourceFile, entry: Mapping[str, Any]) -> str:
    """The split that is said of the file, or else the entry's own; without one it is trained on."""
    if file.split != BY_RECORD:
        return file.split
    return "train" if entry.get("subset") is None else read_split(entry["subset"])


def _refuse_empty(entry: Mapping[str, Any], hidden: bool) -> None:
    if hidden:
        raise Refusal("hidden_label", "the corpus keeps the annotations of test videos to itself")
    if all(name not in entry for name in _LISTS):
        listed = ", ".join(map(repr, list(entry)[:_MOST_SHOWN]))
        raise Refusal("bad_item", f"no list 'annotations' in it, but {listed or 'nothing'}")
    raise Refusal("no_events", "the video has no annotations")


def _read_annotation(corpus: Corpus, annotation: object, index: int, hidden: bool) -> Event:
    fields = read_object(annotation)
    if hidden and fields.get(corpus.text_key) is None:
        raise Refusal("hidden_label", "the corpus keeps the labels of test videos to itself")
    start_s, end_s = read_pair(fields.get("segment"))
    return Event(index, start_s, end_s, corpus.read_text(fields.get(corpus.text_key)))


def _no_database(file: SourceFile, corpus: Corpus, keys: list[str]) -> SourceError:
    listed = ", ".join(map(repr, keys[:_MOST_SHOWN]))
    more = " and more" if len(keys) > _MOST_SHOWN else ""
    return SourceError(
        f"{file.path}: has no object {WRAPPER!r}, but the keys {listed}{more}; {corpus.title} is "
        f'one object {{"{WRAPPER}": {{"<video id>": {{...}}}}}}, or a list of objects with one '
        "video each"
    )
