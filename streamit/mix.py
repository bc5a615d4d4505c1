"""A mix: which records of which builds become one dataset, as data.

Read like a recipe: unknown keys are refused. The shipped ones are in recipes/mixes; every default
is printed by `streamit mix NAME --show`.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from streamit import config, resources
from streamit.errors import RecipeError
from streamit.recipe import NAME, Shard
from streamit.source import SPLITS

SCALE, TAKE_ALL, ERROR, SKIP = "scale", "take_all", "error", "skip"
ALL, SHARE, NONE = "all", "share", "none"
TRAIN = "train"
DEFAULT_SHARD = Shard()


@dataclass(frozen=True, slots=True)
class MixPart:
    """Some records of one build; null takes every source, task, layout or split.

    `source` is one name or several, of which the records are drawn without regard to which.
    `count` or `weight` is about training records. With neither, all are taken.
    """

    build: str
    source: str | tuple[str, ...] | None = None
    task: str | None = None
    layout: str | None = None
    split: str | None = None
    count: int | None = None
    weight: float | None = None

    @property
    def sources(self) -> tuple[str, ...]:
        """The sources that are wanted; empty where all are."""
        return (self.source,) if isinstance(self.source, str) else self.source or ()

    @property
    def name(self) -> str:
        """The build and what is wanted of it, such as `dense_caption/activitynet`."""
        words = [self.build, "+".join(self.sources), self.task, self.layout, self.split]
        return "/".join(filter(None, words))


@dataclass(frozen=True, slots=True)
class Mix:
    """A resolved mix.

    `builds` maps names to folders or URLs; a name is that of the recipe that makes the build. A
    record belongs to the first of `parts` that it fits. `size` is the number of training records of
    a mix with weights; null takes as many as the scarcest part allows. `when_short` says what to do
    where a part has fewer than it is asked for: `scale` all parts down, `take_all` of this one, or
    `error`. `when_missing` does it for parts of which there is nothing at all: `error` or `skip`.
    `held_out` is about records for validation and test: `all`, the same `share` as of the training
    records, or `none`.
    """

    name: str
    builds: Mapping[str, str]
    parts: tuple[MixPart, ...]
    description: str = ""
    seed: int = 0
    size: int | None = None
    when_short: str = ERROR
    when_missing: str = ERROR
    held_out: str = ALL
    shard: Shard = DEFAULT_SHARD

    @property
    def is_weighted(self) -> bool:
        """Whether the parts have weights; all have them or none."""
        return any(part.weight is not None for part in self.parts)


def load_mix(
    name: str,
    overrides: Sequence[str] | Mapping[str, Any] = (),
    builds: Mapping[str, str] | None = None,
) -> Mix:
    """A shipped mix or a file, with overrides as for recipes; `builds` says where builds lie.

    Raises RecipeError on an unknown key or build, a wrong type or a value out of range,
    ResourceError when there is no such mix.
    """
    path = resources.find("mixes", name)
    data = config.read_yaml(path)
    for key, value in config.read_overrides(overrides):
        config.apply_override(data, key, value)
    mix = config.read_dataclass(Mix, data, path.name)
    for build, place in (builds or {}).items():
        if build not in mix.builds:
            hint = config.nearest(build, list(mix.builds))
            raise RecipeError(f"{path.name}: has no build {build!r}; {hint}")
        data["builds"][build] = place
    mix = config.read_dataclass(Mix, data, path.name)
    _check(mix, path.name)
    return mix


def to_yaml(mix: Mix) -> str:
    """The whole mix with every default written out."""
    return yaml.safe_dump(to_data(mix), sort_keys=False, allow_unicode=True, width=100)


def to_data(mix: Mix) -> dict[str, Any]:
    """The mix as plain data, in the order in which people write it."""
    data: dict[str, Any] = config.to_data(mix)
    first = ("name", "description", "seed", "builds", "parts")
    return {key: data[key] for key in (*first, *(key for key in data if key not in first))}


def fingerprint(mix: Mix) -> str:
    """Sha256 over everything in the mix that can change the dataset: not where the builds lie."""
    data = to_data(mix) | {"builds": list(mix.builds)}
    del data["description"]
    text = json.dumps(data, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _check(mix: Mix, where: str) -> None:
    if not NAME.fullmatch(mix.name):
        raise RecipeError(f"{where}: name: {mix.name!r} must look like {NAME.pattern}")
    words = (
        ("when_short", mix.when_short, (SCALE, TAKE_ALL, ERROR)),
        ("when_missing", mix.when_missing, (SKIP, ERROR)),
        ("held_out", mix.held_out, (ALL, SHARE, NONE)),
    )
    for key, word, known in words:
        if word not in known:
            raise RecipeError(f"{where}: {key}: {word!r}; {config.nearest(word, list(known))}")
    if not mix.parts:
        raise RecipeError(f"{where}: parts: is empty; name a build: parts: [{{build: NAME}}]")
    for i, part in enumerate(mix.parts):
        _check_part(part, mix, f"{where}: parts[{i}]")
    _check_size(mix, where)
    for key, number in (("records", mix.shard.records), ("max_bytes", mix.shard.max_bytes)):
        if number <= 0:
            raise RecipeError(f"{where}: shard.{key}: {number!r} is not a number greater than 0")


def _check_part(part: MixPart, mix: Mix, where: str) -> None:
    if part.build not in mix.builds:
        hint = config.nearest(part.build, list(mix.builds))
        raise RecipeError(f"{where}: build {part.build!r} is not among `builds`; {hint}")
    if part.split is not None and part.split not in SPLITS:
        hint = config.nearest(part.split, list(SPLITS))
        raise RecipeError(f"{where}: split: {part.split!r}; {hint}")
    if part.count is not None and part.weight is not None:
        raise RecipeError(f"{where}: has a count and a weight; keep one of them")
    wanted = part.count if part.weight is None else part.weight
    if wanted is not None and not 0 < wanted < math.inf:
        raise RecipeError(f"{where}: {wanted!r} records: must be a number greater than 0")
    if wanted is not None and part.split not in (None, TRAIN):
        raise RecipeError(
            f"{where}: counts and weights are about training records, and split is "
            f"{part.split!r}; leave them out, `held_out` says what is taken"
        )


def _check_size(mix: Mix, where: str) -> None:
    free = [part for part in mix.parts if part.split in (None, TRAIN) and part.weight is None]
    if mix.is_weighted and free:
        raise RecipeError(f"{where}: {free[0].name}: has no weight; give one to all parts or none")
    if mix.size is not None and (not mix.is_weighted or mix.size <= 0):
        raise RecipeError(
            f"{where}: size: {mix.size!r}: must be above 0, and goes with weights; a mix with "
            "counts has their sum"
        )
    if mix.when_short == SCALE and any(p.count is None for p in free):
        raise RecipeError(
            f"{where}: when_short: scale keeps proportions, and a part without count or weight has "
            "none; give it one"
        )
