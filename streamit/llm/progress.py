"""How far asking has come, for whoever watches."""

from __future__ import annotations

from dataclasses import dataclass, field

from streamit.llm.budget import Spent


@dataclass(frozen=True, slots=True)
class Progress:
    """How far asking has come. `n_cached` questions needed no request; `concurrency` moves.

    `n_requests` were sent in this run, `n_throttled` of them met a rate limit.
    """

    n_settled: int = 0
    n_cached: int = 0
    n_refused: int = 0
    n_requests: int = 0
    n_throttled: int = 0
    concurrency: int = 0
    spent: Spent = field(default_factory=Spent)
