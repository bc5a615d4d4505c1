"""Checks what was written about the streams, and takes out what the recipe does not want.

Runs after asking and before partitions are cut, over the pairs that stand in the streams.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from streamit.build.asked import Asked, Watch, foresee
from streamit.build.spool import Spool
from streamit.build.types import Job
from streamit.convert.pairs import name_pair, name_stream
from streamit.item import Item, NoPair
from streamit.quality.blind import estimate_blind
from streamit.quality.check import AskOptions, Findings, check_quality
from streamit.quality.pair import WrittenPair
from streamit.quality_settings import Blind, Quality
from streamit.reasons import SET_ASIDE
from streamit.storage import Folder, encode_json

REPORT = "streamit/quality.json"


@dataclass(frozen=True, slots=True)
class Checked:
    """The report of the checks, and what guessing took (or, of a dry run, would take).

    A dry run has no report where all that is to be checked is still to be guessed at.
    """

    numbers: Mapping[str, Any] | None
    guessed: Asked | None


def check_pairs(
    spool: Spool, job: Job, options: AskOptions, out: Folder, note: Callable[[str, int], None]
) -> Checked | None:
    """Run the checks of the recipe, set pairs aside and write OUT/streamit/quality.json.

    None, and no such file, where the recipe wants no check. Raises what `ask_all` raises.
    """
    quality = job.recipe.quality
    if not quality.is_on:
        out.remove(REPORT)
        return None
    watch = Watch("guessing", options.prices.currency, note)
    found = _check(spool, job, quality, replace(options, on_progress=watch))
    out.write_if_changed(REPORT, encode_json({**found.numbers, "examples": found.examples}))
    model = quality.blind.model
    return Checked(found.numbers, None if model is None else watch.sum_up(model))


def preview_checks(spool: Spool, job: Job, options: AskOptions, n_unwritten: int) -> Checked | None:
    """What guessing would take, and what the checks find in the pairs that are there already.

    `n_unwritten` pairs are still to be asked for, and then to be guessed at. Makes no request; sets
    aside what is known to be, so that finished parts are known.
    """
    quality = job.recipe.quality
    if not quality.is_on:
        return None
    has_cache = Path(options.cache_path).is_file()
    here = quality if has_cache else replace(quality, blind=Blind())
    numbers = _check(spool, job, here, replace(options, replay=True, batches=None)).numbers
    blind = quality.blind
    if blind.model is None:
        return Checked(numbers, None)
    if has_cache:
        n_unguessed = numbers["blind"]["unanswered"].get("not_in_cache", 0)
    else:
        n_unguessed = sum(1 for _ in _list_pairs(spool, job))
    wanted = estimate_blind(n_unguessed + n_unwritten, blind, options.llm, options.prices)
    return Checked(numbers or None, foresee(blind.model, wanted, options.prices.currency))


def _check(spool: Spool, job: Job, quality: Quality, options: AskOptions) -> Findings:
    found = check_quality(lambda: _list_pairs(spool, job), quality, options)
    # Listed before anything is changed: a query does not bear changes of what it walks through.
    for row in [listed.row for listed in spool.iterate_items()]:
        stream = spool.read_item(row)
        left = _leave_out(stream, name_stream(stream, job.recipe), found.set_aside)
        if left != stream:
            spool.replace_item(row, left)
    return found


def _list_pairs(spool: Spool, job: Job) -> Iterator[WrittenPair]:
    for listed in spool.iterate_items():
        item = spool.read_item(listed.row)
        stream = name_stream(item, job.recipe)
        for place, clip in enumerate(item.clips):
            if clip.pair is not None:
                pair, key = clip.pair, name_pair(stream, place)
                yield WrittenPair(key, stream, pair.question, pair.answer, pair.question_type)


def _leave_out(item: Item, stream: str, reasons: Mapping[str, str]) -> Item:
    """The stream without the pairs that have a reason, by their keys."""
    clips = []
    for place, clip in enumerate(item.clips):
        reason = reasons.get(name_pair(stream, place))
        if reason is not None:
            clip = replace(clip, pair=None, no_pair=NoPair(reason, SET_ASIDE[reason]))
        clips.append(clip)
    return replace(item, clips=tuple(clips))
