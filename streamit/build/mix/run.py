"""`streamit mix`: from a YAML of builds to one finished folder."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from streamit.build.counts import Ledger, check_conservation
from streamit.build.engine import LOOP
from streamit.build.lock import hold_lock
from streamit.build.manifest import CARD, describe_run, write_descriptions
from streamit.build.mix.builds import MixBuild, describe_sources, open_builds
from streamit.build.mix.copy import Copier
from streamit.build.mix.cut import cut_partitions
from streamit.build.mix.describe import MixReport, Share, count_splits, make_mix_manifest
from streamit.build.mix.pool import Pool
from streamit.build.mix.scan import scan_builds
from streamit.build.mix.shares import list_asked, share_held_out, share_out
from streamit.build.parts import PARTS, Part, find_done, remove_stale
from streamit.build.progress import Silent
from streamit.build.types import Partition
from streamit.dataset import MANIFEST, SUCCESS
from streamit.errors import UsageError
from streamit.mix import ALL, NONE, SKIP, TRAIN, Mix, MixPart, load_mix
from streamit.source import SPLITS
from streamit.storage import Folder


def mix_builds(
    name: str,
    out: str | os.PathLike[str] | None = None,
    *,
    builds: Mapping[str, str] | None = None,
    overrides: Sequence[str] | Mapping[str, Any] = (),
    verify: bool = False,
    dry_run: bool = False,
    progress: Silent | None = None,
) -> MixReport:
    """Make one dataset of several builds, or say what would become of them (`dry_run`).

    `name` is a shipped mix or a file; `builds` says where builds lie that are not where the mix has
    them. Raises UsageError for a wrong call or builds that do not go together, StorageError when
    reading or writing fails, LockedError when another run is at work in `out`.
    """
    mix = load_mix(name, overrides, builds)
    folder = Folder(out if out is not None else f"./{mix.name}")
    opened, missing = open_builds(mix)
    _refuse_own(folder, opened)
    with progress or Silent() as show, Pool() as pool:
        for build in missing:
            show.say(f"build {build!r} is missing and is left out")
        work = Mixing(mix, folder, opened, missing, pool, show)
        if dry_run:
            return work.plan(dry_run=True)
        _refuse_foreign(folder, mix)
        with hold_lock(folder):
            return work.run(verify)


class Mixing:
    """One run of a mix."""

    def __init__(
        self,
        mix: Mix,
        out: Folder,
        builds: Sequence[MixBuild],
        missing: Sequence[str],
        pool: Pool,
        show: Silent,
    ) -> None:
        self._mix, self._out, self._builds, self._pool = mix, out, builds, pool
        self._missing, self._show, self._started = tuple(missing), show, time.time()

    def plan(self, dry_run: bool = False) -> MixReport:
        """Read all builds and decide what is taken."""
        scan_builds(self._builds, self._mix, self._pool, self._show.note)
        self._pool.drop_conflicts()
        available = self._pool.count_parts()
        present = self._find_present(available)
        asked = self._take(present, available)
        self._pool.close()
        taken = self._pool.count_taken()
        shares = tuple(
            Share(part, asked.get(i, part.count), _pick(available, i), _pick(taken, i))
            for i, part in enumerate(self._mix.parts)
        )
        ledger = self._pool.settle()
        check_conservation(ledger, "mix")
        return MixReport(
            self._mix,
            self._out.url,
            self._builds[0].manifest["media"],
            dry_run,
            shares,
            self._missing,
            ledger,
            n_records=count_splits(shares),
        )

    def run(self, verify: bool) -> MixReport:
        """Write every partition that is not done, then what describes the whole."""
        planned = self.plan()
        partitions = list(cut_partitions(self._pool, self._builds, self._mix.shard, self._mix.name))
        found = {p.identity: find_done(self._out, p, verify) for p in partitions}
        done = [part for part in found.values() if part is not None]
        todo = [p for p in partitions if found[p.identity] is None]
        self._show.start(sum(p.n_items for p in todo), len(done))
        parts = done + self._copy(todo)
        n_removed = remove_stale(self._out, self._mix.name, parts)
        self._describe(planned, parts)
        return replace(
            planned,
            n_built=len(todo),
            n_reused=len(done),
            n_removed=n_removed,
            n_bytes=sum(part.bytes + sum(part.clips.values()) for part in parts),
            minutes=(time.time() - self._started) / 60,
        )

    def _find_present(self, available: Counter[tuple[int, str]]) -> list[int]:
        """The parts of which there is something; the mix says whether others are an error."""
        have = {i for i, _ in available}
        opened = {one.name for one in self._builds}
        for i, part in enumerate(self._mix.parts):
            if i in have or part.build not in opened:
                continue
            if self._mix.when_missing != SKIP:
                raise UsageError(_describe_nothing(part, self._builds))
            self._show.say(f"{part.name} has no records and is left out")
        if not have:
            raise UsageError(f"{self._mix.name}: there is no record to take")
        return [i for i in range(len(self._mix.parts)) if i in have]

    def _take(
        self, present: Sequence[int], available: Counter[tuple[int, str]]
    ) -> dict[int, int | None]:
        """Take the records of all parts; what each was asked for."""
        mix = replace(self._mix, parts=tuple(self._mix.parts[i] for i in present))
        have = [available[i, TRAIN] for i in present]
        numbers = share_out(mix, have)
        for i, n_available, n in zip(present, have, numbers, strict=True):
            self._pool.take(i, TRAIN, n)
            for split in (split for split in SPLITS if split != TRAIN):
                n_held_out = available[i, split]
                if mix.held_out != ALL:
                    share = share_held_out(n_held_out, n, n_available)
                    n_held_out = 0 if mix.held_out == NONE else share
                self._pool.take(i, split, n_held_out)
        return dict(zip(present, list_asked(mix, have), strict=True))

    def _copy(self, todo: Sequence[Partition]) -> list[Part]:
        if todo:
            self._out.remove(SUCCESS)
        copier, parts = Copier(self._builds, self._out, self._mix.name), []
        for partition in todo:
            rows = list(self._pool.iterate_taken(partition.first, partition.last))
            parts.append(copier.copy(partition, rows))
            self._show.advance(partition.n_items, len(rows), 0)
        return parts

    def _describe(self, planned: MixReport, parts: Sequence[Part]) -> None:
        """Write all that describes the mix, and _SUCCESS last."""
        ledger = _settle(planned.ledger, parts)
        run = describe_run(self._started, LOOP, None)
        tasks = self._pool.count_tasks()
        manifest = make_mix_manifest(
            self._mix, self._builds, planned.shares, tasks, parts, ledger, run
        )
        infos = describe_sources(manifest["sources"])
        write_descriptions(self._out, manifest, (), infos)
        self._out.write_if_changed(SUCCESS, b"")


def _settle(planned: Ledger, parts: Sequence[Part]) -> Ledger:
    """The account of all records, with those as recorded that really stand in shards."""
    settled = Ledger()
    for part in parts:
        settled.add_all(part.ledger)
    for source, counts in planned.items():
        settled[source].read = counts.read
        settled[source].set_aside = counts.set_aside
    check_conservation(settled, "mix")
    return settled


def _pick(counts: Counter[tuple[int, str]], part: int) -> dict[str, int]:
    return {split: counts[part, split] for split in SPLITS}


def _describe_nothing(part: MixPart, builds: Sequence[MixBuild]) -> str:
    build = next(one for one in builds if one.name == part.build)
    held = ", ".join(sorted(build.manifest["layouts"])) or "none"
    return (
        f"{part.name}: build {part.build!r} has no such record (its sources: {held}); build it "
        f"again with that source (`streamit build --recipe {part.build} --source NAME=PATH`), or "
        "leave the part out with --set when_missing=skip"
    )


def _refuse_own(out: Folder, builds: Sequence[MixBuild]) -> None:
    for one in builds:
        if one.build.folder.root == out.root and one.build.folder.fs == out.fs:
            raise UsageError(f"{out.url}: is build {one.name!r} itself; choose another --out")


def _refuse_foreign(out: Folder, mix: Mix) -> None:
    """A build, another mix, or a README.md that is not ours, is not touched."""
    if out.exists(MANIFEST):
        name = out.read_json(MANIFEST).get("mix", {}).get("name")
        if name != mix.name:
            held = "a build" if name is None else f"mix {name!r}"
            raise UsageError(f"{out.url}: holds {held}; choose another --out")
    elif out.exists(CARD) and not out.exists(PARTS):
        raise UsageError(f"{out.url}: has a {CARD} that no mix wrote; choose an empty --out")
