"""Builds one partition: convert, sample, check, write the shard and then the part manifest.

A pure function of its plan entry: nothing here depends on other partitions, on order or on time.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import IO, Any

from streamit.build.counts import Ledger, check_conservation
from streamit.build.describe import describe_video, know_video, length_of
from streamit.build.packing import unpack_item
from streamit.build.parts import Part, write_part
from streamit.build.shards import ShardWriter
from streamit.build.studio import Footage, open_studio
from streamit.build.types import MEDIA_FRAMES, Job, Lot, Partition, PlannedItem
from streamit.convert.base import Context, Conversion, Converter, reject_event
from streamit.convert.negatives import Donors
from streamit.convert.registry import load_converter
from streamit.errors import StorageError, VideoError
from streamit.item import Item, Reject
from streamit.record import Record, to_dict
from streamit.schema import check
from streamit.storage import Folder

RETRY_REASONS = frozenset({"timeout", "not_copied"})


def build_partition(partition: Partition, lot: Lot, job: Job) -> Part:
    """Build and write one partition.

    Raises StorageError when the shard cannot be written; a video that cannot be used costs only
    its own annotations.
    """
    out = Folder(job.out)
    tally = _Tally()
    name = f"{job.recipe.name}/{partition.split}-{partition.identity}.parquet"
    with out.open_write(name) as file:
        n_records = _write_records(file, lot, job, tally)
    if n_records == 0:
        out.remove(name)
    stamp = out.stamp(name)
    if n_records and stamp is None:
        raise StorageError(f"{name}: vanished while it was written; is another program cleaning?")
    path = name if n_records else None
    check_conservation(tally.ledger, f"partition {partition.identity}")
    part = Part(
        partition.identity,
        partition.split,
        path,
        n_records,
        stamp["bytes"] if stamp else 0,
        out.sha256(path) if path else None,
        stamp["mark"] if stamp else None,
        any(reject.reason in RETRY_REASONS for reject in tally.rejects),
        tally.ledger,
        {source: dict(sorted(n.items())) for source, n in sorted(tally.layouts.items())},
        dict(sorted(tally.decoders.items())),
        tally.n_frames,
        dict(sorted(tally.clips.items())),
        tuple(tally.rejects),
    )
    write_part(out, part)
    return part


class _Tally:
    """What a partition counts while it is built."""

    def __init__(self) -> None:
        self.ledger = Ledger()
        self.rejects: list[Reject] = []
        self.layouts: dict[str, Counter[str]] = {}
        self.decoders: Counter[str] = Counter()
        self.n_frames = 0
        self.clips: dict[str, int] = {}

    def add(self, item: Item, conversion: Conversion) -> None:
        counts = self.ledger[item.source]
        counts.read += len(item.events)
        counts.recorded += conversion.recorded
        for reject in conversion.rejects:
            counts.rejected[reject.reason] += 1
        if conversion.set_aside:
            counts.set_aside.update(conversion.set_aside)
        if conversion.adjusted:
            counts.adjusted.update(conversion.adjusted)
        self.rejects += conversion.rejects
        for record in conversion.records:
            self.layouts.setdefault(item.source, Counter())[record.layout] += 1
            self.n_frames += record.n_frames
            if record.provenance.decoder:
                self.decoders[record.provenance.decoder] += 1


def _write_records(file: IO[bytes], lot: Lot, job: Job, tally: _Tally) -> int:
    contexts, converters = _make_contexts(lot, job)
    with ShardWriter(file, job.media == MEDIA_FRAMES) as writer, open_studio(job) as studio:
        for planned in lot.items:
            item, media = unpack_item(planned.packed), planned.media
            context, convert = contexts[item.source], converters[item.source]
            try:
                footage = None if studio is None else studio.shoot(item, media)
            except VideoError as exc:
                tally.add(item, Conversion(rejects=_reject_all(item, exc.reason, str(exc))))
                continue
            video, known = describe_video(item, media, footage), know_video(item, media, footage)
            conversion = convert(item, planned.n, planned.item_hash, video, known, context)
            conversion, rows = _check(conversion, item, footage)
            if rows and footage is not None and footage.clip_uri is not None:
                tally.clips[footage.clip_uri] = footage.clip_bytes
            for row in rows:
                writer.write(row)
            tally.add(item, conversion)
    return writer.n_rows


def _make_contexts(lot: Lot, job: Job) -> tuple[dict[str, Context], dict[str, Converter]]:
    """What converting the items of each source needs: its settings, and its task's converter."""
    recipe = job.recipe
    donors = Donors(map(_measure, lot.around)) if recipe.negatives.rate else None
    contexts, converters = {}, {}
    for name, info in job.sources.items():
        task = recipe.task_of(name)
        questions = recipe.questions_of(task)
        contexts[name] = Context(
            recipe, job.fingerprint, info, job.streamit_version, task, questions, donors
        )
        converters[name] = load_converter(task)
    return contexts, converters


def _measure(planned: PlannedItem) -> tuple[Item, float | None]:
    item, media = unpack_item(planned.packed), planned.media
    return item, length_of(item, media)


def _check(
    conversion: Conversion, item: Item, footage: Footage | None
) -> tuple[Conversion, list[dict[str, Any]]]:
    """Add the frames and make the rows; an item whose records break a rule is rejected whole."""
    rows, problems = [], []
    for i, record in enumerate(conversion.records):
        finished = record if footage is None else _add_footage(record, footage)
        conversion.records[i] = finished
        rows.append(to_dict(finished))
        problems += check(finished, row=rows[-1])
    if not problems:
        return conversion, rows
    first = problems[0]
    message = f"breaks rule {first.rule} at {first.where}: {first.message}"
    gone = {_name(reject) for reject in conversion.rejects}
    broken = [r for r in _reject_all(item, "rule_broken", message) if _name(r) not in gone]
    return Conversion(rejects=conversion.rejects + broken), []


def _add_footage(record: Record, footage: Footage) -> Record:
    end_s = record.video.duration_s
    times_s = [t for t in footage.times_s if end_s is None or t <= end_s]
    frames = None if footage.frames is None else footage.frames[: len(times_s)]
    return replace(
        record,
        frame_times_s=tuple(times_s),
        n_frames=len(times_s),
        frames=frames,
        provenance=replace(record.provenance, decoder=footage.decoder),
    )


def _reject_all(item: Item, reason: str, message: str) -> list[Reject]:
    return [reject_event(item, event.index, reason, message) for event in item.events]


def _name(reject: Reject) -> tuple[str, str, int | None]:
    """What tells the annotations of one item, or of one stream, from each other."""
    return reject.file, reject.key, reject.index
