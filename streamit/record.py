"""The Stream-IT record: one row is one stream.

A timeline of video stretches, user turns and assistant turns, with times in seconds. Everything
else (validation, cards, exports, training) is derived from this row, so nothing that belongs to a
trainer is baked in. The columns are those of docs/record.md. Entries and what stands in them are
made by the dozen per record, hence `frozen`; this module imports nothing else of ours.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from streamit.frozen import frozen

SCHEMA_VERSION = "1"


@frozen
class Span:
    """A half-open stretch [start_s, end_s) of a stream, in seconds."""

    start_s: float
    end_s: float


@frozen
class Word:
    """One word of a timed text (speech, streamed answers)."""

    start_s: float
    end_s: float
    text: str


@frozen
class Window:
    """The times at which an answer counts as punctual: not before the middle of its evidence."""

    earliest_s: float
    latest_s: float


@frozen
class Entry:
    """One entry of a timeline. `type` and `kind` are open words: skip what you do not know.

    `loss` says, on an assistant entry, whether its text is learned; on a video entry, whether its
    frames count as silence. `reply_to` holds the `id` of a user entry. `expects` (user entries) is
    `none`, `one` or `many`.
    """

    type: str
    id: int
    start_s: float
    end_s: float
    text: str | None = None
    words: tuple[Word, ...] | None = None
    kind: str | None = None
    question_type: str | None = None
    reply_to: int | None = None
    expects: str | None = None
    evidence: tuple[Span, ...] = ()
    window: Window | None = None
    origin: str | None = None
    loss: bool = False


@dataclass(frozen=True, slots=True)
class Clip:
    """A piece of a video file, and where it begins in the stream (`offset_s`).

    `uri` is relative to a media root; the bare video id where no file has been found yet.
    """

    uri: str
    sha256: str | None
    has_audio: bool | None
    start_s: float
    end_s: float | None
    offset_s: float


@dataclass(frozen=True, slots=True)
class Video:
    """The stream's video; `id` is the annotation's own key, verbatim. Unknown facts are null."""

    id: str
    duration_s: float | None
    width: int | None
    height: int | None
    clips: tuple[Clip, ...]


@dataclass(frozen=True, slots=True)
class Frame:
    """One embedded frame as `datasets.Image` stores it; `bytes` is a JPEG file."""

    bytes: bytes
    path: str | None = None


@dataclass(frozen=True, slots=True)
class Score:
    """A number that a step attached to the record (similarity, judge)."""

    name: str
    value: float


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where the record comes from and what made it; enough to trace one bad row to its line."""

    licence: str
    annotation_file: str
    annotation_key: str
    item_hash: str
    recipe_fingerprint: str
    streamit_version: str
    seed: int
    sampling_fps: float
    sampling_max_frames: int | None
    decoder: str | None = None
    model: str | None = None
    prompt_sha256: str | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """One stream. See docs/record.md for every column."""

    id: str
    recipe: str
    source: str
    split: str
    task: str
    layout: str
    language: str | None
    video: Video
    timeline: tuple[Entry, ...]
    provenance: Provenance
    schema_version: str = SCHEMA_VERSION
    frame_times_s: tuple[float, ...] = ()
    n_frames: int = 0
    n_turns: int = 0
    frames: tuple[Frame, ...] | None = None
    scores: tuple[Score, ...] = field(default=())


def to_dict(record: Record) -> dict[str, Any]:
    """Plain dicts and lists, as a row of Parquet or JSON; `frames` is absent where there are none.

    Written out by hand because `dataclasses.asdict` is ten times slower on the hot path.
    """
    row = {
        "id": record.id,
        "schema_version": record.schema_version,
        "recipe": record.recipe,
        "source": record.source,
        "split": record.split,
        "task": record.task,
        "layout": record.layout,
        "language": record.language,
        "video": _video_dict(record.video),
        "timeline": [_entry_dict(entry) for entry in record.timeline],
        "frame_times_s": list(record.frame_times_s),
        "n_frames": record.n_frames,
        "n_turns": record.n_turns,
        "scores": [{"name": s.name, "value": s.value} for s in record.scores],
        "provenance": _provenance_dict(record.provenance),
    }
    if record.frames is not None:
        row["frames"] = [{"bytes": f.bytes, "path": f.path} for f in record.frames]
    return row


