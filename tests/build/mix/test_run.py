"""Mixes from end to end: what is taken, that nothing is lost, and that they are builds."""

from __future__ import annotations

import json
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

import streamit
from streamit import load_records
from streamit.build.check import check_build
from streamit.build.lock import hold_lock
from streamit.build.mix.run import mix_builds
from streamit.errors import LockedError, SchemaError, StorageError, UsageError
from streamit.ids import normalise_video_id
from streamit.record import Record
from streamit.statistics import compute_statistics
from streamit.storage import Folder
from tests.builds import read_manifest, write_manifest
from tests.corpora import make_captions, read_build, write_captions
from tests.factories import video
from tests.mixes import make_joined, make_many, make_record, write_mix, write_named_build

WHOLE = [{"build": "one"}, {"build": "two"}]


@pytest.fixture
def two(tmp_path: Path) -> dict[str, Path]:
    """Two builds of different videos: 60 and 40 records for training, 10 for validation."""
    held_out = make_many("one", 10, first=500, split="validation")
    return {
        "one": write_named_build(tmp_path / "one", "one", make_many("one", 60) + held_out),
        "two": write_named_build(tmp_path / "two", "two", make_many("two", 40, first=900)),
    }


def mix(folder: Path, builds: dict[str, Path], parts: list[Any] = WHOLE, **keys: Any) -> Any:
    """Run a mix into `mixed`; its report as a document."""
    path = write_mix(folder, builds, parts, **keys)
    return mix_builds(str(path), folder / "mixed").to_dict()


def read_ids(folder: Path) -> list[str]:
    return [record.id for record in load_records(folder)]


def build_of(folder: Path, name: str, records: list[Record], **changes: Any) -> Path:
    return write_named_build(folder / name, name, records, **changes)


def test_a_mix_is_a_valid_build(two, tmp_path):
    mix(tmp_path, two, [{"build": "one", "count": 30}, {"build": "two", "count": 20}])
    report = check_build(str(tmp_path / "mixed"))
    assert (report.n_records, report.problems) == (60, [])
    assert report.n_hashed == report.n_shards


def test_records_come_over_as_they_are(two, tmp_path):
    mix(tmp_path, two)
    before = {r.id: r for place in two.values() for r in load_records(place)}
    assert {r.id: r for r in load_records(tmp_path / "mixed")} == before


def test_counts_are_exact_and_told_by_part(two, tmp_path):
    parts = [{"build": "one", "count": 30}, {"build": "two", "count": 20}]
    report = mix(tmp_path, two, parts)
    assert report["records"] == {"train": 50, "validation": 10}
    told = [(s["build"], s["asked"], s["available"], s["taken"]) for s in report["taken"]]
    assert told == [
        (
            "one",
            30,
            {"train": 60, "validation": 10, "test": 0},
            {"train": 30, "validation": 10, "test": 0},
        ),
        (
            "two",
            20,
            {"train": 40, "validation": 0, "test": 0},
            {"train": 20, "validation": 0, "test": 0},
        ),
    ]
    by_recipe = Counter((r.recipe, r.split) for r in load_records(tmp_path / "mixed"))
    assert by_recipe == {("one", "train"): 30, ("one", "validation"): 10, ("two", "train"): 20}


def test_every_record_read_is_recorded_or_set_aside(two, tmp_path):
    report = mix(tmp_path, two, [{"build": "one", "count": 30}])
    assert report["counts"]["demo"] == {
        "read": 70,
        "recorded": 40,
        "rejected": {},
        "set_aside": {"mix": 30},
        "adjusted": {},
    }
    assert read_manifest(tmp_path / "mixed")["counts"] == report["counts"]


def test_the_draw_depends_on_ids_and_seed_only(two, tmp_path):
    """Not on other parts, nor on how the records of a build are laid out."""
    parts = [{"build": "one", "count": 30}]
    mix(tmp_path, two, parts)
    chosen = set(read_ids(tmp_path / "mixed"))
    other = tmp_path / "other"
    records = list(load_records(two["one"]))
    random.Random(1).shuffle(records)
    shuffled = build_of(other, "one", records)
    mix(other, {"one": shuffled, "two": two["two"]}, [*parts, {"build": "two", "count": 9}])
    found = set(read_ids(other / "mixed"))
    assert {identity for identity in found if identity.startswith("one/")} == chosen
    mix(other, {"one": shuffled, "two": two["two"]}, parts, seed=1)
    assert set(read_ids(other / "mixed")) != chosen


