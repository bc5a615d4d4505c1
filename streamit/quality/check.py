"""The checks of written questions, one after the other: repeats, blind guesses, mix of types.

Repeats come first, so that no guess is paid for that is thrown away. The mix is that of what stays.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import Any

from streamit.llm.batch import trade_batches
from streamit.llm.prices import Prices
from streamit.llm.progress import Progress
from streamit.llm_settings import LlmSettings
from streamit.quality.blind import Guess, hash_prompt, list_exchanges, make_blind_settings
from streamit.quality.duplicates import find_repeats
from streamit.quality.pair import WrittenPair
from streamit.quality.tally import Tally
from streamit.quality.task_mix import compare_mix
from streamit.quality_settings import BUILD, STREAM, Blind, Quality

REPEATED, GUESSED = "near_duplicate_question", "blind_guessed"
N_MOST_REPEATED = 20

ReadPairs = Callable[[], Iterable[WrittenPair]]


@dataclass(slots=True)
class Findings:
    """What the checks found.

    `set_aside` holds the keys of pairs that are left out, and why. `numbers` is the report, plain
    data that depends on the pairs and the guesses alone; `examples` shows some of what was found.
    """

    set_aside: dict[str, str] = field(default_factory=dict)
    numbers: dict[str, Any] = field(default_factory=dict)
    examples: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AskOptions:
    """How a model is asked: settings of `llm`, cache and budget, as for `ask_all`.

    With `batches` no request is made: they are written into that folder for the Batch API, and the
    results taken from it.
    """

    llm: LlmSettings
    cache_path: str | Path
    prices: Prices
    max_cost: float | None = None
    replay: bool = False
    batches: Path | None = None
    on_progress: Callable[[Progress], None] | None = None


def check_quality(read_pairs: ReadPairs, quality: Quality, options: AskOptions) -> Findings:
    """Run the checks that the recipe wants.

    `read_pairs` is called several times and gives the pairs in the order of the plan each time,
    those of a stream one after the other: of two questions alike the first one stays. Raises what
    `ask_all` raises when a model is asked.
    """
    found = Findings()
    if not quality.is_on:
        return found
    found.numbers["n_pairs"] = sum(1 for _ in read_pairs())
    min_similarity, drop = quality.duplicates.min_similarity, quality.duplicates.drop
    if min_similarity is not None:
        _check_repeats(read_pairs, min_similarity, drop, found)
    if quality.blind.model:
        _check_blind(lambda: _list_kept(read_pairs, found), quality.blind, options, found)
    if quality.task_mix:
        counts = Counter(pair.question_type for pair in _list_kept(read_pairs, found))
        found.numbers["task_mix"] = compare_mix(counts, quality.task_mix)
    found.numbers["set_aside"] = dict(sorted(Counter(found.set_aside.values()).items()))
    return found


def describe_findings(numbers: Mapping[str, Any]) -> str:
    """The report in one line, for the terminal; empty when nothing was checked."""
    parts = []
    if "duplicates" in numbers:
        row = numbers["duplicates"]
        parts.append(
            f"{row['in_stream']} repeat one of their stream, {row['in_build']} one of the build"
        )
    if "blind" in numbers:
        row = numbers["blind"]
        parts.append(f"{row['guessed']} of {row['answered']} guessed blind")
        if row["unanswered"]:
            parts.append(f"{sum(row['unanswered'].values())} without a guess")
    if "task_mix" in numbers:
        parts.append(f"{numbers['task_mix']['distance']:.1%} off the mix of types")
    if not parts:
        return ""
    n_left_out = sum(numbers["set_aside"].values())
    return f"{numbers['n_pairs']} questions: {', '.join(parts)}; {n_left_out} set aside"


def _list_kept(read_pairs: ReadPairs, found: Findings) -> Iterator[WrittenPair]:
    return (pair for pair in read_pairs() if pair.key not in found.set_aside)


def _check_repeats(
    read_pairs: ReadPairs, min_similarity: float, drop: str | None, found: Findings
) -> None:
    repeats = find_repeats((pair.question for pair in read_pairs()), min_similarity)
    n_times = Counter(first for place, first in enumerate(repeats) if first != place)
    most = {first: n for first, n in n_times.most_common(N_MOST_REPEATED)}
    shown = {}
    n_in_stream = place = 0
    for _, group in groupby(read_pairs(), key=attrgetter("stream")):
        pairs = list(group)
        own = find_repeats((pair.question for pair in pairs), min_similarity)
        for here, pair in enumerate(pairs):
            in_stream, in_build = own[here] != here, repeats[place] != place
            n_in_stream += in_stream
            if (drop == STREAM and in_stream) or (drop == BUILD and in_build):
                found.set_aside[pair.key] = REPEATED
            if place in most:
                shown[place] = pair.question
            place += 1
    found.numbers["duplicates"] = {
        "min_similarity": min_similarity,
        "in_stream": n_in_stream,
        "in_build": n_times.total(),
    }
    found.examples["duplicates"] = [
        {"question": shown[first], "repeated": n} for first, n in most.items()
    ]


def _check_blind(read_pairs: ReadPairs, blind: Blind, options: AskOptions, found: Findings) -> None:
    # With the client of OpenAI's package, which takes half as long to import as all the rest.
    from streamit.llm.settle import settle_all

    settings = make_blind_settings(blind, options.llm)
    tally = Tally()
    if options.batches is not None:
        wanted = list_exchanges(read_pairs(), settings, blind.min_overlap)
        trade_batches(wanted, options.cache_path, options.batches)
    for key, result in settle_all(
        list_exchanges(read_pairs(), settings, blind.min_overlap),
        settings,
        options.cache_path,
        options.prices,
        options.on_progress,
        max_cost=options.max_cost,
        replay=options.replay or options.batches is not None,
    ):
        tally.add(result)
        if blind.drop and isinstance(result, Guess) and result.is_right:
            found.set_aside[key] = GUESSED
    found.numbers["blind"] = {
        "model": blind.model,
        "prompt_sha256": hash_prompt(),
        "min_overlap": blind.min_overlap,
        **tally.to_dict(),
    }
    found.examples["blind"] = tally.list_examples()
