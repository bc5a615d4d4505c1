"""What the pages say is true: links lead somewhere, commands exist, marked blocks run."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import MISSING, fields, is_dataclass
from pathlib import Path
from typing import Any, get_type_hints

import pytest

from benchmarks.__main__ import NOT_BENCHMARKS
from streamit import resources
from streamit.cli.main import COMMANDS, load_command
from streamit.mix import Mix, MixPart
from streamit.reasons import ADJUSTED, REJECTED
from streamit.recipe import Recipe, SourceOptions
from tests.pages import ROOT, Block, find_blocks, list_pages, read_page, split_commands

PAGES = list_pages()
BLOCKS = [block for page in PAGES for block in find_blocks(page)]
RUNNABLE = sorted({block.page for block in BLOCKS if block.run})
BIN = Path(sys.executable).parent


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_to_files(page):
    targets = re.findall(r"\]\(([^)\s]+)\)", re.sub(r"```.*?```", "", read_page(page), flags=re.S))
    local = [t.partition("#")[0] for t in targets if not re.match(r"https?:|#|\$", t)]
    assert [t for t in local if not (ROOT / page).parent.joinpath(t).exists()] == []


def test_index_lists_every_page():
    listed = set(re.findall(r"\]\((\w[\w-]*\.md)\)", read_page("docs/index.md")))
    there = {path.name for path in (ROOT / "docs").glob("*.md")}
    assert listed == there - {"index.md"}


def test_every_benchmark_is_on_its_page():
    scripts = {path.name for path in (ROOT / "benchmarks").glob("*.py")}
    listed = set(re.findall(r"^\| `(\w+\.py)` \|", read_page("benchmarks/README.md"), re.MULTILINE))
    assert scripts - listed == {f"{name}.py" for name in NOT_BENCHMARKS}


def list_command_lines() -> list[Any]:
    return [
        pytest.param(words[1:], id=f"{block.page}:{block.line} {' '.join(words[:3])}")
        for block in BLOCKS
        if block.language == "bash"
        for words in split_commands(block)
        if Path(words[0]).name == "streamit" and words[1] in COMMANDS
    ]


@pytest.mark.parametrize("words", list_command_lines())
def test_command_lines_are_understood(words):
    """Parses with the command's own options, without running it."""
    command, rest = load_command(words[0]), words[1:]
    while hasattr(command, "commands"):
        command, rest = command.commands[rest[0]], rest[1:]
    command.make_context(command.name, list(rest))


def test_pages_name_no_command_that_is_not_there():
    named = {
        (block.page, words[1])
        for block in BLOCKS
        if block.language == "bash"
        for words in split_commands(block)
        if Path(words[0]).name == "streamit" and not words[1].startswith("-")
    }
    assert {command for _, command in named} <= set(COMMANDS)


@pytest.fixture(scope="session")
def environment(tmp_path_factory) -> dict[str, str]:
    """The environment of a user who has just installed streamit; one cache for all pages."""
    cache = tmp_path_factory.mktemp("cache")
    return os.environ | {
        "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
        "XDG_CACHE_HOME": str(cache),
        "HF_HOME": str(cache / "hf"),
        "HF_HUB_OFFLINE": "1",
        "HF_DATASETS_DISABLE_PROGRESS_BARS": "1",
    }


@pytest.mark.slow
@pytest.mark.parametrize("page", RUNNABLE)
def test_marked_blocks_run(page, environment, tmp_path):
    """In order, in one folder; a block that fails ends the page."""
    for block in find_blocks(page):
        if block.run:
            done = run_block(block, environment, tmp_path)
            assert done.returncode == 0, f"{page}:{block.line}\n{done.stdout}\n{done.stderr}"