def test_a_larger_count_only_adds(two, tmp_path):
    mix(tmp_path, two, [{"build": "one", "count": 20}])
    few = set(read_ids(tmp_path / "mixed"))
    mix(tmp_path, two, [{"build": "one", "count": 30}])
    assert few < set(read_ids(tmp_path / "mixed"))


def test_parts_filter_and_a_record_belongs_to_the_first_that_it_fits(tmp_path):
    records = [
        *make_many("one", 4, source="demo"),
        *make_many("one", 4, first=10, source="vitt"),
        *make_many("one", 4, first=20, source="coin", layout="proactive"),
    ]
    builds = {"one": build_of(tmp_path, "one", records)}
    parts = [
        {"build": "one", "source": "vitt"},
        {"build": "one", "source": ["coin", "vitt"], "layout": "proactive"},
        {"build": "one", "count": 3},
    ]
    report = mix(tmp_path, builds, parts)
    assert [share["available"]["train"] for share in report["taken"]] == [4, 4, 4]
    assert [share["taken"]["train"] for share in report["taken"]] == [4, 4, 3]
    assert report["counts"]["demo"]["set_aside"] == {"mix": 1}


@pytest.mark.parametrize(("held_out", "n_records"), [("all", 10), ("share", 5), ("none", 0)])
def test_what_is_held_out_comes_along_as_the_mix_says(two, tmp_path, held_out, n_records):
    report = mix(tmp_path, two, [{"build": "one", "count": 30}], held_out=held_out)
    assert report["records"].get("validation", 0) == n_records


def test_a_part_can_be_of_one_split(two, tmp_path):
    parts = [{"build": "one", "split": "validation"}, {"build": "two", "count": 5}]
    assert mix(tmp_path, two, parts)["records"] == {"train": 5, "validation": 10}


def test_no_video_comes_into_two_splits(tmp_path):
    """However the builds spell it; test wins over validation, validation over training."""
    one = [
        make_record("one", "v_dSwPbDXhSfw"),
        make_record("one", "v_00000000001", split="validation"),
        make_record("one", "v_00000000002"),
    ]
    two = [
        make_record("two", "dSwPbDXhSfw_60.0_210.0", source="vitt", split="validation"),
        make_record("two", "clips/00000000001.mp4", source="vitt", split="test"),
    ]
    builds = {"one": build_of(tmp_path, "one", one), "two": build_of(tmp_path, "two", two)}
    report = mix(tmp_path, builds)
    assert report["counts"]["demo"]["set_aside"] == {"split_conflict": 2}
    assert report["records"] == {"test": 1, "train": 1, "validation": 1}
    splits = {normalise_video_id(r.video.id): r.split for r in load_records(tmp_path / "mixed")}
    assert splits == {
        "dSwPbDXhSfw": "validation",
        "00000000001": "test",
        "00000000002": "train",
    }


def test_a_joined_stream_loses_by_any_of_its_clips(tmp_path):
    one = [make_joined("one", ["v_aaaaaaaaaaa", "v_bbbbbbbbbbb"]), make_record("one", "other")]
    two = [make_record("two", "bbbbbbbbbbb", split="test")]
    builds = {"one": build_of(tmp_path, "one", one), "two": build_of(tmp_path, "two", two)}
    report = mix(tmp_path, builds)
    assert report["counts"]["demo"]["set_aside"] == {"split_conflict": 1}
    assert check_build(str(tmp_path / "mixed")).problems == []


def test_a_record_that_has_fallen_fells_no_other(tmp_path):
    """The validation stream falls for a test video, so its other video may be trained on."""
    one = [
        make_joined("one", ["v_aaaaaaaaaaa", "v_bbbbbbbbbbb"], split="validation"),
        make_record("one", "v_aaaaaaaaaaa"),
        make_record("one", "v_bbbbbbbbbbb", split="test"),
    ]
    report = mix(tmp_path, {"one": build_of(tmp_path, "one", one)}, WHOLE[:1])
    assert report["records"] == {"test": 1, "train": 1}


def test_a_video_that_is_held_out_is_not_trained_on_even_if_it_is_not_taken(two, tmp_path):
    extra = build_of(tmp_path, "extra", make_many("extra", 12, first=498))
    builds = two | {"extra": extra}
    report = mix(tmp_path, builds, [*WHOLE, {"build": "extra"}], held_out="none")
    assert report["records"] == {"train": 102}
    assert report["counts"]["demo"]["set_aside"] == {"mix": 10, "split_conflict": 10}


