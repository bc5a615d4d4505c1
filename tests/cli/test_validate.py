"""`streamit validate`."""

from __future__ import annotations

from pathlib import Path

from tests.builds import make_records, write_build, write_shard
from tests.cli.conftest import Cli
from tests.factories import with_entry


def write_faulty(folder: Path) -> Path:
    """Three records, of which two have text with two spaces; the first of them twice."""
    first, second, third = make_records(3)
    unclean = with_entry(with_entry(first, 0, text="a  b"), 2, text="c  d")
    return write_build(folder, [unclean, with_entry(second, 1, text="e  f"), third])


def test_a_sound_build_is_0(cli: Cli, build: Path) -> None:
    done = cli("validate", build)
    assert (done.code, done.out) == (
        0,
        f"{build}: 6 records in 2 shards, 2 hashed again: no problems\n",
    )


def test_fast_hashes_nothing(cli: Cli, build: Path) -> None:
    assert "0 hashed again: no problems" in cli("validate", build, "--fast").out


def test_json_of_a_sound_build(cli: Cli, build: Path) -> None:
    done = cli("validate", build, "--json")
    assert (done.code, done.json) == (
        0,
        {
            "build": str(build),
            "valid": True,
            "shards": 2,
            "hashed": 2,
            "records": 6,
            "n_problems": 0,
            "by_rule": {},
            "problems": [],
        },
    )


def test_problems_are_1_and_each_is_a_line(cli: Cli, tmp_path: Path) -> None:
    build = write_faulty(tmp_path / "out")
    done = cli("validate", build)
    *lines, summary = done.out.splitlines()
    shard = next(build.glob("dense_caption/*")).relative_to(build)
    assert done.code == 1
    assert lines[0] == (
        f"{shard} row 0 (dense_caption/demo/v_train00000/0): X1 timeline[0].text: "
        "'a  b' has white space that is not collapsed"
    )
    assert (len(lines), summary) == (3, f"{build}: 3 records in 1 shard: 3 problems (X1 3)")


def test_json_lists_some_problems_and_counts_all(cli: Cli, tmp_path: Path) -> None:
    done = cli("validate", write_faulty(tmp_path / "out"), "--json", "--max-problems", "1")
    assert done.code == 1
    assert (done.json["valid"], done.json["n_problems"], done.json["by_rule"]) == (
        False,
        3,
        {"X1": 3},
    )
    [problem] = done.json["problems"]
    assert set(problem) == {"rule", "where", "message", "file", "row", "record"}
    assert (problem["rule"], problem["where"], problem["row"]) == ("X1", "timeline[0].text", 0)


def test_what_is_not_listed_is_told(cli: Cli, tmp_path: Path) -> None:
    done = cli("validate", write_faulty(tmp_path / "out"), "--max-problems", "1")
    assert "streamit: 2 more problems not listed; see --max-problems\n" in done.err


def test_control_characters_of_the_data_do_not_reach_the_terminal(cli: Cli, tmp_path: Path) -> None:
    shard = tmp_path / "train-\x1b[31m.parquet"
    [record] = make_records(1)
    write_shard(shard, [with_entry(record, 0, text="  ")])
    assert "\x1b" not in cli("validate", shard).out


def test_nothing_to_validate_is_1_and_one_line(cli: Cli, tmp_path: Path) -> None:
    done = cli("validate", tmp_path)
    assert (done.code, done.out, done.err.count("\n")) == (1, "", 1)
