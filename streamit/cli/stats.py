"""`streamit stats`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from streamit.cli.output import count, print_json, print_table

if TYPE_CHECKING:
    from streamit.dataset import Build
    from streamit.statistics import Distribution, Statistics

SHOWN = ("p5", "p50", "p95")
"""The quantiles that fit into 80 columns; --json has all."""
COUNTS = ("read", "recorded", "rejected", "set_aside", "adjusted")


def stats(
    src: Annotated[
        str, typer.Argument(metavar="DIR", help="A build: a folder, a URL, or one shard of it.")
    ],
    split: Annotated[
        list[str] | None,
        typer.Option(metavar="SPLIT", help="Only this split; may be given several times."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")] = False,
) -> None:
    """Count and measure what a build holds.

    Records, turns, seconds and frames by source, split, layout and task; questions by type; how
    answers, reply windows, texts and silence are spread; and what became of the annotations (of a
    mix: of the records), from the manifest.

    \b
    streamit stats dense_caption
    streamit stats dense_caption --split train --json
    """
    from streamit.dataset import open_build
    from streamit.statistics import compute_statistics

    build = open_build(src)
    found = compute_statistics(build, split)
    if as_json:
        print_json(_to_data(src, build, found))
    else:
        _print_text(src, build, found)


def _counts_of(build: Build) -> str:
    """What the manifest counts: annotations, or records where builds were mixed."""
    return str((build.manifest or {}).get("counts_of", "annotations"))


def _counts(build: Build) -> dict[str, Any] | None:
    return None if build.manifest is None else build.manifest.get("counts")


def _to_data(src: str, build: Build, found: Statistics) -> dict[str, Any]:
    from streamit.config import to_data

    return {
        "build": src,
        "complete": build.is_complete,
        "shards": len(build.shards),
        **to_data(found),
        _counts_of(build): _counts(build),
    }


def _print_text(src: str, build: Build, found: Statistics) -> None:
    total = found.total
    unfinished = "" if build.is_complete else " (not a finished build)"
    n_shards = count(len(build.shards), "shard")
    print(f"{src}: {count(total.n_records, 'record')} in {n_shards}{unfinished}")
    print(
        f"silence {found.silence_share:.1%} of seconds, learned {found.learned_share:.1%} of "
        f"answers, negatives {found.negative_share:.1%} of records\n"
    )
    header = ("", "RECORDS", "QUESTIONS", "ANSWERS", "FRAMES", "HOURS")
    groups = [
        (f"{column} {name}", group)
        for column, named in found.groups.items()
        for name, group in named.items()
    ]
    rows = [
        (name, g.n_records, g.n_questions, g.n_answers, g.n_frames, round(g.stream_s / 3600, 2))
        for name, g in [*groups, ("all", total)]
    ]
    print_table(header, rows)
    print()
    if found.question_types:
        n_typed = sum(found.question_types.values())
        types = [(name, n, f"{n / n_typed:.1%}") for name, n in found.question_types.items()]
        print_table(("QUESTION TYPE", "QUESTIONS", "SHARE"), types)
        print()
    if found.augment:
        rates = [(name, r.n, r.of, f"{r.share:.2%}") for name, r in found.augment.items()]
        print_table(("AUGMENT", "PAIRS", "OF", "SHARE"), rates)
        print()
    spreads = [
        _spread_row(name, d) for name, d in (found.distributions | found.scores).items() if d.n
    ]
    print_table(("", "N", "MEAN", "MIN", *(name.upper() for name in SHOWN), "MAX"), spreads)
    _print_counts(_counts(build) or {}, _counts_of(build))


def _spread_row(name: str, found: Distribution) -> tuple[object, ...]:
    numbers = (found.mean, found.min, *(found.quantiles[shown] for shown in SHOWN), found.max)
    return (name, found.n, *(None if number is None else round(number, 3) for number in numbers))


def _print_counts(counts: dict[str, Any], what: str) -> None:
    if not counts:
        return
    print()
    print_table(
        (what.upper(), *(name.replace("_", " ").upper() for name in COUNTS)),
        [(source, *(_total(row.get(name)) for name in COUNTS)) for source, row in counts.items()],
    )
    for source, row in counts.items():
        for name in COUNTS[2:]:
            for reason, n in (row.get(name) or {}).items():
                print(f"  {source}: {name.replace('_', ' ')} {reason} {n}")


def _total(count: int | dict[str, int] | None) -> int:
    return sum(count.values()) if isinstance(count, dict) else count or 0
