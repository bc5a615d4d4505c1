"""Reads the sources and cuts each split into partitions by content (DESIGN 4).

Items are ordered by a hash of their source video, which also shuffles them. A partition ends where
another hash of the video meets a threshold, so that a new video changes one partition and not all
that follow. Splits are decided here: no source video stands in two of them (rule P1).
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import nullcontext
from dataclasses import replace
from itertools import groupby
from operator import attrgetter
from typing import Any

from msgspec.json import encode

from streamit.build.counts import Ledger
from streamit.build.media import MediaCatalog
from streamit.build.spool import Kept, Listed, Spool
from streamit.build.streams import StreamMaker
from streamit.build.types import (
    MEDIA_FRAMES,
    MEDIA_NONE,
    Job,
    Lot,
    Media,
    MediaRef,
    Partition,
    Plan,
    PlannedItem,
)
from streamit.config import to_data
from streamit.convert.registry import count_numbers
from streamit.draws import draw_bits, draw_uniform
from streamit.errors import SourceError
from streamit.item import Item, Reject
from streamit.readers.discover import Discovered
from streamit.readers.registry import load_reader
from streamit.timeline import len_samples

SPLIT_RANKS = {"test": 0, "validation": 1, "train": 2}
UNSPLIT_VALIDATION = 0.02
_TEXT_BYTES = 500
_FRAME_BYTES_AT_384 = 40_000
IDENTITY_LENGTH = 20


def make_plan(
    job: Job,
    discovered: Iterable[Discovered],
    catalog: MediaCatalog,
    spool: Spool,
    limit: int | None = None,
    excluded: frozenset[str] = frozenset(),
    note: Callable[[str, int], None] = lambda what, count: None,
    aside: list[dict[str, Any]] | None = None,
    streams: StreamMaker | None = None,
) -> Plan:
    """Read everything, decide splits and numbers, survey the media, cut the partitions.

    `excluded` holds normalised ids of source videos; `limit` is the number of items per source
    after ordering. `note` hears of progress; `aside` collects what is left out on purpose. With
    `streams`, what is planned are the streams that it makes of the clips of what was read.
    """
    plan = Plan(aside=aside)
    with Spool() if streams else nullcontext(spool) as read:
        _read_sources(discovered, job, read, plan.ledger, note)
        if not plan.ledger.total.read:
            raise SourceError("the sources hold no annotation at all; see `streamit sources check`")
        chosen = _choose(read, plan, job, limit, excluded)
        if streams:
            streams.make(chosen, read, spool, plan)
        else:
            _keep(chosen, spool, catalog, job, note)
    plan.partitions = list(_cut(job, spool, catalog))
    return plan


def load_lot(spool: Spool, catalog: MediaCatalog, partition: Partition) -> Lot:
    """The items of a partition, each with what the survey found about its video."""

    def load(first: int, last: int) -> tuple[PlannedItem, ...]:
        items = spool.load(partition.split, first, last)
        return tuple(one._replace(media=catalog.describe_all(one.media)) for one in items)

    items = load(partition.first, partition.last)
    if partition.around is None:
        return Lot(items)
    is_whole = partition.around == (partition.first, partition.last)
    return Lot(items, items if is_whole else load(*partition.around))


def _keep(
    chosen: Iterable[tuple[str, int, Listed]],
    spool: Spool,
    catalog: MediaCatalog,
    job: Job,
    note: Callable[[str, int], None],
) -> None:
    for place, (split, n, listed) in enumerate(chosen):
        media = catalog.locate(listed.source, listed.media_id)
        spool.keep(Kept(place, split, n, (media,), listed))
        # Without media a video is only opened when the annotation alone leaves times open.
        if media is not None and (job.media != MEDIA_NONE or listed.duration_s is None):
            catalog.ask(media)
    catalog.survey(note)


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
                    item = _assign_split(entry, found, job)
                    spool.add_item(item)
                if count % 1000 == 0:
                    note(f"reading {file.name}", count)


def _assign_split(item: Item, found: Discovered, job: Job) -> Item:
    asked = job.recipe.split.validation
    unsplit = found.info.splits == "none" or item.split == "hash"
    split = "train" if unsplit else item.split
    share = asked if asked is not None else (UNSPLIT_VALIDATION if unsplit else 0.0)
    # The draw must not depend on the seed: two builds of one corpus would leak into each other.
    if share and split == "train" and draw_uniform(0, item.source_video, "split") < share:
        split = "validation"
    return item if split == item.split else replace(item, split=split)


def ends_partition(source_video: str, n_records: int) -> bool:
    """Whether a partition ends with this video, where partitions have `n_records` on average."""
    return draw_bits(0, source_video, "cut") < 2**64 // n_records


def _choose(
    spool: Spool, plan: Plan, job: Job, limit: int | None, excluded: frozenset[str]
) -> Iterator[tuple[str, int, Listed]]:
    """(split, number among the video's records, item) of all that is built.

    What is left out on purpose is set aside: excluded, in a split that lost, seen before, over the
    limit.
    """
    taken: Counter[str] = Counter()
    for source_video, group in groupby(spool.iterate_items(), key=attrgetter("source_video")):
        items = list(group)
        split = min((one.split for one in items), key=SPLIT_RANKS.__getitem__)
        numbers: defaultdict[tuple[str, str], int] = defaultdict(int)
        seen: set[tuple[str, str, str]] = set()
        for one in items:
            video = (one.source, one.video_id)
            if source_video in excluded:
                _leave_out(plan, one, "exclude")
            elif one.split != split:
                _leave_out(plan, one, "split_conflict")
            elif (*video, one.item_hash) in seen:
                _leave_out(plan, one, "duplicate_item")
            else:
                seen.add((*video, one.item_hash))
                n = numbers[video]
                numbers[video] += count_numbers(job.recipe.task_of(one.source), one.n_events)
                taken[one.source] += 1
                if limit is not None and taken[one.source] > limit:
                    _leave_out(plan, one, "limit")
                else:
                    yield split, n, one


def _leave_out(plan: Plan, one: Listed, reason: str) -> None:
    plan.set_aside(one.source, one.file, one.key, one.video_id, one.n_events, reason)


def _cut(job: Job, spool: Spool, catalog: MediaCatalog) -> Iterator[Partition]:
    base = [job.fingerprint, job.streamit_version, job.schema_version, job.media]
    sources = {name: _source_facts(info) for name, info in job.sources.items()}
    cells: dict[str, _Cell] = {}
    for (split, video), group in groupby(
        spool.iterate_kept(), key=lambda kept: (kept.split, kept.listed.source_video)
    ):
        cell = cells.setdefault(split, _Cell(split, job))
        for kept in group:
            cell.add(kept, catalog.describe_all(kept.media))
        if ends_partition(video, job.recipe.shard.records):
            yield from cells.pop(split).close(base, sources)
        else:
            cell.cut_if_full()
    for cell in cells.values():
        yield from cell.close(base, sources)


def _source_facts(info: object) -> object:
    """What of a source's description can change a record."""
    data = to_data(info)
    return [
        data["licence"]["annotations"],
        data["exhaustive"],
        data["tiled"],
        data["tolerance_s"],
        data["language"],
    ]


def _file_facts(file: MediaRef) -> list[object]:
    """Length and rate belong to it, too: a survey that timed out is mended by the next run."""
    return [file.uri, file.n_bytes, file.sha256, file.duration_s, file.fps, file.bends]


class _Cell:
    """What lies between two cuts by content: one partition, or several where it is too large.

    Its bounds depend on the videos alone. So do the negatives, which ask about others of the cell,
    while the size of a partition also depends on the media that are taken.
    """

    def __init__(self, split: str, job: Job) -> None:
        self._job = job
        self._split = split
        self._cuts = [_Cut(split)]

    def add(self, kept: Kept, media: Media) -> None:
        self._cuts[-1].add(kept, media, self._job)

    def cut_if_full(self) -> None:
        if self._cuts[-1].n_bytes >= self._job.recipe.shard.max_bytes:
            self._cuts.append(_Cut(self._split))

    def close(self, base: list[str], sources: dict[str, object]) -> Iterator[Partition]:
        cuts = [cut for cut in self._cuts if cut.places]
        around = None
        if self._job.recipe.negatives.rate:
            around = (cuts[0].places[0], cuts[-1].places[-1])
            base = [*base, hashlib.sha256(encode([cut.content for cut in cuts])).hexdigest()]
        for cut in cuts:
            yield cut.close(base, sources, around)


class _Cut:
    """A partition that is still open."""

    def __init__(self, split: str) -> None:
        self.split = split
        self.places: list[int] = []
        self.n_annotations = self.n_bytes = 0
        self.video_s = 0.0
        self.content: list[object] = []
        self._sources: set[str] = set()

    def add(self, kept: Kept, media: Media, job: Job) -> None:
        one = kept.listed
        self.places.append(kept.place)
        self.n_annotations += one.n_events
        self._sources.add(one.source)
        first = media[0]
        duration_s = one.duration_s or (first.duration_s if first else None) or 0.0
        self.n_bytes += _estimate_bytes(one.n_events, duration_s, job)
        self.video_s += duration_s if any(media) else 0.0
        used = [file and _file_facts(file) for file in media]
        self.content.append([one.source, one.split, one.file, one.key, kept.n, one.item_hash, used])

    def close(
        self, base: list[str], sources: dict[str, object], around: tuple[int, int] | None
    ) -> Partition:
        facts = {name: sources[name] for name in sorted(self._sources)}
        content = encode([base, self.split, facts, self.content])
        identity = hashlib.sha256(content).hexdigest()[:IDENTITY_LENGTH]
        return Partition(
            identity,
            self.split,
            self.places[0],
            self.places[-1],
            len(self.places),
            self.n_annotations,
            self.n_bytes,
            self.video_s,
            around,
        )


def _estimate_bytes(n_events: int, duration_s: float, job: Job) -> int:
    text = _TEXT_BYTES * (1 + n_events)
    if job.media != MEDIA_FRAMES:
        return text
    sampling = job.recipe.sampling
    frames = len_samples(duration_s, sampling.fps, sampling.max_frames)
    return text + frames * int(_FRAME_BYTES_AT_384 * (sampling.short_side / 384) ** 2)
