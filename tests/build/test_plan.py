"""How a plan cuts its partitions: by content, whole videos, bounded."""

import json

import pyarrow.parquet as pq
import pytest

import streamit
from tests.corpora import make_captions, read_build, write_captions


def build(corpus, out, **overrides):
    return streamit.build("dense_caption", {"activitynet": corpus}, out, workers=1, **overrides)


def list_videos(out):
    """The ids of the videos in each shard."""
    shards = sorted((out / "dense_caption").glob("*.parquet"))
    return [
        [row["video"]["id"] for row in pq.read_table(path, columns=["video"]).to_pylist()]
        for path in shards
    ]


def write_queries(corpus):
    """The captions of a corpus as lines of Charades-STA, with lengths."""
    captions = json.loads((corpus / "train.json").read_text())
    folder = corpus.parent / "charades_sta"
    folder.mkdir(exist_ok=True)
    with (folder / "charades_sta_train.txt").open("w") as file:
        for name, entry in captions.items():
            for span, text in zip(entry["timestamps"], entry["sentences"], strict=True):
                file.write(f"{name} {span[0]} {span[1]}##{text}\n")
    rows = [f"{name},{entry['duration']}" for name, entry in captions.items()]
    (folder / "Charades_v1_train.csv").write_text("\n".join(["id,length", *rows]))
    return folder


def test_the_mean_size_of_a_shard_is_what_the_recipe_says(tmp_path):
    corpus = write_captions(tmp_path / "activitynet", make_captions(1000))
    build(corpus, tmp_path / "out", shard={"records": 50})
    sizes = [len(videos) for videos in list_videos(tmp_path / "out")]
    assert sum(sizes) == 1000
    assert 40 < 1000 / len(sizes) < 60


def test_a_shard_is_cut_when_it_is_full(tmp_path):
    corpus = write_captions(tmp_path / "activitynet", make_captions(40))
    assert build(corpus, tmp_path / "one").n_built == 1
    assert build(corpus, tmp_path / "many", shard={"max_bytes": 10_000}).n_built > 5


def test_all_records_of_a_video_stand_in_one_shard(tmp_path):
    write_captions(tmp_path / "activitynet", make_captions(60, seed=1), "val_1.json")
    corpus = write_captions(tmp_path / "activitynet", make_captions(60, seed=2), "val_2.json")
    build(corpus, tmp_path / "out", shard={"records": 5})
    shards = list_videos(tmp_path / "out")
    assert len(shards) > 5
    assert sum(len(set(videos)) for videos in shards) == 60


def test_the_order_in_the_file_does_not_matter(tmp_path):
    captions = make_captions(60)
    write_captions(tmp_path / "a" / "activitynet", captions)
    write_captions(tmp_path / "b" / "activitynet", dict(reversed(captions.items())))
    for name in ("a", "b"):
        build(tmp_path / name / "activitynet", tmp_path / name / "out", shard={"records": 10})
    a, b = (
        {
            path: data
            for path, data in read_build(tmp_path / name / "out").items()
            if "dense" in path
        }
        for name in ("a", "b")
    )
    assert a == b


def test_videos_are_shuffled(tmp_path):
    corpus = write_captions(tmp_path / "activitynet", make_captions(100))
    build(corpus, tmp_path / "out")
    (videos,) = list_videos(tmp_path / "out")
    assert videos != sorted(videos)


@pytest.mark.parametrize("key", ["seed", "sampling.fps", "layout.proactive"])
def test_a_key_that_changes_records_gives_other_shards(tmp_path, key):
    corpus = write_captions(tmp_path / "activitynet", make_captions(5))
    build(corpus, tmp_path / "out")
    assert build(corpus, tmp_path / "out", **{key: 0.5 if "." in key else 7}).n_built == 1


@pytest.mark.parametrize("key", ["limits.max_reject_rate", "video.timeout_s"])
def test_a_key_that_changes_no_record_keeps_the_shards(tmp_path, key):
    corpus = write_captions(tmp_path / "activitynet", make_captions(5))
    build(corpus, tmp_path / "out")
    assert build(corpus, tmp_path / "out", **{key: 0.5}).n_built == 0


def test_as_many_lines_are_rejected_as_are_counted(tmp_path):
    captions = make_captions(20)
    captions["v_00000000001"]["timestamps"][0] = [float("nan"), 3.0]
    captions["v_00000000002"]["sentences"].append("one too many")
    captions["v_00000000003"]["timestamps"][1] = [9.0, 3.0]
    captions["v_00000000004"] = ["no object"]
    report = build(
        write_captions(tmp_path / "activitynet", captions),
        tmp_path / "out",
        limits={"max_reject_rate": 1.0},
    )
    lines = (tmp_path / "out" / "streamit" / "rejects.jsonl").read_text().splitlines()
    rejected = report.ledger["activitynet"].rejected
    assert len(lines) == rejected.total()
    assert set(rejected) == {"not_finite", "length_mismatch", "reversed", "bad_item"}


def test_a_length_that_was_learned_later_gives_another_shard(demo, tmp_path, monkeypatch):
    """The first survey runs out of time, so that the last tag of a video has no end."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    sources = {"vitt": demo.folders["vitt"]}
    options = {"workers": 1, "limits": {"max_reject_rate": 1.0}}
    out = tmp_path / "out"
    first = streamit.build("dense_caption", sources, out, video={"timeout_s": 0.001}, **options)
    second = streamit.build("dense_caption", sources, out, **options)
    assert set(first.ledger["vitt"].rejected) == {"needs_video"}
    assert second.ledger["vitt"].rejected.total() == 0


def test_negatives_do_not_depend_on_where_a_full_shard_is_cut(tmp_path):
    """The size of a shard depends on the media; what is asked of a video must not."""
    corpus = write_captions(tmp_path / "activitynet", make_captions(120))
    asked = []
    for name, max_bytes in (("one", 500_000_000), ("many", 40_000)):
        report = streamit.build(
            "temporal_grounding",
            {"charades_sta": write_queries(corpus)},
            tmp_path / name,
            workers=1,
            negatives={"rate": 0.5},
            shard={"max_bytes": max_bytes},
        )
        assert (report.n_built > 5) == (name == "many")
        records = streamit.load_records(tmp_path / name)
        asked.append({record.id: [e.text for e in record.timeline] for record in records})
    assert asked[0] == asked[1]
    assert sum(len(texts) == 2 for texts in asked[0].values()) > 30
