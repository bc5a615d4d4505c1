"""Asks all questions of a build: from the cache what is there, from the server what is not."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from streamit.errors import UsageError
from streamit.llm.budget import Budget, Spent
from streamit.llm.cache import Cache
from streamit.llm.dialogue import Dialogue
from streamit.llm.endpoint import fill_settings, find_endpoint
from streamit.llm.prices import Prices
from streamit.llm.question import ClipQuestion, QuestionAnswer, Refused
from streamit.llm.render import Prompts, load_prompts
from streamit.llm.worker import Worker
from streamit.llm_settings import LlmSettings, check_settings

Result = tuple[str, QuestionAnswer | Refused]

# Questions that wait for their turn, per request on its way.
_AHEAD = 4


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


def ask_all(
    questions: Iterable[ClipQuestion],
    settings: LlmSettings,
    cache_path: str | Path,
    prices: Prices | None = None,
    on_progress: Callable[[Progress], None] | None = None,
    *,
    max_cost: float | None = None,
    replay: bool = False,
) -> Iterator[Result]:
    """(key, pair or refusal) for every question, once each, in the order in which they end.

    Questions are drawn as they are needed, and their keys must differ. `replay` makes no request:
    what the cache lacks is refused as `not_in_cache`. `max_cost` caps what this run may spend.

    Raises EndpointError when the server, key or model is wrong, or there is a cap without a price;
    BudgetError when the cap is reached, LlmError when the server keeps failing, both after the
    replies on their way were given and cached; StorageError when the cache cannot be used.
    """
    check_settings(settings, "llm")
    filled = fill_settings(settings)
    run = _Run(filled, load_prompts(filled.prompts), Path(cache_path), on_progress)
    if replay:
        if not run.cache_path.is_file():
            raise UsageError(f"--replay: there is no request cache at {cache_path}; ask first")
        return run.replay(questions)
    return run.ask(questions, Budget(filled.model or "", prices, max_cost))


class _Run:
    """What the questions of one run share."""

    def __init__(
        self,
        settings: LlmSettings,
        prompts: Prompts,
        cache_path: Path,
        on_progress: Callable[[Progress], None] | None,
    ) -> None:
        self.cache_path = cache_path
        self._settings = settings
        self._prompts = prompts
        self._on_progress = on_progress
        self._n_settled = self._n_cached = self._n_refused = 0
        self._worker: Worker | None = None
        self._budget: Budget | None = None
        self._error: BaseException | None = None

    def replay(self, questions: Iterable[ClipQuestion]) -> Iterator[Result]:
        """Every question from the cache alone."""
        with Cache(self.cache_path) as cache:
            for question in questions:
                dialogue = self._open(question, cache)
                missing = Refused("not_in_cache", f"no reply to attempt {dialogue.attempt}")
                yield self._report(question.key, dialogue.result or missing, is_cached=True)

    def ask(self, questions: Iterable[ClipQuestion], budget: Budget) -> Iterator[Result]:
        """Every question, through a worker that is only started when a request is needed."""
        self._budget = budget
        with ExitStack() as stack:
            cache = stack.enter_context(Cache(self.cache_path))
            for question in questions:
                dialogue = self._open(question, cache)
                if dialogue.result is not None:
                    yield self._report(question.key, dialogue.result, is_cached=True)
                    continue
                worker = self._worker or stack.enter_context(self._hire(budget))
                worker.submit(dialogue)
                yield from self._take(worker, _AHEAD * self._settings.concurrency)
                if self._error is not None:
                    break
            if self._worker is not None:
                yield from self._take(self._worker, 0)
            if self._error is not None:
                raise self._error

    def _open(self, question: ClipQuestion, cache: Cache) -> Dialogue:
        dialogue = Dialogue(question, self._settings, self._prompts)
        dialogue.read(cache)
        return dialogue

    def _hire(self, budget: Budget) -> Worker:
        endpoint = find_endpoint(self._settings)
        self._worker = Worker(endpoint, self._settings, self.cache_path, budget)
        return self._worker

    def _take(self, worker: Worker, n_left: int) -> Iterator[Result]:
        """Results until so many dialogues, or fewer, are on their way."""
        while worker.n_pending > n_left:
            done = worker.take()
            if done.result is not None:
                yield self._report(done.key, done.result)
            else:
                self._error = self._error or done.error

    def _report(
        self, key: str, result: QuestionAnswer | Refused, is_cached: bool = False
    ) -> Result:
        self._n_settled += 1
        self._n_cached += is_cached
        self._n_refused += isinstance(result, Refused)
        if self._on_progress is not None:
            self._on_progress(self._describe())
        return key, result

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