def run_block(
    block: Block, environment: dict[str, str], folder: Path
) -> subprocess.CompletedProcess[str]:
    shells = {"bash": ["bash", "-euo", "pipefail", "-c"], "python": [sys.executable, "-c"]}
    return subprocess.run(
        [*shells[block.language], block.text],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("target", ["demo", "test"])
def test_readme_shows_the_commands_behind_make(target):
    # Under `make test` this make is a second one, and would say which folder it enters.
    dry = subprocess.run(
        ["make", "--dry-run", "--always-make", "--no-print-directory", target],
        cwd=ROOT,
        env={name: value for name, value in os.environ.items() if not name.startswith("MAKE")},
        capture_output=True,
        text=True,
        check=True,
    )
    behind = [line.replace("--quiet ", "") for line in dry.stdout.splitlines()]
    readme = read_page("README.md")
    assert [line for line in behind if line not in readme and not line.startswith("touch")] == []


def test_makefile_has_the_targets_that_pages_name():
    named = set(re.findall(r"`make (\w+)`", "".join(read_page(page) for page in PAGES)))
    targets = set(re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert named <= targets


def list_keys(cls: type, prefix: str = "") -> dict[str, Any]:
    """Dotted keys of a recipe with their defaults; `...` where there is none worth a line."""
    keys: dict[str, Any] = {}
    for f in fields(cls):
        default = f.default if f.default is not MISSING else ...
        if is_dataclass(default):
            keys |= list_keys(type(default), f"{prefix}{f.name}.")
        elif get_type_hints(cls)[f.name] == (SourceOptions | None):
            continue
        else:
            keys[f"{prefix}{f.name}"] = default
    return keys


@pytest.mark.parametrize("column", ["times", "videos"])
def test_corpora_page_has_a_row_for_every_source(column):
    """The table of formats, and the table of licences, which leaves out the user's own data."""
    tables = (ROOT / "docs" / "corpora.md").read_text().split("\n\n")
    table = next(t for t in tables if t.startswith("| source |") and f"| {column} |" in t)
    rows = re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)
    assert sorted({*rows, "table"}) == resources.names("sources")


def test_recipes_page_lists_every_key_with_its_default():
    rows = re.findall(r"^\| `([\w.]+)` \| ([^|]+) \|", read_page("docs/recipes.md"), re.MULTILINE)
    words = {...: "none", (): "empty", "": "empty", None: "null"}
    told = {key: default.lower() for key, default in rows if not key.startswith("sources.")}
    assert told == {
        key: words.get(default, str(default).lower()) for key, default in list_keys(Recipe).items()
    }


def test_recipes_page_lists_what_a_source_may_differ_in():
    assert {f.name for f in fields(SourceOptions)} == {
        "task",
        "layout",
        "question_delay",
        "formats",
    }
    page = read_page("docs/recipes.md")
    assert "`sources.NAME.task`" in page
    assert "`sources.NAME.layout.proactive`" in page
    assert "`sources.NAME.question_delay`" in page
    assert "`sources.NAME.formats`" in page


def test_codes_of_the_recipes_page_are_those_of_the_package():
    table = re.findall(r"^\|[^|]+\|[^|]+\| `(\w+)` \|$", read_page("docs/recipes.md"), re.MULTILINE)
    assert len(table) == 12
    assert set(table) <= set(REJECTED) | set(ADJUSTED)


def test_mix_page_lists_every_key_with_its_default():
    rows = re.findall(r"^\| `([\w.]+)` \| ([^|]+) \|", read_page("docs/mix.md"), re.MULTILINE)
    words = {...: "none", "": "empty", None: "null"}
    defaults = list_keys(Mix) | list_keys(MixPart)
    told = {key: default for key, default in rows if key not in resources.names("mixes")}
    assert told == {key: words.get(default, str(default)) for key, default in defaults.items()}


def test_mix_page_lists_every_shipped_mix():
    rows = re.findall(r"^\| `(\w+)` \|", read_page("docs/mix.md"), re.MULTILINE)
    assert set(resources.names("mixes")) <= set(rows)
