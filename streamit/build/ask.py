"""Has the pairs of all joined streams written, before the plan is cut into partitions.

One pass asks for everything that `augment` leaves, and keeps it in a table; another attaches it to
the streams. Replies of a model are cached as they arrive, so a run that was killed goes on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from streamit.build.asking import Asking
from streamit.build.pair_table import PairTable
from streamit.build.spool import Spool
from streamit.build.types import Job
from streamit.convert.pairs import (
    attach_pairs,
    list_questions,
    name_pair,
    name_stream,
    read_result,
    write_by_template,
)
from streamit.errors import BatchesPendingError
from streamit.item import Item
from streamit.llm.batch import take_batches, write_batches
from streamit.llm.budget import Spent
from streamit.llm.estimate import estimate
from streamit.llm.question import ClipQuestion
from streamit.storage import Folder

if TYPE_CHECKING:
    from streamit.llm.settle import Progress


@dataclass(frozen=True, slots=True)
class Asked:
    """What asking a model took, or (of a dry run) would take: questions, requests, tokens, money.

    `cost` is None where nobody knows the model's price, else in `currency`.
    """

    model: str
    n_questions: int
    n_cached: int
    n_refused: int
    n_requests: int
    input_tokens: int
    output_tokens: int
    cost: float | None
    currency: str

    def to_dict(self) -> dict[str, Any]:
        """Plain data."""
        return {name: getattr(self, name) for name in self.__slots__}


def write_pairs(
    spool: Spool, job: Job, asking: Asking | None, out: Folder, note: Callable[[str, int], None]
) -> Asked | None:
    """Attach a pair, or why there is none, to every clip in the spool that is to have one.

    All that was written also goes to OUT/streamit/answers.parquet. Without `asking` the pairs are
    made of templates. Raises what `ask_all` raises.
    """
    with PairTable() as table:
        asked = None
        if asking is None:
            _write_by_template(spool, job, table, note)
        else:
            asked = _ask_model(spool, job, asking, table, note)
        _attach(spool, job, table)
        table.save(out)
    return asked


def preview_pairs(spool: Spool, job: Job, asking: Asking | None) -> Asked | None:
    """What asking would take; attaches what needs no request, so that finished parts are known."""
    # With the client of OpenAI's package, which takes half as long to import as all the rest.
    from streamit.llm.ask import ask_all

    with PairTable() as table:
        if asking is None:
            _write_by_template(spool, job, table, lambda what, count: None)
        elif asking.cache_path.is_file():
            questions = _list_all(spool, job)
            replies = ask_all(questions, asking.settings, asking.cache_path, replay=True)
            for key, result in replies:
                table.add(key, read_result(result))
        _attach(spool, job, table)
    if asking is None:
        return None
    found = estimate(_list_all(spool, job), asking.settings, asking.cache_path, asking.prices)
    return Asked(
        model=asking.settings.model or "",
        n_questions=found.n_questions,
        n_cached=found.n_cached,
        n_refused=0,
        n_requests=found.n_questions - found.n_cached,
        input_tokens=found.input_tokens,
        output_tokens=found.output_tokens,
        cost=found.cost,
        currency=asking.prices.currency,
    )


def _list_streams(spool: Spool) -> Iterator[tuple[int, Item]]:
    for listed in spool.iterate_items():
        yield listed.row, spool.read_item(listed.row)


def _list_all(spool: Spool, job: Job) -> Iterator[ClipQuestion]:
    for _, stream in _list_streams(spool):
        yield from list_questions(stream, job.recipe)


def _write_by_template(
    spool: Spool, job: Job, table: PairTable, note: Callable[[str, int], None]
) -> None:
    for count, (_, stream) in enumerate(_list_streams(spool)):
        for question in list_questions(stream, job.recipe):
            table.add(question.key, write_by_template(question, job.recipe.seed, stream.split))
        if count % 1000 == 0:
            note("writing questions", count)


def _ask_model(
    spool: Spool, job: Job, asking: Asking, table: PairTable, note: Callable[[str, int], None]
) -> Asked:
    from streamit.llm.ask import ask_all
    from streamit.llm.settle import Progress

    if asking.batches is not None:
        _exchange_batches(spool, job, asking, asking.batches)
    last = Progress()
    currency = asking.prices.currency

    def show(progress: Progress) -> None:
        nonlocal last
        last = progress
        note(f"asking ({_describe(progress.n_requests, progress.spent, currency)})", last.n_settled)

    replies = ask_all(
        _list_all(spool, job),
        asking.settings,
        asking.cache_path,
        asking.prices,
        show,
        max_cost=asking.max_cost,
        replay=asking.replay or asking.batches is not None,
    )
    for key, result in replies:
        table.add(key, read_result(result))
    return Asked(
        model=asking.settings.model or "",
        n_questions=last.n_settled,
        n_cached=last.n_cached,
        n_refused=last.n_refused,
        n_requests=last.n_requests,
        input_tokens=last.spent.input_tokens,
        output_tokens=last.spent.output_tokens,
        cost=last.spent.cost,
        currency=currency,
    )


def _exchange_batches(spool: Spool, job: Job, asking: Asking, folder: Path) -> None:
    """Take in the results that are there, and write what is still to be asked.

    Raises BatchesPendingError as long as there is such a thing.
    """
    if folder.is_dir():
        take_batches(folder, asking.cache_path)
    written = write_batches(_list_all(spool, job), asking.settings, asking.cache_path, folder)
    if written.n_requests:
        raise BatchesPendingError(
            f"{written.n_requests} requests stand in {folder} ({', '.join(written.files[:3])}"
            f"{', ...' if len(written.files) > 3 else ''}); hand them to your provider, put the "
            "result files into the same folder and run the same command again"
        )


def _describe(n_requests: int, spent: Spent, currency: str) -> str:
    money = "" if spent.cost is None else f", {spent.cost:.4f} {currency}"
    return f"{n_requests} requests, {spent.input_tokens + spent.output_tokens} tokens{money}"


def _attach(spool: Spool, job: Job, table: PairTable) -> None:
    # Listed before anything is changed: a query does not bear changes of what it walks through.
    rows = [listed.row for listed in spool.iterate_items()]
    for row in rows:
        stream = spool.read_item(row)
        name = name_stream(stream, job.recipe)
        found = {i: table.get(name_pair(name, i)) for i in range(len(stream.clips))}
        written = {i: one for i, one in found.items() if one is not None}
        spool.replace_item(row, attach_pairs(stream, written))
