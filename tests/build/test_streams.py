"""Clips in, streams out: nothing lost, nothing twice, no split or source mixed with another."""

import csv
import json
import math
import random
import signal
import subprocess
import sys
import time
import tracemalloc
from collections import Counter

import pytest

import streamit
from streamit.build.chains import order_by_hash
from streamit.build.check import check_build
from streamit.build.clip_table import ClipTable
from streamit.convert.joining import join_clips
from streamit.statistics import compute_statistics
from streamit.stream_settings import Streams
from tests.clips import count_clips, make_panda, write_panda
from tests.convert.streams import make_clip
from tests.corpora import read_build

ROWS = make_panda(60)


@pytest.fixture
def corpus(tmp_path):
    return write_panda(tmp_path / "panda70m", ROWS)


def build(corpus, out, **overrides):
    options = {"workers": 1, "split.validation": 0.0}
    return streamit.build("streaming_qa", {"panda70m": corpus}, out, **(options | overrides))


def load(out):
    return list(streamit.load_records(out))


def list_clips(records):
    """(video, start) of every clip that is in a stream."""
    return [(clip.uri, clip.start_s) for record in records for clip in record.video.clips]


def test_every_clip_is_in_one_stream_at_most(corpus, tmp_path):
    report = build(corpus, tmp_path / "out", **{"augment.drop": 0.0})
    records, counts = load(tmp_path / "out"), report.ledger["panda70m"]
    used = list_clips(records)
    assert len(used) == len(set(used)) == counts.recorded
    assert counts.recorded + counts.set_aside.total() == counts.read == count_clips(ROWS)
    assert [len(record.video.clips) for record in records].count(10) == len(used) // 10
    assert check_build(str(tmp_path / "out")).n_problems == 0


def test_pairs_that_are_dropped_are_counted_and_their_clips_stay(corpus, tmp_path):
    report = build(corpus, tmp_path / "out")
    counts, records = report.ledger["panda70m"], load(tmp_path / "out")
    assert counts.set_aside["qa_drop"] == len(list_clips(records)) - counts.recorded
    assert sum(e.type == "assistant" for r in records for e in r.timeline) == counts.recorded


def test_the_paper_s_streams_are_of_about_ten_clips_and_no_longer_than_256_s(corpus, tmp_path):
    build(corpus, tmp_path / "out", **{"augment.drop": 0.0})
    records = load(tmp_path / "out")
    assert max(len(record.video.clips) for record in records) == 10
    assert max(record.video.duration_s for record in records) <= 256


def test_twice_gives_the_same_bytes_and_another_seed_others(corpus, tmp_path):
    build(corpus, tmp_path / "a")
    build(corpus, tmp_path / "b")
    build(corpus, tmp_path / "c", seed=1)
    assert read_build(tmp_path / "a") == read_build(tmp_path / "b")
    streams = [{record.video.id for record in load(tmp_path / name)} for name in "ac"]
    assert streams[0].isdisjoint(streams[1])


def test_the_order_in_the_file_does_not_matter(corpus, tmp_path):
    build(corpus, tmp_path / "a")
    write_panda(corpus, random.Random(0).sample(ROWS, len(ROWS)))
    build(corpus, tmp_path / "b")
    ids = [[record.id for record in load(tmp_path / name)] for name in "ab"]
    assert ids[0] == ids[1]


def test_no_stream_has_clips_of_two_splits(tmp_path):
    corpus = write_panda(tmp_path / "panda70m", ROWS)
    write_panda(corpus, ROWS[10:30], "validation")
    report = build(corpus, tmp_path / "out")
    n_lost = count_clips(ROWS[10:30])
    assert report.ledger["panda70m"].set_aside["split_conflict"] == n_lost
    homes = {row["videoID"]: "validation" for row in ROWS[10:30]}
    for record in load(tmp_path / "out"):
        assert {homes.get(clip.uri, "train") for clip in record.video.clips} == {record.split}
    assert check_build(str(tmp_path / "out")).n_problems == 0


def test_no_stream_has_clips_of_two_sources_or_languages(corpus, tmp_path):
    table = tmp_path / "own.csv"
    with table.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["video", "start", "end", "text", "language"])
        writer.writerows([f"w{n}", 0, 12, "Ein Hund.", "de" if n % 2 else "fr"] for n in range(40))
    sources = {"panda70m": corpus, "table": table}
    streamit.build("streaming_qa", sources, tmp_path / "out", workers=1)
    records = load(tmp_path / "out")
    assert {record.language for record in records} == {"en", "de", "fr"}
    for record in records:
        names = {(clip.uri[0], int(clip.uri[1:]) % 2) for clip in record.video.clips}
        kinds = {("v", None) if first == "v" else (first, rest) for first, rest in names}
        assert len(kinds) == 1


def test_no_clip_of_an_excluded_video_is_used(corpus, tmp_path):
    (tmp_path / "ids.txt").write_text("v0000000003\nv0000000007\n")
    report = build(corpus, tmp_path / "out", exclude=tmp_path / "ids.txt")
    n_lost = count_clips([ROWS[3], ROWS[7]])
    assert report.ledger["panda70m"].set_aside["exclude"] == n_lost
    used = {uri for uri, _ in list_clips(load(tmp_path / "out"))}
    assert used.isdisjoint({"v0000000003", "v0000000007"})