def test_of_two_records_with_one_id_that_of_the_first_build_stays(tmp_path):
    one, two = make_many("same", 5), make_many("same", 8, layout="proactive")
    builds = {
        "one": write_named_build(tmp_path / "one", "same", one),
        "two": write_named_build(tmp_path / "two", "same", two),
    }
    report = mix(tmp_path, builds)
    assert report["counts"]["demo"]["set_aside"] == {"duplicate_id": 5}
    layouts = Counter(r.layout for r in load_records(tmp_path / "mixed"))
    assert layouts == {"multi_turn": 5, "proactive": 3}
    assert check_build(str(tmp_path / "mixed")).problems == []


def test_weights_share_the_records_out(two, tmp_path):
    parts = [{"build": "one", "weight": 3}, {"build": "two", "weight": 1}]
    assert [s["taken"]["train"] for s in mix(tmp_path, two, parts)["taken"]] == [60, 20]


def test_a_shortage_is_refused_unless_the_mix_says_what_to_do(two, tmp_path):
    parts = [{"build": "one", "count": 60}, {"build": "two", "count": 80}]
    with pytest.raises(UsageError, match="two has 40 of the 80 training records"):
        mix(tmp_path, two, parts)
    taken = mix(tmp_path, two, parts, when_short="take_all")["taken"]
    assert [share["taken"]["train"] for share in taken] == [60, 40]
    taken = mix(tmp_path, two, parts, when_short="scale")["taken"]
    assert [share["taken"]["train"] for share in taken] == [30, 40]


def test_the_same_twice_is_the_same_bytes_and_writes_nothing(two, tmp_path):
    parts = [{"build": "one", "count": 30}, {"build": "two", "count": 20}]
    first = mix(tmp_path, two, parts, shard={"records": 8})
    files = {path: path.stat().st_mtime_ns for path in (tmp_path / "mixed").rglob("*")}
    again = mix(tmp_path, two, parts, shard={"records": 8})
    assert again["parts"] == {"built": 0, "reused": first["parts"]["built"], "removed": 0}
    folders = {tmp_path / "mixed" / "streamit", tmp_path / "mixed"}
    now = {path: path.stat().st_mtime_ns for path in (tmp_path / "mixed").rglob("*")}
    assert {p: t for p, t in now.items() if p not in folders} == {
        p: t for p, t in files.items() if p not in folders
    }
    other = tmp_path / "elsewhere"
    other.mkdir()
    moved = {name: Path(shutil.move(place, other / name)) for name, place in two.items()}
    mix(other, moved, parts, shard={"records": 8})
    assert read_build(other / "mixed") == read_build(tmp_path / "mixed")


def test_no_place_of_this_machine_is_in_the_mix(two, tmp_path):
    mix(tmp_path, two)
    written = b"".join(read_build(tmp_path / "mixed").values())
    assert str(tmp_path).encode() not in written


def test_another_count_leaves_unchanged_shards_alone(two, tmp_path):
    parts = [{"build": "one"}, {"build": "two", "count": 39}]
    first = mix(tmp_path, two, parts, shard={"records": 8})
    second = mix(tmp_path, two, WHOLE, shard={"records": 8})
    assert second["parts"]["removed"] == 1
    assert second["parts"]["reused"] == first["parts"]["built"] - 1
    assert check_build(str(tmp_path / "mixed")).problems == []


def test_shards_hold_records_of_all_builds(two, tmp_path):
    """In order of a hash of the video, so that readers of one shard see a mixture."""
    mix(tmp_path, two, WHOLE, shard={"records": 20})
    found: dict[str, set[str]] = {}
    for part in read_manifest(tmp_path / "mixed")["parts"]:
        recipes = {r.recipe for r in load_records(tmp_path / "mixed" / part["path"])}
        found.setdefault(part["split"], set()).add(" ".join(sorted(recipes)))
    assert "one two" in found["train"]


def test_frames_come_along(tmp_path):
    from tests.factories import full

    records = [full()]
    one = write_named_build(tmp_path / "one", "one", records, media="frames")
    report = mix(tmp_path, {"one": one}, WHOLE[:1])
    assert report["media"] == "frames"
    assert list(load_records(tmp_path / "mixed")) == records
    assert read_manifest(tmp_path / "mixed")["n_frames"] == 2


