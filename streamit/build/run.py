"""`streamit build`: from the user's words to a finished folder."""

from __future__ import annotations

import inspect
import os
import platform
import socket
import time
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from streamit.build import manifest as descriptions
from streamit.build.counts import Ledger, check_conservation
from streamit.build.engine import LOOP, choose_engine, run_partitions
from streamit.build.inputs import Input, find_inputs, read_excluded
from streamit.build.lock import hold_lock
from streamit.build.media import MediaCatalog
from streamit.build.parts import PARTS, Part, find_done, part_name
from streamit.build.plan import Plan, load_items, make_plan
from streamit.build.progress import Silent
from streamit.build.report import BuildReport
from streamit.build.spool import Spool
from streamit.build.types import MEDIA_MODES, Job, Partition
from streamit.config import nearest
from streamit.dataset import MANIFEST, SUCCESS
from streamit.errors import UsageError
from streamit.recipe import Recipe, fingerprint, load_recipe
from streamit.record import SCHEMA_VERSION
from streamit.storage import TEMP_SUFFIX, Folder, encode_jsonl
from streamit.version import __version__

# Seconds of work per second of 720p video with frames, and per annotation without (benchmarks/).
DECODE_S_PER_VIDEO_S = 0.04
CONVERT_S_PER_ANNOTATION = 5e-5


def build(
    recipe: str,
    sources: Mapping[str, str | os.PathLike[str]] | Sequence[str] | None = None,
    out: str | os.PathLike[str] | None = None,
    *,
    data: str | os.PathLike[str] | None = None,
    media_root: str | os.PathLike[str] | None = None,
    media: str | None = None,
    limit: int | None = None,
    exclude: str | os.PathLike[str] | None = None,
    workers: int | None = None,
    address: str | None = None,
    verify: bool = False,
    dry_run: bool = False,
    set_aside: str | os.PathLike[str] | None = None,
    progress: Silent | None = None,
    overrides: Sequence[str] | Mapping[str, Any] = (),
) -> BuildReport:
    """Build a recipe into a folder, or say what would be built (`dry_run`).

    `sources` maps names to paths (or holds NAME=PATH strings); without any, the folders under
    `data` are taken, and without those the demo corpus. `media` is none, frames or clips (default
    none; frames for the demo). `verify` hashes finished shards again. `set_aside` is a file for a
    list of what was left out on purpose. Raises UsageError for a wrong call, SourceError for a
    corpus that cannot be read, StorageError when writing fails, LockedError when another run is
    at work in `out`.
    """
    loaded = load_recipe(recipe, overrides)
    inputs = find_inputs(sources, data, loaded)
    mode = media or ("frames" if inputs.is_demo else "none")
    if mode not in MEDIA_MODES:
        raise UsageError(f"--media {mode!r}: {nearest(mode, list(MEDIA_MODES))}")
    folder = Folder(out if out is not None else f"./{loaded.name}")
    job = _make_job(loaded, inputs, mode, folder)
    excluded = read_excluded(exclude) if exclude is not None else frozenset()
    aside: list[dict[str, Any]] | None = [] if set_aside is not None else None
    show = progress or Silent()
    with show, Spool() as spool:
        catalog = MediaCatalog(inputs.discovered, media_root, job)
        if dry_run:
            plan = make_plan(
                job, inputs.discovered, catalog, spool, limit, excluded, show.note, aside
            )
            report = _report_dry(job, folder, plan, workers, address)
        else:
            _refuse_foreign(folder, loaded)
            with hold_lock(folder):
                plan = make_plan(
                    job, inputs.discovered, catalog, spool, limit, excluded, show.note, aside
                )
                report = _Run(job, folder, inputs, plan, spool, catalog, show).run(
                    workers, address, verify
                )
    if set_aside is not None:
        _write_aside(set_aside, aside or [])
    return report


def list_options() -> frozenset[str]:
    """The names of `build`'s options; what else `streamit.build` is given is a recipe key."""
    parameters = inspect.signature(build).parameters.values()
    return frozenset(p.name for p in parameters if p.kind is p.KEYWORD_ONLY) - {"overrides"}


