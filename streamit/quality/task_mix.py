"""How far the types of the questions are from a wanted mix."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def compare_mix(counts: Mapping[str, int], target: Mapping[str, float]) -> dict[str, Any]:
    """Number, share, target and deviation (share less target) of every type, as plain data.

    `distance` is the share of questions that would have to be of another type: half the sum of the
    deviations without their signs. Without any question all shares are 0.
    """
    n_all = sum(counts.values())
    types = {}
    for name in sorted({*counts, *target}):
        share = counts.get(name, 0) / n_all if n_all else 0.0
        wanted = target.get(name, 0.0)
        types[name] = {
            "n": counts.get(name, 0),
            "share": round(share, 6),
            "target": wanted,
            "deviation": round(share - wanted, 6),
        }
    distance = sum(abs(row["deviation"]) for row in types.values()) / 2
    return {"types": types, "distance": round(distance, 6)}
