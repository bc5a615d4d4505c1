"""The page of all commands, docs/cli.md, which `make docs` writes.

From their parameters, not from the text of `--help`, which differs between releases of Typer.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

from streamit.cli.main import COMMANDS, load_command

HEAD = """\
# Commands

Data goes to stdout, and with `--json` that is one JSON document; progress and notes go to stderr.
Exit codes: 0 done; 1 failed (also: `validate` has found a problem); 2 wrong usage; 3 a build has
finished, but more was rejected than `limits.max_reject_rate` allows; 130 interrupted, the same
command goes on. An error is one line; `STREAMIT_DEBUG=1` shows its traceback.
`streamit --install-completion` makes your shell complete commands, options and recipe names.

A build is named by its folder or by any [fsspec](https://filesystem-spec.readthedocs.io) URL, such
as `hf://datasets/OWNER/NAME` or `s3://BUCKET/FOLDER`.

<!-- Made by `make docs`; do not edit. -->
"""


def write_reference() -> str:
    """The page as Markdown: every command with its text, its examples and its parameters."""
    sections = [HEAD]
    for name in COMMANDS:
        sections += _describe(load_command(name), f"streamit {name}", 2)
    return "\n".join(sections)


def _describe(command: Any, path: str, level: int) -> Iterator[str]:
    below = getattr(command, "commands", {})
    yield f"{'#' * level} {path}\n"
    if not below:
        names = " ".join(_placeholder(p) for p in command.params if not _is_option(p))
        yield f"```\n{path} {names} [OPTIONS]\n```\n".replace("  ", " ")
    yield from _describe_text(command.help or "")
    rows = [_describe_parameter(parameter) for parameter in command.params]
    if rows:
        yield "\n".join(["| | |", "|---|---|", *rows]) + "\n"
    for name, inner in below.items():
        yield from _describe(inner, f"{path} {name}", level + 1)


def _describe_text(text: str) -> Iterator[str]:
    for paragraph in inspect.cleandoc(text).split("\n\n"):
        # Click's mark of a paragraph that keeps its lines: these are the examples.
        if paragraph.startswith("\b\n"):
            yield f"```bash\n{inspect.cleandoc(paragraph[2:])}\n```\n"
        else:
            yield paragraph + "\n"


def _describe_parameter(parameter: Any) -> str:
    names = f"`{_placeholder(parameter)}`"
    if _is_option(parameter):
        value = "" if parameter.is_flag else f" {_placeholder(parameter)}"
        spellings = [*parameter.opts, *parameter.secondary_opts]
        names = ", ".join(f"`{spelling}{value}`" for spelling in spellings)
    notes = []
    if parameter.required and _is_option(parameter):
        notes.append("required")
    if getattr(parameter, "multiple", False):
        notes.append("may be given several times")
    if parameter.default not in (None, False, True) and not parameter.required:
        notes.append(f"default: {parameter.default}")
    tail = f" ({'; '.join(notes)})" if notes else ""
    text = f"{names} \0 {parameter.help or ''}{tail}".replace("|", r"\|").replace("\0", "|")
    return f"| {text} |"


def _is_option(parameter: Any) -> bool:
    return bool(parameter.param_type_name == "option")


def _placeholder(parameter: Any) -> str:
    return str(parameter.metavar or parameter.name.strip("_").upper())