class _Run:
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
    ) -> None:
        self.job, self.out, self.inputs, self.plan = job, out, inputs, plan
        self.spool, self.catalog, self.show = spool, catalog, show

    def run(self, workers: int | None, address: str | None, verify: bool) -> BuildReport:
        started = time.time()
        done = {p.identity: find_done(self.out, p, verify) for p in self.plan.partitions}
        todo = [p for p in self.plan.partitions if done[p.identity] is None]
        engine = choose_engine(len(todo), workers, address) if todo else LOOP
        if todo:
            self.out.remove(SUCCESS)
        self.show.start(sum(p.n_items for p in todo), len(done) - len(todo))
        items = {p.identity: p.n_items for p in todo}
        load = self._load
        for part in run_partitions(engine, todo, load, self.job, workers, address):
            done[part.identity] = part
            self.show.advance(items[part.identity], part.n_records, len(part.rejects))
        parts = [part for part in done.values() if part is not None]
        ledger = self._settle(parts)
        run = _describe_run(started, engine, workers)
        content = descriptions.make_manifest(self.job, self.inputs.discovered, parts, ledger, run)
        n_removed = self._remove_stale(parts)
        rejects = [r for part in parts for r in part.rejects]
        rejects += self.spool.iterate_rejects()
        descriptions.write_descriptions(self.out, content, rejects, self.job)
        self.out.write_if_changed(SUCCESS, b"")
        return self._report(parts, ledger, engine, len(todo), n_removed, started)

    def _load(self, partition: Partition) -> Any:
        return load_items(self.spool, self.catalog, partition)

    def _settle(self, parts: Iterable[Part]) -> Ledger:
        """The whole account: the plan's own decisions, and every part's of what it was given."""
        ledger = Ledger()
        for part in parts:
            ledger.add_all(part.ledger)
        for source, planned in self.plan.ledger.items():
            counts = ledger[source]
            given = counts.read
            counts.add(planned)
            counts.read -= given
        check_conservation(ledger, "build")
        return ledger

    def _remove_stale(self, parts: Sequence[Part]) -> int:
        """Remove shards and part manifests of earlier plans, and what killed runs left behind."""
        keep = {part.path for part in parts if part.path}
        keep |= {part_name(part.identity) for part in parts}
        keep |= {name for part in parts for name in part.clips}
        recipe = self.job.recipe.name
        patterns = (f"{recipe}/*.parquet", f"{recipe}/clips/*.mp4", f"{PARTS}/*")
        found = [name for pattern in patterns for name in self.out.list(pattern)]
        stale = [name for name in found if name not in keep]
        for pattern in ("*", "*/*", "*/*/*"):
            stale += self.out.list(f"{pattern}{TEMP_SUFFIX}")
        for name in dict.fromkeys(stale):
            self.out.remove(name)
        return sum(name.endswith(".parquet") for name in stale)

    def _report(
        self,
        parts: Sequence[Part],
        ledger: Ledger,
        engine: str,
        n_built: int,
        n_removed: int,
        started: float,
    ) -> BuildReport:
        n_records: dict[str, int] = {}
        for part in parts:
            n_records[part.split] = n_records.get(part.split, 0) + part.n_records
        return BuildReport(
            self.job.recipe.name,
            self.out.url,
            self.job.media,
            engine,
            False,
            {split: n for split, n in sorted(n_records.items()) if n},
            n_built,
            len(parts) - n_built,
            n_removed,
            sum(part.bytes for part in parts),
            (time.time() - started) / 60,
            ledger,
            self.job.recipe.limits.max_reject_rate,
        )


def _make_job(recipe: Recipe, inputs: Input, media: str, out: Folder) -> Job:
    sources = {found.record_source: found.info for found in inputs.discovered}
    return Job(recipe, fingerprint(recipe), sources, media, out.url, __version__, SCHEMA_VERSION)


def _refuse_foreign(out: Folder, recipe: Recipe) -> None:
    """Another recipe's build, or a README.md that is not ours, is not touched."""
    if out.exists(MANIFEST):
        name = out.read_json(MANIFEST).get("recipe", {}).get("name")
        if name != recipe.name:
            raise UsageError(
                f"{out.url}: holds a build of recipe {name!r}; choose another --out, one folder "
                "holds one build"
            )
    elif out.exists(descriptions.CARD) and not out.exists(PARTS):
        raise UsageError(
            f"{out.url}: has a {descriptions.CARD} that no build wrote; choose an empty --out"
        )


def _report_dry(
    job: Job, out: Folder, plan: Plan, workers: int | None, address: str | None
) -> BuildReport:
    todo = [p for p in plan.partitions if find_done(out, p, rehash=False) is None]
    n_items: dict[str, int] = {}
    for partition in plan.partitions:
        n_items[partition.split] = n_items.get(partition.split, 0) + partition.n_items
    engine = choose_engine(len(todo), workers, address)
    slots = 1 if engine == LOOP else workers or os.cpu_count() or 1
    seconds = sum(p.n_annotations for p in todo) * CONVERT_S_PER_ANNOTATION
    if job.media != "none":
        seconds += sum(p.video_s for p in todo) * DECODE_S_PER_VIDEO_S
    return BuildReport(
        job.recipe.name,
        out.url,
        job.media,
        engine,
        True,
        dict(sorted(n_items.items())),
        len(todo),
        len(plan.partitions) - len(todo),
        0,
        sum(p.n_bytes for p in plan.partitions),
        seconds / slots / 60,
        plan.ledger,
        job.recipe.limits.max_reject_rate,
    )


def _describe_run(started: float, engine: str, workers: int | None) -> dict[str, Any]:
    return {
        "started": datetime.fromtimestamp(started, UTC).isoformat(timespec="seconds"),
        "ended": datetime.now(UTC).isoformat(timespec="seconds"),
        "host": socket.gethostname(),
        "engine": engine,
        "workers": workers,
        "python": platform.python_version(),
    }


def _write_aside(path: str | os.PathLike[str], rows: list[dict[str, Any]]) -> None:
    folder = Folder(Path(path).parent)
    folder.write_bytes(Path(path).name, encode_jsonl(rows))
