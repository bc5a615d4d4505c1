"""Checks a finished build: every record by schema and rules, and the build as a whole.

What `streamit validate` does. Nothing is believed: rows are counted and shards hashed again, and
both are compared with the manifest. `streamit rules` tells B1 to B6.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from streamit.build.counts import check_conservation, read_ledger
from streamit.build.manifest import REJECTS
from streamit.dataset import (
    MANIFEST,
    SUCCESS,
    WORKSHOP,
    Build,
    Shard,
    find_missing_columns,
    load_rows,
    open_build,
)
from streamit.dataset_rules import DatasetRules, source_videos
from streamit.errors import ConservationError, SchemaError, StorageError
from streamit.record import Record, from_dict
from streamit.rules import Problem
from streamit.schema import check, check_document, validate

MAX_PROBLEMS = 100


@dataclass(frozen=True, slots=True)
class BuildProblem:
    """A broken rule and where: the file in the build, the row in it and the record, if any."""

    rule: str
    where: str
    message: str
    file: str | None = None
    row: int | None = None
    record: str | None = None


@dataclass(slots=True)
class CheckReport:
    """What a check found. `problems` holds the first of them, `by_rule` counts all."""

    n_shards: int = 0
    n_hashed: int = 0
    n_records: int = 0
    by_rule: Counter[str] = field(default_factory=Counter)
    problems: list[BuildProblem] = field(default_factory=list)

    @property
    def n_problems(self) -> int:
        """All problems found, also those that are not listed."""
        return self.by_rule.total()


def check_build(
    url: str,
    *,
    rehash: bool = True,
    max_problems: int = MAX_PROBLEMS,
    note: Callable[[str, int], None] = lambda what, count: None,
) -> CheckReport:
    """Check a build, or a single shard by the rules of records alone.

    Without `rehash`, shards are compared with the manifest by size only, and frames are not
    looked at. `note` is told what is counted and how far it has come. Raises StorageError when
    there is nothing to read.
    """
    work = _Check(rehash, max_problems, note)
    try:
        build = open_build(url)
    except SchemaError as exc:
        work.add(BuildProblem("B1", "manifest", str(exc), MANIFEST))
        return work.report
    if url.endswith(".parquet"):
        work.check_rows(build, build.shards[0])
        return work.report
    gone = work.check_files(build)
    for shard in build.shards:
        if shard.path not in gone:
            work.check_rows(build, shard)
    if build.manifest is not None:
        work.check_counts(build, build.manifest)
    return work.report


class _Check:
    """One run over a build; what it counts on the way is compared with the manifest at its end."""

    def __init__(self, rehash: bool, max_problems: int, note: Callable[[str, int], None]) -> None:
        self.report = CheckReport()
        self.rehash, self.max_problems, self.note = rehash, max_problems, note
        self.between = DatasetRules()
        self.rows: Counter[str] = Counter()
        self.splits: Counter[str] = Counter()
        self.layouts: dict[str, dict[str, Counter[str]]] = {}
        self.n_frames = 0

    def add(self, problem: BuildProblem) -> None:
        self.report.by_rule[problem.rule] += 1
        if len(self.report.problems) < self.max_problems:
            self.report.problems.append(problem)

    def check_files(self, build: Build) -> set[str]:
        """B1, B2, B3 and B6; returns the shards that are listed, but are not there."""
        if build.manifest is None:
            text = "is missing, so that counts and hashes cannot be compared"
            self.add(BuildProblem("B1", "manifest", text, MANIFEST))
            return set()
        for kind, data in _list_documents(build.manifest):
            for problem in check_document(kind, data):
                self.add(BuildProblem("B1", problem.where, problem.message, MANIFEST))
        if not build.folder.exists(SUCCESS):
            text = "is missing: the build was broken off; run the same command again"
            self.add(BuildProblem("B6", SUCCESS, text, SUCCESS))
        listed = _parts_by_path(build.manifest)
        for name in build.folder.list("**/*.parquet"):
            if name not in listed and not name.startswith((".", WORKSHOP)):
                self.add(BuildProblem("B3", name, "is not in the manifest", name))
        return {path for path, part in listed.items() if not self._check_file(build, path, part)}

    def _check_file(self, build: Build, path: str, part: Mapping[str, Any]) -> bool:
        stamp = build.folder.stamp(path)
        if stamp is None:
            self.add(BuildProblem("B2", path, "is missing; build or download it again", path))
            return False
        found, said = stamp["bytes"], part.get("bytes")
        what = "bytes"
        if found == said and self.rehash:
            self.report.n_hashed += 1
            self.note("hashing", self.report.n_hashed)
            found, said = build.folder.sha256(path), part.get("sha256")
            what = "sha256"
        if found != said:
            self._disagree("B2", path, f"{what} {said}", found, path)
        return True

    def check_rows(self, build: Build, shard: Shard) -> None:
        """S1 and the rules of every record; D1 and P1 across all records."""
        self.report.n_shards += 1
        try:
            # A field that the shard lacks would take its default on the way to a Record.
            judge = _judge_row if find_missing_columns(build, shard) else _judge_record
            for number, row in load_rows(build, shard, frames=self.rehash):
                self._check_row(shard, number, row, judge)
        except StorageError as exc:
            self.add(BuildProblem("B2", shard.path, str(exc), shard.path))

    def _check_row(self, shard: Shard, number: int, row: dict[str, Any], judge: _Judge) -> None:
        self.report.n_records += 1
        self.note("validating", self.report.n_records)
        self.rows[shard.path] += 1
        identity = row.get("id")
        record, problems = judge(row)
        if record is not None:
            problems += self.between.see(record.id, source_videos(record), record.split)
            problems += self._count(record, shard)
        for problem in problems:
            self.add(
                BuildProblem(
                    problem.rule,
                    problem.where,
                    problem.message,
                    shard.path,
                    number,
                    identity if isinstance(identity, str) else None,
                )
            )

    def _count(self, record: Record, shard: Shard) -> list[Problem]:
        self.splits[record.split] += 1
        self.n_frames += record.n_frames
        by_split = self.layouts.setdefault(record.source, {})
        by_split.setdefault(record.split, Counter())[record.layout] += 1
        if shard.split in (None, record.split):
            return []
        return [Problem("B4", "split", f"is {record.split!r} in a shard of {shard.split!r}")]

    def check_counts(self, build: Build, manifest: Mapping[str, Any]) -> None:
        """B4 and B5: the manifest's numbers, against what was read and among themselves."""
        for path, part in _parts_by_path(manifest).items():
            if path in self.rows and self.rows[path] != part.get("n_records"):
                self._disagree("B4", path, f"{part.get('n_records')} rows", self.rows[path], path)
        if "B2" not in self.report.by_rule:  # A shard that cannot be read upsets every sum.
            found = {
                "records": dict(self.splits),
                "layouts": json.loads(json.dumps(self.layouts)),
                "n_frames": self.n_frames,
            }
            for name, number in found.items():
                self._compare(name, manifest.get(name, number), number, MANIFEST)
        try:
            ledger = read_ledger(manifest["counts"])
        except (KeyError, TypeError, ValueError, AttributeError):
            return  # B1 has told what is wrong with them.
        try:
            check_conservation(ledger, "counts")
        except ConservationError as exc:
            self.add(BuildProblem("B5", "counts", str(exc), MANIFEST))
        said = {name: dict(n.rejected) for name, n in ledger.items() if n.rejected.total()}
        try:
            self._compare("rejects", said, _count_rejects(build), REJECTS)
        except (StorageError, ValueError, KeyError, TypeError) as exc:
            self.add(BuildProblem("B4", "rejects", f"cannot be read: {exc}", REJECTS))

    def _compare(self, where: str, said: object, found: object, file: str) -> None:
        if said != found:
            self._disagree("B4", where, said, found, file)

    def _disagree(self, rule: str, where: str, said: object, found: object, file: str) -> None:
        text = f"the manifest says {said}; found: {found}"
        self.add(BuildProblem(rule, where, text, file))


