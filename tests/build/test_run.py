import json
import os
from collections import Counter

import pytest

import streamit
from streamit.errors import LockedError, SourceError, UsageError
from streamit.storage import Folder
from tests.corpora import make_captions, read_build, write_captions


@pytest.fixture
def corpus(tmp_path):
    return write_captions(tmp_path / "activitynet", make_captions(40))


def build(corpus, out, **overrides):
    sources = {"activitynet": corpus}
    return streamit.build("dense_caption", sources, out, **({"workers": 1} | overrides))


@pytest.mark.shared
def test_the_real_slice_is_accounted_for_to_the_last_event(shared, tmp_path):
    report = build(shared / "corpora" / "activitynet_captions", tmp_path / "out")
    counts = report.ledger["activitynet"]
    assert report.n_records == {"train": 141, "validation": 120}
    assert (counts.read, counts.recorded) == (1001, 999)
    assert counts.rejected == Counter(reversed=1, zero_length=1)
    assert report.exit_code == 0


def test_every_record_is_read_back(corpus, tmp_path):
    report = build(corpus, tmp_path / "out")
    records = list(streamit.load_records(tmp_path / "out"))
    assert len(records) == report.n_records["train"] == 40
    assert len({record.id for record in records}) == 40


def test_twice_gives_the_same_bytes(corpus, tmp_path):
    build(corpus, tmp_path / "a")
    build(corpus, tmp_path / "b")
    assert read_build(tmp_path / "a") == read_build(tmp_path / "b")


def test_a_rebuild_of_nothing_new_writes_nothing(corpus, tmp_path):
    build(corpus, tmp_path / "out")
    stamps = stamp_all(tmp_path / "out")
    report = build(corpus, tmp_path / "out")
    assert stamp_all(tmp_path / "out") == stamps
    assert (report.n_built, report.n_reused) == (0, 1)


def test_one_more_video_rebuilds_one_partition(tmp_path):
    corpus = write_captions(tmp_path / "activitynet", make_captions(200))
    first = build(corpus, tmp_path / "out", **{"shard.records": 10})
    write_captions(tmp_path / "activitynet", make_captions(201))
    second = build(corpus, tmp_path / "out", **{"shard.records": 10})
    assert first.n_built > 10
    assert second.n_built == 1
    assert second.n_reused == first.n_built - 1
    assert second.n_removed == 1


def test_stale_shards_and_leftovers_are_removed(corpus, tmp_path):
    build(corpus, tmp_path / "out", seed=1)
    old = set(read_build(tmp_path / "out"))
    (tmp_path / "out" / "dense_caption" / "x.parquet.99.tmp").write_bytes(b"half")
    build(corpus, tmp_path / "out", seed=2)
    build(corpus, tmp_path / "fresh", seed=2)
    assert read_build(tmp_path / "out") == read_build(tmp_path / "fresh")
    assert set(read_build(tmp_path / "out")) != old


def test_a_source_that_breaks_later_leaves_the_finished_build_alone(corpus, tmp_path):
    build(corpus, tmp_path / "out")
    for part in (tmp_path / "out" / "streamit" / "parts").iterdir():
        part.unlink()
    (tmp_path / "activitynet" / "train.json").write_text("{broken")
    with pytest.raises(SourceError):
        build(corpus, tmp_path / "out")
    assert (tmp_path / "out" / "_SUCCESS").exists()


def test_a_half_written_shard_is_built_again(corpus, tmp_path):
    build(corpus, tmp_path / "out")
    whole = read_build(tmp_path / "out")
    (shard,) = (tmp_path / "out" / "dense_caption").glob("*.parquet")
    shard.write_bytes(shard.read_bytes()[:1000])
    report = build(corpus, tmp_path / "out")
    assert report.n_built == 1
    assert read_build(tmp_path / "out") == whole