def test_clips_come_along_under_their_names(tmp_path):
    def clip_record(n: int) -> Record:
        made = video(id=f"v_{n:011d}")
        name = f"one/clips/{n}.mp4"
        clips = (made.clips[0].__class__(name, None, None, 0.0, 12.0, 0.0),)
        whole = made.__class__(made.id, 12.0, 320, 240, clips)
        return make_record("one", f"v_{n:011d}", video=whole)

    one = build_of(tmp_path, "one", [clip_record(n) for n in range(4)], media="clips")
    (one / "one" / "clips").mkdir(parents=True)
    for n in range(4):
        (one / "one" / "clips" / f"{n}.mp4").write_bytes(b"%d" % n * 100)
    mix(tmp_path, {"one": one}, [{"build": "one", "count": 3}])
    out = tmp_path / "mixed"
    uris = {clip.uri for record in load_records(out) for clip in record.video.clips}
    assert len(uris) == 3
    assert {str(p.relative_to(out)) for p in out.rglob("*.mp4")} == uris
    assert all((out / uri).read_bytes() == (one / uri).read_bytes() for uri in uris)
    (out / min(uris)).unlink()
    assert mix(tmp_path, {"one": one}, [{"build": "one", "count": 3}])["parts"]["built"] == 1
    mix(tmp_path, {"one": one}, [{"build": "one", "count": 1}])
    assert len(list(out.rglob("*.mp4"))) == 1


def test_datasets_loads_the_mix_as_one_dataset(two, tmp_path):
    from datasets import load_dataset

    mix(tmp_path, two, WHOLE, shard={"records": 10})
    rows = load_dataset(str(tmp_path / "mixed"), split="train", cache_dir=str(tmp_path / "cache"))
    assert Counter(rows["recipe"]) == {"one": 60, "two": 40}


def test_statistics_and_card_tell_of_the_mix(two, tmp_path):
    mix(tmp_path, two, [{"build": "one", "count": 30}])
    assert compute_statistics(tmp_path / "mixed").total.n_records == 40
    card = (tmp_path / "mixed" / "README.md").read_text()
    assert "| `one` | all | 30 | 60 | 30 | 10 | 0 |" in card
    assert "| `one` | `one` | `0123456789ab` | 210 | 210 | 0 | 0 |" in card
    assert "streamit mix mixed.yaml --build one=PATH" in card


def write_without(place: Path, name: str) -> None:
    (place / name).unlink()


REFUSED = {
    "unfinished": (lambda p: write_without(p, "_SUCCESS"), UsageError, "is not finished"),
    "missing": (shutil.rmtree, UsageError, "streamit build --recipe two --out"),
    "other media": (
        lambda p: write_manifest(p, read_manifest(p) | {"media": "frames"}),
        UsageError,
        "'one' is of --media none and 'two' of --media frames",
    ),
    "a shard cut short": (
        lambda p: next(p.rglob("*.parquet")).write_bytes(b"PAR1"),
        StorageError,
        "has 4 bytes, the manifest says",
    ),
    "other counts": (
        lambda p: write_manifest(p, read_manifest(p) | {"records": {"train": 41}}),
        StorageError,
        "holds 40 records, its manifest says 41",
    ),
}


@pytest.mark.parametrize("what", REFUSED)
def test_builds_that_cannot_be_mixed_are_refused(two, tmp_path, what):
    spoil, error, message = REFUSED[what]
    spoil(two["two"])
    with pytest.raises(error, match=message):
        mix(tmp_path, two)
    assert not (tmp_path / "mixed" / "_SUCCESS").exists()


def test_a_source_under_two_licences_is_refused(two, tmp_path):
    manifest = read_manifest(two["two"])
    manifest["sources"][0]["licence"]["annotations"] = "CC0-1.0"
    write_manifest(two["two"], manifest)
    with pytest.raises(UsageError, match="source 'demo' has other terms in build 'one'"):
        mix(tmp_path, two)


def test_a_mix_of_mixes_is_refused(two, tmp_path):
    mix(tmp_path, two)
    outer = tmp_path / "outer"
    outer.mkdir()
    with pytest.raises(UsageError, match="is itself a mix"):
        mix(outer, two | {"two": tmp_path / "mixed"})


