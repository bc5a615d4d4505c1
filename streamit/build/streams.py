"""Makes streams of the clips of a corpus, before the plan is cut into partitions.

Splits are decided by then, and no stream has clips of two splits, sources or languages: a record
has one split, one licence and one language.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace

from streamit.build.ask import preview_pairs, write_pairs
from streamit.build.asked import Asked
from streamit.build.asking import Asking
from streamit.build.chains import is_measured, order_by_hash, order_by_likeness
from streamit.build.clip_table import ClipTable
from streamit.build.describe import know_video, length_of
from streamit.build.likeness import Likeness
from streamit.build.media import MediaCatalog, require_file
from streamit.build.quality import Checked, check_pairs, preview_checks
from streamit.build.similarity import ClipRef, measure_clips
from streamit.build.spool import Kept, Listed, Spool
from streamit.build.types import MEDIA_NONE, Job, Media, Plan
from streamit.convert.clips import CaptionedClip, ClipCutter
from streamit.convert.joining import join_clips
from streamit.errors import UsageError, VideoError
from streamit.item import Item, Reject
from streamit.quality.check import AskOptions
from streamit.quality.similarity import PIXELS, Embedder, open_embedder
from streamit.recipe import STREAMING_QA, Recipe
from streamit.storage import Folder


class StreamMaker:
    """Cuts what was read into clips, joins these, and has their questions written.

    With `dry_run` nothing is compared, asked or written. `asked` is what asking a model took, and
    `guessed` what the blind check did, in the end.
    """

    def __init__(
        self,
        job: Job,
        out: Folder,
        catalog: MediaCatalog,
        embedder: Embedder | None,
        asking: Asking | None,
        guessing: AskOptions,
        note: Callable[[str, int], None],
        dry_run: bool,
    ) -> None:
        self._job, self._out, self._catalog = job, out, catalog
        self._embedder, self._asking, self._guessing = embedder, asking, guessing
        self._note, self._dry_run = note, dry_run
        self.asked: Asked | None = None
        self.guessed: Asked | None = None

    def make(
        self, chosen: Iterable[tuple[str, int, Listed]], read: Spool, spool: Spool, plan: Plan
    ) -> None:
        """Fill `spool` with the streams of the clips of all chosen items of `read`.

        What is refused goes to the rejects and the plan's account, what is left over to the
        account alone.
        """
        self._survey(chosen, read)
        account = _Account(read, plan)
        with ClipTable(self._job.recipe.seed) as table:
            self._cut_items(read, table, account)
            for clips in self._order(table, account):
                for stream in join_clips(clips, self._job.recipe.streams, account.set_aside):
                    spool.add_item(stream)
        for reject in read.iterate_rejects():
            spool.add_reject(reject)
        checked = self._preview(spool) if self._dry_run else self._write(spool)
        if checked is not None:
            self.guessed, plan.quality = checked.guessed, checked.numbers
        self._keep(spool)

    def _preview(self, spool: Spool) -> Checked | None:
        self.asked = preview_pairs(spool, self._job, self._asking)
        n_unwritten = self.asked.n_requests if self.asked else 0
        return preview_checks(spool, self._job, self._guessing, n_unwritten)

    def _write(self, spool: Spool) -> Checked | None:
        self.asked = write_pairs(spool, self._job, self._asking, self._out, self._note)
        left = self._guessing
        if left.max_cost is not None and self.asked and self.asked.cost:
            left = replace(left, max_cost=max(left.max_cost - self.asked.cost, 0.0))
        return check_pairs(spool, self._job, left, self._out, self._note)

    def _survey(self, chosen: Iterable[tuple[str, int, Listed]], read: Spool) -> None:
        is_opened = self._job.media != MEDIA_NONE or self._embedder is not None
        for place, (split, n, listed) in enumerate(chosen):
            file = self._catalog.locate(listed.source, listed.media_id)
            read.keep(Kept(place, split, n, (file,), listed))
            if file is not None and (is_opened or listed.duration_s is None):
                self._catalog.ask(file)
        self._catalog.survey(self._note)

    def _cut_items(self, read: Spool, table: ClipTable, account: _Account) -> None:
        cutter, step_s = ClipCutter(), 1 / self._job.recipe.sampling.fps
        for count, kept in enumerate(read.iterate_kept()):
            item = read.read_item(kept.listed.row)
            media = self._catalog.describe_all(kept.media)
            tolerance_s = max(step_s, self._job.sources[item.source].tolerance_s)
            known, duration_s = know_video(item, media, None), length_of(item, media)
            found = cutter.cut(item, kept.split, duration_s, known, tolerance_s, step_s)
            account.adjust(item.source, found.adjusted)
            for reject in found.rejects:
                account.reject(reject)
            for clip in found.repeated:
                account.set_aside(clip, "duplicate_clip")
            fault = self._find_fault(item, media)
            for clip in found.clips:
                if fault is None:
                    table.add(clip)
                else:
                    account.refuse(clip, fault.reason, str(fault))
            if count % 1000 == 0:
                self._note("cutting clips", count)

    def _find_fault(self, item: Item, media: Media) -> VideoError | None:
        """Why the file cannot be decoded, if it must be. One such clip would cost its stream."""
        if self._job.media == MEDIA_NONE:
            return None
        try:
            require_file(item.media_id or item.video_id, media[0])
        except VideoError as exc:
            return exc
        return None

    def _order(self, table: ClipTable, account: _Account) -> Iterator[Iterator[CaptionedClip]]:
        if self._embedder is None:
            return order_by_hash(table)
        if self._dry_run:
            likeness = Likeness(self._out, self._embedder.name)
            if not is_measured(table, likeness, self._find):
                return order_by_hash(table)
        else:
            likeness = self._measure(table, self._embedder)
        recipe = self._job.recipe
        return order_by_likeness(
            table, likeness, recipe, self._find, account.set_aside, account.refuse
        )

    def _measure(self, table: ClipTable, embedder: Embedder) -> Likeness:
        refs = map(self._find, table.iterate())
        return measure_clips(
            (ref for ref in refs if ref is not None),
            embedder,
            self._out,
            timeout_s=self._job.recipe.video.timeout_s,
            n_workers=os.cpu_count() or 1,
            note=self._note,
        )

    def _find(self, one: CaptionedClip) -> ClipRef | None:
        """The clip with its file; None where that was not found."""
        clip = one.clip
        file = self._catalog.describe(self._catalog.locate(one.source, clip.media_id))
        return None if file is None else ClipRef(file, clip.start_s, clip.end_s, one.text)

    def _keep(self, spool: Spool) -> None:
        """Give every stream its place and its files, which were surveyed before."""
        for place, listed in enumerate(spool.iterate_items()):
            clips = spool.read_item(listed.row).clips
            media = tuple(self._catalog.locate(listed.source, clip.media_id) for clip in clips)
            spool.keep(Kept(place, listed.split, 0, media, listed))


class _Account:
    """Where every clip that becomes part of no stream is written down."""

    def __init__(self, read: Spool, plan: Plan) -> None:
        self._read, self._plan = read, plan

    def adjust(self, source: str, adjusted: Mapping[str, int]) -> None:
        """Clips were changed on the way."""
        self._plan.ledger[source].adjusted.update(adjusted)

    def reject(self, reject: Reject) -> None:
        """An annotation is faulty."""
        self._plan.ledger[reject.source].rejected[reject.reason] += 1
        self._read.add_reject(reject)

    def refuse(self, one: CaptionedClip, reason: str, message: str) -> None:
        """A clip is faulty."""
        clip = one.clip
        self.reject(
            Reject(one.source, clip.file, clip.key, clip.video_id, clip.index, reason, message)
        )

    def set_aside(self, one: CaptionedClip, reason: str) -> None:
        """A clip is left out on purpose."""
        clip = one.clip
        self._plan.set_aside(one.source, clip.file, clip.key, clip.video_id, 1, reason)


def choose_embedder(recipe: Recipe, is_demo: bool) -> tuple[Recipe, Embedder | None]:
    """The recipe with its embedder named as everybody knows it, and that embedder.

    The demo is compared by its pixels, where nothing else is named. Raises UsageError when the
    embedder is not there, or cannot do what is asked.
    """
    settings = recipe.similarity
    wanted = settings.embedder or (PIXELS if is_demo else None)
    if recipe.task != STREAMING_QA or wanted is None:
        return recipe, None
    is_filter = settings.threshold is not None or settings.keep is not None
    if is_filter and wanted == PIXELS:
        raise UsageError(
            f"similarity.embedder: {PIXELS!r} knows no words, so that captions have no score; "
            "name a CLIP or SigLIP checkpoint, or leave out threshold and keep"
        )
    embedder = open_embedder(wanted, settings.batch_size)
    # A folder of this machine says less than the hash of what is in it.
    name = PIXELS if wanted == PIXELS else embedder.name
    return replace(recipe, similarity=replace(settings, embedder=name)), embedder


def list_skipped(embedder: Embedder | None, asking: Asking | None) -> list[str]:
    """What the user should know is not done, and how it would be."""
    skipped = []
    if embedder is None:
        skipped.append(
            "clips are not compared: no caption is checked, and they follow each other by a hash "
            "(--set similarity.embedder=NAME compares them)"
        )
    if asking is None:
        skipped.append("no language model is asked: questions are templates (--model names one)")
    return skipped