def test_verify_finds_a_shard_whose_bytes_rotted_in_place(corpus, tmp_path):
    build(corpus, tmp_path / "out")
    (shard,) = (tmp_path / "out" / "dense_caption").glob("*.parquet")
    stamp = shard.stat()
    data = bytearray(shard.read_bytes())
    data[100] ^= 1
    shard.write_bytes(data)
    os.utime(shard, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    assert build(corpus, tmp_path / "out").n_built == 0
    assert build(corpus, tmp_path / "out", verify=True).n_built == 1


def test_a_copied_build_is_reused(corpus, tmp_path):
    build(corpus, tmp_path / "out")
    for path in (tmp_path / "out").rglob("*.parquet"):
        os.utime(path, (1, 1))
    assert build(corpus, tmp_path / "out").n_reused == 1


def test_limit_sets_the_rest_aside(corpus, tmp_path):
    report = build(corpus, tmp_path / "out", limit=5)
    counts = report.ledger["activitynet"]
    assert report.n_records == {"train": 5}
    assert counts.set_aside["limit"] == counts.read - counts.recorded


def test_excluded_videos_are_set_aside_and_listed(corpus, tmp_path):
    (tmp_path / "ids.txt").write_text("00000000003\nv_00000000007\n# comment\n")
    report = build(
        corpus, tmp_path / "out", exclude=tmp_path / "ids.txt", set_aside=tmp_path / "aside.jsonl"
    )
    rows = [json.loads(line) for line in (tmp_path / "aside.jsonl").read_text().splitlines()]
    assert sorted(row["video_id"] for row in rows) == ["v_00000000003", "v_00000000007"]
    assert {row["reason"] for row in rows} == {"exclude"}
    assert report.n_records == {"train": 38}


def test_a_video_in_two_splits_stays_in_the_one_that_is_judged_by(tmp_path):
    captions = make_captions(10)
    write_captions(tmp_path / "activitynet", captions)
    shared = {key: captions[key] for key in ("v_00000000002", "v_00000000005")}
    corpus = write_captions(tmp_path / "activitynet", shared, "val_1.json")
    report = build(corpus, tmp_path / "out")
    assert report.n_records == {"train": 8, "validation": 2}
    n_lost = sum(len(video["sentences"]) for video in shared.values())
    assert report.ledger["activitynet"].set_aside == Counter(split_conflict=n_lost)


def test_two_annotations_of_one_video_are_numbered_and_kept_together(tmp_path):
    write_captions(tmp_path / "activitynet", make_captions(3, seed=1), "val_1.json")
    corpus = write_captions(tmp_path / "activitynet", make_captions(3, seed=2), "val_2.json")
    build(corpus, tmp_path / "out")
    ids = sorted(record.id for record in streamit.load_records(tmp_path / "out"))
    assert ids[:2] == [f"dense_caption/activitynet/v_00000000000/{n}" for n in (0, 1)]
    assert len(ids) == 6


def test_the_user_may_ask_for_a_validation_share(corpus, tmp_path):
    report = build(corpus, tmp_path / "out", split={"validation": 0.5})
    assert set(report.n_records) == {"train", "validation"}
    assert sum(report.n_records.values()) == 40


def test_too_many_rejects_finish_with_exit_code_3(tmp_path):
    captions = make_captions(2)
    captions["v_00000000000"]["timestamps"] = [
        [end, start] for start, end in captions["v_00000000000"]["timestamps"]
    ]
    report = build(write_captions(tmp_path / "activitynet", captions), tmp_path / "out")
    assert report.exit_code == 3
    assert (tmp_path / "out" / "_SUCCESS").exists()


def test_rejects_are_listed_one_line_per_annotation(tmp_path):
    captions = make_captions(2)
    captions["v_00000000001"]["timestamps"][0] = [9.0, 3.0]
    build(write_captions(tmp_path / "activitynet", captions), tmp_path / "out")
    (line,) = (tmp_path / "out" / "streamit" / "rejects.jsonl").read_text().splitlines()
    assert json.loads(line) == {
        "source": "activitynet",
        "file": "train.json",
        "key": "v_00000000001",
        "video_id": "v_00000000001",
        "index": 0,
        "reason": "reversed",
        "message": "event 0: starts at 9 s, after its end at 3 s",
    }


def test_a_dry_run_writes_nothing(corpus, tmp_path):
    report = build(corpus, tmp_path / "out", dry_run=True)
    assert report.n_records == {"train": 40}
    assert report.n_built == 1
    assert not (tmp_path / "out").exists()


def test_another_run_in_the_same_folder_is_refused(corpus, tmp_path):
    from streamit.build.lock import hold_lock

    with hold_lock(Folder(tmp_path / "out")), pytest.raises(LockedError, match="another run"):
        build(corpus, tmp_path / "out")


def test_a_folder_with_a_readme_of_somebody_else_is_refused(corpus, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "README.md").write_text("mine")
    with pytest.raises(UsageError, match="no build wrote"):
        build(corpus, tmp_path / "out")
    assert (tmp_path / "out" / "README.md").read_text() == "mine"


def test_a_source_that_is_not_there_is_named(tmp_path):
    with pytest.raises(SourceError, match="nowhere"):
        build(tmp_path / "nowhere", tmp_path / "out")


def test_an_object_store_holds_the_same_build(corpus, tmp_path):
    build(corpus, tmp_path / "out")
    url = f"memory://{tmp_path.name}/out"
    build(corpus, url)
    remote = Folder(url)
    assert remote.exists("_SUCCESS")
    (shard,) = (tmp_path / "out" / "dense_caption").glob("*.parquet")
    assert remote.read_bytes(f"dense_caption/{shard.name}") == shard.read_bytes()


def stamp_all(out):
    return {path: path.stat().st_mtime_ns for path in out.rglob("*") if path.is_file()}
