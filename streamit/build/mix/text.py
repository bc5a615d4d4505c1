"""The report of a mix as text for the terminal."""

from __future__ import annotations

from collections.abc import Iterator

from streamit.build.counts import Counts
from streamit.build.mix.describe import MixReport, Share
from streamit.mix import TRAIN
from streamit.source import SPLITS

HEADER = ("PART", "ASKED", "THERE", *(split.upper() for split in SPLITS))


def describe_outcome(report: MixReport) -> str:
    """One line: how many records, where."""
    splits = ", ".join(f"{split} {n}" for split, n in report.n_records.items()) or "none"
    if report.dry_run:
        return f"{report.mix.name}: would take records {splits} into {report.out}"
    return (
        f"{report.mix.name}: records {splits}; {report.n_bytes / 1e6:.1f} MB in {report.out} "
        f"({report.n_built} shards built, {report.n_reused} reused, {report.n_removed} removed)"
    )


def tabulate_shares(report: MixReport) -> list[tuple[object, ...]]:
    """A row per part under HEADER; asked for and there are training records."""
    return [_list_numbers(share) for share in report.shares]


def describe_counts(report: MixReport) -> Iterator[str]:
    """A line per source: what became of the records of all builds."""
    for source in sorted(report.ledger):
        yield _describe_source(source, report.ledger[source])


def describe_shortages(report: MixReport) -> Iterator[str]:
    """What is less than was asked for, for people to notice."""
    for share in report.shares:
        if share.n_short:
            taken = share.taken.get(TRAIN, 0)
            yield f"{share.part.name}: {taken} of {share.asked} training records"


def _list_numbers(share: Share) -> tuple[object, ...]:
    asked = "all" if share.asked is None else share.asked
    taken = (share.taken.get(split, 0) for split in SPLITS)
    return (share.part.name, asked, share.available.get(TRAIN, 0), *taken)


def _describe_source(source: str, counts: Counts) -> str:
    reasons = "".join(f", {reason} {n}" for reason, n in sorted(counts.set_aside.items()))
    return f"  {source}: {counts.read} records read, {counts.recorded} taken{reasons}"
