"""Sends one request until there is a reply: cache, budget, rate limits, retries.

Lives in one event loop; `worker.py` owns the thread around it.
"""

from __future__ import annotations

import asyncio

from streamit.errors import LlmError
from streamit.llm.budget import Budget
from streamit.llm.cache import Cache
from streamit.llm.client import Client, Failure
from streamit.llm.question import Refused
from streamit.llm.render import Request
from streamit.llm.reply import Reply
from streamit.llm.retry_after import choose_backoff
from streamit.llm.throttle import Throttle
from streamit.llm.tokens import Tokens
from streamit.llm_settings import LlmSettings

GIVE_UP_AFTER = 10
"""So many requests in a row that failed for good mean that the server does, not the requests."""


class Sender:
    """Gives replies, from the cache or the server. After an error (`stop`) nothing more is sent."""

    def __init__(self, client: Client, cache: Cache, budget: Budget, settings: LlmSettings) -> None:
        self.n_requests = self.n_throttled = 0
        self.error: BaseException | None = None
        self._client = client
        self._cache = cache
        self._budget = budget
        self._settings = settings
        self._throttle = Throttle(settings.concurrency)
        self._came_back = asyncio.Event()
        self._on_their_way: dict[str, asyncio.Task[Reply | Refused]] = {}
        self._n_failed_in_a_row = 0
        self._throttled_since_s: float | None = None

    @property
    def limit(self) -> int:
        """Requests that may run at once just now."""
        return self._throttle.limit

    def stop(self, error: BaseException) -> BaseException:
        """Send nothing more; gives the first error that stopped it."""
        self.error = self.error or error
        return self.error

    async def fetch(self, key: str, request: Request) -> Reply | Refused:
        """The reply to a request; the same request is never on its way twice.

        Refused as `llm_error` when the retries are used up. Raises the error that ends the run.
        """
        task = self._on_their_way.get(key)
        if task is None:
            task = asyncio.create_task(self._ask(key, request))
            self._on_their_way[key] = task
            task.add_done_callback(lambda _: self._on_their_way.pop(key))
        return await task

    async def _ask(self, key: str, request: Request) -> Reply | Refused:
        reply = self._cache.get(key)
        n_failures = n_throttled = 0
        while reply is None:
            async with self._throttle.slot() as round_:
                outcome = await self._send(request)
                if isinstance(outcome, Failure) and outcome.kind == "throttled":
                    n_throttled += 1
                    self._pause(outcome, round_, n_throttled)
                    continue
            if isinstance(outcome, Reply):
                self._cache.put(key, outcome)
                reply = outcome
            elif outcome.kind == "refused" or n_failures >= self._settings.retries:
                return self._give_up(outcome)
            else:
                n_failures += 1
                wait_s = choose_backoff(self._settings.backoff_s, n_failures)
                await asyncio.sleep(max(wait_s, outcome.retry_after_s or 0.0))
        return reply

    async def _send(self, request: Request) -> Reply | Failure:
        held = await self._hold(request)
        self.n_requests += 1
        try:
            outcome = await self._client.complete(request)
            self._account(held, outcome)
        except Exception as exc:
            # Known before the slot is free for the next request.
            self.stop(exc)
            raise
        finally:
            self._came_back.set()
        return outcome

    async def _hold(self, request: Request) -> Tokens:
        """Wait until the budget has room, or nothing is on its way that could make some."""
        while True:
            if self.error is not None:
                raise self.error
            held = self._budget.hold(request)
            if held is not None:
                return held
            self._came_back.clear()
            await self._came_back.wait()

    def _account(self, held: Tokens, outcome: Reply | Failure) -> None:
        if isinstance(outcome, Reply):
            self._budget.settle(held, outcome)
            self._throttle.speed_up()
            self._n_failed_in_a_row = 0
            self._throttled_since_s = None
        elif outcome.may_cost:
            self._budget.settle(held)
        else:
            self._budget.release(held)

    def _pause(self, failure: Failure, round_: int, n_throttled: int) -> None:
        self.n_throttled += 1
        wait_s = failure.retry_after_s
        if wait_s is None:
            wait_s = choose_backoff(self._settings.backoff_s, n_throttled)
        now_s = asyncio.get_running_loop().time()
        if self._throttled_since_s is None:
            self._throttled_since_s = now_s
        waited_s, limit_s = now_s - self._throttled_since_s, self._settings.throttle_limit_s
        if waited_s + wait_s > limit_s:
            raise LlmError(
                f"{failure.message}; it wants a pause of {wait_s:.0f} s after {waited_s:.0f} s "
                f"without a reply, more than llm.throttle_limit_s ({limit_s:g}); run again later "
                "to go on, all replies are in the cache"
            )
        self._throttle.slow_down(round_, wait_s)

    def _give_up(self, failure: Failure) -> Refused:
        self._n_failed_in_a_row += 1
        if self._n_failed_in_a_row >= GIVE_UP_AFTER:
            raise LlmError(
                f"{self._n_failed_in_a_row} requests in a row failed, the last one with: "
                f"{failure.message}; run again to go on, all replies are in the cache"
            )
        return Refused("llm_error", failure.message)
