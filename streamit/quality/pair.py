"""A question with its answer, as the writer left it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class WrittenPair:
    """`key` is the pair's own, `stream` that of the stream it belongs to."""

    key: str
    stream: str
    question: str
    answer: str
    question_type: str
