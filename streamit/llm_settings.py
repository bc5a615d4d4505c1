"""How a language model is asked: the recipe key `llm`. Never holds a secret.

Base URL and model come from the command line, the recipe, or OPENAI_BASE_URL and OPENAI_MODEL; the
key only from the environment (`llm/endpoint.py`).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from streamit import config
from streamit.errors import RecipeError

# Keys that say how the server is reached, not what it is asked: they belong to no fingerprint.
OUTSIDE_FINGERPRINT = (
    "base_url",
    "api_key_env",
    "concurrency",
    "timeout_s",
    "retries",
    "backoff_s",
    "throttle_limit_s",
    "prices",
)

_FORMATS = ("json_schema", "json_object", "none")
LENGTH_KEYS = ("max_tokens", "max_completion_tokens")


@dataclass(frozen=True, slots=True)
class LlmSettings:
    """What a request holds, how it is sent, and which answers are refused.

    The paper names GPT-4o and nothing else (section 5): the numbers are ours. `temperature` and
    `seed` null are not sent. `max_tokens_key` is `max_completion_tokens` for models that refuse
    the older name. `response_format` `json_object` or `none` serves servers without JSON schemas.
    `extra_body` is added to every request (`chat_template_kwargs: {enable_thinking: false}`).

    A question is asked `attempts` times at most; a failing server is tried `retries` times more
    for each, after `backoff_s`, twice that, and so on. Rate limits cost no retry, but
    `throttle_limit_s` seconds of them without one answer end the run. `max_overlap` is the share
    of words from which on a text repeats another (`llm/overlap.py`). `prompts` is a folder of
    prompts, and `prices` a file of prices, instead of the shipped ones.
    """

    base_url: str | None = None
    model: str | None = None
    api_key_env: str = "OPENAI_API_KEY"
    temperature: float | None = 0.7
    seed: int | None = None
    max_tokens: int = 300
    max_tokens_key: str = "max_tokens"
    response_format: str = "json_schema"
    extra_body: Mapping[str, Any] = field(default_factory=dict)
    concurrency: int = 16
    attempts: int = 3
    timeout_s: float = 60.0
    retries: int = 5
    backoff_s: float = 1.0
    throttle_limit_s: float = 900.0
    max_question_words: int = 30
    max_answer_words: int = 60
    max_overlap: float = 0.8
    prompts: str | None = None
    prices: str | None = None


def check_settings(settings: LlmSettings, where: str) -> None:
    """Raises RecipeError on a number out of range or an unknown word; `where` names the recipe."""
    for key in ("max_tokens", "concurrency", "attempts", "max_question_words", "max_answer_words"):
        if getattr(settings, key) < 1:
            raise RecipeError(f"{where}: llm.{key}: {getattr(settings, key)!r} must be at least 1")
    for key in ("temperature", "retries", "backoff_s"):
        number = getattr(settings, key)
        if number is not None and not 0 <= number < math.inf:
            raise RecipeError(f"{where}: llm.{key}: {number!r} must be 0 or more")
    for key in ("timeout_s", "throttle_limit_s", "max_overlap"):
        if not 0 < getattr(settings, key) < math.inf:
            raise RecipeError(f"{where}: llm.{key}: {getattr(settings, key)!r} must be above 0")
    for key, words in (("response_format", _FORMATS), ("max_tokens_key", LENGTH_KEYS)):
        word = getattr(settings, key)
        if word not in words:
            raise RecipeError(f"{where}: llm.{key}: {word!r}; {config.nearest(word, list(words))}")
