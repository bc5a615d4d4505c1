"""What a server replied to one chat request: all that is kept of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

CUT_OFF = "length"
FILTERED = "content_filter"


@dataclass(frozen=True, slots=True)
class Reply:
    """The text as it came, why the model stopped, and what was counted.

    `model` is what the server calls itself. Token counts are None where it did not say.
    """

    text: str | None
    finish_reason: str | None = None
    model: str | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None


def read_reply(body: object) -> Reply | None:
    """The reply in the body of a chat completion; None when it is none at all.

    A completion without a choice, or whose choice has no text, is a reply without text. A model
    that declines (`refusal`) counts as filtered.
    """
    if not isinstance(body, Mapping) or not isinstance(body.get("choices"), list):
        return None
    choice = _mapping(body["choices"][0] if body["choices"] else None)
    message, usage = _mapping(choice.get("message")), _mapping(body.get("usage"))
    reason = FILTERED if message.get("refusal") else _text(choice.get("finish_reason"))
    return Reply(
        text=_text(message.get("content")),
        finish_reason=reason,
        model=_text(body.get("model")),
        input_tokens=_count(usage.get("prompt_tokens")),
        output_tokens=_count(usage.get("completion_tokens")),
    )


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _text(value: object) -> str | None:
    """Halves of surrogate pairs, which no file can hold, become U+FFFD; `check` refuses that."""
    if not isinstance(value, str):
        return None
    return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _count(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None
