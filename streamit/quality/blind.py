"""The blind check: a model that sees neither video nor captions answers the question.

A question that it gets right gives itself away, and teaches nobody to watch.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from streamit.llm.endpoint import fill_settings
from streamit.llm.estimate import Estimate
from streamit.llm.exchange import Exchange
from streamit.llm.prices import Prices
from streamit.llm.question import Refused
from streamit.llm.render import Request
from streamit.llm.reply import CUT_OFF, FILTERED, Reply
from streamit.llm.tokens import estimate_tokens
from streamit.llm_settings import LlmSettings
from streamit.quality.guess import is_guessed
from streamit.quality.pair import WrittenPair
from streamit.quality_settings import Blind

_PROMPT = Path(__file__).resolve().parent / "blind_prompt.txt"
# A question of usual length, for an estimate.
_USUAL_QUESTION = "What does the person in front of the others pick up just now?"


@dataclass(frozen=True, slots=True)
class Guess:
    """What the model guessed for a pair, and whether that is right."""

    pair: WrittenPair
    text: str
    is_right: bool


class BlindExchange(Exchange[Guess]):
    """One question to be guessed at, once: a model without a guess has guessed nothing."""

    def __init__(self, pair: WrittenPair, settings: LlmSettings, min_overlap: float) -> None:
        super().__init__(pair.key)
        self._pair = pair
        self._max_words = settings.max_answer_words
        self._min_overlap = min_overlap
        self._send(render_blind(pair.question, settings), 1)

    def take(self, reply: Reply) -> None:
        """Compare the reply with the answer; refuse what is no guess."""
        words = (reply.text or "").split()
        if reply.finish_reason == FILTERED:
            self.result = Refused("content_filter", "the filter or the model itself declined")
        elif reply.finish_reason == CUT_OFF:
            self.result = Refused("cut_off", "the guess was cut off")
        elif not words:
            self.result = Refused("no_answer", "the guess is empty")
        elif len(words) > self._max_words:
            # Thoughts that a server leaves in the reply, mostly.
            self.result = Refused("too_long", f"the guess has {len(words)} words")
        else:
            pair, text = self._pair, " ".join(words)
            right = is_guessed(pair.question, pair.answer, text, self._min_overlap)
            self.result = Guess(pair, text, right)


def make_blind_settings(blind: Blind, llm: LlmSettings) -> LlmSettings:
    """The settings of the model that guesses: its own, and those of `llm` for the rest."""
    return fill_settings(
        replace(
            llm,
            model=blind.model,
            base_url=blind.base_url or llm.base_url,
            api_key_env=blind.api_key_env or llm.api_key_env,
            temperature=blind.temperature,
            max_tokens=llm.max_tokens if blind.max_tokens is None else blind.max_tokens,
            max_tokens_key=blind.max_tokens_key or llm.max_tokens_key,
            extra_body=llm.extra_body if blind.extra_body is None else blind.extra_body,
        )
    )


def list_exchanges(
    pairs: Iterable[WrittenPair], settings: LlmSettings, min_overlap: float
) -> Iterator[BlindExchange]:
    """What is to be asked, pair by pair as they are needed."""
    return (BlindExchange(pair, settings, min_overlap) for pair in pairs)


def render_blind(question: str, settings: LlmSettings) -> Request:
    """The body of the request: the shipped prompt, the question, and nothing else."""
    request: Request = {
        "model": settings.model,
        "messages": [
            {"role": "system", "content": _read_prompt()},
            {"role": "user", "content": question},
        ],
        settings.max_tokens_key: settings.max_tokens,
    }
    if settings.temperature is not None:
        request["temperature"] = settings.temperature
    if settings.seed is not None:
        request["seed"] = settings.seed
    return {**request, **settings.extra_body}


def estimate_blind(
    n_pairs: int, blind: Blind, llm: LlmSettings, prices: Prices | None = None
) -> Estimate:
    """What guessing takes at most, before there are questions: one request for each pair."""
    settings = make_blind_settings(blind, llm)
    tokens = estimate_tokens(render_blind(_USUAL_QUESTION, settings))
    n_input, n_output = n_pairs * tokens.input, n_pairs * tokens.output
    price = prices.models.get(settings.model or "") if prices else None
    cost = price.cost(n_input, n_output) if price else None
    return Estimate(n_pairs, 0, n_input, n_output, cost)


def hash_prompt() -> str:
    """Sha256 of the prompt, which the report names."""
    return hashlib.sha256(_read_prompt().encode()).hexdigest()


@cache
def _read_prompt() -> str:
    return _PROMPT.read_text(encoding="utf-8").strip()
