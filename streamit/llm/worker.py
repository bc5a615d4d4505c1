"""Sends requests from a thread with an event loop of its own, so that callers need none.

Notebooks run a loop already, and a caller that stores answers must not hold up the requests.
"""

from __future__ import annotations

import asyncio
import queue
import threading
from dataclasses import dataclass
from pathlib import Path

from streamit.errors import LlmError
from streamit.llm.budget import Budget
from streamit.llm.cache import Cache
from streamit.llm.client import Client, Failure
from streamit.llm.dialogue import Dialogue
from streamit.llm.endpoint import Endpoint
from streamit.llm.question import QuestionAnswer, Refused
from streamit.llm.render import Request
from streamit.llm.reply import Reply
from streamit.llm.retry_after import choose_backoff
from streamit.llm.throttle import Throttle
from streamit.llm.tokens import Tokens
from streamit.llm_settings import LlmSettings

GIVE_UP_AFTER = 10
"""So many requests in a row that failed for good mean that the server does, not the requests."""


@dataclass(frozen=True, slots=True)
class Done:
    """A dialogue that ended with a result, or with the error that ends the run."""

    key: str
    result: QuestionAnswer | Refused | None
    error: BaseException | None = None


class Worker:
    """Runs dialogues at once, as many as the throttle lets; a context manager.

    Leaving it cancels what is still on its way. After an error nothing more is sent, and every
    dialogue that would need a request ends with that error.
    """

    def __init__(
        self, endpoint: Endpoint, settings: LlmSettings, cache_path: Path, budget: Budget
    ) -> None:
        self.n_pending = self.n_requests = self.n_throttled = 0
        self._endpoint = endpoint
        self._settings = settings
        self._cache_path = cache_path
        self._budget = budget
        self._done: queue.SimpleQueue[Done] = queue.SimpleQueue()
        self._started: queue.SimpleQueue[BaseException | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="streamit-llm", daemon=True)

    def __enter__(self) -> Worker:
        self._thread.start()
        error = self._started.get()
        if error is not None:
            self._thread.join()
            raise error
        return self

    def __exit__(self, *error: object) -> None:
        self._loop.call_soon_threadsafe(self._leave.set)
        self._thread.join()

    @property
    def limit(self) -> int:
        """Requests that may run at once just now."""
        return self._throttle.limit

    def submit(self, dialogue: Dialogue) -> None:
        """Begin or go on with a dialogue; `take` gives its end."""
        self.n_pending += 1
        self._loop.call_soon_threadsafe(self._begin, dialogue)

    def take(self) -> Done:
        """Wait for the next dialogue that ends."""
        done = self._done.get()
        self.n_pending -= 1
        return done

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except BaseException as exc:
            self._started.put(exc)

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._leave, self._came_back = asyncio.Event(), asyncio.Event()
        self._throttle = Throttle(self._settings.concurrency)
        self._tasks: set[asyncio.Task[None]] = set()
        self._on_their_way: dict[str, asyncio.Task[Reply | Refused]] = {}
        self._error: BaseException | None = None
        self._n_failed_in_a_row = 0
        self._last_reply_s = self._loop.time()
        settings = self._settings
        with Cache(self._cache_path) as self._cache:
            async with Client(
                self._endpoint, settings.timeout_s, settings.api_key_env
            ) as self._client:
                self._started.put(None)
                await self._leave.wait()
                await self._cancel()

    async def _cancel(self) -> None:
        tasks = [*self._tasks, *self._on_their_way.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _begin(self, dialogue: Dialogue) -> None:
        task = self._loop.create_task(self._finish(dialogue))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _finish(self, dialogue: Dialogue) -> None:
        key = dialogue.question.key
        try:
            self._done.put(Done(key, await self._settle(dialogue)))
        except Exception as exc:
            # Whoever takes it raises it there; nothing is asked after an error.
            self._error = self._error or exc
            self._done.put(Done(key, None, self._error))

    async def _settle(self, dialogue: Dialogue) -> QuestionAnswer | Refused:
        while dialogue.result is None:
            reply = await self._fetch(dialogue)
            if isinstance(reply, Refused):
                return reply
            dialogue.take(reply)
        return dialogue.result

    async def _fetch(self, dialogue: Dialogue) -> Reply | Refused:
        """The reply from the cache or the server; the same request is never on its way twice."""
        key = dialogue.key
        task = self._on_their_way.get(key)
        if task is None:
            task = self._loop.create_task(self._ask(key, dialogue.request))
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
            self._error = self._error or exc
            raise
        finally:
            self._came_back.set()
        return outcome

    async def _hold(self, request: Request) -> Tokens:
        """Wait until the budget has room, or nothing is on its way that could make some."""
        while True:
            if self._error is not None:
                raise self._error
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
            self._last_reply_s = self._loop.time()
        elif outcome.may_cost:
            self._budget.settle(held)
        else:
            self._budget.release(held)

    def _pause(self, failure: Failure, round_: int, n_throttled: int) -> None:
        self.n_throttled += 1
        wait_s = failure.retry_after_s
        if wait_s is None:
            wait_s = choose_backoff(self._settings.backoff_s, n_throttled)
        limit_s = self._settings.throttle_limit_s
        waited_s = self._loop.time() - self._last_reply_s
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
