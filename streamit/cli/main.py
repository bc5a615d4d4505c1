"""`streamit`: finds the command, runs it, and turns errors into one line and an exit code.

0 done, 1 failed, 2 wrong usage, 3 finished but too much was rejected, 130 interrupted. Commands
are listed in a table, so that `streamit --help` and shell completion import none of them.
"""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Sequence
from importlib import import_module
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup

from streamit.cli.output import note
from streamit.errors import StreamitError, UsageError
from streamit.version import __version__

INTERRUPTED = 130

COMMANDS = {
    "build": (
        "streamit.cli.build:build",
        "Build a dataset: convert, sample, check, write Parquet shards.",
    ),
    "mix": ("streamit.cli.mix:mix", "Make one dataset of several builds, by counts or weights."),
    "recipes": ("streamit.cli.recipes:app", "List, print and copy recipes: what can be built."),
    "sources": ("streamit.cli.sources:app", "List, check and describe corpora."),
    "media": ("streamit.cli.media:app", "Look through folders of videos."),
    "validate": ("streamit.cli.validate:validate", "Check a build: schema, rules, counts, hashes."),
    "stats": ("streamit.cli.stats:stats", "Count and measure what a build holds."),
    "show": ("streamit.cli.show:show", "Show one record as a timeline."),
    "rules": (
        "streamit.cli.rules:rules",
        "List the rules that every record and every build obeys.",
    ),
}
"""Of every command: where it is, `module:attribute`, and the first sentence of its help."""


class LazyGroup(TyperGroup):
    """Knows its commands by name and one line of help; imports the one that is called."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        for name, (_, text) in COMMANDS.items():
            self.add_command(TyperCommand(name, short_help=text, rich_markup_mode=None), name)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Put the real command in the place of its entry in the table."""
        name, command, rest = super().resolve_command(ctx, args)
        return name, None if command is None else load_command(str(command.name)), rest

    def invoke(self, ctx: Any) -> Any:
        """Exit with 130 after Ctrl-C, in whichever way the installed Typer would do it."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt as exc:
            raise typer.Exit(INTERRUPTED) from exc


def load_command(name: str) -> Any:
    """Import a command of the table: a Typer app, or a function that is one command."""
    module, _, attribute = COMMANDS[name][0].partition(":")
    found = getattr(import_module(module), attribute)
    if not isinstance(found, typer.Typer):
        single = typer.Typer(add_completion=False, rich_markup_mode=None)
        single.command(name)(found)
        found = single
    command = typer.main.get_command(found)
    command.name = name
    return command


app = typer.Typer(
    cls=LazyGroup,
    no_args_is_help=True,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(wanted: bool) -> None:
    if wanted:
        print(f"streamit {__version__}")
        raise typer.Exit()


@app.callback()
def streamit(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version."
        ),
    ] = False,
) -> None:
    """Build streaming video-text datasets (Stream-IT) from annotated video corpora.

    \b
    streamit build --recipe dense_caption    builds the demo corpus
    streamit show dense_caption              shows its first record
    streamit COMMAND --help                  explains a command, with examples

    Data goes to stdout (--json: one JSON document), progress and notes to stderr. STREAMIT_DEBUG=1
    shows the traceback of an error.
    """


def run(args: Sequence[str]) -> int:
    """Run one command line and return its exit code; errors become one line on stderr."""
    try:
        typer.main.get_command(app).main(list(args), prog_name="streamit")
    except SystemExit as exc:
        return _explain_exit(exc)
    except Exception as exc:
        return _explain_error(exc)
    return 0


def main() -> None:
    """Entry point of the console script."""
    for stream in (sys.stdout, sys.stderr):
        # A terminal that cannot show a character of an annotation gets its code instead.
        getattr(stream, "reconfigure", lambda **_: None)(errors="backslashreplace")
    code = run(sys.argv[1:])
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        # The interpreter flushes once more at its end and would complain there.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(code)


def _explain_exit(exc: SystemExit) -> int:
    code = exc.code if isinstance(exc.code, int) else int(exc.code is not None)
    if code == INTERRUPTED:
        note("interrupted; run the same command again to go on")
    return code


def _explain_error(exc: Exception) -> int:
    debug = os.environ.get("STREAMIT_DEBUG", "") not in ("", "0")
    if debug:
        traceback.print_exception(exc)
    if isinstance(exc, BrokenPipeError):
        return 1
    if isinstance(exc, StreamitError):
        note(f"error: {exc}")
        return 2 if isinstance(exc, UsageError) else 1
    hint = "" if debug else "; set STREAMIT_DEBUG=1 to see where, and please report it"
    note(f"error: unexpected {type(exc).__name__}: {exc}{hint}")
    return 1
