"""How many requests run at once: fewer after each rate limit, slowly more while all is well.

Additive increase, multiplicative decrease, as TCP does it: nobody knows a server's limits, and
they change.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Throttle:
    """Slots for requests. To be used in one event loop."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._limit = float(most)
        self._busy = 0
        self._round = 0
        self._resume_s = 0.0
        self._freed = asyncio.Condition()

    @property
    def limit(self) -> int:
        """Requests that may run at once just now."""
        return int(self._limit)

    @asynccontextmanager
    async def slot(self) -> AsyncIterator[int]:
        """Wait for a slot, and for the end of a pause; gives the round to report back."""
        async with self._freed:
            await self._freed.wait_for(lambda: self._busy < self.limit)
            self._busy += 1
        try:
            await self._wait_for_pause()
            yield self._round
        finally:
            async with self._freed:
                self._busy -= 1
                self._freed.notify(max(1, self.limit - self._busy))

    def speed_up(self) -> None:
        """A reply came: one slot more after as many replies as there are slots."""
        self._limit = min(self._limit + 1 / self._limit, float(self._most))

    def slow_down(self, round_: int, wait_s: float) -> None:
        """A rate limit: nobody sends for `wait_s`, and half as many do afterwards.

        Requests that were sent before an earlier decrease (an older round) do not halve again.
        """
        loop = asyncio.get_running_loop()
        self._resume_s = max(self._resume_s, loop.time() + wait_s)
        if round_ == self._round:
            self._round += 1
            self._limit = max(self._limit / 2, 1.0)

    async def _wait_for_pause(self) -> None:
        loop = asyncio.get_running_loop()
        while (wait_s := self._resume_s - loop.time()) > 0:
            await asyncio.sleep(wait_s)
