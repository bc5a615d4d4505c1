"""Runs dialogues on a thread with an event loop of its own, so that callers need none.

Notebooks run a loop already, and a caller that stores answers must not hold up the requests.
"""

from __future__ import annotations

import asyncio
import queue
import threading
from dataclasses import dataclass
from pathlib import Path

from streamit.llm.budget import Budget
from streamit.llm.cache import Cache
from streamit.llm.client import Client
from streamit.llm.dialogue import Dialogue
from streamit.llm.endpoint import Endpoint
from streamit.llm.question import QuestionAnswer, Refused
from streamit.llm.sender import Sender
from streamit.llm_settings import LlmSettings


@dataclass(frozen=True, slots=True)
class Done:
    """A dialogue that ended with a result, or with the error that ends the run."""

    key: str
    result: QuestionAnswer | Refused | None
    error: BaseException | None = None


class Worker:
    """Runs dialogues at once, as many as the sender lets; a context manager.

    Leaving it cancels what is still on its way. After an error, every dialogue that would need
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

    def _begin(self, dialogue: Dialogue) -> None:
        task = self._loop.create_task(self._finish(dialogue))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _finish(self, dialogue: Dialogue) -> None:
        key = dialogue.question.key
        try:
            self._done.put(Done(key, await self._settle(dialogue)))
        except Exception as exc:
            # Raised again by whoever takes it.
            self._done.put(Done(key, None, self._sender.stop(exc)))

    async def _settle(self, dialogue: Dialogue) -> QuestionAnswer | Refused:
        while dialogue.result is None:
            reply = await self._sender.fetch(dialogue.key, dialogue.request)
            if isinstance(reply, Refused):
                return reply
            dialogue.take(reply)
        return dialogue.result
