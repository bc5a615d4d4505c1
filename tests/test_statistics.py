"""What a build holds, counted and measured."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from streamit.pair_rates import Rate
from streamit.record import Record, Score, Span
from streamit.statistics import MEASURES, Group, compute_statistics
from tests.builds import read_manifest, rename, write_build, write_manifest, write_shard
from tests.factories import answer, multi_turn, proactive, record, stretch, user


def ignored() -> Record:
    """A 60 s negative: nothing is expected, one answer is not learned, 45 s are silence."""
    entries = [
        stretch(0.0, 15.0, loss=False),
        user(15.0, "Nobody answers.", expects="none"),
        answer(15.0, "Well.", Span(14.0, 15.0), reply_to=1, loss=False, origin="model"),
        stretch(15.0, 60.0),
    ]
    return record(entries, source="other", split="test")


@pytest.fixture
def build(tmp_path: Path) -> Path:
    write_shard(tmp_path / "train-0.parquet", [multi_turn(), rename(proactive(), "second")])
    write_shard(tmp_path / "test-0.parquet", [ignored()])
    return tmp_path


def test_records_are_summed(build: Path) -> None:
    assert compute_statistics(build).total == Group(
        n_records=3,
        n_negatives=1,
        n_questions=5,
        n_answers=7,
        n_learned=6,
        n_frames=0,
        stream_s=84.0,
        silence_s=69.0,
    )


def test_groups_are_by_source_split_layout_and_task(build: Path) -> None:
    groups = compute_statistics(build).groups
    counts = {
        column: {name: group.n_records for name, group in named.items()}
        for column, named in groups.items()
    }
    assert counts == {
        "source": {"demo": 2, "other": 1},
        "split": {"test": 1, "train": 2},
        "layout": {"multi_turn": 2, "proactive": 1},
        "task": {"dense_caption": 3},
    }


def test_shares_are_of_seconds_answers_and_records(build: Path) -> None:
    found = compute_statistics(build)
    assert found.silence_share == round(69 / 84, 6)
    assert found.learned_share == round(6 / 7, 6)
    assert found.negative_share == round(1 / 3, 6)


def test_texts_are_counted_by_origin(build: Path) -> None:
    assert compute_statistics(build).origins == {"annotation": 6, "model": 1, "template": 5}


def test_questions_are_counted_by_type(tmp_path: Path) -> None:
    entries = [
        stretch(0.0, 2.0),
        user(2.0, question_type="OP"),
        answer(2.0, "A cup.", Span(0.0, 2.0), reply_to=1, question_type="AR"),
        user(2.0, question_type="OP"),
        user(2.0),
    ]
    write_shard(tmp_path / "train-0.parquet", [record(entries)])
    assert compute_statistics(tmp_path).question_types == {"OP": 2}


def test_every_measure_has_a_value_per_record_or_per_answer(build: Path) -> None:
    found = compute_statistics(build).distributions
    assert {name: found[name].n for name in MEASURES} == {
        "duration_s": 3,
        "turns": 3,
        "frames": 0,
        "answers_per_minute": 3,
        "silence_share": 3,
        "window_s": 7,
        "evidence_s": 7,
        "question_characters": 5,
        "answer_characters": 7,
    }


def test_a_distribution_has_exact_quantiles(build: Path) -> None:
    spread = compute_statistics(build).distributions["answers_per_minute"]
    assert (spread.min, spread.quantiles["p25"], spread.quantiles["p50"], spread.max) == (
        1.0,
        8.0,
        15.0,
        15.0,
    )
    assert spread.mean == round(31 / 3, 6)


def test_a_distribution_of_nothing_has_no_numbers(build: Path) -> None:
    spread = compute_statistics(build).distributions["frames"]
    assert (spread.mean, spread.min, spread.quantiles, spread.max) == (None, None, {}, None)


def test_frames_are_measured_where_there_are_some(tmp_path: Path) -> None:
    some = replace(multi_turn(), frame_times_s=(0.0, 1.0), n_frames=2)
    write_shard(tmp_path / "train-0.parquet", [some, multi_turn()])
    spread = compute_statistics(tmp_path).distributions["frames"]
    assert (spread.n, spread.mean) == (1, 2.0)


def test_one_split_can_be_measured_alone(build: Path) -> None:
    assert compute_statistics(build, splits=["test"]).total.n_records == 1


def test_an_empty_build_has_zero_shares(tmp_path: Path) -> None:
    write_shard(tmp_path / "train-0.parquet", [])
    found = compute_statistics(tmp_path)
    assert (found.total, found.silence_share, found.negative_share) == (Group(), 0.0, 0.0)


def joined(name: str, **scores: float) -> Record:
    """A record with the scores of a joined stream."""
    found = tuple(Score(key, value) for key, value in scores.items())
    return replace(rename(multi_turn(), name), scores=found)


def test_rates_of_pairs_are_of_all_or_of_those_that_were_written(tmp_path: Path) -> None:
    records = [
        joined("a", n_clips=10, qa_dropped=5, qa_refused=1, qa_shifted=2, hallucinations=1),
        joined("b", n_clips=10, qa_dropped=6, qa_refused=0, qa_shifted=0, hallucinations=0),
        rename(multi_turn(), "c"),
    ]
    write_shard(tmp_path / "train-0.parquet", records)
    assert compute_statistics(tmp_path).augment == {
        "drop": Rate(11, 20, 0.55),
        "shift": Rate(2, 8, 0.25),
        "hallucination": Rate(1, 8, 0.125),
    }


def test_pairs_of_streams_without_a_record_are_counted_by_the_manifest(tmp_path: Path) -> None:
    write_build(tmp_path, [joined("a", n_clips=10, qa_dropped=4)])
    manifest = read_manifest(tmp_path)
    manifest["counts"]["demo"]["set_aside"] = {"no_pair_left": 5}
    write_manifest(tmp_path, manifest)
    assert compute_statistics(tmp_path).augment["drop"] == Rate(9, 15, 0.6)
    assert compute_statistics(tmp_path, ["train"]).augment["drop"] == Rate(4, 10, 0.4)


def test_plain_records_have_no_rates_of_pairs(build: Path) -> None:
    assert compute_statistics(build).augment == {}


def test_scores_are_spread_by_name(tmp_path: Path) -> None:
    write_shard(tmp_path / "train-0.parquet", [joined("a", x=1.0), joined("b", x=3.0, y=0.5)])
    found = compute_statistics(tmp_path).scores
    assert {name: (spread.n, spread.mean) for name, spread in found.items()} == {
        "x": (2, 2.0),
        "y": (1, 0.5),
    }