def from_dict(row: Mapping[str, Any]) -> Record:
    """The record of a row; keys that this release does not know are skipped.

    Raises KeyError or TypeError on a row that lacks a column; `dataset.load_records` wraps them.
    """
    values = _known(Record, row)
    values["video"] = _read_video(row["video"])
    values["timeline"] = tuple(_read_entry(entry) for entry in row["timeline"])
    values["frame_times_s"] = tuple(row["frame_times_s"])
    values["provenance"] = Provenance(**_known(Provenance, row["provenance"]))
    values["scores"] = tuple(Score(**_known(Score, s)) for s in row.get("scores") or ())
    frames = row.get("frames")
    values["frames"] = None if frames is None else tuple(Frame(**_known(Frame, f)) for f in frames)
    return Record(**values)


def _video_dict(video: Video) -> dict[str, Any]:
    return {
        "id": video.id,
        "duration_s": video.duration_s,
        "width": video.width,
        "height": video.height,
        "clips": [_clip_dict(clip) for clip in video.clips],
    }


def _clip_dict(clip: Clip) -> dict[str, Any]:
    return {
        "uri": clip.uri,
        "sha256": clip.sha256,
        "has_audio": clip.has_audio,
        "start_s": clip.start_s,
        "end_s": clip.end_s,
        "offset_s": clip.offset_s,
    }


def _entry_dict(entry: Entry) -> dict[str, Any]:
    window = entry.window
    return {
        "type": entry.type,
        "id": entry.id,
        "start_s": entry.start_s,
        "end_s": entry.end_s,
        "text": entry.text,
        "words": None if entry.words is None else [_word_dict(word) for word in entry.words],
        "kind": entry.kind,
        "question_type": entry.question_type,
        "reply_to": entry.reply_to,
        "expects": entry.expects,
        "evidence": [{"start_s": s.start_s, "end_s": s.end_s} for s in entry.evidence],
        "window": window and {"earliest_s": window.earliest_s, "latest_s": window.latest_s},
        "origin": entry.origin,
        "loss": entry.loss,
    }


def _word_dict(word: Word) -> dict[str, Any]:
    return {"start_s": word.start_s, "end_s": word.end_s, "text": word.text}


def _provenance_dict(provenance: Provenance) -> dict[str, Any]:
    return {
        "licence": provenance.licence,
        "annotation_file": provenance.annotation_file,
        "annotation_key": provenance.annotation_key,
        "item_hash": provenance.item_hash,
        "recipe_fingerprint": provenance.recipe_fingerprint,
        "streamit_version": provenance.streamit_version,
        "seed": provenance.seed,
        "sampling_fps": provenance.sampling_fps,
        "sampling_max_frames": provenance.sampling_max_frames,
        "decoder": provenance.decoder,
        "model": provenance.model,
        "prompt_sha256": provenance.prompt_sha256,
    }


_FIELD_NAMES: dict[type, tuple[str, ...]] = {}


def _names(cls: type) -> tuple[str, ...]:
    if cls not in _FIELD_NAMES:
        _FIELD_NAMES[cls] = tuple(f.name for f in fields(cls))
    return _FIELD_NAMES[cls]


def _known(cls: type, row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in _names(cls) if name in row}


def _read_video(row: Mapping[str, Any]) -> Video:
    values = _known(Video, row)
    values["clips"] = tuple(Clip(**_known(Clip, clip)) for clip in row["clips"])
    return Video(**values)


def _read_entry(row: Mapping[str, Any]) -> Entry:
    values = _known(Entry, row)
    words, window = row.get("words"), row.get("window")
    values["words"] = None if words is None else tuple(Word(**_known(Word, w)) for w in words)
    values["evidence"] = tuple(Span(**_known(Span, s)) for s in row.get("evidence") or ())
    values["window"] = None if window is None else Window(**_known(Window, window))
    return Entry(**values)
