"""What a build came to: for the terminal, for --json and for Python."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from streamit.build.counts import Ledger

EXIT_DONE, EXIT_FAILED, EXIT_USAGE, EXIT_REJECTS, EXIT_INTERRUPTED = 0, 1, 2, 3, 130


@dataclass(frozen=True, slots=True)
class BuildReport:
    """The outcome of a build or of a dry run.

    `n_records` counts records by split; `n_built`, `n_reused` and `n_removed` count shards'
    partitions. In a dry run nothing was written: `n_records` then counts items and `minutes` is an
    estimate. `exit_code` is 3 when more was rejected than the recipe allows.
    """

    recipe: str
    out: str
    media: str
    engine: str
    dry_run: bool
    n_records: dict[str, int]
    n_built: int
    n_reused: int
    n_removed: int
    n_bytes: int
    minutes: float
    ledger: Ledger
    max_reject_rate: float

    @property
    def exit_code(self) -> int:
        """0, or 3 when the share of rejected annotations is over the recipe's limit."""
        too_many = self.ledger.total.reject_rate > self.max_reject_rate
        return EXIT_REJECTS if too_many and not self.dry_run else EXIT_DONE

    def to_dict(self) -> dict[str, Any]:
        """One JSON document."""
        total = self.ledger.total
        return {
            "recipe": self.recipe,
            "out": self.out,
            "media": self.media,
            "engine": self.engine,
            "dry_run": self.dry_run,
            "records": self.n_records,
            "parts": {
                "built": self.n_built,
                "reused": self.n_reused,
                "removed": self.n_removed,
            },
            "bytes": self.n_bytes,
            "minutes": round(self.minutes, 3),
            "counts": self.ledger.to_dict(),
            "total": total.to_dict(),
            "reject_rate": total.reject_rate,
            "exit_code": self.exit_code,
        }
