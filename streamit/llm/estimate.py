"""What asking would take, before anything is asked (`--dry-run`)."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from streamit.llm.cache import Cache
from streamit.llm.dialogue import Dialogue
from streamit.llm.endpoint import fill_settings
from streamit.llm.prices import Prices
from streamit.llm.question import ClipQuestion
from streamit.llm.render import load_prompts
from streamit.llm.tokens import estimate_tokens
from streamit.llm_settings import LlmSettings


@dataclass(frozen=True, slots=True)
class Estimate:
    """One request for each question that the cache does not settle; refused ones cost more.

    Tokens by the rule of four characters (`llm/tokens.py`); `cost` is None without a price.
    """

    n_questions: int
    n_cached: int
    input_tokens: int
    output_tokens: int
    cost: float | None


def estimate(
    questions: Iterable[ClipQuestion],
    settings: LlmSettings,
    cache_path: str | Path | None = None,
    prices: Prices | None = None,
) -> Estimate:
    """What is left to ask and what it probably takes. Makes no request and needs no key.

    Raises EndpointError when no model is named.
    """
    filled = fill_settings(settings)
    prompts = load_prompts(filled.prompts)
    n_questions = n_cached = n_input = n_output = 0
    with ExitStack() as stack:
        # A file that is not there would be made by opening it.
        is_there = cache_path is not None and Path(cache_path).is_file()
        cache = stack.enter_context(Cache(cache_path)) if cache_path and is_there else None
        for question in questions:
            n_questions += 1
            dialogue = Dialogue(question, filled, prompts)
            if cache is not None:
                dialogue.read(cache)
            if dialogue.result is not None:
                n_cached += 1
                continue
            tokens = estimate_tokens(dialogue.request)
            n_input, n_output = n_input + tokens.input, n_output + tokens.output
    price = prices.models.get(filled.model or "") if prices else None
    cost = price.cost(n_input, n_output) if price else None
    return Estimate(n_questions, n_cached, n_input, n_output, cost)
