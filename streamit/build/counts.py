"""Accounts for every annotation: read = recorded + rejected + set_aside, per source and reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from streamit.errors import ConservationError


@dataclass(slots=True)
class Counts:
    """What became of the annotations of one source. `adjusted` ones count as recorded, too."""

    read: int = 0
    recorded: int = 0
    rejected: Counter[str] = field(default_factory=Counter)
    set_aside: Counter[str] = field(default_factory=Counter)
    adjusted: Counter[str] = field(default_factory=Counter)

    def add(self, other: Counts) -> None:
        """Add the counts of another part of the same source."""
        self.read += other.read
        self.recorded += other.recorded
        self.rejected.update(other.rejected)
        self.set_aside.update(other.set_aside)
        self.adjusted.update(other.adjusted)

    @property
    def reject_rate(self) -> float:
        """Rejected / read; 0 when nothing was read."""
        return self.rejected.total() / self.read if self.read else 0.0

    def to_dict(self) -> dict[str, Any]:
        """Plain data with sorted reasons."""
        return {
            "read": self.read,
            "recorded": self.recorded,
            "rejected": dict(sorted(self.rejected.items())),
            "set_aside": dict(sorted(self.set_aside.items())),
            "adjusted": dict(sorted(self.adjusted.items())),
        }


def read_counts(row: Mapping[str, Any]) -> Counts:
    """The counts in a manifest."""
    return Counts(
        row["read"],
        row["recorded"],
        Counter(row["rejected"]),
        Counter(row["set_aside"]),
        Counter(row["adjusted"]),
    )


class Ledger(dict[str, Counts]):
    """Counts by source; a source that is asked for is there."""

    def __missing__(self, source: str) -> Counts:
        self[source] = Counts()
        return self[source]

    def add_all(self, other: Mapping[str, Counts]) -> None:
        """Add another ledger, source by source."""
        for source, counts in other.items():
            self[source].add(counts)

    @property
    def total(self) -> Counts:
        """The sum over all sources."""
        total = Counts()
        for counts in self.values():
            total.add(counts)
        return total

    def to_dict(self) -> dict[str, Any]:
        """Plain data, sources sorted."""
        return {source: self[source].to_dict() for source in sorted(self)}


def read_ledger(row: Mapping[str, Any]) -> Ledger:
    """The ledger in a manifest."""
    return Ledger({source: read_counts(counts) for source, counts in row.items()})


def check_conservation(ledger: Mapping[str, Counts], where: str) -> None:
    """Raise ConservationError when any source has lost or invented an annotation."""
    broken = [_describe(source, counts) for source, counts in _broken(ledger.items())]
    if broken:
        raise ConservationError(
            f"{where}: annotations are lost or invented: {'; '.join(broken)}. "
            "This is a bug in streamit or in a reader or converter of your own: please report it."
        )


def _broken(counts: Iterable[tuple[str, Counts]]) -> list[tuple[str, Counts]]:
    return [
        (source, c)
        for source, c in counts
        if c.read != c.recorded + c.rejected.total() + c.set_aside.total()
    ]


def _describe(source: str, c: Counts) -> str:
    return (
        f"{source}: read {c.read}, recorded {c.recorded}, rejected {c.rejected.total()}, "
        f"set aside {c.set_aside.total()}"
    )
