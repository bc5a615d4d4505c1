"""`streamit build`: from the user's words to a finished folder."""

from __future__ import annotations

import inspect
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from streamit.build.asking import choose_guesser, choose_writer
from streamit.build.assembly import Assembly
from streamit.build.engine import RAY, Engine, choose_engine, open_engine
from streamit.build.inputs import Input, find_inputs, read_excluded
from streamit.build.lock import hold_lock
from streamit.build.manifest import CARD
from streamit.build.media import MediaCatalog
from streamit.build.parts import PARTS
from streamit.build.plan import make_plan
from streamit.build.progress import Silent
from streamit.build.report import BuildReport, report_dry_run
from streamit.build.spool import Spool
from streamit.build.streams import StreamMaker, choose_embedder, list_skipped
from streamit.build.types import MEDIA_MODES, Job
from streamit.config import nearest
from streamit.dataset import MANIFEST, SUCCESS
from streamit.errors import UsageError
from streamit.quality.check import describe_findings
from streamit.recipe import STREAMING_QA, Recipe, fingerprint, load_recipe
from streamit.record import SCHEMA_VERSION
from streamit.storage import Folder, encode_jsonl
from streamit.version import __version__


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
    base_url: str | None = None,
    model: str | None = None,
    replay: bool = False,
    max_cost: float | None = None,
    batches: str | os.PathLike[str] | None = None,
    progress: Silent | None = None,
    overrides: Sequence[str] | Mapping[str, Any] = (),
) -> BuildReport:
    """Build a recipe into a folder, or say what would be built (`dry_run`).

    `sources` maps names to paths (or holds NAME=PATH strings); without any, the folders under
    `data` are taken, and without those the demo corpus. `media` is none, frames or clips (default
    none; frames for the demo). `verify` hashes finished shards again. `set_aside` is a file for a
    list of what was left out on purpose.

    `base_url` and `model` name a language model for recipes that ask one, `replay` builds from the
    replies that are there already, `max_cost` caps what this run may spend on more. With `batches`,
    requests are written into that folder for the Batch API, and results taken from it.

    Raises UsageError for a wrong call, SourceError for a corpus that cannot be read, StorageError
    when writing fails, LockedError when another run is at work in `out`, LlmError when a language
    model cannot be asked on.
    """
    loaded = load_recipe(recipe, overrides)
    inputs = find_inputs(sources, data, loaded)
    mode = media or ("frames" if inputs.is_demo else "none")
    if mode not in MEDIA_MODES:
        raise UsageError(f"--media {mode!r}: {nearest(mode, list(MEDIA_MODES))}")
    folder = Folder(out if out is not None else f"./{loaded.name}")
    loaded, embedder = choose_embedder(loaded, inputs.is_demo)
    options: dict[str, Any] = {
        "base_url": base_url,
        "replay": replay,
        "max_cost": max_cost,
        "batches": batches,
    }
    guessing = choose_guesser(loaded, folder, **options)
    loaded, asking = choose_writer(loaded, folder, model=model, **options)
    job = _make_job(loaded, inputs, mode, folder)
    excluded = read_excluded(exclude) if exclude is not None else frozenset()
    aside: list[dict[str, Any]] | None = [] if set_aside is not None else None
    show = progress or Silent()
    started = time.time()
    with show, Spool() as spool:
        if inputs.is_stand_in:
            show.say("no data was given and ./data holds none: building the demo corpus")
        catalog = MediaCatalog(inputs.discovered, media_root, job)
        streams = None
        if loaded.task == STREAMING_QA:
            for message in list_skipped(embedder, asking):
                show.say(message)
            streams = StreamMaker(
                job, folder, catalog, embedder, asking, guessing, show.note, dry_run
            )
        plan_of = (job, inputs.discovered, catalog, spool, limit, excluded, show.note, aside)
        if dry_run:
            plan = make_plan(*plan_of, streams)
            report = report_dry_run(job, folder, plan, workers, address)
        else:
            _refuse_foreign(folder, loaded)
            with hold_lock(folder), _start_early(folder, workers, address) as early:
                plan = make_plan(*plan_of, streams)
                assembly = Assembly(job, folder, inputs, plan, spool, catalog, show, started)
                report = assembly.run(early, workers, address, verify)
        if plan.quality is not None:
            show.say(describe_findings(plan.quality))
    if streams is not None:
        report = replace(report, asked=streams.asked, guessed=streams.guessed, quality=plan.quality)
    if set_aside is not None:
        target = Path(set_aside)
        Folder(target.parent).write_bytes(target.name, encode_jsonl(aside or []))
    return report


def list_options() -> frozenset[str]:
    """The names of `build`'s options; what else `streamit.build` is given is a recipe key."""
    parameters = inspect.signature(build).parameters.values()
    return frozenset(p.name for p in parameters if p.kind is p.KEYWORD_ONLY) - {"overrides"}


@contextmanager
def _start_early(out: Folder, workers: int | None, address: str | None) -> Iterator[Engine | None]:
    """Ray, where it was asked for, starts while the plan is made; else the plan's size decides.

    A finished build is likely to need nothing, and so no Ray.
    """
    if choose_engine(0, workers, address) != RAY or out.exists(SUCCESS):
        yield None
        return
    with open_engine(RAY, workers, address) as engine:
        yield engine


def _make_job(recipe: Recipe, inputs: Input, media: str, out: Folder) -> Job:
    sources = {found.record_source: found.info for found in inputs.discovered}
    return Job(recipe, fingerprint(recipe), sources, media, out.url, __version__, SCHEMA_VERSION)


def _refuse_foreign(out: Folder, recipe: Recipe) -> None:
    """Another recipe's build, or a README.md that is not ours, is not touched."""
    if out.exists(MANIFEST):
        manifest = out.read_json(MANIFEST)
        name = manifest.get("recipe", {}).get("name")
        if name != recipe.name:
            held = "a mix" if "mix" in manifest else f"a build of recipe {name!r}"
            raise UsageError(
                f"{out.url}: holds {held}; choose another --out, one folder holds one build"
            )
    elif out.exists(CARD) and not out.exists(PARTS):
        raise UsageError(f"{out.url}: has a {CARD} that no build wrote; choose an empty --out")
