"""What travels between the stages of a build."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from streamit.build.counts import Ledger
from streamit.recipe import Recipe
from streamit.source import SourceInfo
from streamit.timeline import Bend

MEDIA_NONE, MEDIA_FRAMES, MEDIA_CLIPS = "none", "frames", "clips"
MEDIA_MODES = (MEDIA_NONE, MEDIA_FRAMES, MEDIA_CLIPS)


@dataclass(frozen=True, slots=True)
class MediaRef:
    """The video file of an item: where it is, and what the media index knows of it.

    `root` is only for opening the file; nothing of it reaches a record. `problem` is the (reason,
    message) of a file that is there but cannot be used. Facts are None where nobody asked.
    """

    root: str
    uri: str
    n_bytes: int
    sha256: str | None = None
    duration_s: float | None = None
    width: int | None = None
    height: int | None = None
    fps: float | None = None
    bends: tuple[Bend, ...] = ()
    has_audio: bool | None = None
    problem: tuple[str, str] | None = None


Media = tuple[MediaRef | None, ...]
"""The files of an item: one for a plain video, one per clip of a joined stream; None: not found."""

NO_MEDIA: Media = (None,)
"""A plain video that was not found."""


class PlannedItem(NamedTuple):
    """A packed item, its number among the video's records, and the hash of its annotation.

    A tuple of bytes, because thousands of them travel to a worker at a time.
    """

    packed: bytes
    n: int
    item_hash: str
    media: Media


class Lot(NamedTuple):
    """What a partition is built from: its items, and those about which negatives may ask.

    `around` is empty where the recipe wants no negatives.
    """

    items: tuple[PlannedItem, ...]
    around: tuple[PlannedItem, ...] = ()


@dataclass(frozen=True, slots=True)
class Partition:
    """One shard to be. `identity` names it; `first`..`last` are places in the spool.

    `around` are the first and last place of the items about which its negatives may ask.
    """

    identity: str
    split: str
    first: int
    last: int
    n_items: int
    n_annotations: int
    n_bytes: int
    video_s: float
    around: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Job:
    """The settings that all partitions of a build share; picklable, sent to every worker.

    `samples` are files, one per folder of videos, that every node must be able to open.
    """

    recipe: Recipe
    fingerprint: str
    sources: dict[str, SourceInfo]
    media: str
    out: str
    streamit_version: str
    schema_version: str
    samples: tuple[str, ...] = ()


@dataclass(slots=True)
class Plan:
    """The partitions of a build, and what was decided before any conversion.

    `ledger` holds what was read and what the plan itself rejected or set aside; `aside` lists the
    latter where somebody asked for the list. `quality` is the report of the checks of questions.
    """

    partitions: list[Partition] = field(default_factory=list)
    ledger: Ledger = field(default_factory=Ledger)
    aside: list[dict[str, Any]] | None = None
    quality: Mapping[str, Any] | None = None

    def set_aside(
        self, source: str, file: str, key: str, video_id: str, n_annotations: int, reason: str
    ) -> None:
        """Leave out annotations of one key on purpose."""
        self.ledger[source].set_aside[reason] += n_annotations
        if self.aside is not None:
            self.aside.append(
                {
                    "source": source,
                    "file": file,
                    "key": key,
                    "video_id": video_id,
                    "n_annotations": n_annotations,
                    "reason": reason,
                }
            )
