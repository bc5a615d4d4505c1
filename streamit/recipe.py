"""A recipe: what to build, as data. Load, override, refuse unknown keys, fingerprint.

Users copy and edit recipes (`streamit recipes cp`), so each shipped file states every key that
matters for its task; what it leaves out has the defaults of the dataclasses below, and
`streamit recipes cat NAME --resolved` prints them all. Bold numbers of the paper are defaults.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import yaml

from streamit import config, resources
from streamit.errors import RecipeError
from streamit.llm_settings import OUTSIDE_FINGERPRINT as LLM_OUTSIDE_FINGERPRINT
from streamit.llm_settings import LlmSettings, check_settings
from streamit.quality_settings import Quality, check_ranges, list_effects
from streamit.stream_settings import (
    Augment,
    Similarity,
    Streams,
    check_similarity,
    check_streams,
    check_writer,
)

# What changes no byte of a shard does not belong to a partition's identity.
_OUTSIDE_FINGERPRINT = (
    "description",
    "limits",
    "video.timeout_s",
    "similarity.batch_size",
    *(f"llm.{key}" for key in LLM_OUTSIDE_FINGERPRINT),
)
# The name is a folder of the build, and both stand in every record.
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")
_TASK = re.compile(r"[a-z_]+")

WORDS: dict[str, frozenset[str]] = {
    "proactive": frozenset({"event", "question"}),
    "goal": frozenset({"goal"}),
    "one_event": frozenset({"event"}),
    "now": frozenset(),
    "just_now": frozenset(),
    "whole": frozenset(),
    "answer": frozenset({"event"}),
    "reminder": frozenset({"event"}),
    "forecast": frozenset({"event"}),
}
"""What each pool of wordings may hold in braces."""

STREAMING_QA = "streaming_qa"
"""The task whose streams are joined of clips, and whose records are one each."""

_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_POOLS = {
    "action_detection": ("proactive",),
    "dense_caption": ("proactive", "now", "just_now"),
    "grounded_qa": ("proactive",),
    "offline_qa": ("whole",),
    "step_recognition": ("proactive", "goal", "now", "just_now"),
    "temporal_grounding": ("proactive", "answer"),
}
_MUST = {
    ("action_detection", "proactive"): "event",
    ("dense_caption", "one_event"): "event",
    ("grounded_qa", "proactive"): "question",
    ("step_recognition", "goal"): "goal",
    ("step_recognition", "reminder"): "event",
    ("step_recognition", "forecast"): "event",
    ("temporal_grounding", "proactive"): "event",
}


@dataclass(frozen=True, slots=True)
class Sampling:
    """Which frames: 1 per second, at most 256 (PAPER 6), JPEG with a short side of 384 pixels.

    `max_frames` null lifts the cap (the activation recipe, PAPER 4). `short_side` 480 suits
    backbones that want more; smaller videos are never scaled up.
    """

    fps: float = 1.0
    max_frames: int | None = 256
    short_side: int = 384
    jpeg_quality: int = 85


@dataclass(frozen=True, slots=True)
class VideoOptions:
    """How videos are read: `decoder` is auto, pyav or decord; `timeout_s` is per video."""

    decoder: str = "auto"
    timeout_s: float = 300.0


@dataclass(frozen=True, slots=True)
class Layout:
    """Share of the records that are proactive (PAPER 3.1, 5); the others are multi-turn."""

    proactive: float = 1.0


@dataclass(frozen=True, slots=True)
class SourceOptions:
    """What a recipe wants different for one source; null takes the recipe's own value.

    `formats` is for a source that is there in several, as the demo is: which of them are read;
    null: those of the recipe's other sources that have the same task.
    """

    task: str | None = None
    layout: Layout | None = None
    question_delay: float | None = None
    formats: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Shard:
    """Mean records per shard (cut by content), and the estimated size at which one is full."""

    records: int = 2000
    max_bytes: int = 500_000_000


@dataclass(frozen=True, slots=True)
class Split:
    """Share of the training videos that a hash of the source video moves to validation.

    Null: 0.02 for corpora that have no split of their own and none for the others; a number: that
    share of every source.
    """

    validation: float | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """A finished build in which more than this share was rejected exits with 3."""

    max_reject_rate: float = 0.05


@dataclass(frozen=True, slots=True)
class MediaOptions:
    """`hash`: none, head_tail, full, or auto (full for local files that are decoded)."""

    hash: str = "auto"


@dataclass(frozen=True, slots=True)
class Questions:
    """Pools of wordings, drawn per record; the last fifth of each is kept out of training.

    `proactive` and `goal` are said at 0, `goal` where the corpus knows what the steps are for;
    `one_event` asks for one event only. `now` (used only where it is true) and `just_now` ask about
    the present, `whole` about all of a video. `answer`, `reminder` and `forecast` are said by the
    assistant. What stands in braces is filled in: `WORDS` says what each pool may hold.
    """

    proactive: tuple[str, ...] = ()
    goal: tuple[str, ...] = ()
    one_event: tuple[str, ...] = ()
    now: tuple[str, ...] = ()
    just_now: tuple[str, ...] = ()
    whole: tuple[str, ...] = ()
    answer: tuple[str, ...] = ()
    reminder: tuple[str, ...] = ()
    forecast: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TaskOptions:
    """The wordings of one task, in a recipe that has several."""

    questions: Questions = Questions()


@dataclass(frozen=True, slots=True)
class Negatives:
    """Share of the questions that get another video's words, and no answer."""

    rate: float = 0.0


