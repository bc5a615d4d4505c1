"""Validation of records without media: schema and rules, on one core.

The records are those of a real build, with 11 timeline entries on average. Floor: 15,000 records/s
for `check` with the row at hand, as in a build, which makes it for the shard anyway.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

import jsonschema

import streamit
from benchmarks.corpus import write_corpus
from benchmarks.harness import Case, Comparison, run_cases
from streamit.record import Record, to_dict
from streamit.schema import check, load_schema, validate

# Few records many times: a build holds few at once, and Python's garbage collector would walk
# through all that are held.
N_RECORDS = 1_000
N_PASSES = 10
FLOOR = 15_000.0


def main() -> int:
    """Measure the fast way, the way for rows of unknown origin, and the reference alone."""
    records = build_records(N_RECORDS)
    rows = [to_dict(record) for record in records]
    reference = jsonschema.Draft202012Validator(load_schema("record"))
    checked = N_RECORDS * N_PASSES
    cases = [
        Case("check(record, row)", "records", checked, lambda: count_checked(records, rows), FLOOR),
        Case("check(record)", "records", checked, lambda: count_checked(records, None)),
        Case("validate(row)", "records", checked, lambda: count_validated(rows)),
        Case("jsonschema alone", "records", N_RECORDS, lambda: sum(map(reference.is_valid, rows))),
    ]
    comparisons = [
        Comparison("check(record)", "validate(row)"),
        Comparison("check(record, row)", "jsonschema alone"),
    ]
    return run_cases("Validation of records without media", cases, comparisons)


def build_records(count: int) -> list[Record]:
    """Records of a build of the synthetic corpus."""
    with tempfile.TemporaryDirectory() as scratch:
        corpus, out = Path(scratch) / "corpus", Path(scratch) / "out"
        write_corpus(corpus, count)
        overrides: dict[str, Any] = {"workers": 1, "media": "none"}
        streamit.build("dense_caption", {"activitynet": str(corpus)}, str(out), **overrides)
        return list(streamit.load_records(str(out)))


def count_checked(records: list[Record], rows: list[dict[str, Any]] | None) -> int:
    """How often `check` finds nothing wrong."""
    pairs = list(zip(records, rows or [None] * len(records), strict=True))
    return sum(not check(record, row=row) for _ in range(N_PASSES) for record, row in pairs)


def count_validated(rows: list[dict[str, Any]]) -> int:
    """How often `validate` finds nothing wrong."""
    return sum(not validate(row) for _ in range(N_PASSES) for row in rows)


if __name__ == "__main__":
    sys.exit(main())
