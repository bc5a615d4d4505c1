"""Joined streams of real videos: every frame of a record, traced back to the file it is from."""

import io
from collections import Counter
from fractions import Fraction

import numpy as np
import pyarrow.parquet as pq
import pytest
from PIL import Image

import streamit
from streamit.build.check import check_build
from streamit.video.frames import sample_frames
from tests.checkpoints import write_clip
from tests.clips import write_panda
from tests.rendered import Style, even_ticks, read_number, render

# Frame n of every file starts at n / rate s.
RATES = {"v0000000000": 30, "v0000000001": 25, "v0000000002": 10, "v0000000003": 15}
CLIPS = {
    "v0000000000": [(0.0, 4.15), (4.3, 9.71)],
    "v0000000001": [(1.03, 6.5)],
    "v0000000002": [(0.25, 3.0), (3.05, 8.0), (8.0, 12.0)],
    "v0000000003": [(2.0, 7.77)],
}
WIDE = ("v0000000001", "v0000000003")
N_CLIPS = sum(map(len, CLIPS.values()))


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    """A Panda-70M file of seven clips with their four videos of 12 s, two of them upright."""
    folder = tmp_path_factory.mktemp("streams") / "panda70m"
    rows = [
        {
            "videoID": name,
            "timestamp": [[f"0:00:{s:06.3f}", f"0:00:{e:06.3f}"] for s, e in clips],
            "caption": [f"Something {name} of kind {k}." for k in range(len(clips))],
        }
        for name, clips in CLIPS.items()
    ]
    write_panda(folder, rows)
    for name, rate in RATES.items():
        size = (192, 128) if name in WIDE else (128, 192)
        style = Style(rate=Fraction(rate), size=size)
        render(folder / f"{name}.mp4", even_ticks(12 * rate, Fraction(rate)), style)
    return folder


