"""Makes streams of the clips of a corpus, before the plan is cut into partitions.

Splits are decided by then, and no stream has clips of two splits, sources or languages: a record
has one split, one licence and one language.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from streamit.build.clip_table import ClipTable
from streamit.build.describe import know_video, length_of
from streamit.build.media import MediaCatalog
from streamit.build.spool import Kept, Listed, Spool
from streamit.build.types import MEDIA_NONE, Job, Plan
from streamit.convert.clips import CaptionedClip, ClipCutter
from streamit.convert.joining import join_clips
from streamit.item import Item


def join_streams(
    chosen: Iterable[tuple[str, int, Listed]],
    read: Spool,
    plan: Plan,
    catalog: MediaCatalog,
    job: Job,
    note: Callable[[str, int], None],
) -> Iterator[Item]:
    """The streams of the clips of all chosen items of `read`, in no order that matters.

    What is refused goes to the rejects of `read` and the plan's account, what is left over to the
    account alone.
    """
    for place, (split, n, listed) in enumerate(chosen):
        file = catalog.locate(listed.source, listed.media_id)
        read.keep(Kept(place, split, n, (file,), listed))
        if file is not None and (job.media != MEDIA_NONE or listed.duration_s is None):
            catalog.ask(file)
    catalog.survey(note)

    def set_aside(one: CaptionedClip, reason: str) -> None:
        clip = one.clip
        plan.set_aside(one.source, clip.file, clip.key, clip.video_id, 1, reason)

    with ClipTable(job.recipe.seed) as table:
        _cut_items(read, table, plan, catalog, job, set_aside, note)
        for clips in table.iterate_chains():
            yield from join_clips(clips, job.recipe.streams, set_aside)


def _cut_items(
    read: Spool,
    table: ClipTable,
    plan: Plan,
    catalog: MediaCatalog,
    job: Job,
    set_aside: Callable[[CaptionedClip, str], None],
    note: Callable[[str, int], None],
) -> None:
    cutter, step_s = ClipCutter(), 1 / job.recipe.sampling.fps
    for count, kept in enumerate(read.iterate_kept()):
        item, media = read.read_item(kept.listed.row), catalog.describe_all(kept.media)
        tolerance_s = max(step_s, job.sources[item.source].tolerance_s)
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
            note("cutting clips", count)