@dataclass(frozen=True, slots=True)
class Steps:
    """What is said of steps beside each at its end: a reminder as it begins, what comes next.

    A forecast is learned only with `forecast_loss`: it cannot be known from the video.
    """

    reminder: bool = False
    forecast: bool = False
    forecast_loss: bool = False


@dataclass(frozen=True, slots=True)
class Recipe:
    """A resolved recipe. `sources` lists what it is made for and how each differs.

    `question_delay` is the share of multi-turn questions that come later than their event's end
    (the paper's way is 0), by at most `question_delay_max_s` and never past the next event's end.
    `tasks` holds the wordings where sources have tasks of their own. `one_event` is the share of
    records that ask for one event only, in sources whose segments tile the video. `writer` is who
    writes the questions of joined streams, `template` or `model`; null: the model if one is named.
    """

    name: str
    task: str
    description: str = ""
    seed: int = 0
    sources: Mapping[str, SourceOptions | None] = field(default_factory=dict)
    layout: Layout = Layout()
    question_delay: float = 0.0
    question_delay_max_s: float = 10.0
    questions: Questions = Questions()
    tasks: Mapping[str, TaskOptions] = field(default_factory=dict)
    one_event: float = 0.0
    negatives: Negatives = Negatives()
    steps: Steps = Steps()
    similarity: Similarity = Similarity()
    streams: Streams = Streams()
    augment: Augment = Augment()
    writer: str | None = None
    llm: LlmSettings = LlmSettings()
    quality: Quality = Quality()
    sampling: Sampling = Sampling()
    video: VideoOptions = VideoOptions()
    shard: Shard = Shard()
    split: Split = Split()
    limits: Limits = Limits()
    media: MediaOptions = MediaOptions()

    def task_of(self, source: str) -> str:
        """The task of one source."""
        own = self.sources.get(source)
        return own.task if own and own.task else self.task

    def questions_of(self, task: str) -> Questions:
        """The wordings of one task."""
        return self.tasks[task].questions if task in self.tasks else self.questions

    def proactive_share(self, source: str) -> float:
        """The share of proactive records of one source."""
        own = self.sources.get(source)
        return (own.layout if own and own.layout else self.layout).proactive

    def delay_share(self, source: str) -> float:
        """The share of delayed questions of one source."""
        own = self.sources.get(source)
        return (
            self.question_delay if own is None or own.question_delay is None else own.question_delay
        )


def load_recipe(name: str, overrides: Sequence[str] | Mapping[str, Any] = ()) -> Recipe:
    """A shipped recipe or a file, with `a.b=c` overrides (values are YAML) applied.

    Raises RecipeError on an unknown key, a wrong type or a value out of range; ResourceError when
    there is no such recipe.
    """
    path = resources.find("recipes", name)
    data = config.read_yaml(path)
    for key, value in config.read_overrides(overrides):
        config.apply_override(data, key, value)
    recipe = config.read_dataclass(Recipe, data, path.name)
    _check(recipe, path.name)
    return recipe


