"""Builds what is not done yet, cleans up, and writes the files that describe the whole."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from typing import Any

from streamit.build.counts import Ledger, check_conservation
from streamit.build.engine import LOOP, Engine, choose_engine, open_engine, order_partitions
from streamit.build.inputs import Input
from streamit.build.manifest import describe_run, make_manifest, write_descriptions
from streamit.build.media import MediaCatalog
from streamit.build.parts import Part, find_done, remove_stale
from streamit.build.plan import load_lot
from streamit.build.progress import Silent
from streamit.build.report import BuildReport, report_build
from streamit.build.spool import Spool
from streamit.build.types import Job, Lot, Partition, Plan
from streamit.dataset import SUCCESS
from streamit.storage import Folder


class Assembly:
    """One build of a plan, under the lock of its folder."""

    def __init__(
        self,
        job: Job,
        out: Folder,
        inputs: Input,
        plan: Plan,
        spool: Spool,
        catalog: MediaCatalog,
        show: Silent,
        started: float,
    ) -> None:
        self._job = replace(job, samples=catalog.list_samples())
        self._out, self._inputs, self._plan = out, inputs, plan
        self._spool, self._catalog, self._show, self._started = spool, catalog, show, started

    def run(
        self, early: Engine | None, workers: int | None, address: str | None, verify: bool
    ) -> BuildReport:
        """Build every partition that is not done; `early` is an engine that is starting already."""
        found = {p.identity: find_done(self._out, p, verify) for p in self._plan.partitions}
        done = [part for part in found.values() if part is not None]
        todo = order_partitions(p for p in self._plan.partitions if found[p.identity] is None)
        self._show.start(sum(p.n_items for p in todo), len(done))
        engine, built = LOOP, []
        if todo:
            self._out.remove(SUCCESS)
            with ExitStack() as stack:
                name = choose_engine(len(todo), workers, address)
                chosen = early or stack.enter_context(open_engine(name, workers, address))
                engine, built = chosen.name, self._build(chosen, todo)
        parts = done + built
        ledger = self._settle(parts)
        n_removed = remove_stale(self._out, self._job.recipe.name, parts)
        self._describe(parts, ledger, describe_run(self._started, engine, workers))
        return report_build(
            self._job, self._out, parts, ledger, engine, len(built), n_removed, self._started
        )

    def _build(self, engine: Engine, todo: Sequence[Partition]) -> list[Part]:
        n_items = {p.identity: p.n_items for p in todo}
        built = []
        for part in engine.run(todo, self._load, self._job):
            built.append(part)
            self._show.advance(n_items[part.identity], part.n_records, len(part.rejects))
        return built

    def _load(self, partition: Partition) -> Lot:
        return load_lot(self._spool, self._catalog, partition)

    def _settle(self, parts: Iterable[Part]) -> Ledger:
        """The whole account: the plan's own decisions, and every part's of what it was given."""
        ledger = Ledger()
        for part in parts:
            ledger.add_all(part.ledger)
        for source, planned in self._plan.ledger.items():
            counts = ledger[source]
            given = counts.read
            counts.add(planned)
            counts.read -= given
        check_conservation(ledger, "build")
        return ledger

    def _describe(self, parts: Sequence[Part], ledger: Ledger, run: dict[str, Any]) -> None:
        """Write all that describes the build, and _SUCCESS last."""
        manifest = make_manifest(
            self._job, self._inputs.discovered, parts, ledger, run, self._plan.quality
        )
        rejects = [reject for part in parts for reject in part.rejects]
        rejects += self._spool.iterate_rejects()
        write_descriptions(self._out, manifest, rejects, self._job.sources)
        self._out.write_if_changed(SUCCESS, b"")
