"""Has the pairs of all joined streams written, before the plan is cut into partitions.

One pass asks for everything that `augment` leaves, and keeps it in a table; another attaches it to
the streams. Replies of a model are cached as they arrive, so a run that was killed goes on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from streamit.build.asked import Asked, Watch, foresee
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
from streamit.item import Item
from streamit.llm.batch import trade_batches
from streamit.llm.dialogue import Dialogue
from streamit.llm.estimate import estimate
from streamit.llm.question import ClipQuestion
from streamit.llm.render import load_prompts
from streamit.storage import Folder


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
    return foresee(asking.settings.model or "", found, asking.prices.currency)


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

    settings, watch = asking.settings, Watch("asking", asking.prices.currency, note)
    if asking.batches is not None:
        prompts = load_prompts(settings.prompts)
        wanted = (Dialogue(question, settings, prompts) for question in _list_all(spool, job))
        trade_batches(wanted, asking.cache_path, asking.batches)
    replies = ask_all(
        _list_all(spool, job),
        settings,
        asking.cache_path,
        asking.prices,
        watch,
        max_cost=asking.max_cost,
        replay=asking.replay or asking.batches is not None,
    )
    for key, result in replies:
        table.add(key, read_result(result))
    return watch.sum_up(settings.model or "")


def _attach(spool: Spool, job: Job, table: PairTable) -> None:
    # Listed before anything is changed: a query does not bear changes of what it walks through.
    rows = [listed.row for listed in spool.iterate_items()]
    for row in rows:
        stream = spool.read_item(row)
        name = name_stream(stream, job.recipe)
        found = {i: table.get(name_pair(name, i)) for i in range(len(stream.clips))}
        written = {i: one for i, one in found.items() if one is not None}
        spool.replace_item(row, attach_pairs(stream, written))
