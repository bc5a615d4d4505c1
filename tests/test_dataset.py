"""Reading builds: whole, broken off, copied without a manifest, damaged, from the future."""

from __future__ import annotations

import itertools
import os
import shutil
import socket
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import fsspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import streamit
from streamit.dataset import (
    Index,
    Shard,
    find_missing_columns,
    find_record,
    load_records,
    open_build,
)
from streamit.errors import SchemaError, StorageError, UsageError
from streamit.record import to_dict
from tests.builds import make_records, read_manifest, write_build, write_manifest, write_shard
from tests.factories import full, multi_turn, mutate
from tests.hub import serve_hub

TRAIN, VALIDATION, TEST = (make_records(5, split) for split in ("train", "validation", "test"))


@pytest.fixture
def build(tmp_path: Path) -> Path:
    return write_build(tmp_path / "out", [*TEST, *TRAIN, *VALIDATION])


def test_records_come_back_equal_in_the_order_train_validation_test(build: Path) -> None:
    assert list(streamit.load_records(build)) == [*TRAIN, *VALIDATION, *TEST]


def test_shards_of_one_split_are_read_by_name(tmp_path: Path) -> None:
    for name, record in zip("cab", TRAIN, strict=False):
        write_shard(tmp_path / f"train-{name}.parquet", [record])
    assert list(load_records(tmp_path)) == [TRAIN[1], TRAIN[2], TRAIN[0]]


def test_only_the_splits_that_are_asked_for_are_read(build: Path) -> None:
    (next((build / "dense_caption").glob("train-*"))).write_bytes(b"not read")
    assert list(load_records(build, splits=["test", "validation"])) == [*VALIDATION, *TEST]


def test_a_split_that_does_not_exist_is_refused_with_the_nearest(build: Path) -> None:
    with pytest.raises(UsageError, match="no split is named 'valid'; did you mean 'validation'"):
        load_records(build, splits=["valid"])


def test_a_shard_without_a_split_in_its_name_is_filtered_row_by_row(tmp_path: Path) -> None:
    write_shard(tmp_path / "0000.parquet", [TRAIN[0], TEST[0], TRAIN[1]])
    assert open_build(tmp_path).shards == (Shard("0000.parquet", None),)
    assert list(load_records(tmp_path, splits="train")) == TRAIN[:2]


def test_all_optional_columns_and_frames_come_back(tmp_path: Path) -> None:
    write_shard(tmp_path / "train-0.parquet", [full()], frames=True)
    assert list(load_records(tmp_path)) == [full()]


def test_frames_can_be_left_out(tmp_path: Path) -> None:
    write_shard(tmp_path / "train-0.parquet", [full()], frames=True)
    assert list(load_records(tmp_path, frames=False)) == [replace(full(), frames=None)]


def test_records_of_many_row_groups_keep_their_order(tmp_path: Path) -> None:
    records = make_records(2500)
    path = write_shard(tmp_path / "train-0.parquet", records)
    assert pq.ParquetFile(path).num_row_groups == 3
    assert [r.id for r in load_records(tmp_path)] == [r.id for r in records]


def test_one_shard_can_be_read_alone(build: Path) -> None:
    path = next((build / "dense_caption").glob("test-*"))
    assert list(load_records(path)) == TEST


def test_a_build_is_read_through_an_fsspec_url(build: Path) -> None:
    fsspec.filesystem("memory").put(str(build), "/copied", recursive=True)
    assert list(load_records("memory://copied")) == [*TRAIN, *VALIDATION, *TEST]
    assert open_build("memory://copied").is_complete


def test_a_folder_with_the_characters_of_a_pattern_is_read(build: Path, tmp_path: Path) -> None:
    odd = tmp_path / "a[b]*?"
    shutil.copytree(build, odd)
    (odd / "_SUCCESS").unlink()
    assert len(list(load_records(odd))) == 15


def test_a_complete_build_has_the_shards_of_its_manifest_only(build: Path) -> None:
    write_shard(build / "dense_caption" / "train-stale.parquet", TRAIN)
    assert open_build(build).is_complete
    assert len(list(load_records(build))) == 15


