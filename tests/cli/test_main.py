"""The frame around all commands: help, laziness, errors, exit codes, pipes, completion."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from streamit.cli.main import COMMANDS, load_command
from streamit.version import __version__
from tests.cli.conftest import Cli

HEAVY = "{'ray', 'torch', 'datasets', 'pandas', 'pyarrow', 'av', 'numpy', 'fsspec', 'rich'}"
STREAMIT = [sys.executable, "-m", "streamit"]

# A command that is added to the table, as the first lines of a program that then runs `main`.
ADD_COMMAND = """
import sys, types
from streamit.cli import main
module = types.ModuleType("added")
{body}
sys.modules["added"] = module
module.added = added
main.COMMANDS["added"] = ("added:added", "Added.")
sys.argv = ["streamit", "added"]
main.main()
"""


def run_added(body: str, **environment: str) -> subprocess.CompletedProcess[str]:
    code = ADD_COMMAND.format(body=body)
    return subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        env=os.environ | environment,
        check=False,
    )


def test_help_lists_every_command_with_its_text(cli: Cli) -> None:
    done = cli("--help")
    assert done.code == 0
    listed = done.out.split("Commands:\n")[1]
    words = " ".join(listed.split())
    assert [name for name, (_, text) in COMMANDS.items() if f"{name} {text}" not in words] == []


@pytest.mark.parametrize("name", COMMANDS)
def test_the_text_in_the_table_is_the_first_sentence_of_the_commands_own_help(name: str) -> None:
    help_text = " ".join(str(load_command(name).help).split("\n\n")[0].split())
    assert help_text == COMMANDS[name][1] or help_text.startswith(COMMANDS[name][1] + " ")


@pytest.mark.parametrize("args", [["--help"], ["--version"], *([name, "-h"] for name in COMMANDS)])
def test_help_imports_nothing_heavy(args: list[str]) -> None:
    code = (
        f"import sys\nfrom streamit.cli.main import run\nassert run({args!r}) == 0\n"
        f"print(sorted({HEAVY} & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr == "[]\n"


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_with_an_example(cli: Cli, name: str) -> None:
    done = cli(name, "--help")
    assert (done.code, done.err) == (0, "")
    subcommands = getattr(load_command(name), "commands", {})
    texts = [cli(name, below, "-h").out for below in subcommands] or [done.out]
    assert all(f"\n  streamit {name}" in text for text in texts)


def test_no_command_prints_the_help_and_is_wrong_usage(cli: Cli) -> None:
    done = cli()
    assert done.code == 2
    assert "Commands:" in done.out + done.err


def test_a_mistyped_command_is_wrong_usage_and_the_nearest_is_named(cli: Cli) -> None:
    done = cli("validat")
    assert (done.code, done.out) == (2, "")
    assert "No such command 'validat'. Did you mean 'validate'?" in done.err


def test_an_unknown_option_is_wrong_usage(cli: Cli) -> None:
    done = cli("stats", "somewhere", "--jsn")
    assert (done.code, done.out) == (2, "")
    assert "No such option: --jsn" in done.err


def test_the_version_is_printed(cli: Cli) -> None:
    assert cli("--version").out == f"streamit {__version__}\n"


def test_a_failure_is_one_line_and_1(cli: Cli, tmp_path: Path) -> None:
    done = cli("stats", tmp_path / "nowhere")
    assert (done.code, done.out) == (1, "")
    assert done.err == (
        f"streamit: error: {tmp_path}/nowhere: there is no such folder; "
        "`streamit build --out` writes one\n"
    )


def test_wrong_usage_that_a_command_finds_is_one_line_and_2(cli: Cli) -> None:
    done = cli("recipes", "cat", "dense_captions")
    assert (done.code, done.out) == (2, "")
    assert done.err == (
        "streamit: error: no recipe named 'dense_captions'; did you mean 'dense_caption'?\n"
    )


def test_what_nobody_expected_is_one_line_and_1() -> None:
    done = run_added("def added(): {}['key']")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        "streamit: error: unexpected KeyError: 'key'; set STREAMIT_DEBUG=1 to see where, "
        "and please report it\n"
    )


def test_a_traceback_is_shown_on_request_only() -> None:
    done = run_added("def added(): {}['key']", STREAMIT_DEBUG="1")
    assert done.returncode == 1
    assert done.stderr.startswith("Traceback (most recent call last):\n")
    assert done.stderr.endswith("\nstreamit: error: unexpected KeyError: 'key'\n")


def test_ctrl_c_is_130_and_says_how_to_go_on() -> None:
    body = "def added():\n    import time\n    print('ready', flush=True)\n    time.sleep(60)"
    process = subprocess.Popen(
        [sys.executable, "-c", ADD_COMMAND.format(body=body)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert err.strip() == "streamit: interrupted; run the same command again to go on"


@pytest.mark.parametrize("args", [["rules"], ["rules", "--json"], ["--help"]])
def test_a_reader_that_goes_away_is_no_error(args: list[str]) -> None:
    process = subprocess.Popen([*STREAMIT, *args], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.close()
    assert process.stderr is not None
    assert process.stderr.read() == b""
    process.stderr.close()
    process.wait(timeout=30)


def test_characters_that_a_terminal_lacks_are_spelled_out() -> None:
    done = run_added("def added(): print('caf\\u00e9')", PYTHONIOENCODING="ascii")
    assert (done.returncode, done.stdout) == (0, "caf\\xe9\n")


@pytest.mark.parametrize(
    ("words", "completed"),
    [("streamit val", "validate"), ("streamit recipes cat dense", "dense_caption")],
)
def test_shells_complete_commands_and_recipe_names(words: str, completed: str) -> None:
    environment = {
        "_STREAMIT_COMPLETE": "complete_bash",
        "COMP_WORDS": words,
        "COMP_CWORD": str(words.count(" ")),
    }
    done = subprocess.run(
        STREAMIT, env=os.environ | environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == [completed]
