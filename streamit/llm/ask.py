"""Asks all questions of a build: one pair for every clip that has one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from streamit.llm.dialogue import Dialogue
from streamit.llm.endpoint import fill_settings
from streamit.llm.prices import Prices
from streamit.llm.progress import Progress
from streamit.llm.question import ClipQuestion, QuestionAnswer, Refused
from streamit.llm.render import load_prompts
from streamit.llm.settle import settle_all
from streamit.llm_settings import LlmSettings, check_settings

Result = tuple[str, QuestionAnswer | Refused]


def ask_all(
    questions: Iterable[ClipQuestion],
    settings: LlmSettings,
    cache_path: str | Path,
    prices: Prices | None = None,
    on_progress: Callable[[Progress], None] | None = None,
    *,
    max_cost: float | None = None,
    replay: bool = False,
) -> Iterator[Result]:
    """(key, pair or refusal) for every question, once each, in the order in which they end.

    Questions are drawn as they are needed, and their keys must differ. `replay` makes no request:
    what the cache lacks is refused as `not_in_cache`. `max_cost` caps what this run may spend.

    Raises EndpointError when the server, key or model is wrong, or there is a cap without a price;
    BudgetError when the cap is reached, LlmError when the server keeps failing, both after the
    replies on their way were given and cached; StorageError when the cache cannot be used.
    """
    check_settings(settings, "llm")
    filled = fill_settings(settings)
    prompts = load_prompts(filled.prompts)
    return settle_all(
        (Dialogue(question, filled, prompts) for question in questions),
        filled,
        cache_path,
        prices,
        on_progress,
        max_cost=max_cost,
        replay=replay,
    )
