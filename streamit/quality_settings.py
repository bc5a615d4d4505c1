"""How written questions are checked: the recipe key `quality` of `streaming_qa`.

All of it is off at first. The paper has no such checks (section 5): keys and numbers are ours.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from streamit import config
from streamit.errors import RecipeError
from streamit.llm_settings import LENGTH_KEYS

STREAM, BUILD = "stream", "build"
SCOPES = (STREAM, BUILD)

# How the server is reached changes no decision.
_OUTSIDE_FINGERPRINT = ("base_url", "api_key_env")


@dataclass(frozen=True, slots=True)
class Blind:
    """`model` answers every question without the video; what it gets right gives itself away.

    Null: nobody guesses. Base URL, key and what else is null here are those of `llm`. An answer of
    more than three words of content is right from `min_overlap` on (F1 of the words,
    `quality/guess.py`). `drop` sets the pairs that were guessed aside.
    """

    model: str | None = None
    base_url: str | None = None
    api_key_env: str | None = None
    temperature: float | None = 0.0
    max_tokens: int | None = None
    max_tokens_key: str | None = None
    extra_body: Mapping[str, Any] | None = None
    min_overlap: float = 0.6
    drop: bool = False


@dataclass(frozen=True, slots=True)
class Duplicates:
    """Questions that share `min_similarity` of their words or more (Jaccard); null: not looked for.

    `drop` `stream` sets a question aside that repeats an earlier one of its own stream, `build`
    one that repeats any earlier one; null only counts both.
    """

    min_similarity: float | None = None
    drop: str | None = None


@dataclass(frozen=True, slots=True)
class Quality:
    """The checks. `task_mix` is the wanted share of each question type; empty: not compared."""

    blind: Blind = Blind()
    duplicates: Duplicates = Duplicates()
    task_mix: Mapping[str, float] = field(default_factory=dict)

    @property
    def is_on(self) -> bool:
        """Whether anything is to be checked."""
        return bool(self.blind.model or self.duplicates.min_similarity or self.task_mix)


def check_ranges(quality: Quality, where: str) -> None:
    """Raises RecipeError on a number out of range, an unknown word, or a drop without its check."""
    _check_blind(quality.blind, f"{where}: quality.blind")
    _check_duplicates(quality.duplicates, f"{where}: quality.duplicates")
    if quality.task_mix:
        _check_mix(quality.task_mix, f"{where}: quality.task_mix")


def list_effects(quality: Quality) -> dict[str, Any]:
    """What of the settings can change a record: the checks that set something aside."""
    effects = {}
    if quality.blind.drop:
        data = config.to_data(quality.blind)
        effects["blind"] = {k: v for k, v in data.items() if k not in _OUTSIDE_FINGERPRINT}
    if quality.duplicates.drop is not None:
        effects["duplicates"] = config.to_data(quality.duplicates)
    return effects


def _check_blind(blind: Blind, where: str) -> None:
    _check_share("min_overlap", blind.min_overlap, where)
    _check_word("max_tokens_key", blind.max_tokens_key, LENGTH_KEYS, where)
    if blind.temperature is not None and not 0 <= blind.temperature < math.inf:
        raise RecipeError(f"{where}.temperature: {blind.temperature!r} must be 0 or more")
    if blind.max_tokens is not None and blind.max_tokens < 1:
        raise RecipeError(f"{where}.max_tokens: {blind.max_tokens!r} must be at least 1")
    if blind.drop and not blind.model:
        raise RecipeError(f"{where}.drop: nobody guesses; name a model with quality.blind.model")


def _check_duplicates(duplicates: Duplicates, where: str) -> None:
    _check_word("drop", duplicates.drop, SCOPES, where)
    if duplicates.min_similarity is not None:
        _check_share("min_similarity", duplicates.min_similarity, where)
    elif duplicates.drop is not None:
        raise RecipeError(
            f"{where}.drop: repeats are not looked for; set quality.duplicates.min_similarity, "
            "such as 0.8"
        )


def _check_share(key: str, share: float, where: str) -> None:
    if not 0 < share <= 1:
        raise RecipeError(f"{where}.{key}: {share!r} must be above 0 and at most 1")


def _check_word(key: str, word: str | None, words: Sequence[str], where: str) -> None:
    if word is not None and word not in words:
        raise RecipeError(f"{where}.{key}: {word!r}; {config.nearest(word, list(words))}")


def _check_mix(mix: Mapping[str, float], where: str) -> None:
    for name, share in mix.items():
        if not 0 <= share <= 1:
            raise RecipeError(f"{where}.{name}: {share!r} is not a share between 0 and 1")
    total = math.fsum(mix.values())
    if not math.isclose(total, 1.0, abs_tol=1e-6):
        raise RecipeError(
            f"{where}: the shares add up to {total:g}, not to 1; give every question type the "
            "share it should have"
        )
