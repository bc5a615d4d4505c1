"""A finished build is held against its schema, its rules and its own manifest."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import streamit
from streamit.build.check import check_build
from streamit.errors import StorageError
from streamit.record import Frame, Span, to_dict
from streamit.rules import RULES
from tests.builds import (
    make_records,
    read_manifest,
    rename,
    write_build,
    write_manifest,
    write_shard,
)
from tests.corpora import make_captions, write_captions
from tests.factories import full, multi_turn, mutate, with_entry


@pytest.fixture
def build(tmp_path: Path) -> Path:
    return write_build(tmp_path / "out", [*make_records(4), *make_records(2, "test")])


def find_shard(build: Path, split: str) -> Path:
    return next((build / "dense_caption").glob(f"{split}-*"))


def rules_broken(build: Path, **options: Any) -> dict[str, int]:
    return dict(check_build(str(build), **options).by_rule)


def test_a_sound_build_has_no_problem(build: Path) -> None:
    report = check_build(str(build))
    assert (report.n_problems, report.n_records, report.n_shards, report.n_hashed) == (0, 6, 2, 2)


def test_what_streamit_builds_has_no_problem(tmp_path: Path) -> None:
    captions = make_captions(20)
    captions["v_00000000003"]["timestamps"][0] = [9.0, 4.0]
    folder = write_captions(tmp_path / "captions", captions)
    out = tmp_path / "out"
    streamit.build("dense_caption", {"activitynet": folder}, out, workers=1)
    report = check_build(str(out))
    assert (report.problems, report.n_records) == ([], 20)


@pytest.mark.shared
def test_the_real_slice_has_no_problem(shared: Path, tmp_path: Path) -> None:
    corpus = shared / "corpora" / "activitynet_captions"
    streamit.build("dense_caption", {"activitynet": corpus}, tmp_path / "out", workers=1)
    report = check_build(str(tmp_path / "out"))
    assert (report.problems, report.n_records) == ([], 261)


def test_a_broken_rule_names_shard_row_record_and_place(tmp_path: Path) -> None:
    good, bad = make_records(2)
    early = with_entry(bad, 2, evidence=(Span(1.0, 4.0),))
    build = write_build(tmp_path / "out", [good, early])
    [problem] = check_build(str(build)).problems
    assert (problem.rule, problem.where, problem.row, problem.record) == (
        "C1",
        "timeline[2].evidence[0]",
        1,
        bad.id,
    )
    assert problem.file == find_shard(build, "train").relative_to(build).as_posix()


def test_two_records_of_one_id_break_d1(tmp_path: Path) -> None:
    first, second = make_records(2)
    twins = [first, replace(second, id=first.id)]
    assert rules_broken(write_build(tmp_path / "out", twins)) == {"D1": 1}


def test_one_video_in_two_splits_breaks_p1(tmp_path: Path) -> None:
    train, test = multi_turn(), rename(multi_turn(), "demo0000001_0.0_9.5.mp4", split="test")
    assert rules_broken(write_build(tmp_path / "out", [train, test])) == {"P1": 1}


def test_a_missing_field_is_not_taken_for_its_default(tmp_path: Path) -> None:
    row = to_dict(full())
    row["timeline"] = [{k: v for k, v in e.items() if k != "loss"} for e in row["timeline"]]
    pq.write_table(pa.Table.from_pylist([row]), tmp_path / "train-0.parquet")
    problems = check_build(str(tmp_path / "train-0.parquet")).problems
    assert {problem.rule for problem in problems} == {"S1"}
    assert {problem.where for problem in problems} >= {"timeline[0]", "timeline[1]"}


def test_a_number_that_is_not_finite_is_found(tmp_path: Path) -> None:
    row = mutate(multi_turn(), ["video", "duration_s"], float("nan"))
    write_shard(tmp_path / "train-0.parquet", [row])
    [problem] = check_build(str(tmp_path / "train-0.parquet")).problems
    assert (problem.rule, problem.where) == ("S1", "video.duration_s")


def test_a_row_that_is_no_record_is_found_and_reading_goes_on(tmp_path: Path) -> None:
    row = mutate(multi_turn(), ["timeline"], None)
    write_shard(tmp_path / "train-0.parquet", [row, multi_turn()])
    report = check_build(str(tmp_path / "train-0.parquet"))
    assert (report.n_records, [p.row for p in report.problems]) == (2, [0])


def test_a_frame_that_is_no_jpeg_is_found_unless_frames_are_skipped(tmp_path: Path) -> None:
    frames = (Frame(b"\x89PNG"), Frame(b"\xff\xd8\xff\xe0"))
    build = write_build(tmp_path / "out", [replace(full(), frames=frames)], frames=True)
    assert rules_broken(build) == {"S1": 1}
    assert rules_broken(build, rehash=False) == {}


def test_other_bytes_of_the_same_number_are_found_by_hashing_only(build: Path) -> None:
    path = find_shard(build, "train")
    data = path.read_bytes()
    # The writer's name stands in the footer; nothing depends on it.
    path.write_bytes(data.replace(b"parquet-cpp-arrow", b"parquet-cpp-ARROW"))
    assert len(path.read_bytes()) == len(data)
    assert path.read_bytes() != data
    assert rules_broken(build) == {"B2": 1}
    assert rules_broken(build, rehash=False) == {}


def test_a_truncated_shard_is_found_by_its_size_and_cannot_be_read(build: Path) -> None:
    path = find_shard(build, "test")
    path.write_bytes(path.read_bytes()[:-50])
    report = check_build(str(build), rehash=False)
    assert report.by_rule == Counter(B2=2)
    assert "cannot be read as Parquet" in report.problems[1].message
    assert report.n_records == 4


def test_a_missing_shard_is_one_problem(build: Path) -> None:
    find_shard(build, "test").unlink()
    report = check_build(str(build))
    assert (report.by_rule, report.n_records) == (Counter(B2=1), 4)


def test_an_unlisted_shard_is_found(build: Path) -> None:
    write_shard(build / "dense_caption" / "train-more.parquet", make_records(1))
    assert rules_broken(build) == {"B3": 1}


def test_a_missing_manifest_is_one_problem(build: Path) -> None:
    (build / "streamit" / "manifest.json").unlink()
    report = check_build(str(build))
    assert (report.by_rule, report.n_records) == (Counter(B1=1), 6)


def test_a_manifest_that_is_not_of_its_shape_is_found(build: Path) -> None:
    write_manifest(build, read_manifest(build) | {"media": "video"})
    [problem] = check_build(str(build)).problems
    assert (problem.rule, problem.where, problem.file) == (
        "B1",
        "media",
        "streamit/manifest.json",
    )


@pytest.mark.parametrize("key", ["parts", "counts"])
def test_a_manifest_that_lacks_a_key_is_found(build: Path, key: str) -> None:
    manifest = read_manifest(build)
    del manifest[key]
    write_manifest(build, manifest)
    assert rules_broken(build) == {"B1": 1}


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("records", {"train": 5, "test": 2}),
        ("layouts", {}),
        ("n_frames", 1),
    ],
)
def test_a_sum_that_does_not_agree_is_found(build: Path, key: str, value: object) -> None:
    write_manifest(build, read_manifest(build) | {key: value})
    [problem] = check_build(str(build)).problems
    assert (problem.rule, problem.where) == ("B4", key)


def test_a_shard_with_another_number_of_rows_is_found(build: Path) -> None:
    manifest = read_manifest(build)
    manifest["parts"][0]["n_records"] += 1
    write_manifest(build, manifest)
    [problem] = check_build(str(build)).problems
    assert (problem.rule, problem.message) == ("B4", "the manifest says 3 rows; found: 2")


def test_a_record_in_the_shard_of_another_split_is_found(tmp_path: Path) -> None:
    write_shard(tmp_path / "test-0.parquet", make_records(1))
    [problem] = check_build(str(tmp_path / "test-0.parquet")).problems
    assert (problem.rule, problem.message) == ("B4", "is 'train' in a shard of 'test'")


def test_an_annotation_that_is_lost_breaks_conservation(build: Path) -> None:
    manifest = read_manifest(build)
    manifest["counts"]["demo"]["read"] += 1
    write_manifest(build, manifest)
    assert rules_broken(build) == {"B5": 1}


def test_rejects_that_are_not_listed_are_found(build: Path) -> None:
    manifest = read_manifest(build)
    manifest["counts"]["demo"]["read"] += 2
    manifest["counts"]["demo"]["rejected"] = {"reversed": 2}
    write_manifest(build, manifest)
    line = '{"source": "demo", "reason": "reversed"}\n'
    (build / "streamit" / "rejects.jsonl").write_text(line)
    assert rules_broken(build) == {"B4": 1}
    (build / "streamit" / "rejects.jsonl").write_text(line * 2)
    assert rules_broken(build) == {}


@pytest.mark.parametrize("text", ["[1]\n", "{\n"])
def test_rejects_that_cannot_be_read_are_found(build: Path, text: str) -> None:
    (build / "streamit" / "rejects.jsonl").write_text(text)
    [problem] = check_build(str(build)).problems
    assert (problem.rule, problem.file) == ("B4", "streamit/rejects.jsonl")


def test_a_build_that_was_broken_off_is_found(build: Path) -> None:
    (build / "_SUCCESS").unlink()
    assert rules_broken(build) == {"B6": 1}


def test_the_list_is_bounded_and_the_count_is_not(tmp_path: Path) -> None:
    bad = [with_entry(r, 1, text="two  spaces") for r in make_records(9) if r.layout != "proactive"]
    report = check_build(str(write_build(tmp_path / "out", bad)), max_problems=2)
    assert (report.by_rule, len(report.problems)) == (Counter(X1=6), 2)


def test_progress_is_told(build: Path) -> None:
    told: list[tuple[str, int]] = []
    check_build(str(build), note=lambda what, count: told.append((what, count)))
    assert told == [("hashing", 1), ("hashing", 2), *(("validating", n) for n in range(1, 7))]


def test_nothing_to_check_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="holds no Parquet shards"):
        check_build(str(tmp_path))


def test_every_rule_of_builds_is_described() -> None:
    assert [rule.id for rule in RULES.values() if rule.scope == "build"] == [
        "B1",
        "B2",
        "B3",
        "B4",
        "B5",
        "B6",
    ]
