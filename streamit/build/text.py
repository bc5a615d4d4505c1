"""A build report as text for the terminal."""

from __future__ import annotations

from streamit.build.asked import Asked
from streamit.build.counts import Counts
from streamit.build.report import BuildReport


def describe_report(report: BuildReport) -> str:
    """Several lines: where, how many, what was refused and what was changed, by reason."""
    lines = [_describe_outcome(report)]
    for asked, what in ((report.asked, "questions"), (report.guessed, "guesses")):
        if asked is not None:
            lines.append(_describe_asked(asked, what, report.dry_run))
    for source in sorted(report.ledger):
        lines += _describe_source(source, report.ledger[source])
    return "\n".join(lines)


def describe_rejects(report: BuildReport) -> str:
    """Why the build ends with exit code 3, and where to look."""
    total = report.ledger.total
    return (
        f"{total.rejected.total()} of {total.read} annotations were rejected, more than "
        f"limits.max_reject_rate={report.max_reject_rate:g} allows; "
        f"{report.out}/streamit/rejects.jsonl says why"
    )


def _describe_outcome(report: BuildReport) -> str:
    splits = ", ".join(f"{split} {n}" for split, n in report.n_records.items()) or "none"
    size = f"{report.n_bytes / 1e6:.1f} MB"
    if report.dry_run:
        return (
            f"{report.recipe}: would build {report.n_built} shards ({report.n_reused} are done) "
            f"in {report.out} with the {report.engine} engine: records {splits}; about {size} and "
            f"{report.minutes:.1f} minutes"
        )
    return (
        f"{report.recipe}: records {splits}; {size} in {report.out} "
        f"({report.n_built} shards built, {report.n_reused} reused, {report.n_removed} removed, "
        f"{report.engine} engine)"
    )


def _describe_asked(asked: Asked, what: str, dry_run: bool) -> str:
    price = "at an unknown price" if asked.n_requests else "nothing spent"
    if asked.cost is not None:
        price = f"{'about ' if dry_run else ''}{asked.cost:.2f} {asked.currency}"
    verb = "would ask" if dry_run else "asked"
    return (
        f"  {verb} {asked.model}: {asked.n_questions} {what}, {asked.n_cached} from the cache, "
        f"{asked.n_refused} refused; {asked.n_requests} requests, {asked.input_tokens} tokens sent "
        f"and {asked.output_tokens} written, {price}"
    )


def _describe_source(source: str, counts: Counts) -> list[str]:
    line = (
        f"  {source}: {counts.read} annotations read, {counts.recorded} recorded, "
        f"{counts.rejected.total()} rejected, {counts.set_aside.total()} set aside"
    )
    groups = (
        ("rejected", counts.rejected),
        ("set aside", counts.set_aside),
        ("adjusted", counts.adjusted),
    )
    details = [
        f"    {name}: " + ", ".join(f"{reason} {n}" for reason, n in sorted(group.items()))
        for name, group in groups
        if group
    ]
    return [line, *details]