def test_a_build_that_was_broken_off_is_readable_and_says_so(build: Path) -> None:
    (build / "_SUCCESS").unlink()
    write_shard(build / "dense_caption" / "train-more.parquet", make_records(6)[5:])
    found = open_build(build)
    assert (found.is_complete, len(found.shards)) == (False, 4)
    assert len(list(load_records(found))) == 16


def test_a_copy_without_manifest_is_readable_and_its_hidden_files_are_not(build: Path) -> None:
    shutil.rmtree(build / "streamit")
    write_shard(build / ".cache" / "huggingface" / "train-0.parquet", TRAIN)
    found = open_build(build)
    assert (found.is_complete, found.manifest) == (False, None)
    assert list(load_records(found)) == [*TRAIN, *VALIDATION, *TEST]


def test_a_part_without_records_has_no_shard(build: Path) -> None:
    manifest = read_manifest(build)
    nothing = {"path": None, "n_records": 0, "bytes": 0, "sha256": None}
    manifest["parts"].append({"identity": "ab", "split": "test", **nothing})
    write_manifest(build, manifest)
    assert len(open_build(build).shards) == 3


def test_a_missing_folder_is_an_error_at_once(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="nowhere: there is no such folder"):
        load_records(tmp_path / "nowhere")


def test_a_folder_without_shards_is_an_error_at_once(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").touch()
    with pytest.raises(StorageError, match="holds no Parquet shards"):
        load_records(tmp_path)


def test_a_truncated_shard_is_named(build: Path) -> None:
    path = next((build / "dense_caption").glob("validation-*"))
    path.write_bytes(path.read_bytes()[:-100])
    records = load_records(build)
    assert list(itertools.islice(records, 5)) == TRAIN
    with pytest.raises(StorageError, match=r"validation-\w+\.parquet: cannot be read as Parquet"):
        next(records)


def test_a_shard_that_is_gone_is_named(build: Path) -> None:
    next((build / "dense_caption").glob("train-*")).unlink()
    with pytest.raises(StorageError, match=r"train-\w+\.parquet: cannot read it: No such file"):
        list(load_records(build))


def test_a_foreign_parquet_file_is_no_record(tmp_path: Path) -> None:
    pq.write_table(pa.table({"text": ["hello"]}), tmp_path / "train-0.parquet")
    with pytest.raises(SchemaError, match=r"row 0: is no Stream-IT record .*'schema_version'"):
        list(load_records(tmp_path))


def test_a_record_of_a_newer_version_asks_for_a_newer_release(tmp_path: Path) -> None:
    write_shard(tmp_path / "train-0.parquet", [mutate(multi_turn(), ["schema_version"], "2")])
    with pytest.raises(SchemaError, match=r"version '2'.*reads version '1'; install a newer"):
        list(load_records(tmp_path))


def test_a_manifest_of_a_newer_version_is_refused_at_once(build: Path) -> None:
    write_manifest(build, read_manifest(build) | {"schema_version": "2"})
    with pytest.raises(SchemaError, match=r"manifest.json: is of schema version '2'"):
        open_build(build)


@pytest.mark.parametrize("manifest", [{"parts": None}, {"parts": [{"split": "train"}]}])
def test_a_manifest_without_shards_is_refused(build: Path, manifest: dict[str, object]) -> None:
    write_manifest(build, manifest)
    with pytest.raises(SchemaError, match=r"manifest.json: does not list its shards"):
        open_build(build)


def test_columns_and_fields_of_later_releases_are_skipped(tmp_path: Path) -> None:
    row = to_dict(multi_turn())
    row["mood"] = "calm"
    row["timeline"] = [entry | {"gaze": 0.5} for entry in row["timeline"]]
    pq.write_table(pa.Table.from_pylist([row]), tmp_path / "train-0.parquet")
    [read] = load_records(tmp_path)
    assert read == multi_turn()


def test_missing_fields_are_found_in_the_footer(tmp_path: Path) -> None:
    row = to_dict(full())
    del row["language"]
    row["timeline"] = [{k: v for k, v in e.items() if k != "loss"} for e in row["timeline"]]
    pq.write_table(pa.Table.from_pylist([row]), tmp_path / "train-0.parquet")
    build = open_build(tmp_path)
    missing = find_missing_columns(build, build.shards[0])
    assert [name for name in missing if name in ("language", "timeline.loss")] == [
        "language",
        "timeline.loss",
    ]
    assert "timeline.text" not in missing


def test_an_index_reads_single_records_in_the_order_of_load_records(tmp_path: Path) -> None:
    write_shard(tmp_path / "train-1.parquet", make_records(1200))
    write_shard(tmp_path / "test-0.parquet", TEST)
    index = Index(tmp_path)
    records = list(load_records(tmp_path))
    assert len(index) == 1205
    assert list(index.ids()) == [record.id for record in records]
    assert [index.read(k) for k in (0, 999, 1000, 1199, 1200, 1204)] == [
        records[k] for k in (0, 999, 1000, 1199, 1200, 1204)
    ]


@pytest.mark.parametrize("place", [-1, 5])
def test_an_index_ends(tmp_path: Path, place: int) -> None:
    write_shard(tmp_path / "test-0.parquet", TEST)
    with pytest.raises(IndexError, match=f"record {place} of 5"):
        Index(tmp_path).read(place)


def test_an_index_of_one_split_knows_its_records_only(build: Path) -> None:
    index = Index(build, splits=["validation"])
    assert list(index.ids()) == [record.id for record in VALIDATION]


def test_a_record_is_found_by_its_id_even_if_others_begin_like_it(tmp_path: Path) -> None:
    twins = [replace(TRAIN[0], id=f"r/s/v/{n}") for n in ("10", "1", "100")]
    write_shard(tmp_path / "train-0.parquet", twins)
    assert find_record(tmp_path, "r/s/v/1") == twins[1]


def test_a_record_is_found_by_the_beginning_of_its_id(build: Path) -> None:
    assert find_record(build, "dense_caption/demo/v_test00003") == TEST[3]


def test_a_beginning_that_several_ids_share_is_refused(build: Path) -> None:
    with pytest.raises(UsageError, match=r"15 ids begin with 'dense_caption/demo/'.*v_train00000"):
        find_record(build, "dense_caption/demo/")


def test_an_unknown_id_is_refused_with_those_that_contain_it(build: Path) -> None:
    with pytest.raises(UsageError, match=r"nearest: dense_caption/demo/v_test00003/0$"):
        find_record(build, "v_test00003")


def test_an_unknown_id_is_refused_with_those_that_resemble_it(build: Path) -> None:
    with pytest.raises(UsageError, match=r"nearest: .*dense_caption/demo/v_test00003/0"):
        find_record(build, "dense_caption/demo/v_tset00003/0")


def test_reading_imports_neither_torch_nor_datasets_nor_pandas(build: Path) -> None:
    code = (
        "import sys, streamit\n"
        f"assert len(list(streamit.load_records({str(build)!r}))) == 15\n"
        "print(sorted({'torch', 'datasets', 'pandas', 'ray', 'av'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def run_with_hub(code: str, endpoint: str, cache: Path) -> subprocess.CompletedProcess[str]:
    """Run Python with this Hub: its client reads the address when it is imported."""
    settings = {"HF_ENDPOINT": endpoint, "HF_HOME": str(cache), "HF_HUB_DISABLE_TELEMETRY": "1"}
    settings["HF_HUB_OFFLINE"] = "0"
    return subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | settings,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_build_on_the_hub_is_read_in_place(build: Path, tmp_path: Path) -> None:
    code = (
        "from streamit.dataset import load_records, open_build\n"
        "found = open_build('hf://datasets/me/streams')\n"
        "print(found.is_complete, *(r.id for r in load_records(found, splits=['test'])))"
    )
    with serve_hub({"me/streams": build}) as endpoint:
        done = run_with_hub(code, endpoint, tmp_path / "hf")
    assert done.stderr == ""
    assert done.stdout.split() == ["True", *(record.id for record in TEST)]


def test_a_hub_that_cannot_be_reached_is_told(tmp_path: Path) -> None:
    code = (
        "import sys\n"
        "from streamit.cli.main import run\n"
        "sys.exit(run(['stats', 'hf://datasets/me/streams']))"
    )
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        done = run_with_hub(code, f"http://127.0.0.1:{nobody.getsockname()[1]}", tmp_path / "hf")
    assert (done.returncode, done.stdout) == (1, "")
    assert "hf://datasets/me/streams: cannot be reached: " in done.stderr
    assert done.stderr.count("\n") == 1
