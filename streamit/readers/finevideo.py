"""FineVideo: YouTube videos that a model cut into scenes, and asked five questions about each.

Parquet with a struct column `json` beside `mp4`, whose bytes are never read; or JSON and JSONL of
such structs, or one file per video. `content_metadata.qAndA` holds `{"question", "answer"}` without
any time, so `scene_tie` looks for the one scene that a question is about; its bounds are then the
evidence, and the answer stands where the scene ends. What describes a scene is what is to be seen
or heard in it (`_DESCRIPTION`), not what it may mean (`thematicElements`, `contextualRelevance`).
The share of words that a tie needs is `options.min_share`.

Times are texts that a model wrote: `HH:MM:SS.mmm`, `MM:SS`, empty or null. Those of activities and
props may leave their scene; they are not read, because a question is tied to a scene and to nothing
smaller. A scene whose bounds cannot be read still takes part in the tie: without it, its questions
would go to the second best. Farré et al., FineVideo, 2024.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import PurePosixPath
from typing import Any

from streamit.errors import SourceError
from streamit.item import Event, Item, Reject
from streamit.readers.base import SourceFile
from streamit.readers.files import unpacked_name
from streamit.readers.json_stream import join_members, stream_json
from streamit.readers.parquet_structs import is_parquet, read_structs
from streamit.readers.parse import (
    Place,
    Refusal,
    check_format,
    clean_text,
    read_duration,
    read_events,
    read_line,
    read_object,
    read_video_id,
    show,
)
from streamit.readers.scene_tie import find_words, tie_to_scene
from streamit.timeline import TimeFault, read_timecode

DEFAULT_MIN_SHARE = 0.5
_CONTENT = "content_metadata"
_IDS = ("original_video_filename", "youtube_id", "video_id", "original_json_filename")
_FIELDS = (
    *_IDS,
    "duration_seconds",
    *(f"{_CONTENT}.{key}" for key in ("qAndA", "scenes")),
)
_DESCRIPTION = (
    *("title", "cast", "activities", "props", "narrativeProgression", "characterInteraction"),
    *("mood", "videoEditingDetails"),
)
# What describes the scenes of one video runs to tens of kilobytes.
_CHUNK_ROWS = 64
_EXPECTED = (
    "a FineVideo file is Parquet with a column 'json', or holds JSON objects with 'qAndA' in "
    "'content_metadata'"
)


@dataclass(frozen=True, slots=True)
class _Entry:
    """What a file holds about one video; `stem` names a file of one video."""

    ordinal: int
    value: object
    stem: str | None = None


def read(file: SourceFile) -> Iterator[Item | Reject]:
    """One item per video. Raises SourceError when the file is something else."""
    min_share = _read_min_share(file)
    seen: set[str] = set()
    for entry in _read_parquet(file) if is_parquet(file.path) else _read_json(file):
        if isinstance(entry, Reject):
            yield entry
            continue
        key = _find_id(entry)
        yield from _read_video(file, entry, key, min_share, repeated=key in seen)
        if key is not None:
            seen.add(key)


def _read_min_share(file: SourceFile) -> float:
    share = file.options.get("min_share", DEFAULT_MIN_SHARE)
    if isinstance(share, bool) or not isinstance(share, int | float) or not 0 < share <= 1:
        raise SourceError(
            f"{file.path}: options.min_share is {show(share)}; state a share of words above 0, "
            "at most 1"
        )
    return float(share)


def _read_parquet(file: SourceFile) -> Iterator[_Entry | Reject]:
    for ordinal, value in enumerate(read_structs(file.path, "json", _FIELDS, _CHUNK_ROWS)):
        yield _Entry(ordinal, value)


def _read_json(file: SourceFile) -> Iterator[_Entry | Reject]:
    members = stream_json(file.path)
    first = next(members, None)
    if first is None:
        return
    members = chain([first], members)
    if first.key is not None:
        value = join_members(members)
        check_format(file.path, value, ("json", _CONTENT), _EXPECTED)
        yield _Entry(0, _unwrap(value), PurePosixPath(unpacked_name(file.name)).stem)
        return
    check_format(file.path, first.value, ("json", _CONTENT), _EXPECTED)
    for member in members:
        if member.problem is not None:
            yield read_line(file, member)
        else:
            yield _Entry(member.ordinal, _unwrap(member.value))


def _unwrap(value: object) -> object:
    """The struct itself, where rows were written as they stand in the Parquet file."""
    return value["json"] if isinstance(value, Mapping) and "json" in value else value


def _find_id(entry: _Entry) -> str | None:
    """The name of the video's file, or of its JSON file; else of the file of one video."""
    if isinstance(entry.value, Mapping):
        for key in _IDS:
            name = entry.value.get(key)
            if isinstance(name, str) and name.strip():
                return name.removesuffix(".json")
    return entry.stem


def _read_video(
    file: SourceFile, entry: _Entry, key: str | None, min_share: float, repeated: bool
) -> Iterator[Item | Reject]:
    place = Place(file, f"[{entry.ordinal}]" if key is None else key, key)
    questions: Sequence[object] = ()
    try:
        video = read_object(entry.value)
        content = read_object(video.get(_CONTENT))
        if not content.get("qAndA"):
            raise Refusal("no_events", "the video has no questions")
        questions = read_object(content, "qAndA")["qAndA"]
        video_id = read_video_id(key)
        if repeated:
            raise Refusal("duplicate_key", f"{show(key)} is in the file already; that one is used")
        duration_s = read_duration(video.get("duration_seconds"))
        scenes = [] if content.get("scenes") is None else read_object(content, "scenes")["scenes"]
    except Refusal as fault:
        yield from place.reject_each(len(questions), fault.reason, str(fault))
        return
    words = [find_words(_list_texts(_describe(scene))) for scene in scenes]

    def read_event(index: int) -> Event:
        question, answer = _read_texts(questions[index])
        scene = tie_to_scene(find_words((question, answer)), words, min_share)
        return Event(index, *_read_bounds(scenes[scene], scene), answer, question)

    events, rejects = read_events(place, len(questions), read_event)
    yield from rejects
    if events:
        yield place.make_item(
            entry.ordinal, video_id, events, duration_s=duration_s, n_refused=len(rejects)
        )


def _read_texts(entry: object) -> tuple[str, str]:
    qa = read_object(entry)
    return clean_text(qa.get("question")), clean_text(qa.get("answer"))


def _describe(scene: object) -> list[Any]:
    return [scene.get(key) for key in _DESCRIPTION] if isinstance(scene, Mapping) else []


def _list_texts(value: object) -> Iterator[str]:
    """All texts inside a value, but for times."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, part in value.items():
            if "timestamp" not in key:
                yield from _list_texts(part)
    elif isinstance(value, list):
        for part in value:
            yield from _list_texts(part)


def _read_bounds(scene: object, index: int) -> tuple[float, float]:
    times = read_object(read_object(scene).get("timestamps"))
    start_s, end_s = (_read_time(times.get(f"{key}_timestamp"), index) for key in ("start", "end"))
    return start_s, end_s


def _read_time(value: object, index: int) -> float:
    if not isinstance(value, str):
        raise TimeFault("bad_time", f"a bound of scene {index} is {show(value)}")
    return read_timecode(value)
