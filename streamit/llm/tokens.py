"""Counts tokens without a tokenizer: an estimate to plan by, and a bound to cap by."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass

from streamit.llm.render import Request

CHARACTERS_PER_TOKEN = 4
"""The usual rule for English; other scripts need up to one token per character and more."""

ANSWER_TOKENS = 60
"""What one pair takes as JSON, about: 25 words of question, 15 of answer, keys and quotes."""

# Servers put each message between a few tokens of their own.
_TOKENS_PER_MESSAGE = 16


@dataclass(frozen=True, slots=True)
class Tokens:
    """Tokens sent and tokens written."""

    input: int
    output: int


def estimate_tokens(request: Request) -> Tokens:
    """What a request probably takes: a token for four characters, and a pair of usual length."""
    text = _read_text(request)
    n_messages = len(request["messages"])
    n_input = math.ceil(len(text) / CHARACTERS_PER_TOKEN) + n_messages * _TOKENS_PER_MESSAGE
    return Tokens(n_input, min(ANSWER_TOKENS, max_output(request)))


def bound_tokens(request: Request) -> Tokens:
    """What a request takes at most: no tokenizer makes more tokens than there are bytes."""
    n_bytes = len(_read_text(request).encode())
    return Tokens(n_bytes + len(request["messages"]) * _TOKENS_PER_MESSAGE, max_output(request))


def max_output(request: Request) -> int:
    """The tokens that the request lets the model write."""
    length: int = request.get("max_tokens") or request["max_completion_tokens"]
    return length


def _read_text(request: Request) -> str:
    """All that becomes tokens: the messages, and the schema, which servers put before them."""
    texts = [message["content"] for message in request["messages"]]
    if "response_format" in request:
        texts.append(json.dumps(request["response_format"], ensure_ascii=False))
    return "\n".join(texts)
