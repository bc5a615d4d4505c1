"""Part manifests: the proof that a partition is done, and what it counted.

A shard without its part manifest does not exist for a later run, since the manifest is written
last. It also carries the partition's rejects, so that the driver never has to collect them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from streamit.build.counts import Ledger, read_ledger
from streamit.build.types import Partition
from streamit.errors import StorageError
from streamit.item import Reject
from streamit.storage import TEMP_SUFFIX, Folder, encode_json

PARTS = "streamit/parts"


@dataclass(frozen=True, slots=True)
class Part:
    """A finished partition. `path` is None when no record came out of it.

    `bytes`, `sha256` and `mark` (mtime or etag) are the shard's; `retry` says that a video timed
    out, so that a later run does the partition again. `clips` has the size of each clip file.
    """

    identity: str
    split: str
    path: str | None
    n_records: int
    bytes: int
    sha256: str | None
    mark: str | None
    retry: bool
    ledger: Ledger
    layouts: dict[str, dict[str, int]]
    decoders: dict[str, int]
    n_frames: int
    clips: dict[str, int]
    rejects: tuple[Reject, ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain data for the part's file. `run` holds what differs from run to run."""
        return {
            "identity": self.identity,
            "split": self.split,
            "path": self.path,
            "n_records": self.n_records,
            "bytes": self.bytes,
            "sha256": self.sha256,
            "retry": self.retry,
            "counts": self.ledger.to_dict(),
            "layouts": self.layouts,
            "decoders": self.decoders,
            "n_frames": self.n_frames,
            "clips": self.clips,
            "rejects": [reject_to_dict(reject) for reject in self.rejects],
            "run": {"mark": self.mark},
        }


def reject_to_dict(reject: Reject) -> dict[str, Any]:
    """A line of rejects.jsonl."""
    return {
        "source": reject.source,
        "file": reject.file,
        "key": reject.key,
        "video_id": reject.video_id,
        "index": reject.index,
        "reason": reject.reason,
        "message": reject.message,
    }


def part_name(identity: str) -> str:
    """Where the manifest of a part stands in a build."""
    return f"{PARTS}/{identity}.json"


def write_part(out: Folder, part: Part) -> None:
    """Write the part manifest; the shard must be complete before."""
    out.write_bytes(part_name(part.identity), encode_json(part.to_dict()))


def read_part(out: Folder, identity: str) -> Part | None:
    """The part manifest of an identity; None when there is none, or none that can be read."""
    name = part_name(identity)
    if not out.exists(name):
        return None
    try:
        row = out.read_json(name)
        return Part(
            row["identity"],
            row["split"],
            row["path"],
            row["n_records"],
            row["bytes"],
            row["sha256"],
            row["run"]["mark"],
            row["retry"],
            read_ledger(row["counts"]),
            row["layouts"],
            row["decoders"],
            row["n_frames"],
            row["clips"],
            tuple(Reject(**reject) for reject in row["rejects"]),
        )
    except (StorageError, KeyError, TypeError):
        return None


def remove_stale(out: Folder, name: str, parts: Iterable[Part]) -> int:
    """Remove shards, clips and part manifests that no part names, and what killed runs left behind.

    `name` is the folder of the shards. Returns how many shards were removed.
    """
    keep = {file for part in parts for file in (part.path, part_name(part.identity), *part.clips)}
    patterns = (f"{name}/*.parquet", "*/clips/*.mp4", f"{PARTS}/*")
    found = [file for pattern in patterns for file in out.list(pattern)]
    stale = [file for file in found if file not in keep]
    for pattern in ("*", "*/*", "*/*/*"):
        stale += out.list(f"{pattern}{TEMP_SUFFIX}")
    for file in dict.fromkeys(stale):
        out.remove(file)
    return sum(file.endswith(".parquet") for file in stale)


def find_done(out: Folder, partition: Partition, rehash: bool) -> Part | None:
    """The part of a partition if it is complete and intact, else None: it is built again.

    Size and mark of the shard are trusted; where the mark differs (a copied folder), or `rehash`
    is set, the bytes are hashed.
    """
    part = read_part(out, partition.identity)
    if part is None or part.retry:
        return None
    if part.path is None:
        return part
    stamp = out.stamp(part.path)
    if stamp is None or stamp["bytes"] != part.bytes:
        return None
    if any((out.stamp(name) or {}).get("bytes") != n for name, n in part.clips.items()):
        return None
    if not rehash and stamp["mark"] == part.mark:
        return part
    return part if out.sha256(part.path) == part.sha256 else None
