"""Every real slice builds, and its defects are counted as the README beside it states them.

Where that says "many", or counts videos where a build counts annotations, the slice itself is
counted here once more, with nothing of the package.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any

import pytest

import streamit
from streamit.build.report import BuildReport
from streamit.errors import SourceError
from streamit.record import Record

pytestmark = pytest.mark.shared


@dataclass(frozen=True)
class Slice:
    """A slice, the recipe that it is built by, and what becomes of its annotations."""

    path: str
    source: str
    recipe: str
    records: dict[str, int]
    read: int
    rejected: dict[str, int] = field(default_factory=dict)
    adjusted: dict[str, int] = field(default_factory=dict)


SLICES = [
    Slice(
        "activitynet_captions/train.json",
        "activitynet",
        "dense_caption",
        {"train": 141},
        read=581,
        rejected={"reversed": 1, "zero_length": 1},
        adjusted={
            "clamped_end": 12,
            "evidence_between_frames": 1,
            "merged": 62,
            "out_of_order": 11,
            "overlapping": 158,
        },
    ),
    Slice(
        "activitynet_captions/val_1.json",
        "activitynet",
        "dense_caption",
        {"validation": 60},
        read=213,
        adjusted={
            "clamped_end": 4,
            "evidence_between_frames": 1,
            "merged": 36,
            "out_of_order": 12,
            "overlapping": 73,
        },
    ),
    Slice(
        "activitynet_captions/val_2.json",
        "activitynet",
        "dense_caption",
        {"validation": 60},
        read=207,
        adjusted={"merged": 49, "out_of_order": 2, "overlapping": 87},
    ),
    Slice(
        "youcook2",
        "youcook2",
        "step_recognition",
        {"train": 80, "validation": 34},
        read=921 + 20,
        rejected={"hidden_label": 20},
        adjusted={"merged": 2, "overlapping": 11},
    ),
    Slice(
        "coin/coin_train_70.json",
        "coin",
        "step_recognition",
        {"train": 129},
        read=594,
        adjusted={"evidence_between_frames": 1, "merged": 18},
    ),
    Slice("coin/COIN.json", "coin", "step_recognition", {"train": 1}, read=2),
    Slice(
        "charades_sta",
        "charades_sta",
        "temporal_grounding",
        {"train": 221, "test": 80},
        read=223 + 80,
        rejected={"reversed": 2},
        adjusted={"clamped_end": 45, "out_of_order": 60, "overlapping": 159},
    ),
    Slice(
        "qvhighlights",
        "qvhighlights",
        "temporal_grounding",
        {"train": 100, "validation": 60},
        read=202 + 133,
    ),
    Slice("hacs", "hacs", "action_detection", {"train": 1}, read=2),
    Slice("vitt", "vitt", "dense_caption", {"train": 1}, read=5, rejected={"needs_video": 1}),
]
MINIS = [
    Slice(
        "real_mini/captions.json",
        "activitynet",
        "dense_caption",
        {"train": 5},
        read=23,
        adjusted={"overlapping": 1},
    ),
    Slice("real_mini/steps.json", "coin", "step_recognition", {"train": 2}, read=10),
    Slice("real_mini/steps.json", "coin", "step_coach", {"train": 2}, read=10),
    Slice("real_mini/grounded_qa.json", "qaego4d", "grounded_qa", {"train": 6}, read=6),
    Slice(
        "real_mini/grounding.txt",
        "charades_sta",
        "temporal_grounding",
        {"train": 4},
        read=6,
        rejected={"past_end": 1, "reversed": 1},
    ),
]


def name_slice(one: Slice) -> str:
    return f"{one.path}-{one.recipe}"


def build(shared: Path, one: Slice, out: Path, media: str = "none") -> BuildReport:
    videos = shared / "videos" if one in MINIS else None
    sources = {one.source: shared / "corpora" / one.path}
    return streamit.build(one.recipe, sources, out, media=media, media_root=videos, workers=1)


def check_counts(report: BuildReport, one: Slice) -> None:
    counts = report.ledger[one.source]
    assert counts.read == one.read == counts.recorded + sum(one.rejected.values())
    assert dict(counts.rejected) == one.rejected
    assert dict(counts.set_aside) == {}
    assert dict(counts.adjusted) == one.adjusted
    assert report.n_records == one.records


@pytest.mark.parametrize("one", [*SLICES, *MINIS], ids=name_slice)
def test_a_slice_is_accounted_for_to_the_last_annotation(
    shared: Path, tmp_path: Path, one: Slice
) -> None:
    check_counts(build(shared, one, tmp_path / "out"), one)


@pytest.mark.parametrize("one", MINIS, ids=name_slice)
def test_frames_change_no_count(shared: Path, tmp_path: Path, one: Slice) -> None:
    check_counts(build(shared, one, tmp_path / "out", media="frames"), one)
    assert all(record.n_frames for record in streamit.load_records(tmp_path / "out"))


def test_the_slice_of_another_task_is_refused(shared: Path, tmp_path: Path) -> None:
    corpus = shared / "corpora" / "et_instruct"
    (row,) = read_json(corpus / "et_instruct_164k_vid.json")
    assert row["task"] == "slc"
    with pytest.raises(SourceError, match="hold no annotation at all"):
        streamit.build("temporal_grounding", {"et_instruct": corpus}, tmp_path / "out")


def build_records(shared: Path, out: Path, path: str) -> list[Record]:
    one = next(one for one in SLICES if one.path == path)
    build(shared, one, out)
    return list(streamit.load_records(out))


def list_answers(record: Record) -> list[str]:
    return [entry.text or "" for entry in record.timeline if entry.type == "assistant"]


def read_json(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def read_rejects(out: Path) -> dict[str, str]:
    lines = (out / "streamit" / "rejects.jsonl").read_text(encoding="utf-8").splitlines()
    rejects = [json.loads(line) for line in lines]
    return {reject["key"]: reject["reason"] for reject in rejects}


@dataclass(frozen=True)
class Disorder:
    """(videos, events) of ActivityNet Captions with each defect, counted in the file."""

    past_end: tuple[int, int]
    unsorted: tuple[int, int]
    overlapping: tuple[int, int]
    newline: int
    non_ascii: int
    dash: int


@pytest.mark.parametrize(
    ("name", "stated"),
    [
        ("train", Disorder((10, 12), (11, 11), (80, 158), newline=2, non_ascii=8, dash=11)),
        ("val_1", Disorder((4, 4), (12, 12), (38, 73), newline=1, non_ascii=8, dash=8)),
        ("val_2", Disorder((0, 0), (2, 2), (43, 87), newline=0, non_ascii=1, dash=8)),
    ],
)
def test_activitynet_holds_what_its_readme_says(shared: Path, name: str, stated: Disorder) -> None:
    entries = read_json(shared / "corpora" / "activitynet_captions" / f"{name}.json")
    spans = {key: [s for s in e["timestamps"] if s[0] < s[1]] for key, e in entries.items()}
    texts = [e["sentences"] for e in entries.values()]
    # Some lengths have noise in the fourteenth digit.
    past = {
        key: sum(end_s > entries[key]["duration"] + 1e-6 for _, end_s in of)
        for key, of in spans.items()
    }
    assert stated == Disorder(
        count_both(past.values()),
        count_both(sum(b[0] < a[0] for a, b in pairwise(of)) for of in spans.values()),
        count_both(map(count_overlaps, spans.values())),
        sum(any("\n" in text for text in of) for of in texts),
        sum(not all(map(str.isascii, of)) for of in texts),
        sum(key.startswith("v_-") for key in entries),
    )


def count_both(per_video: Iterable[int]) -> tuple[int, int]:
    """In how many videos there is any, and how many there are."""
    counts = [count for count in per_video if count]
    return len(counts), sum(counts)


def count_overlaps(spans: list[list[float]]) -> int:
    """Events that begin before all earlier ones of the list have ended."""
    reached_s = accumulate((end_s for _, end_s in spans), max)
    return sum(start_s < end_s for (start_s, _), end_s in zip(spans[1:], reached_s, strict=False))


def test_activitynet_faults_are_those_of_the_two_videos_named(shared: Path, tmp_path: Path) -> None:
    records = build_records(shared, tmp_path / "out", "activitynet_captions/train.json")
    assert read_rejects(tmp_path / "out") == {
        "v_0bosp4-pyTM": "reversed",
        "v_N7ppHQNikv8": "zero_length",
    }
    assert sum(record.video.id.startswith("v_-") for record in records) == 11
    texts = [text for record in records for text in list_answers(record)]
    assert all(text == " ".join(text.split()) for text in texts)
    assert sum(not "".join(list_answers(record)).isascii() for record in records) == 8


def test_youcook2_holds_what_its_readme_says(shared: Path, tmp_path: Path) -> None:
    records = build_records(shared, tmp_path / "out", "youcook2")
    entries = read_json(shared / "corpora" / "youcook2" / "yc2_annotations_trainval.json")
    steps = [entry["annotations"] for entry in entries["database"].values()]
    sentences = [step["sentence"] for of in steps for step in of]
    assert (len(steps), len(sentences)) == (114, 921)
    assert sum(text != text.strip() for text in sentences) == 2
    assert sum(count_overlaps([step["segment"] for step in of]) for of in steps) == 11
    assert sum(record.video.id.startswith("-") for record in records) == 8
    assert set(read_rejects(tmp_path / "out").values()) == {"hidden_label"}
    assert all(text == text.strip() for record in records for text in list_answers(record))


def test_coin_holds_what_its_readme_says(shared: Path, tmp_path: Path) -> None:
    records = build_records(shared, tmp_path / "out", "coin/coin_train_70.json")
    entries = read_json(shared / "corpora" / "coin" / "coin_train_70.json")
    assert len({entry["class"] for one in entries for entry in one.values()}) == 66
    assert sum(record.video.id.startswith("-") for record in records) == 8
    assert len({record.video.id for record in records}) == 129


def test_both_wrappers_of_coin_lie_in_one_folder(shared: Path, tmp_path: Path) -> None:
    report = streamit.build(
        "step_recognition", {"coin": shared / "corpora" / "coin"}, tmp_path / "out", workers=1
    )
    assert report.ledger["coin"].recorded == 594 + 2
    assert report.n_records == {"train": 130}


def test_charades_sta_holds_what_its_readme_says(shared: Path, tmp_path: Path) -> None:
    build_records(shared, tmp_path / "out", "charades_sta")
    rows = [row for split in ("train", "test") for row in read_charades(shared, split)]
    assert len({video for video, *_ in rows}) == 95 + 32
    reversed_rows = [(v, start_s, end_s) for v, start_s, end_s, _ in rows if start_s > end_s]
    assert reversed_rows == [("LEOL6", 8.0, 7.0), ("IOL8Q", 20.9, 12.0)]
    assert read_rejects(tmp_path / "out") == {"LEOL6": "reversed", "IOL8Q": "reversed"}
    # One of the reversed rows ends after its video as well.
    past_s = [end_s - length_s for _, _, end_s, length_s in rows if end_s > length_s]
    assert len(past_s) == 45 + 1
    assert max(past_s) == pytest.approx(1.42)


def read_charades(shared: Path, split: str) -> Iterator[tuple[str, float, float, float]]:
    """(video, start, end, length of the video) of each row, in seconds."""
    folder = shared / "corpora" / "charades_sta"
    with (folder / f"Charades_v1_{split}.csv").open(newline="") as file:
        lengths_s = {row["id"]: float(row["length"]) for row in csv.DictReader(file)}
    for line in (folder / f"charades_sta_{split}.txt").read_text().splitlines():
        video, start, end = line.split("##")[0].split()
        yield video, float(start), float(end), lengths_s[video]


def test_qvhighlights_holds_what_its_readme_says(shared: Path, tmp_path: Path) -> None:
    records = build_records(shared, tmp_path / "out", "qvhighlights")
    assert sum(len(list_answers(record)) for record in records) == 202 + 133
    assert sum(len(list_answers(record)) >= 5 for record in records) == 12 + 8
    assert sum(record.video.duration_s != 150 for record in records) == 10 + 9
    assert sum(not "".join(list_answers(record)).isascii() for record in records) == 3 + 1
    assert sum(record.video.id.startswith("-") for record in records) == 6 + 6


def test_hacs_reads_segments_and_leaves_its_clips_alone(shared: Path, tmp_path: Path) -> None:
    (record,) = build_records(shared, tmp_path / "out", "hacs")
    assert record.video.id.startswith("--")
    assert record.video.duration_s == 92.166667
    assert record.provenance.annotation_file == "HACS_segments_v1.1.1.json"


def test_vitt_needs_the_video_for_its_last_tag_alone(shared: Path, tmp_path: Path) -> None:
    (record,) = build_records(shared, tmp_path / "out", "vitt")
    starts_ms = [
        tag["timestamp"]
        for tag in read_json(shared / "corpora" / "vitt" / "ViTT-annotations.json")[0][
            "annotations"
        ]
    ]
    ends_s = [entry.start_s for entry in record.timeline if entry.type == "assistant"]
    assert ends_s == [ms / 1000 for ms in starts_ms[1:]]


def test_real_mini_counts_frames_at_30_per_second_whatever_the_video_has(
    shared: Path, tmp_path: Path
) -> None:
    (one,) = [one for one in MINIS if one.source == "qaego4d"]
    build(shared, one, tmp_path / "out")
    rows = read_json(shared / "corpora" / one.path)
    records = streamit.load_records(tmp_path / "out")
    ends_s = {row["answer"]: row["moment_end_frame"] / 30 for row in rows}
    answered_s = {
        entry.text: entry.start_s
        for record in records
        for entry in record.timeline
        if entry.type == "assistant"
    }
    assert answered_s == pytest.approx(ends_s)
