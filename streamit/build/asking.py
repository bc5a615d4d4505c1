"""How the pairs of a build are written: by a template, or by which model, at what cost at most."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from streamit.errors import UsageError
from streamit.llm.budget import Budget
from streamit.llm.endpoint import fill_settings
from streamit.llm.prices import Prices, read_prices
from streamit.llm_settings import LlmSettings
from streamit.quality.blind import make_blind_settings
from streamit.quality.check import AskOptions
from streamit.recipe import STREAMING_QA, Recipe
from streamit.storage import Folder
from streamit.stream_settings import MODEL, TEMPLATE

_CACHE = "streamit/cache/requests.sqlite"


@dataclass(frozen=True, slots=True)
class Asking:
    """A language model to be asked: filled settings, prices, and where replies are kept.

    `replay` makes no request. `max_cost` is what this run may spend. With `batches`, requests are
    written into that folder for the Batch API, and results taken from it.
    """

    settings: LlmSettings
    prices: Prices
    cache_path: Path
    replay: bool = False
    max_cost: float | None = None
    batches: Path | None = None


def choose_writer(
    recipe: Recipe,
    out: Folder,
    *,
    base_url: str | None = None,
    model: str | None = None,
    replay: bool = False,
    max_cost: float | None = None,
    batches: str | os.PathLike[str] | None = None,
    environ: Mapping[str, str] | None = None,
) -> tuple[Recipe, Asking | None]:
    """The recipe with its writer decided, and the model to be asked where that is one.

    The model's name stands in the recipe then, the server's address does not: it changes nothing.
    Of the user's files only their names do: the prompts are known by their sha256.
    Raises UsageError where options are given that the recipe has no use for, EndpointError where
    no model is named.
    """
    options = {
        "--base-url": base_url is not None,
        "--model": model is not None,
        "--replay": replay,
        "--max-cost": max_cost is not None,
        "--batches": batches is not None,
    }
    given = [name for name, is_given in options.items() if is_given]
    if batches is not None and (replay or max_cost is not None):
        raise UsageError("--batches asks no server, so --replay and --max-cost do not go with it")
    if recipe.task != STREAMING_QA:
        if given:
            raise UsageError(f"{given[0]}: recipe {recipe.name!r} asks no language model")
        return recipe, None
    is_named = base_url or model or recipe.llm.base_url or recipe.llm.model
    if (recipe.writer or (MODEL if is_named else TEMPLATE)) == TEMPLATE:
        # The model that guesses may still be asked.
        if given and (recipe.quality.blind.model is None or model is not None):
            raise UsageError(
                f"{given[0]}: no language model is asked, since the writer is {TEMPLATE!r}; name "
                "one with --model, or set writer=model"
            )
        return replace(recipe, writer=TEMPLATE), None
    llm = recipe.llm
    settings = fill_settings(
        replace(llm, base_url=base_url or llm.base_url, model=model or llm.model), environ
    )
    named = replace(llm, model=settings.model, prompts=_last(llm.prompts), prices=_last(llm.prices))
    decided = replace(recipe, writer=MODEL, llm=named)
    prices = read_prices(settings.prices)
    folder = None if batches is None else Path(batches)
    return decided, Asking(settings, prices, _find_cache(out), replay, max_cost, folder)


def choose_guesser(
    recipe: Recipe,
    out: Folder,
    *,
    base_url: str | None = None,
    replay: bool = False,
    max_cost: float | None = None,
    batches: str | os.PathLike[str] | None = None,
) -> AskOptions:
    """How the blind check asks: with the cache, prices and options of the writer.

    Raises EndpointError when its address is none, or there is a cap and no price for its model:
    before the writer is paid.
    """
    llm = replace(recipe.llm, base_url=base_url or recipe.llm.base_url)
    prices = read_prices(llm.prices)
    if recipe.quality.blind.model is not None:
        Budget(make_blind_settings(recipe.quality.blind, llm).model or "", prices, max_cost)
    folder = None if batches is None else Path(batches)
    return AskOptions(llm, _find_cache(out), prices, max_cost, replay, folder)


def _last(path: str | None) -> str | None:
    return None if path is None else Path(path).name


def _find_cache(out: Folder) -> Path:
    """In the build's own folder; for a build on an object store in the user's cache folder.

    SQLite needs a file on a disk. Replies go by their requests, so builds may share a cache.
    """
    if out.is_local:
        return Path(out.path(_CACHE))
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "streamit" / "requests.sqlite"
