"""`streamit mix`."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from streamit import load_records, resources
from tests.cli.conftest import Cli
from tests.mixes import make_many, write_mix, write_named_build


@pytest.fixture
def mixed(tmp_path: Path) -> Path:
    """The YAML of a mix of 30 of 40 records and of all of 20."""
    builds = {
        "one": write_named_build(tmp_path / "one", "one", make_many("one", 40)),
        "two": write_named_build(tmp_path / "two", "two", make_many("two", 20, first=100)),
    }
    return write_mix(tmp_path, builds, [{"build": "one", "count": 30}, {"build": "two"}])


def test_the_text_tells_what_came_from_where(cli: Cli, mixed: Path, tmp_path: Path) -> None:
    done = cli("mix", mixed, "--out", tmp_path / "out")
    lines = [" ".join(line.split()) for line in done.out.splitlines()]
    assert done.code == 0
    assert lines[0].startswith("mixed: records train 50; ")
    assert "one 30 40 30 0 0" in lines
    assert "two all 20 20 0 0" in lines
    assert "demo: 60 records read, 50 taken, mix 10" in lines


def test_json_is_one_document(cli: Cli, mixed: Path, tmp_path: Path) -> None:
    found = cli("mix", mixed, "--out", tmp_path / "out", "--json").json
    assert (found["mix"], found["records"], found["parts"]["reused"]) == ("mixed", {"train": 50}, 0)
    assert [share["taken"]["train"] for share in found["taken"]] == [30, 20]
    assert found["total"]["set_aside"] == {"mix": 10}


def test_the_result_is_validated_and_shown_like_any_build(
    cli: Cli, mixed: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    cli("mix", mixed, "--out", out)
    assert cli("validate", out).code == 0
    first = next(load_records(out)).id
    assert first in cli("show", out, first).out
    stats = [" ".join(line.split()) for line in cli("stats", out).out.splitlines()]
    assert "RECORDS READ RECORDED REJECTED SET ASIDE ADJUSTED" in stats
    assert "demo 60 50 0 10 0" in stats
    assert cli("stats", out, "--json").json["records"]["demo"]["set_aside"] == {"mix": 10}


def test_a_shortage_is_noted(cli: Cli, mixed: Path, tmp_path: Path) -> None:
    short = ("--set", "when_short=take_all", "--set", "parts=[{build: one, count: 50}]")
    done = cli("mix", mixed, "--out", tmp_path / "out", *short)
    assert done.code == 0
    assert "streamit: less than was asked for: one: 40 of 50 training records" in done.err


def test_a_missing_build_is_wrong_usage_and_says_which_recipe_makes_it(
    cli: Cli, tmp_path: Path
) -> None:
    done = cli("mix", "stream_it", "--build", f"dense_caption={tmp_path}/none")
    assert (done.code, done.out) == (2, "")
    assert f"make it with `streamit build --recipe dense_caption --out {tmp_path}/none`" in done.err


def test_the_shipped_mixes_are_listed(cli: Cli) -> None:
    names = resources.names("mixes")
    assert [row["name"] for row in cli("mix", "--list", "--json").json] == names
    listed = cli("mix", "--list").out.splitlines()
    assert [line.split()[0] for line in listed[1:] if line[0] != " "] == names


def test_every_default_is_shown(cli: Cli) -> None:
    shown = yaml.safe_load(cli("mix", "stream_it", "--show", "--set", "seed=3").out)
    assert (shown["seed"], shown["size"], shown["shard"]["records"]) == (3, None, 2000)


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ((), "no mix is named"),
        (("stream_it", "--build", "dense_caption"), "write it as NAME=PATH"),
        (("stream_it", "--set", "held_out"), "write it as key=value"),
        (("stream", "--show"), "no mix named 'stream'"),
    ],
)
def test_wrong_usage_is_told(cli: Cli, args: tuple[str, ...], message: str) -> None:
    done = cli("mix", *args)
    assert (done.code, done.out) == (2, "")
    assert message in done.err
