"""Reads the sources and cuts each split into partitions by content (DESIGN 4).

Items are ordered by a hash of their source video, which also shuffles them. A partition ends where
another hash of the video meets a threshold, so that a new video changes one partition and not all
that follow. Splits are decided here: no source video stands in two of them (rule P1).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Any

from streamit.build.counts import Ledger
from streamit.build.media import MediaCatalog
from streamit.build.spool import Spool
from streamit.build.types import MEDIA_NONE, Job, Partition, PlannedItem
from streamit.config import to_data
from streamit.draws import draw_bits, draw_uniform
from streamit.errors import SourceError
from streamit.item import Event, Item, Reject
from streamit.readers.discover import Discovered
from streamit.readers.registry import load_reader
from streamit.timeline import len_samples

SPLIT_RANKS = {"test": 0, "validation": 1, "train": 2}
UNSPLIT_VALIDATION = 0.02
_TEXT_BYTES = 500
_FRAME_BYTES_AT_384 = 40_000
_IDENTITY_LENGTH = 20


@dataclass(slots=True)
class Plan:
    """The partitions of a build, and what was decided before any conversion.

    `ledger` holds what was read and what the plan itself rejected or set aside; `aside` lists the
    latter where somebody asked for the list.
    """

    partitions: list[Partition] = field(default_factory=list)
    ledger: Ledger = field(default_factory=Ledger)
    aside: list[dict[str, Any]] | None = None


def make_plan(
    job: Job,
    discovered: Iterable[Discovered],
    catalog: MediaCatalog,
    spool: Spool,
    limit: int | None = None,
    excluded: frozenset[str] = frozenset(),
    note: Callable[[str, int], None] = lambda what, count: None,
    aside: list[dict[str, Any]] | None = None,
) -> Plan:
    """Read everything, decide splits and numbers, survey the media, cut the partitions.

    `excluded` holds normalised ids of source videos; `limit` is the number of items per source
    after ordering. `note` hears of progress; `aside` collects what is left out on purpose.
    """
    plan = Plan(aside=aside)
    _read_sources(discovered, job, spool, plan.ledger, note)
    if not plan.ledger.total.read:
        raise SourceError("the sources hold no annotation at all; see `streamit sources check`")
    for place, (split, planned) in enumerate(_choose(job, spool, plan, limit, excluded)):
        media = catalog.locate(planned.item)
        kept = planned if media is None else replace(planned, media=media)
        spool.keep(place, split, _rank(planned.item), kept)
        if media is not None and _needs_facts(planned.item, job.media):
            catalog.ask(media)
    catalog.survey(note)
    plan.partitions = list(_cut(job, spool, catalog))
    return plan


def load_items(
    spool: Spool, catalog: MediaCatalog, partition: Partition
) -> tuple[PlannedItem, ...]:
    """The items of a partition, each with what the survey found about its video."""
    items = spool.load(partition.split, partition.first, partition.last)
    return tuple(replace(one, media=catalog.describe(one.media)) for one in items)


def hash_item(item: Item) -> str:
    """Sha256 of the annotation in canonical form, whatever file it stands in."""
    events = [[e.start_s, e.end_s, e.text, e.question] for e in item.events]
    content = [item.video_id, item.duration_s, item.time_unit, item.language, events]
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _read_sources(
    discovered: Iterable[Discovered],
    job: Job,
    spool: Spool,
    ledger: Ledger,
    note: Callable[[str, int], None],
) -> None:
    for found in discovered:
        read = load_reader(found.info.reader)
        for file in found.files:
            for count, entry in enumerate(read(file)):
                counts = ledger[entry.source]
                if isinstance(entry, Reject):
                    counts.read += 1
                    counts.rejected[entry.reason] += 1
                    spool.add_reject(entry)
                else:
                    counts.read += len(entry.events)
                    spool.add_item(_rank(entry), _assign_split(entry, found, job))
                if count % 1000 == 0:
                    note(f"reading {file.name}", count)


def _assign_split(item: Item, found: Discovered, job: Job) -> Item:
    asked = job.recipe.split.validation
    unsplit = found.info.splits == "none" or item.split == "hash"
    split = "train" if unsplit else item.split
    share = asked if asked is not None else (UNSPLIT_VALIDATION if unsplit else 0.0)
    # The draw must not depend on the seed: two builds of one corpus would leak into each other.
    if split == "train" and draw_uniform(0, item.source_video, "split") < share:
        split = "validation"
    return item if split == item.split else replace(item, split=split)


def _rank(item: Item) -> bytes:
    return draw_bits(0, item.source_video, "order").to_bytes(8, "big") + item.source_video.encode()


def _choose(
    job: Job, spool: Spool, plan: Plan, limit: int | None, excluded: frozenset[str]
) -> Iterator[tuple[str, PlannedItem]]:
    """Number the items of each video and set aside what is left out on purpose."""
    taken: dict[str, int] = {}
    for source_video, group in groupby(spool.iterate_items(), key=lambda item: item.source_video):
        items = list(group)
        split = min((item.split for item in items), key=SPLIT_RANKS.__getitem__)
        numbers: dict[tuple[str, str], int] = {}
        seen: set[tuple[str, str, str]] = set()
        for item in items:
            item_hash = hash_item(item)
            key = (item.source, item.video_id, item_hash)
            if source_video in excluded:
                reason = "exclude"
            elif item.split != split:
                reason = "split_conflict"
            elif key in seen:
                reason = "duplicate_item"
            else:
                seen.add(key)
                n = numbers.get(key[:2], 0)
                numbers[key[:2]] = n + 1
                taken[item.source] = taken.get(item.source, 0) + 1
                if limit is None or taken[item.source] <= limit:
                    yield split, PlannedItem(item, n, item_hash, None)
                    continue
                reason = "limit"
            _set_aside(plan, item, reason)


def _set_aside(plan: Plan, item: Item, reason: str) -> None:
    plan.ledger[item.source].set_aside[reason] += len(item.events)
    if plan.aside is not None:
        plan.aside.append(
            {
                "source": item.source,
                "file": item.file,
                "key": item.key,
                "video_id": item.video_id,
                "n_annotations": len(item.events),
                "reason": reason,
            }
        )


def _needs_facts(item: Item, media: str) -> bool:
    """Without media a video is only opened when the annotation alone leaves times open."""
    return media != MEDIA_NONE or item.duration_s is None


def _cut(job: Job, spool: Spool, catalog: MediaCatalog) -> Iterator[Partition]:
    base = [job.fingerprint, job.streamit_version, job.schema_version, job.media]
    sources = {name: _source_facts(info) for name, info in job.sources.items()}
    threshold = 2**64 // job.recipe.shard.records
    open_cuts: dict[str, _Cut] = {}
    kept = spool.iterate_kept()
    for (split, _), group in groupby(kept, key=lambda row: (row[1], row[2])):
        cut = open_cuts.get(split) or _Cut(split)
        open_cuts[split] = cut
        for place, _, _, planned in group:
            cut.add(place, replace(planned, media=catalog.describe(planned.media)), job)
            video = planned.item.source_video
        ends = draw_bits(0, video, "cut") < threshold
        if ends or cut.n_bytes >= job.recipe.shard.max_bytes:
            yield cut.close(base, sources)
            del open_cuts[split]
    for cut in open_cuts.values():
        yield cut.close(base, sources)


def _source_facts(info: object) -> object:
    """What of a source's description can change a record."""
    data = to_data(info)
    return [data["licence"]["annotations"], data["exhaustive"], data["tolerance_s"], data["language"]]


