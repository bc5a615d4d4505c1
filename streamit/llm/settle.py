"""Settles many exchanges with a model: from the cache what it has, from the server the rest."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Generic, TypeVar

from streamit.errors import UsageError
from streamit.llm.budget import Budget, Spent
from streamit.llm.cache import Cache
from streamit.llm.endpoint import find_endpoint
from streamit.llm.exchange import Exchange
from streamit.llm.prices import Prices
from streamit.llm.progress import Progress
from streamit.llm.question import Refused
from streamit.llm.worker import Worker
from streamit.llm_settings import LlmSettings

T = TypeVar("T")

# Exchanges that wait for their turn, per request on its way.
_AHEAD = 4


def settle_all(
    exchanges: Iterable[Exchange[T]],
    settings: LlmSettings,
    cache_path: str | Path,
    prices: Prices | None = None,
    on_progress: Callable[[Progress], None] | None = None,
    *,
    max_cost: float | None = None,
    replay: bool = False,
) -> Iterator[tuple[str, T | Refused]]:
    """(name, result) of every exchange, once each, in the order in which they end.

    `settings` are filled (`fill_settings`). Exchanges are drawn as they are needed, and their names
    must differ. `replay` makes no request: what the cache lacks is refused as `not_in_cache`.
    `max_cost` caps what this run may spend. Raises what `ask_all` raises.
    """
    run = _Run[T](settings, Path(cache_path), on_progress)
    if replay:
        if not run.cache_path.is_file():
            raise UsageError(f"--replay: there is no request cache at {cache_path}; ask first")
        return run.replay(exchanges)
    return run.ask(exchanges, Budget(settings.model or "", prices, max_cost))


class _Run(Generic[T]):
    """What the exchanges of one run share."""

    def __init__(
        self,
        settings: LlmSettings,
        cache_path: Path,
        on_progress: Callable[[Progress], None] | None,
    ) -> None:
        self.cache_path = cache_path
        self._settings = settings
        self._on_progress = on_progress
        self._n_settled = self._n_cached = self._n_refused = 0
        self._worker: Worker[T] | None = None
        self._budget: Budget | None = None
        self._error: BaseException | None = None

    def replay(self, exchanges: Iterable[Exchange[T]]) -> Iterator[tuple[str, T | Refused]]:
        """Every exchange from the cache alone."""
        with Cache(self.cache_path) as cache:
            for exchange in exchanges:
                exchange.read(cache)
                result = exchange.result
                if result is None:
                    result = Refused("not_in_cache", f"no reply to attempt {exchange.attempt}")
                yield self._report(exchange.name, result, is_cached=True)

    def ask(
        self, exchanges: Iterable[Exchange[T]], budget: Budget
    ) -> Iterator[tuple[str, T | Refused]]:
        """Every exchange, through a worker that is only started when a request is needed."""
        self._budget = budget
        with ExitStack() as stack:
            cache = stack.enter_context(Cache(self.cache_path))
            for exchange in exchanges:
                exchange.read(cache)
                if exchange.result is not None:
                    yield self._report(exchange.name, exchange.result, is_cached=True)
                    continue
                worker = self._worker or stack.enter_context(self._hire(budget))
                worker.submit(exchange)
                yield from self._take(worker, _AHEAD * self._settings.concurrency)
                if self._error is not None:
                    break
            if self._worker is not None:
                yield from self._take(self._worker, 0)
            if self._error is not None:
                raise self._error

    def _hire(self, budget: Budget) -> Worker[T]:
        endpoint = find_endpoint(self._settings)
        self._worker = Worker(endpoint, self._settings, self.cache_path, budget)
        return self._worker

    def _take(self, worker: Worker[T], n_left: int) -> Iterator[tuple[str, T | Refused]]:
        """Results until so many exchanges, or fewer, are on their way."""
        while worker.n_pending > n_left:
            done = worker.take()
            if done.result is not None:
                yield self._report(done.name, done.result)
            else:
                self._error = self._error or done.error

    def _report(
        self, name: str, result: T | Refused, is_cached: bool = False
    ) -> tuple[str, T | Refused]:
        self._n_settled += 1
        self._n_cached += is_cached
        self._n_refused += isinstance(result, Refused)
        if self._on_progress is not None:
            self._on_progress(self._describe())
        return name, result

    def _describe(self) -> Progress:
        worker = self._worker
        return Progress(
            n_settled=self._n_settled,
            n_cached=self._n_cached,
            n_refused=self._n_refused,
            n_requests=worker.n_requests if worker else 0,
            n_throttled=worker.n_throttled if worker else 0,
            concurrency=worker.limit if worker else 0,
            spent=self._budget.spent if self._budget else Spent(),
        )
