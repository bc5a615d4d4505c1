"""Makes streams of the clips of a corpus, before the plan is cut into partitions.

Splits are decided by then, and no stream has clips of two splits, sources or languages: a record
has one split, one licence and one language.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from streamit.build.ask import Asked, preview_pairs, write_pairs
from streamit.build.asking import Asking
from streamit.build.clip_table import ClipTable
from streamit.build.describe import know_video, length_of
from streamit.build.media import MediaCatalog
from streamit.build.spool import Kept, Listed, Spool
from streamit.build.types import MEDIA_NONE, Job, Plan
from streamit.convert.clips import CaptionedClip, ClipCutter
from streamit.convert.joining import join_clips
from streamit.storage import Folder


class StreamMaker:
    """Cuts what was read into clips, joins these, and has their questions written.

    With `dry_run` nothing is asked or written. `asked` is what asking a model took, in the end.
    """

    def __init__(
        self,
        job: Job,
        out: Folder,
        catalog: MediaCatalog,
        asking: Asking | None,
        note: Callable[[str, int], None],
        dry_run: bool,
    ) -> None:
        self._job, self._out, self._catalog = job, out, catalog
        self._asking, self._note, self._dry_run = asking, note, dry_run
        self.asked: Asked | None = None

    def make(
        self, chosen: Iterable[tuple[str, int, Listed]], read: Spool, spool: Spool, plan: Plan
    ) -> None:
        """Fill `spool` with the streams of the clips of all chosen items of `read`.

        What is refused goes to the rejects and the plan's account, what is left over to the
        account alone.
        """
        self._survey(chosen, read)
        set_aside = _make_setter(plan)
        with ClipTable(self._job.recipe.seed) as table:
            self._cut_items(read, table, plan, set_aside)
            for clips in table.iterate_chains():
                for stream in join_clips(clips, self._job.recipe.streams, set_aside):
                    spool.add_item(stream)
        for reject in read.iterate_rejects():
            spool.add_reject(reject)
        if self._dry_run:
            self.asked = preview_pairs(spool, self._job, self._asking)
        else:
            self.asked = write_pairs(spool, self._job, self._asking, self._out, self._note)
        self._keep(spool)

    def _survey(self, chosen: Iterable[tuple[str, int, Listed]], read: Spool) -> None:
        for place, (split, n, listed) in enumerate(chosen):
            file = self._catalog.locate(listed.source, listed.media_id)
            read.keep(Kept(place, split, n, (file,), listed))
            if file is not None and (self._job.media != MEDIA_NONE or listed.duration_s is None):
                self._catalog.ask(file)
        self._catalog.survey(self._note)

    def _cut_items(
        self,
        read: Spool,
        table: ClipTable,
        plan: Plan,
        set_aside: Callable[[CaptionedClip, str], None],
    ) -> None:
        cutter, step_s = ClipCutter(), 1 / self._job.recipe.sampling.fps
        for count, kept in enumerate(read.iterate_kept()):
            item = read.read_item(kept.listed.row)
            media = self._catalog.describe_all(kept.media)
            tolerance_s = max(step_s, self._job.sources[item.source].tolerance_s)
            known, duration_s = know_video(item, media, None), length_of(item, media)
            found = cutter.cut(item, kept.split, duration_s, known, tolerance_s, step_s)
            counts = plan.ledger[item.source]
            for reject in found.rejects:
                counts.rejected[reject.reason] += 1
                read.add_reject(reject)
            counts.adjusted.update(found.adjusted)
            for clip in found.repeated:
                set_aside(clip, "duplicate_clip")
            for clip in found.clips:
                table.add(clip)
            if count % 1000 == 0:
                self._note("cutting clips", count)

    def _keep(self, spool: Spool) -> None:
        """Give every stream its place and its files, which were surveyed before."""
        for place, listed in enumerate(spool.iterate_items()):
            clips = spool.read_item(listed.row).clips
            media = tuple(self._catalog.locate(listed.source, clip.media_id) for clip in clips)
            spool.keep(Kept(place, listed.split, 0, media, listed))


def _make_setter(plan: Plan) -> Callable[[CaptionedClip, str], None]:
    def set_aside(one: CaptionedClip, reason: str) -> None:
        clip = one.clip
        plan.set_aside(one.source, clip.file, clip.key, clip.video_id, 1, reason)

    return set_aside
