"""One thing that is wanted of a model, asked until it is settled, without any network.

Whoever has replies (a server, the cache, a batch) hands them in; the same replies lead to the
same end, which is what makes a replay exact.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Generic, TypeVar

from streamit.llm.cache import Cache
from streamit.llm.question import Refused
from streamit.llm.render import Request, request_key
from streamit.llm.reply import Reply

T = TypeVar("T")


class Exchange(ABC, Generic[T]):
    """What is asked under one `name`. `request` and `key` belong to the `attempt` (from 1).

    `result` is None until it is settled. A subclass renders the first request with `_send`.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.result: T | Refused | None = None

    @abstractmethod
    def take(self, reply: Reply) -> None:
        """Judge the reply to the current request: settle `result`, or `_send` the next attempt."""

    def read(self, cache: Cache) -> None:
        """Go as far as the replies in a cache lead."""
        while self.result is None:
            reply = cache.get(self.key)
            if reply is None:
                return
            self.take(reply)

    def _send(self, request: Request, attempt: int) -> None:
        self.attempt = attempt
        self.request = request
        self.key = request_key(request, attempt)
