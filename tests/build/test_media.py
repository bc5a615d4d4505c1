"""Builds that read real videos, good ones and bad ones."""

import io
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from contextlib import suppress
from fractions import Fraction
from pathlib import Path

import pytest
from PIL import Image

import streamit
from tests.corpora import read_build
from tests.rendered import Style, render


@pytest.fixture
def corpus(demo, tmp_path, monkeypatch):
    """The ActivityNet part of the demo, free to be damaged; the media index starts empty."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    shutil.copytree(demo.folders["activitynet"], tmp_path / "activitynet")
    return tmp_path / "activitynet"


def build(corpus, out, media, **overrides):
    options = {"workers": 1, "media": media, "sampling": {"short_side": 96}}
    return streamit.build("dense_caption", {"activitynet": corpus}, out, **(options | overrides))


def load(out):
    return {record.id: record for record in streamit.load_records(out)}


def find_video(corpus, record):
    return corpus / record.video.clips[0].uri


def reasons(report):
    return report.ledger["activitynet"].rejected


def test_frames_are_jpeg_files_with_their_own_times(corpus, tmp_path):
    build(corpus, tmp_path / "out", "frames")
    for record in load(tmp_path / "out").values():
        assert len(record.frames) == record.n_frames == len(record.frame_times_s)
        image = Image.open(io.BytesIO(record.frames[0].bytes))
        assert (image.format, image.size) == ("JPEG", (128, 96))
        gaps = [b - a for a, b in zip(record.frame_times_s, record.frame_times_s[1:], strict=False)]
        assert max(gaps) < 2.1


def test_frames_are_those_that_sample_frames_gives(corpus, tmp_path):
    from streamit.video.frames import sample_frames

    build(corpus, tmp_path / "out", "frames")
    record = next(iter(load(tmp_path / "out").values()))
    frames = sample_frames(
        find_video(corpus, record), short_side=96, duration_s=record.video.duration_s
    )
    assert record.frame_times_s == frames.times_s
    shown = Image.open(io.BytesIO(record.frames[3].bytes))
    assert abs(frames.images[3].mean() - sum(shown.resize((1, 1)).getpixel((0, 0))) / 3) < 12


@pytest.mark.parametrize("media", ["frames", "clips"])
def test_the_timeline_does_not_depend_on_the_media(corpus, tmp_path, media):
    build(corpus, tmp_path / "none", "none")
    build(corpus, tmp_path / media, media)
    plain, filmed = load(tmp_path / "none"), load(tmp_path / media)
    assert {key: r.timeline for key, r in plain.items()} == {
        key: r.timeline for key, r in filmed.items()
    }


def test_a_build_with_frames_is_reproducible(corpus, tmp_path):
    build(corpus, tmp_path / "a", "frames")
    build(corpus, tmp_path / "b", "frames")
    assert read_build(tmp_path / "a") == read_build(tmp_path / "b")


def test_clips_stand_beside_the_shards_and_are_cleaned_up(corpus, tmp_path):
    out = tmp_path / "out"
    build(corpus, out, "clips")
    uris = {record.video.clips[0].uri for record in load(out).values()}
    files = {path.relative_to(out).as_posix() for path in out.rglob("*.mp4")}
    assert files == uris
    build(corpus, out, "clips", limit=1)
    assert len(list(out.rglob("*.mp4"))) == 1


def test_a_lost_clip_is_made_again(corpus, tmp_path):
    out = tmp_path / "out"
    build(corpus, out, "clips")
    whole = read_build(out)
    next(out.rglob("*.mp4")).unlink()
    assert build(corpus, out, "clips").n_built == 1
    assert read_build(out) == whole


def test_a_missing_video_is_an_error_only_where_it_is_needed(corpus, tmp_path):
    lost = find_video(corpus, first_of(corpus, tmp_path))
    lost.unlink()
    none = build(corpus, tmp_path / "none", "none")
    frames = build(corpus, tmp_path / "frames", "frames")
    assert reasons(none) == Counter()
    assert set(reasons(frames)) == {"video_missing"}
    bare = next(r for r in load(tmp_path / "none").values() if r.video.id == lost.stem)
    assert bare.video.clips[0].uri == lost.stem


@pytest.mark.parametrize(
    ("content", "reason"), [(b"", "video_empty"), (b"no video at all" * 99, "video_unreadable")]
)
def test_a_file_that_is_no_video_costs_its_own_events(corpus, tmp_path, content, reason):
    record = first_of(corpus, tmp_path)
    find_video(corpus, record).write_bytes(content)
    report = build(corpus, tmp_path / "out", "frames")
    assert set(reasons(report)) == {reason}
    assert record.id not in load(tmp_path / "out")
    assert report.n_records["train"] > 0


def test_a_video_shorter_than_its_annotation_loses_the_events_behind_its_end(corpus, tmp_path):
    record = first_of(corpus, tmp_path)
    annotations = json.loads((corpus / "train.json").read_text())
    entry = annotations[record.video.id]
    longer_s = entry["duration"] + 60
    entry["timestamps"].append([longer_s - 20, longer_s - 5])
    entry["sentences"].append("This was cut off.")
    entry["duration"] = longer_s
    (corpus / "train.json").write_text(json.dumps(annotations))
    report = build(corpus, tmp_path / "out", "frames")
    assert reasons(report) == Counter(past_decoded_end=1)
    kept = load(tmp_path / "out")[record.id]
    assert kept.video.duration_s == pytest.approx(record.video.duration_s, abs=0.5)
    assert kept.timeline[-1].end_s == kept.video.duration_s


def test_another_size_of_a_video_rebuilds_its_partition(corpus, tmp_path):
    record = first_of(corpus, tmp_path)
    build(corpus, tmp_path / "out", "frames")
    with find_video(corpus, record).open("ab") as file:
        file.write(bytes(8))
    assert build(corpus, tmp_path / "out", "frames").n_built == 1


def test_a_video_that_hangs_is_rejected_and_tried_again(corpus, tmp_path):
    report = build(corpus, tmp_path / "out", "frames", **{"video.timeout_s": 0.01})
    assert set(reasons(report)) == {"timeout"}
    again = build(corpus, tmp_path / "out", "frames")
    assert reasons(again) == Counter()
    build(corpus, tmp_path / "fresh", "frames")
    assert read_build(tmp_path / "out") == read_build(tmp_path / "fresh")


@pytest.mark.slow
def test_a_decoder_that_dies_costs_one_video(corpus, tmp_path):
    """The decoding child is killed from outside, as a crash in a codec would."""
    command = [sys.executable, "-m", "streamit", "build", "--recipe", "dense_caption", "--json"]
    command += ["--source", f"activitynet={corpus}", "--out", str(tmp_path / "out")]
    command += ["--media", "frames", "--workers", "1", "--set", "sampling.fps=12"]
    # With the videos in the index already, the only child is the one that takes frames.
    build(corpus, tmp_path / "index", "frames")
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    killed = kill_decoding_child(process)
    output, errors = process.communicate(timeout=120)
    assert killed
    assert process.returncode in (0, 3), errors
    counts = json.loads(output)["counts"]["activitynet"]
    assert set(counts["rejected"]) == {"decoder_crash"}
    assert counts["recorded"] > 0


def kill_decoding_child(process):
    """Kill the child while it has a video open; what ends meanwhile is no error."""
    deadline = time.monotonic() + 60
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    while process.poll() is None and time.monotonic() < deadline:
        with suppress(OSError):
            for child in children.read_text().split():
                if any(name.endswith((".mp4", ".webm")) for name in list_open_files(child)):
                    os.kill(int(child), signal.SIGKILL)
                    return True
    return False


def list_open_files(pid):
    names = []
    for link in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(OSError):
            names.append(str(link.readlink()))
    return names


def first_of(corpus, tmp_path):
    build(corpus, tmp_path / "first", "none")
    return next(r for r in load(tmp_path / "first").values() if r.split == "train")


@pytest.mark.shared
def test_real_videos_with_frames(shared, tmp_path):
    report = streamit.build(
        "dense_caption",
        {"activitynet": shared / "corpora" / "real_mini" / "captions.json"},
        tmp_path / "out",
        media_root=shared / "videos",
        media="frames",
        workers=1,
    )
    assert report.ledger["activitynet"].recorded == 23
    n_frames = {r.video.id: r.n_frames for r in streamit.load_records(tmp_path / "out")}
    assert n_frames == {
        "bottle-detection": 40,
        "car-detection": 31,
        "flipping_a_pancake": 11,
        "nasa_13013": 14,
        "one-by-one-person-detection": 140,
    }


@pytest.mark.shared
def test_a_truncated_file_keeps_only_what_it_shows(shared, tmp_path):
    captions = json.loads((shared / "corpora" / "real_mini" / "captions.json").read_text())
    name = "derived_truncated_car-detection"
    (tmp_path / "train.json").write_text(json.dumps({name: captions["car-detection"]}))
    report = streamit.build(
        "dense_caption",
        {"activitynet": tmp_path / "train.json"},
        tmp_path / "out",
        media_root=shared / "videos",
        media="frames",
        workers=1,
    )
    (record,) = streamit.load_records(tmp_path / "out")
    assert reasons(report) == Counter(past_decoded_end=3)
    assert record.timeline[-1].end_s == record.video.duration_s < 12


def test_the_folder_around_a_single_file_is_searched_only_to_decode(corpus, tmp_path):
    record = first_of(corpus, tmp_path)
    for folder in (corpus / "videos").iterdir():
        shutil.move(folder, corpus)
    none = build(corpus / "train.json", tmp_path / "none", "none")
    frames = build(corpus / "train.json", tmp_path / "frames", "frames")
    assert none.n_records == frames.n_records
    assert load(tmp_path / "none")[record.id].video.clips[0].uri == record.video.id
    assert load(tmp_path / "frames")[record.id].n_frames > 0


FRAMES_TABLE = """
name: shots
title: Shots in frames of the video
reader: table
licence: {annotations: own, media: own}
files: [{glob: "*.csv", split: train}]
columns: {unit: frames}
"""


def test_frame_numbers_of_a_changing_rate_are_times_of_these_frames(tmp_path, monkeypatch):
    """50 frames at 10 per second, then 20 at 2: on average 4.67, by which frame 50 were at 10.7."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    ticks = [*range(0, 450_000, 9000), *range(450_000, 1_350_000, 45_000)]
    render(tmp_path / "bent.mp4", ticks, Style(size=(64, 64), rate=Fraction(2)))
    (tmp_path / "shots.yaml").write_text(FRAMES_TABLE)
    rows = "bent,0,50,quick", "bent,50,60,slow"
    (tmp_path / "shots.csv").write_text("\n".join(["video,start,end,text", *rows]))
    sources = {str(tmp_path / "shots.yaml"): tmp_path}
    for _ in range(2):  # the second time from the media index
        out = tmp_path / "out"
        shutil.rmtree(out, ignore_errors=True)
        streamit.build("dense_caption", sources, out, workers=1, media_root=tmp_path)
        (record,) = streamit.load_records(out)
        assert record.video.duration_s == 15.0
        evidence = [span for entry in record.timeline for span in entry.evidence]
        assert [(span.start_s, span.end_s) for span in evidence] == [(0.0, 5.0), (5.0, 10.0)]
