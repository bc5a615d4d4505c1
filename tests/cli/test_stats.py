"""`streamit stats`."""

from __future__ import annotations

from pathlib import Path

from streamit.statistics import MEASURES
from tests.builds import write_shard
from tests.cli.conftest import Cli
from tests.factories import record, stretch, user


def test_the_text_tells_groups_spreads_and_annotations(cli: Cli, build: Path) -> None:
    done = cli("stats", build)
    lines = [" ".join(line.split()) for line in done.out.splitlines()]
    assert (done.code, done.err) == (0, "")
    assert lines[0] == f"{build}: 6 records in 2 shards"
    assert "split test 2 4 6 0 0.01" in lines
    assert "layout proactive 2 2 6 0 0.01" in lines
    assert "all 6 14 18 0 0.02" in lines
    assert "answers_per_minute 6 15 15 15 15 15 15" in lines
    assert "demo 18 18 0 0 0" in lines


def test_lines_fit_a_terminal_of_eighty_columns(cli: Cli, build: Path) -> None:
    assert max(map(len, cli("stats", build).out.splitlines()[1:])) <= 80


def test_json_has_all_groups_and_measures(cli: Cli, build: Path) -> None:
    found = cli("stats", build, "--json").json
    assert (found["complete"], found["shards"], found["total"]["n_records"]) == (True, 2, 6)
    assert set(found["groups"]) == {"source", "split", "layout", "task"}
    assert set(found["distributions"]) == set(MEASURES)
    assert found["annotations"]["demo"]["read"] == 18


def test_questions_with_a_type_have_a_table(cli: Cli, build: Path, tmp_path: Path) -> None:
    assert "QUESTION TYPE" not in cli("stats", build).out
    asked = [user(2.0, question_type=name) for name in ("OP", "AR", "OP")]
    write_shard(tmp_path / "train-0.parquet", [record([stretch(0.0, 2.0), *asked])])
    lines = [" ".join(line.split()) for line in cli("stats", tmp_path).out.splitlines()]
    at = lines.index("QUESTION TYPE QUESTIONS SHARE")
    assert lines[at + 1 : at + 3] == ["AR 1 33.3%", "OP 2 66.7%"]


def test_one_split(cli: Cli, build: Path) -> None:
    found = cli("stats", build, "--split", "test", "--json").json
    assert found["groups"]["split"].keys() == {"test"}


def test_an_unfinished_build_says_so(cli: Cli, build: Path) -> None:
    (build / "_SUCCESS").unlink()
    assert "(not a finished build)" in cli("stats", build).out
    assert cli("stats", build, "--json").json["complete"] is False


def test_a_split_that_does_not_exist_is_wrong_usage(cli: Cli, build: Path) -> None:
    done = cli("stats", build, "--split", "tset")
    assert (done.code, done.out) == (2, "")
    assert "did you mean 'test'" in done.err