def test_what_is_left_over_can_be_listed(corpus, tmp_path):
    report = build(
        corpus, tmp_path / "out", set_aside=tmp_path / "aside.jsonl", **{"streams.min_clips": 10}
    )
    rows = [json.loads(line) for line in (tmp_path / "aside.jsonl").read_text().splitlines()]
    assert Counter(row["reason"] for row in rows) == {
        "short_stream": report.ledger["panda70m"].set_aside["short_stream"]
    }
    names = {(row["video_id"], row["n_annotations"]) for row in rows}
    assert names <= {(row["videoID"], 1) for row in ROWS}


def test_a_reject_names_the_clip_as_the_corpus_does(tmp_path):
    rows = make_panda(12)
    rows[4]["timestamp"][0].reverse()
    report = build(write_panda(tmp_path / "panda70m", rows), tmp_path / "out")
    lines = (tmp_path / "out/streamit/rejects.jsonl").read_text().splitlines()
    (reject,) = map(json.loads, lines)
    assert (reject["key"], reject["index"], reject["reason"]) == ("v0000000004", 0, "reversed")
    assert report.ledger["panda70m"].rejected == {"reversed": 1}


def test_a_clip_of_unknown_length_needs_its_video(tmp_path):
    (tmp_path / "results_10M_train.csv").write_text(
        "videoid,name,duration\n1,A dog.,PT00H00M17S\n2,A cat.,\n3,A cow.,PT00H00M12S\n"
    )
    sources = {"webvid": tmp_path / "results_10M_train.csv"}
    report = streamit.build("streaming_qa", sources, tmp_path / "out", workers=1)
    assert report.ledger["webvid"].rejected == {"needs_video": 1}
    assert report.ledger["webvid"].read == 3


def test_a_shard_holds_as_many_streams_as_the_recipe_says(corpus, tmp_path):
    report = build(corpus, tmp_path / "out", **{"shard.records": 2})
    assert report.n_built > 3
    assert sum(report.n_records.values()) == len(load(tmp_path / "out"))


def test_a_dry_run_counts_streams_and_writes_nothing(corpus, tmp_path):
    report = build(corpus, tmp_path / "out", dry_run=True)
    assert not (tmp_path / "out").exists()
    streams = report.n_records["train"]
    assert build(corpus, tmp_path / "out").n_records["train"] == streams


def test_the_demo_builds_with_its_frames(demo, tmp_path):
    out = tmp_path / "out"
    report = streamit.build("streaming_qa", {"demo": demo.root}, out, workers=1)
    counts = report.ledger["demo"]
    assert (counts.read, counts.rejected.total()) == (71, 0)
    assert report.n_records == {"test": 1, "train": 4, "validation": 2}
    assert check_build(str(out)).n_problems == 0
    for record in load(out):
        assert record.n_frames == len(record.frames) > 0
        assert record.provenance.licence == "Apache-2.0"


def test_stats_show_realised_rates_within_their_binomial_bounds(tmp_path):
    corpus = write_panda(tmp_path / "panda70m", make_panda(1500))
    # The rarest is raised, so that the bound can be missed.
    build(corpus, tmp_path / "out", **{"augment.hallucination": 0.05})
    rates = compute_statistics(tmp_path / "out").augment
    for name, wanted in {"drop": 0.55, "shift": 0.1, "hallucination": 0.05}.items():
        rate = rates[name]
        sigma = math.sqrt(rate.of * wanted * (1 - wanted))
        assert abs(rate.n - rate.of * wanted) < 4 * sigma < rate.of * wanted / 2


@pytest.mark.slow
def test_one_worker_and_many_write_the_same_bytes(corpus, tmp_path):
    build(corpus, tmp_path / "one", **{"shard.records": 2})
    build(corpus, tmp_path / "many", **{"shard.records": 2, "workers": 2})
    assert read_build(tmp_path / "one") == read_build(tmp_path / "many")


@pytest.mark.slow
def test_killed_and_run_again_equals_never_killed(tmp_path):
    corpus = write_panda(tmp_path / "panda70m", make_panda(300))
    command = [sys.executable, "-m", "streamit", "build", "--recipe", "streaming_qa", "--workers"]
    command += ["1", "--source", f"panda70m={corpus}", "--set", "shard.records=2", "--out"]
    subprocess.run([*command, str(tmp_path / "whole")], check=True, capture_output=True)
    out = tmp_path / "out"
    with subprocess.Popen([*command, str(out)], stdout=-3, stderr=-3) as process:
        while process.poll() is None and len(list(out.glob("streamit/parts/*.json"))) < 5:
            time.sleep(0.001)
        process.send_signal(signal.SIGKILL)
    assert not (out / "_SUCCESS").exists()
    subprocess.run([*command, str(out)], check=True, capture_output=True)
    assert read_build(out) == read_build(tmp_path / "whole")


def test_a_clip_takes_less_than_forty_bytes_of_memory():
    def measure(n_clips: int) -> int:
        with ClipTable(seed=0) as table:
            tracemalloc.start()
            for n in range(n_clips):
                table.add(make_clip(n))
            for clips in order_by_hash(table):
                for _ in join_clips(clips, Streams(), lambda clip, reason: None):
                    pass
            peak = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
        return peak

    assert measure(20_000) - measure(4_000) < 40 * 16_000
