"""`streamit recipes ls|cat|cp`."""

from __future__ import annotations

from pathlib import Path

import pytest

from streamit import resources
from streamit.recipe import Recipe, fingerprint, load_recipe
from tests.cli.conftest import Cli


@pytest.fixture
def shipped() -> str:
    return resources.find("recipes", "dense_caption").read_text()


def test_ls_names_every_shipped_recipe(cli: Cli) -> None:
    done = cli("recipes", "ls")
    names = [line.split()[0] for line in done.out.splitlines()[1:] if line[0] != " "]
    assert (done.code, names) == (0, resources.names("recipes"))


def test_ls_json_tells_task_and_sources(cli: Cli) -> None:
    by_name = {recipe["name"]: recipe for recipe in cli("recipes", "ls", "--json").json}
    assert by_name["dense_caption"]["task"] == "dense_caption"
    assert "activitynet" in by_name["dense_caption"]["sources"]


def test_cat_prints_the_file(cli: Cli, shipped: str) -> None:
    assert cli("recipes", "cat", "dense_caption").out == shipped


def test_cat_resolved_prints_a_recipe_of_the_same_meaning_with_every_key(
    cli: Cli, tmp_path: Path
) -> None:
    out = cli("recipes", "cat", "dense_caption", "--resolved").out
    path = tmp_path / "resolved.yaml"
    path.write_text(out)
    assert fingerprint(load_recipe(str(path))) == fingerprint(load_recipe("dense_caption"))
    assert [key for key in Recipe.__slots__ if f"\n{key}:" not in f"\n{out}"] == []


def test_cat_resolved_applies_overrides(cli: Cli) -> None:
    out = cli("recipes", "cat", "dense_caption", "--resolved", "--set", "sampling.fps=2").out
    assert "\n  fps: 2.0\n" in out


def test_cat_refuses_an_override_that_it_would_not_show(cli: Cli) -> None:
    done = cli("recipes", "cat", "dense_caption", "--set", "sampling.fps=2")
    assert (done.code, done.out) == (2, "")
    assert "add --resolved" in done.err


def test_cat_names_the_nearest_of_an_unknown_key(cli: Cli) -> None:
    done = cli("recipes", "cat", "dense_caption", "--resolved", "--set", "samplin.fps=2")
    assert done.code == 2
    assert "did you mean 'sampling'" in done.err


def test_cp_copies_and_says_what_to_do_next(cli: Cli, tmp_path: Path, shipped: str) -> None:
    target = tmp_path / "my.yaml"
    done = cli("recipes", "cp", "dense_caption", target)
    assert (done.code, done.out, target.read_text()) == (0, "", shipped)
    assert f"streamit build --recipe {target}" in done.err


def test_cp_puts_it_into_a_folder(cli: Cli, tmp_path: Path, shipped: str) -> None:
    assert cli("recipes", "cp", "dense_caption", tmp_path).code == 0
    assert (tmp_path / "dense_caption.yaml").read_text() == shipped


def test_cp_never_overwrites(cli: Cli, tmp_path: Path) -> None:
    target = tmp_path / "my.yaml"
    target.write_text("mine")
    done = cli("recipes", "cp", "dense_caption", target)
    assert (done.code, target.read_text()) == (2, "mine")
    assert done.err == f"streamit: error: {target}: is there already; choose another name\n"


def test_cp_refuses_a_name_that_build_would_not_take_for_a_file(cli: Cli, tmp_path: Path) -> None:
    done = cli("recipes", "cp", "dense_caption", tmp_path / "mine")
    assert done.code == 2
    assert "ends in .yaml" in done.err


def test_cp_into_a_folder_that_is_not_there_fails(cli: Cli, tmp_path: Path) -> None:
    done = cli("recipes", "cp", "dense_caption", tmp_path / "no" / "my.yaml")
    assert (done.code, done.out) == (1, "")
    assert "cannot be written: No such file or directory" in done.err
