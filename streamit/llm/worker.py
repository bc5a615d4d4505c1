"""Runs exchanges on a thread with an event loop of its own, so that callers need none.

Notebooks run a loop already, and a caller that stores answers must not hold up the requests.
"""

from __future__ import annotations

import asyncio
import queue
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from streamit.llm.budget import Budget
from streamit.llm.cache import Cache
from streamit.llm.client import Client
from streamit.llm.endpoint import Endpoint
from streamit.llm.exchange import Exchange
from streamit.llm.question import Refused
from streamit.llm.sender import Sender
from streamit.llm_settings import LlmSettings

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Done(Generic[T]):
    """An exchange that ended with a result, or with the error that ends the run."""

    name: str
    result: T | Refused | None
    error: BaseException | None = None


class Worker(Generic[T]):
    """Runs exchanges at once, as many as the sender lets; a context manager.

    Leaving it cancels what is still on its way. After an error, every exchange that would need
    another request ends with that error.
    """

    def __init__(
        self, endpoint: Endpoint, settings: LlmSettings, cache_path: Path, budget: Budget
    ) -> None:
        self.n_pending = 0
        self._endpoint = endpoint
        self._settings = settings
        self._cache_path = cache_path
        self._budget = budget
        self._tasks: set[asyncio.Task[None]] = set()
        self._done: queue.SimpleQueue[Done[T]] = queue.SimpleQueue()
        self._started: queue.SimpleQueue[BaseException | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="streamit-llm", daemon=True)

    def __enter__(self) -> Worker[T]:
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
    def n_requests(self) -> int:
        """Requests sent so far."""
        return self._sender.n_requests

    @property
    def n_throttled(self) -> int:
        """Requests that met a rate limit."""
        return self._sender.n_throttled

    @property
    def limit(self) -> int:
        """Requests that may run at once just now."""
        return self._sender.limit

    def submit(self, exchange: Exchange[T]) -> None:
        """Begin or go on with an exchange; `take` gives its end."""
        self.n_pending += 1
        self._loop.call_soon_threadsafe(self._begin, exchange)

    def take(self) -> Done[T]:
        """Wait for the next exchange that ends."""
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
        self._leave = asyncio.Event()
        settings = self._settings
        with Cache(self._cache_path) as cache:
            async with Client(self._endpoint, settings.timeout_s, settings.api_key_env) as client:
                self._sender = Sender(client, cache, self._budget, settings)
                self._started.put(None)
                await self._leave.wait()
                await self._cancel()

    async def _cancel(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _begin(self, exchange: Exchange[T]) -> None:
        task = self._loop.create_task(self._finish(exchange))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _finish(self, exchange: Exchange[T]) -> None:
        try:
            self._done.put(Done(exchange.name, await self._settle(exchange)))
        except Exception as exc:
            # Raised again by whoever takes it.
            self._done.put(Done(exchange.name, None, self._sender.stop(exc)))

    async def _settle(self, exchange: Exchange[T]) -> T | Refused:
        while exchange.result is None:
            reply = await self._sender.fetch(exchange.key, exchange.request)
            if isinstance(reply, Refused):
                return reply
            exchange.take(reply)
        return exchange.result