class _Cut:
    """A partition that is still open."""

    def __init__(self, split: str) -> None:
        self.split = split
        self.places: list[int] = []
        self.n_annotations = self.n_bytes = 0
        self.video_s = 0.0
        self._content: list[object] = []
        self._sources: set[str] = set()

    def add(self, place: int, planned: PlannedItem, job: Job) -> None:
        item, media = planned.item, planned.media
        self.places.append(place)
        self.n_annotations += len(item.events)
        self._sources.add(item.source)
        duration_s = item.duration_s or (media.duration_s if media else None) or 0.0
        self.n_bytes += _estimate_bytes(item.events, duration_s, job)
        self.video_s += duration_s if media else 0.0
        used = None if media is None else [media.uri, media.n_bytes, media.sha256]
        self._content.append(
            [item.source, item.split, item.file, item.key, planned.n, planned.item_hash, used]
        )

    def close(self, base: list[str], sources: dict[str, object]) -> Partition:
        facts = {name: sources[name] for name in sorted(self._sources)}
        text = json.dumps([base, self.split, facts, self._content], ensure_ascii=False)
        identity = hashlib.sha256(text.encode()).hexdigest()[:_IDENTITY_LENGTH]
        return Partition(
            identity,
            self.split,
            self.places[0],
            self.places[-1],
            len(self.places),
            self.n_annotations,
            self.n_bytes,
            self.video_s,
        )


def _estimate_bytes(events: tuple[Event, ...], duration_s: float, job: Job) -> int:
    text = _TEXT_BYTES * (1 + len(events))
    if job.media != "frames":
        return text
    sampling = job.recipe.sampling
    frames = len_samples(duration_s, sampling.fps, sampling.max_frames)
    return text + frames * int(_FRAME_BYTES_AT_384 * (sampling.short_side / 384) ** 2)
