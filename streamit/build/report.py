"""What a build came to: for the terminal, for --json and for Python."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from streamit.build.asked import Asked
from streamit.build.counts import Ledger
from streamit.build.engine import LOOP, choose_engine
from streamit.build.parts import Part, find_done
from streamit.build.types import MEDIA_NONE, Job, Plan
from streamit.storage import Folder

# Seconds of work per second of 720p video, and per annotation without any (benchmarks/).
DECODE_S_PER_VIDEO_S = 0.04
CONVERT_S_PER_ANNOTATION = 1e-4

EXIT_DONE, EXIT_REJECTS = 0, 3


@dataclass(frozen=True, slots=True)
class BuildReport:
    """The outcome of a build or of a dry run.

    `n_records` counts records by split; `n_built`, `n_reused` and `n_removed` count shards'
    partitions. In a dry run nothing was written: `n_records` then counts items and `minutes` is an
    estimate. `asked` is what asking a language model took (or would take), where one was asked,
    `guessed` the same of the blind check, and `quality` the report of the checks of questions.
    `exit_code` is 3 when more was rejected than the recipe allows.
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
    asked: Asked | None = None
    guessed: Asked | None = None
    quality: Mapping[str, Any] | None = None

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
            "asked": self.asked and self.asked.to_dict(),
            "guessed": self.guessed and self.guessed.to_dict(),
            "quality": self.quality,
            "exit_code": self.exit_code,
        }


def report_build(
    job: Job,
    out: Folder,
    parts: Sequence[Part],
    ledger: Ledger,
    engine: str,
    n_built: int,
    n_removed: int,
    started: float,
) -> BuildReport:
    """The report of a finished build."""
    n_records: Counter[str] = Counter()
    for part in parts:
        n_records[part.split] += part.n_records
    return BuildReport(
        recipe=job.recipe.name,
        out=out.url,
        media=job.media,
        engine=engine,
        dry_run=False,
        n_records={split: n for split, n in sorted(n_records.items()) if n},
        n_built=n_built,
        n_reused=len(parts) - n_built,
        n_removed=n_removed,
        n_bytes=sum(part.bytes + sum(part.clips.values()) for part in parts),
        minutes=(time.time() - started) / 60,
        ledger=ledger,
        max_reject_rate=job.recipe.limits.max_reject_rate,
    )


def report_dry_run(
    job: Job, out: Folder, plan: Plan, workers: int | None, address: str | None
) -> BuildReport:
    """What a build of this plan would do; sizes and minutes are estimates."""
    todo = [p for p in plan.partitions if find_done(out, p, rehash=False) is None]
    n_items: Counter[str] = Counter()
    for partition in plan.partitions:
        n_items[partition.split] += partition.n_items
    engine = choose_engine(len(todo), workers, address)
    slots = 1 if engine == LOOP else workers or os.cpu_count() or 1
    seconds = sum(p.n_annotations for p in todo) * CONVERT_S_PER_ANNOTATION
    if job.media != MEDIA_NONE:
        seconds += sum(p.video_s for p in todo) * DECODE_S_PER_VIDEO_S
    return BuildReport(
        recipe=job.recipe.name,
        out=out.url,
        media=job.media,
        engine=engine,
        dry_run=True,
        n_records=dict(sorted(n_items.items())),
        n_built=len(todo),
        n_reused=len(plan.partitions) - len(todo),
        n_removed=0,
        n_bytes=sum(p.n_bytes for p in plan.partitions),
        minutes=seconds / slots / 60,
        ledger=plan.ledger,
        max_reject_rate=job.recipe.limits.max_reject_rate,
    )