def fingerprint(recipe: Recipe) -> str:
    """Sha256 over everything in the recipe that can change a record."""
    data = config.to_data(recipe)
    data["quality"] = list_effects(recipe.quality)
    for path in _OUTSIDE_FINGERPRINT:
        *parents, last = path.split(".")
        at = data
        for key in parents:
            at = at[key]
        at.pop(last)
    text = json.dumps(data, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def to_yaml(recipe: Recipe) -> str:
    """The whole recipe with every default written out."""
    return yaml.safe_dump(config.to_data(recipe), sort_keys=False, allow_unicode=True, width=100)


def _check(recipe: Recipe, where: str) -> None:
    for key, value, pattern in (("name", recipe.name, NAME), ("task", recipe.task, _TASK)):
        if not pattern.fullmatch(value):
            raise RecipeError(f"{where}: {key}: {value!r} must look like {pattern.pattern}")
    _check_streams(recipe, where)
    _check_wordings(recipe, where)
    shares = {
        "one_event": recipe.one_event,
        "negatives.rate": recipe.negatives.rate,
        "layout.proactive": recipe.layout.proactive,
        "question_delay": recipe.question_delay,
        "split.validation": recipe.split.validation,
        "limits.max_reject_rate": recipe.limits.max_reject_rate,
        "augment.drop": recipe.augment.drop,
        "augment.shift": recipe.augment.shift,
        "augment.hallucination": recipe.augment.hallucination,
    }
    for name, options in recipe.sources.items():
        if options and options.layout:
            shares[f"sources.{name}.layout.proactive"] = options.layout.proactive
        if options:
            shares[f"sources.{name}.question_delay"] = options.question_delay
    for key, share in shares.items():
        if share is not None and not 0 <= share <= 1:
            raise RecipeError(f"{where}: {key}: {share!r} is not a share between 0 and 1")
    positive = {
        "sampling.fps": recipe.sampling.fps,
        "sampling.max_frames": recipe.sampling.max_frames,
        "sampling.short_side": recipe.sampling.short_side,
        "video.timeout_s": recipe.video.timeout_s,
        "shard.records": recipe.shard.records,
        "shard.max_bytes": recipe.shard.max_bytes,
    }
    for key, number in positive.items():
        if number is not None and not 0 < number < math.inf:
            raise RecipeError(f"{where}: {key}: {number!r} is not a number greater than 0")
    if not 0 <= recipe.question_delay_max_s < math.inf:
        raise RecipeError(f"{where}: question_delay_max_s: must be 0 or a number of seconds")
    choices = {
        "video.decoder": (recipe.video.decoder, ("auto", "pyav", "decord")),
        "media.hash": (recipe.media.hash, ("auto", "none", "head_tail", "full")),
    }
    for key, (word, words) in choices.items():
        if word not in words:
            raise RecipeError(f"{where}: {key}: {word!r}; {config.nearest(word, list(words))}")
    if not 1 <= recipe.sampling.jpeg_quality <= 95:
        raise RecipeError(f"{where}: sampling.jpeg_quality: must be between 1 and 95")


def _check_streams(recipe: Recipe, where: str) -> None:
    check_similarity(recipe.similarity, where)
    check_streams(recipe.streams, where)
    check_writer(recipe.writer, where)
    check_settings(recipe.llm, where)
    check_ranges(recipe.quality, where)
    tasks = sorted({recipe.task, *map(recipe.task_of, recipe.sources)})
    if STREAMING_QA in tasks and len(tasks) > 1:
        raise RecipeError(
            f"{where}: {STREAMING_QA} joins the clips of all its sources, and so has a recipe of "
            f"its own; here are {', '.join(tasks)}. `streamit mix` makes one dataset of several"
        )


def _check_wordings(recipe: Recipe, where: str) -> None:
    """Every pool that a task draws from is there, and has only what is filled in in braces."""
    for task in sorted({recipe.task, *map(recipe.task_of, recipe.sources)}):
        pools = recipe.questions_of(task)
        at = f"tasks.{task}.questions" if task in recipe.tasks else "questions"
        for pool in _list_pools(recipe, task):
            if not getattr(pools, pool):
                raise RecipeError(
                    f"{where}: {at}.{pool}: {task} needs at least one wording there; "
                    f"see `streamit recipes cat {task}`"
                )
        for pool, wanted in WORDS.items():
            for text in getattr(pools, pool):
                _check_wording(text, wanted, _MUST.get((task, pool)), f"{where}: {at}.{pool}")


def _list_pools(recipe: Recipe, task: str) -> tuple[str, ...]:
    pools = _POOLS.get(task, ())
    if task == "step_recognition":
        said = (("reminder", recipe.steps.reminder), ("forecast", recipe.steps.forecast))
        pools += tuple(pool for pool, is_said in said if is_said)
    return pools + (("one_event",) if task == "dense_caption" and recipe.one_event else ())


def _check_wording(text: str, wanted: frozenset[str], must: str | None, where: str) -> None:
    found = set(_PLACEHOLDER.findall(text))
    unknown = sorted(found - wanted)
    if unknown:
        known = ", ".join(f"{{{name}}}" for name in sorted(wanted)) or "nothing in braces"
        raise RecipeError(f"{where}: {text!r}: {{{unknown[0]}}} is not filled in here; {known} is")
    if must is not None and must not in found:
        raise RecipeError(f"{where}: {text!r}: must hold {{{must}}}, or nobody knows what is asked")