def _list_documents(manifest: Mapping[str, Any]) -> list[tuple[str, object]]:
    """The manifest, and the recipe or mix in it, each with the name of its schema."""
    kind = "mix" if "mix" in manifest else "recipe"
    return [("manifest", manifest), (kind, manifest.get(kind))]


_Judge = Callable[[dict[str, Any]], tuple[Record | None, list[Problem]]]


def _judge_record(row: dict[str, Any]) -> tuple[Record | None, list[Problem]]:
    try:
        record = from_dict(row)
    except (KeyError, TypeError):
        return _judge_row(row)
    return record, check(record, row=row)


def _judge_row(row: dict[str, Any]) -> tuple[Record | None, list[Problem]]:
    problems = validate(row)
    return None if problems else from_dict(row), problems


def _parts_by_path(manifest: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    parts = manifest.get("parts")
    found = [part for part in parts if isinstance(part, dict)] if isinstance(parts, list) else []
    return {part["path"]: part for part in found if isinstance(part.get("path"), str)}


def _count_rejects(build: Build) -> dict[str, dict[str, int]]:
    found: dict[str, Counter[str]] = {}
    for line in build.folder.read_bytes(REJECTS).splitlines():
        row = json.loads(line)
        found.setdefault(row["source"], Counter())[row["reason"]] += 1
    return {name: dict(n) for name, n in found.items()}