@pytest.fixture(autouse=True)
def _no_index(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def build(corpus, out, **options):
    settings = {
        "workers": 1,
        "split.validation": 0.0,
        "augment.drop": 0.0,
        "augment.shift": 0.3,
        "streams.clips": 4,
        "sampling.short_side": 64,
    }
    return streamit.build("streaming_qa", {"panda70m": corpus}, out, **(settings | options))


def load(out):
    return {record.id: record for record in streamit.load_records(out)}


def shown_at(record, time_s):
    """Number and start of the frame that the stream shows at a time, and whether it is wide."""
    clip = [clip for clip in record.video.clips if clip.offset_s <= time_s][-1]
    name = clip.uri.removesuffix(".mp4")
    rate = RATES[name]
    starts = [n / rate for n in range(12 * rate)]
    inside = [s for s in starts if clip.start_s <= round(s, 6) < clip.end_s]
    local_s = time_s - clip.offset_s + clip.start_s
    start_s = [inside[0], *(s for s in inside if s <= local_s + 1e-6)][-1]
    stream_s = round(start_s - clip.start_s + clip.offset_s, 6)
    return round(start_s * rate), stream_s, name in WIDE


@pytest.mark.parametrize("fps", [1.0, 3.0])
def test_every_frame_is_the_one_of_its_clip_and_time(corpus, tmp_path, fps):
    build(corpus, tmp_path / "out", media="frames", **{"sampling.fps": fps})

    records = load(tmp_path / "out").values()
    assert sum(len(record.video.clips) for record in records) == N_CLIPS
    for record in records:
        times_s = [i / fps for i in range(int(np.ceil(record.video.duration_s * fps)))]
        wanted = dict.fromkeys(shown_at(record, time_s)[:2] for time_s in times_s)
        images = [np.asarray(Image.open(io.BytesIO(frame.bytes))) for frame in record.frames]
        shown = list(zip(map(read_number, images), record.frame_times_s, strict=True))
        assert shown == list(wanted)
        assert {min(image.shape[:2]) for image in images} == {64}
        assert record.provenance.decoder == "pyav"
    assert check_build(str(tmp_path / "out")).n_problems == 0


def test_a_joined_video_shows_what_its_clips_do(corpus, tmp_path):
    build(corpus, tmp_path / "none")
    report = build(corpus, tmp_path / "clips", media="clips")

    plain, filmed = load(tmp_path / "none"), load(tmp_path / "clips")
    assert plain.keys() == filmed.keys()
    for name, record in filmed.items():
        (clip,) = record.video.clips
        assert (clip.start_s, clip.end_s, clip.offset_s) == (0.0, record.video.duration_s, 0.0)
        frames = sample_frames(tmp_path / "clips" / clip.uri, short_side=None)
        assert frames.images.shape[1:3] == (record.video.height, record.video.width)
        for image, time_s in zip(frames.images, frames.times_s, strict=True):
            number, _, is_wide = shown_at(plain[name], time_s)
            assert read_number(crop(image, is_wide)) == number
        assert list(record.frame_times_s) == list(frames.times_s)
    assert report.ledger["panda70m"].rejected.total() == 0
    assert check_build(str(tmp_path / "clips")).n_problems == 0


def crop(image, is_wide):
    """The picture without the black beside or above one of 2:3, or 3:2, on the other's canvas."""
    height, width = image.shape[:2]
    if is_wide == (width > height):
        return image
    narrow, low = round(height * 2 / 3), round(width * 2 / 3)
    if width > height:
        return image[:, (width - narrow) // 2 :][:, :narrow]
    return image[(height - low) // 2 :][:low]


@pytest.mark.parametrize("media", ["frames", "clips"])
def test_the_timeline_does_not_depend_on_the_media(corpus, tmp_path, media):
    build(corpus, tmp_path / "none")
    build(corpus, tmp_path / media, media=media)
    plain, filmed = load(tmp_path / "none"), load(tmp_path / media)
    assert {key: r.timeline for key, r in plain.items()} == {
        key: r.timeline for key, r in filmed.items()
    }


@pytest.mark.parametrize("media", ["frames", "clips"])
def test_twice_gives_the_same_bytes_with_one_worker_and_two(corpus, tmp_path, media):
    made = []
    for name, workers in (("one", 1), ("two", 2)):
        build(corpus, tmp_path / name, media=media, workers=workers, **{"shard.records": 1})
        files = sorted(
            path
            for pattern in ("*/*.parquet", "*/clips/*.mp4")
            for path in (tmp_path / name).glob(pattern)
        )
        made.append({str(f.relative_to(tmp_path / name)): f.read_bytes() for f in files})
    assert made[0] == made[1]
    assert made[0]


@pytest.mark.parametrize("embedder", [None, "pixels"])
@pytest.mark.parametrize("fault", ["video_missing", "video_unreadable"])
def test_a_file_that_cannot_be_used_costs_its_own_clips(tmp_path, corpus, fault, embedder):
    """They are refused before clips are joined, so that no stream dies with them."""
    copy = tmp_path / "panda70m"
    copy.mkdir()
    for file in corpus.iterdir():
        (copy / file.name).write_bytes(file.read_bytes())
    victim = copy / "v0000000001.mp4"
    victim.unlink()
    if fault == "video_unreadable":
        victim.write_bytes(b"no video at all" * 100)

    report = build(copy, tmp_path / "out", media="frames", **{"similarity.embedder": embedder})

    counts = report.ledger["panda70m"]
    assert counts.rejected == Counter({fault: len(CLIPS["v0000000001"])})
    assert sum(len(r.video.clips) for r in load(tmp_path / "out").values()) == N_CLIPS - 1


def test_clips_that_look_alike_follow_each_other(corpus, tmp_path):
    """What was measured is kept: a second build with other numbers decodes nothing for it."""
    build(
        corpus, tmp_path / "out", **{"similarity.embedder": "pixels", "streams.max_similarity": 1.0}
    )
    scores = [
        {score.name: score.value for score in r.scores} for r in load(tmp_path / "out").values()
    ]
    assert all(one["ordered_by_similarity"] == 1 for one in scores)
    (file,) = (tmp_path / "out/streamit/similarity").iterdir()
    stamp = file.stat().st_mtime_ns

    build(
        corpus, tmp_path / "out", **{"similarity.embedder": "pixels", "streams.max_similarity": 0.5}
    )
    (again,) = (tmp_path / "out/streamit/similarity").iterdir()
    assert (again, again.stat().st_mtime_ns) == (file, stamp)


def test_a_checkpoint_scores_captions_and_leaves_no_path(corpus, tmp_path):
    pytest.importorskip("torch", reason="needs torch: pip install 'streamit[train]'")
    folder = write_clip(tmp_path / "tiny")
    wanted = {"similarity.embedder": str(folder), "similarity.keep": 0.5}

    report = build(corpus, tmp_path / "out", **wanted)

    counts = report.ledger["panda70m"]
    assert counts.set_aside["low_similarity"] == N_CLIPS // 2
    (measured,) = (tmp_path / "out/streamit/similarity").iterdir()
    scores = sorted(pq.read_table(measured)["score"].to_pylist())
    best = scores[N_CLIPS // 2 :]
    (record,) = load(tmp_path / "out").values()
    named = {score.name: score.value for score in record.scores}
    assert named["caption_similarity"] == pytest.approx(np.mean(best), abs=1e-3)
    written = [path for path in (tmp_path / "out").rglob("*") if path.is_file()]
    assert [path for path in written if str(tmp_path).encode() in path.read_bytes()] == []