def test_a_missing_build_or_source_is_left_out_on_request(two, tmp_path):
    shutil.rmtree(two["two"])
    parts = [*WHOLE, {"build": "one", "source": "vitt"}]
    report = mix(tmp_path, two, parts, when_missing="skip")
    assert (report["missing"], report["records"]["train"]) == (["two"], 60)
    assert [share["taken"]["train"] for share in report["taken"]] == [60, 0, 0]


def test_a_part_of_which_there_is_nothing_is_an_error_that_names_the_sources(two, tmp_path):
    parts = [{"build": "one", "source": "viit", "count": 3}]
    with pytest.raises(UsageError, match=r"one/viit: build 'one' has no such record .*demo"):
        mix(tmp_path, two, parts)


def test_another_build_and_another_mix_are_not_written_over(two, tmp_path):
    path = str(write_mix(tmp_path, two, WHOLE))
    other = build_of(tmp_path, "other", make_many("other", 2))
    with pytest.raises(UsageError, match="holds a build"):
        mix_builds(path, other)
    with pytest.raises(UsageError, match="is build 'one' itself"):
        mix_builds(path, two["one"])
    mix_builds(path, tmp_path / "mixed")
    with pytest.raises(UsageError, match="holds mix 'mixed'"):
        mix_builds(path, tmp_path / "mixed", overrides=["name=changed"])


def test_a_build_does_not_write_over_a_mix(two, tmp_path):
    mix(tmp_path, two)
    corpus = write_captions(tmp_path / "activitynet", make_captions(2))
    with pytest.raises(UsageError, match="holds a mix"):
        streamit.build("dense_caption", {"activitynet": corpus}, tmp_path / "mixed", workers=1)


def test_columns_of_the_future_are_left_out(two, tmp_path):
    import pyarrow.parquet as pq

    manifest = read_manifest(two["two"])
    path = two["two"] / manifest["parts"][0]["path"]
    table = pq.read_table(path)
    pq.write_table(table.append_column("mood", [["calm"] * table.num_rows]), path)
    manifest["parts"][0]["bytes"] = path.stat().st_size
    write_manifest(two["two"], manifest)
    assert mix(tmp_path, two)["records"]["train"] == 100


def test_a_shard_that_lacks_a_column_is_refused(two, tmp_path):
    import pyarrow.parquet as pq

    manifest = read_manifest(two["two"])
    path = two["two"] / manifest["parts"][0]["path"]
    pq.write_table(pq.read_table(path).drop_columns(["timeline"]), path)
    manifest["parts"][0]["bytes"] = path.stat().st_size
    write_manifest(two["two"], manifest)
    with pytest.raises(SchemaError, match=r"lacks timeline\."):
        mix(tmp_path, two)


def test_a_second_run_at_the_same_time_is_refused(two, tmp_path):
    with hold_lock(Folder(tmp_path / "mixed")), pytest.raises(LockedError):
        mix(tmp_path, two)


def test_a_dry_run_writes_nothing(two, tmp_path):
    path = str(write_mix(tmp_path, two, [{"build": "one", "count": 30}]))
    report = mix_builds(path, tmp_path / "mixed", dry_run=True)
    assert report.n_records == {"train": 30, "validation": 10}
    assert not (tmp_path / "mixed").exists()


def start(path: Path, out: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "streamit", "mix", str(path), "--out", str(out)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def finish(process: subprocess.Popen[str]) -> int:
    _, errors = process.communicate(timeout=120)
    assert "Traceback" not in errors
    return process.returncode


@pytest.mark.parametrize("kill", [signal.SIGKILL, signal.SIGINT])
def test_broken_off_and_run_again_equals_never_broken_off(tmp_path, kill):
    records = make_many("one", 600)
    builds = {"one": build_of(tmp_path, "one", records)}
    path = write_mix(tmp_path, builds, WHOLE[:1], shard={"records": 2})
    assert finish(start(path, tmp_path / "whole")) == 0
    out = tmp_path / "out"
    process = start(path, out)
    while process.poll() is None and len(list((out / "streamit").glob("parts/*.json"))) < 3:
        time.sleep(0.001)
    process.send_signal(kill)
    assert finish(process) == (130 if kill == signal.SIGINT else -signal.SIGKILL)
    assert not (out / "_SUCCESS").exists()
    assert finish(start(path, out)) == 0
    whole = read_build(tmp_path / "whole")
    assert read_build(out) == whole
    assert json.loads(whole["streamit/manifest.json"])["records"] == {"train": 600}
