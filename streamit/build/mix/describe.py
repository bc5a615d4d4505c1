"""What a mix tells of itself: the manifest, and the report of a run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from streamit import mix as mixes
from streamit.build.counts import Ledger
from streamit.build.manifest import describe_parts
from streamit.build.mix.builds import MixBuild, merge_sources
from streamit.build.parts import Part
from streamit.mix import Mix, MixPart
from streamit.record import SCHEMA_VERSION
from streamit.source import SPLITS
from streamit.version import __version__


@dataclass(frozen=True, slots=True)
class Share:
    """What one part of the mix was asked for (training records; None: all), has and gives.

    `available` and `taken` are records by split; nothing is available of a part that is missing.
    """

    part: MixPart
    asked: int | None
    available: Mapping[str, int]
    taken: Mapping[str, int]

    @property
    def n_short(self) -> int:
        """Training records that were asked for and not given."""
        return max((self.asked or 0) - self.taken.get(mixes.TRAIN, 0), 0)

    def to_dict(self) -> dict[str, Any]:
        """Plain data, without the numbers of other parts."""
        part = self.part
        return {
            "build": part.build,
            "source": "+".join(part.sources) or None,
            "task": part.task,
            "layout": part.layout,
            "split": part.split,
            "asked": self.asked,
            "available": _order(self.available),
            "taken": _order(self.taken),
        }


@dataclass(frozen=True, slots=True)
class MixReport:
    """The outcome of a mix, or what it would be (`dry_run`). `ledger` counts records.

    `shares` are those of the parts, in their order; `missing` names the builds that were skipped.
    """

    mix: Mix
    out: str
    media: str
    dry_run: bool
    shares: tuple[Share, ...]
    missing: tuple[str, ...]
    ledger: Ledger
    n_built: int = 0
    n_reused: int = 0
    n_removed: int = 0
    n_bytes: int = 0
    minutes: float = 0.0
    n_records: Mapping[str, int] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """One JSON document."""
        return {
            "mix": self.mix.name,
            "out": self.out,
            "media": self.media,
            "dry_run": self.dry_run,
            "records": dict(self.n_records),
            "taken": [share.to_dict() for share in self.shares],
            "missing": list(self.missing),
            "parts": {
                "built": self.n_built,
                "reused": self.n_reused,
                "removed": self.n_removed,
            },
            "bytes": self.n_bytes,
            "minutes": round(self.minutes, 3),
            "counts": self.ledger.to_dict(),
            "total": self.ledger.total.to_dict(),
        }


def count_splits(shares: Sequence[Share]) -> dict[str, int]:
    """Taken records by split."""
    summed: Counter[str] = Counter()
    for share in shares:
        summed.update(share.taken)
    return {split: n for split, n in sorted(summed.items()) if n}


def make_mix_manifest(
    mix: Mix,
    builds: Sequence[MixBuild],
    shares: Sequence[Share],
    tasks: Mapping[str, int],
    parts: Sequence[Part],
    ledger: Ledger,
    run: dict[str, Any],
) -> dict[str, Any]:
    """The manifest as plain data (schemas/manifest.schema.json).

    `counts` are records, since nobody can tell which annotations went into one record; what became
    of the annotations stands with each build, in that build's own counts. Where builds lie is left
    out: the same builds in another folder are the same mix.
    """
    written = describe_parts(parts)
    return {
        "streamit_version": __version__,
        "schema_version": SCHEMA_VERSION,
        "mix": mixes.to_data(mix) | {"builds": {name: name for name in mix.builds}},
        "mix_fingerprint": mixes.fingerprint(mix),
        "builds": [_describe_build(one) for one in builds],
        "taken": [share.to_dict() for share in shares],
        "tasks": dict(tasks),
        "media": builds[0].manifest["media"],
        "sources": merge_sources(builds, written["layouts"]),
        "counts_of": "records",
        "counts": ledger.to_dict(),
        **written,
        "run": run,
    }


def _describe_build(one: MixBuild) -> dict[str, Any]:
    manifest = one.manifest
    return {
        "name": one.name,
        "recipe": manifest["recipe"],
        "recipe_fingerprint": manifest["recipe_fingerprint"],
        "streamit_version": manifest["streamit_version"],
        "records": manifest["records"],
        "counts": manifest["counts"],
        "parts": [
            {"path": part["path"], "sha256": part["sha256"]}
            for part in manifest["parts"]
            if part["path"]
        ],
    }


def _order(by_split: Mapping[str, int]) -> dict[str, int]:
    return {split: by_split.get(split, 0) for split in SPLITS}
