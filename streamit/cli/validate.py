"""`streamit validate`."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from streamit.cli.output import count, note, print_json, printable

if TYPE_CHECKING:
    from streamit.build.check import BuildProblem, CheckReport


def validate(
    src: Annotated[
        str, typer.Argument(metavar="DIR", help="A build: a folder, a URL, or one shard of it.")
    ],
    rehash: Annotated[
        bool,
        typer.Option(
            "--rehash/--fast", help="Hash every shard again; or compare sizes, skip frames."
        ),
    ] = True,
    max_problems: Annotated[
        int, typer.Option(metavar="N", min=0, help="List this many problems; all are counted.")
    ] = 100,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")] = False,
) -> None:
    """Check a build: schema, rules, counts, hashes.

    Every record is held against the schema and the rules (`streamit rules`), and the shards against
    the manifest. Exits with 1 when there is a problem.

    \b
    streamit validate dense_caption
    streamit validate hf://datasets/OWNER/NAME --fast --json
    """
    from streamit.build.check import check_build
    from streamit.build.progress import choose_progress

    with choose_progress() as progress:
        report = check_build(src, rehash=rehash, max_problems=max_problems, note=progress.note)
    if as_json:
        print_json(_to_data(src, report))
    else:
        for problem in report.problems:
            print(printable(_describe(problem)))
        print(printable(_summarise(src, report)))
    if report.n_problems:
        n_unlisted = report.n_problems - len(report.problems)
        if n_unlisted and not as_json:
            note(f"{count(n_unlisted, 'more problem')} not listed; see --max-problems")
        raise typer.Exit(1)


def _to_data(src: str, report: CheckReport) -> dict[str, Any]:
    return {
        "build": src,
        "valid": not report.n_problems,
        "shards": report.n_shards,
        "hashed": report.n_hashed,
        "records": report.n_records,
        "n_problems": report.n_problems,
        "by_rule": dict(sorted(report.by_rule.items())),
        "problems": [asdict(problem) for problem in report.problems],
    }


def _describe(problem: BuildProblem) -> str:
    place = problem.file or ""
    if problem.row is not None:
        place += f" row {problem.row}"
    if problem.record is not None:
        place += f" ({problem.record})"
    where = "" if problem.where == problem.file else f" {problem.where}"
    return f"{place}: {problem.rule}{where}: {problem.message}"


def _summarise(src: str, report: CheckReport) -> str:
    found = f"{src}: {count(report.n_records, 'record')} in {count(report.n_shards, 'shard')}"
    if not report.n_problems:
        return f"{found}, {report.n_hashed} hashed again: no problems"
    counts = ", ".join(f"{rule} {n}" for rule, n in sorted(report.by_rule.items()))
    return f"{found}: {count(report.n_problems, 'problem')} ({counts})"
