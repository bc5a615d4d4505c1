"""Opens the builds of a mix and refuses those that do not go together."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from streamit import config, resources
from streamit.dataset import MANIFEST, Build, Shard, find_missing_columns, open_build
from streamit.errors import SchemaError, StorageError, UsageError
from streamit.mix import SKIP, Mix
from streamit.source import Licence, SourceInfo, load_source
from streamit.storage import Folder


@dataclass(frozen=True, slots=True)
class MixBuild:
    """A finished build under the name that the mix gives it."""

    name: str
    build: Build
    manifest: Mapping[str, Any]

    @property
    def n_records(self) -> int:
        """As its manifest counts them."""
        return sum(self.manifest["records"].values())

    @property
    def sha256(self) -> dict[str, str]:
        """The hash of each shard, by path, as its manifest states it."""
        return {part["path"]: part["sha256"] for part in self.manifest["parts"] if part["path"]}


def open_builds(mix: Mix) -> tuple[list[MixBuild], list[str]]:
    """The builds that the parts name, in the order of the mix, and the names of missing ones.

    Raises UsageError on a build that is missing (unless the mix skips those), unfinished, itself a
    mix, or of another `--media` than the others; SchemaError on another schema version or columns;
    StorageError when one cannot be read.
    """
    needed = {part.build for part in mix.parts}
    found, missing = [], []
    for name, place in mix.builds.items():
        if name not in needed:
            continue
        if Folder(place).exists(MANIFEST):
            found.append(_open(name, place))
        elif mix.when_missing == SKIP:
            missing.append(name)
        else:
            raise UsageError(_describe_missing(name, place))
    if not found:
        raise UsageError(f"{mix.name}: none of its builds is there; see `streamit mix --help`")
    _check_media(found)
    return found, missing


def merge_sources(builds: Sequence[MixBuild], names: Collection[str]) -> list[dict[str, Any]]:
    """The manifests' entries of these sources, equal files once.

    Raises UsageError where two builds know a source under different terms.
    """
    merged: dict[str, dict[str, Any]] = {}
    first: dict[str, str] = {}
    for one in builds:
        for entry in (entry for entry in one.manifest["sources"] if entry["name"] in names):
            name = entry["name"]
            known = merged.setdefault(name, {**entry, "files": []})
            _check_terms(known, entry, first.setdefault(name, one.name), one.name)
            known["files"] += [file for file in entry["files"] if file not in known["files"]]
    for entry in merged.values():
        entry["files"].sort(key=lambda file: (file["name"], file["sha256"]))
    return [merged[name] for name in sorted(merged)]


def describe_sources(entries: Sequence[Mapping[str, Any]]) -> dict[str, SourceInfo]:
    """What the card tells of each source: its shipped description, under the terms of the builds.

    Of a source of the user's own nothing but the manifest's entry is known.
    """
    return {entry["name"]: _describe(entry) for entry in entries}


def _open(name: str, place: str) -> MixBuild:
    build = open_build(place)
    manifest = build.manifest
    if manifest is None or not build.is_complete:
        raise UsageError(
            f"build {name!r}: {place} is not finished; run its `streamit build` again to go on"
        )
    if "mix" in manifest:
        raise UsageError(f"build {name!r}: {place} is itself a mix; name the builds it is made of")
    for shard in build.shards:
        _check_size(build, shard.path, manifest)
        _check_columns(build, shard)
    return MixBuild(name, build, manifest)


def _check_size(build: Build, path: str, manifest: Mapping[str, Any]) -> None:
    said = next(part["bytes"] for part in manifest["parts"] if part["path"] == path)
    stamp = build.folder.stamp(path)
    if stamp is None or stamp["bytes"] != said:
        found = "is missing" if stamp is None else f"has {stamp['bytes']} bytes"
        raise StorageError(
            f"{build.folder.path(path)}: {found}, the manifest says {said}; build or download it "
            "again"
        )


def _check_columns(build: Build, shard: Shard) -> None:
    missing = find_missing_columns(build, shard)
    if missing:
        raise SchemaError(
            f"{build.folder.path(shard.path)}: lacks {', '.join(missing)}; run its "
            "`streamit build` again"
        )


def _check_media(builds: Sequence[MixBuild]) -> None:
    first = builds[0]
    for other in builds[1:]:
        if other.manifest["media"] != first.manifest["media"]:
            raise UsageError(
                f"build {first.name!r} is of --media {first.manifest['media']} and {other.name!r} "
                f"of --media {other.manifest['media']}; a dataset has one kind, build one of them "
                "again"
            )


def _check_terms(
    known: Mapping[str, Any], entry: Mapping[str, Any], first: str, second: str
) -> None:
    if known["licence"] != entry["licence"]:
        raise UsageError(
            f"source {entry['name']!r} has other terms in build {first!r} than in {second!r}; give "
            "one of the corpora another name, or build again with the same source file"
        )


def _describe(entry: Mapping[str, Any]) -> SourceInfo:
    name, title = entry["name"], entry.get("title") or entry["name"]
    licence = config.read_dataclass(Licence, entry["licence"], f"{MANIFEST}: source {name!r}")
    if name not in resources.names("sources"):
        return SourceInfo(name, title, entry["reader"], licence, ())
    return replace(load_source(name), title=title, licence=licence)


def _describe_missing(name: str, place: str) -> str:
    return (
        f"build {name!r}: there is none in {place}; make it with `streamit build --recipe {name} "
        f"--out {place}`, say where it lies with --build {name}=PATH, or leave it out with "
        "--set when_missing=skip"
    )
