"""At which rates the pairs of joined streams were really dropped, shifted or made up.

From the scores of the records; streams that lost every pair left no record, and are counted by the
manifest.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from streamit.record import Record

_NAMES = (
    *("n_clips", "qa_dropped", "qa_refused", "qa_set_aside"),
    *("qa_shifted", "hallucinations"),
)


@dataclass(frozen=True, slots=True)
class Rate:
    """`n` of `of` pairs, and the share, 0 of none."""

    n: int
    of: int
    share: float


@dataclass(slots=True)
class PairCounter:
    """Sums over the records of joined streams; others are passed over."""

    sums: Counter[str] = field(default_factory=Counter)

    def see(self, record: Record) -> None:
        """Count a record."""
        scores = {score.name: score.value for score in record.scores}
        if "n_clips" in scores:
            self.sums.update({name: int(scores.get(name, 0)) for name in _NAMES})

    def see_manifest(self, manifest: Mapping[str, Any]) -> None:
        """Count the pairs of streams that left no record."""
        for counts in manifest.get("counts", {}).values():
            lost = counts.get("set_aside", {}).get("no_pair_left", 0)
            self.sums.update(n_clips=lost, qa_dropped=lost)

    def list_rates(self) -> dict[str, Rate]:
        """By the names of the recipe's keys: drop of all pairs, the others of those that stay."""
        n_clips, dropped = self.sums["n_clips"], self.sums["qa_dropped"]
        if not n_clips:
            return {}
        staying = n_clips - dropped - self.sums["qa_refused"] - self.sums["qa_set_aside"]
        return {
            "drop": _make_rate(dropped, n_clips),
            "shift": _make_rate(self.sums["qa_shifted"], staying),
            "hallucination": _make_rate(self.sums["hallucinations"], staying),
        }


def _make_rate(n: int, of: int) -> Rate:
    return Rate(n, of, round(n / of, 6) if of else 0.0)
