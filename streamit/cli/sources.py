"""`streamit sources`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from streamit.cli.output import note, print_json, print_table
from streamit.errors import SourceError, StorageError, UsageError

if TYPE_CHECKING:
    from streamit.item import Item, Reject
    from streamit.readers.base import SourceFile
    from streamit.readers.discover import Discovered
    from streamit.readers.survey import FileSurvey

_TRIED_ROWS = 5
_FAILED = 1


def _complete_name(incomplete: str) -> list[str]:
    from streamit import resources

    return [name for name in resources.names("sources") if name.startswith(incomplete)]


Json = Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")]

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    help="List, check and describe corpora.",
)


@app.command("ls")
def list_sources(as_json: Json = False) -> None:
    """List the corpora that streamit can read.

    \b
    streamit sources ls
    """
    from streamit import resources
    from streamit.config import to_data
    from streamit.source import load_source

    found = [load_source(name) for name in resources.names("sources")]
    if as_json:
        print_json([to_data(info) for info in found])
        return
    header = ("NAME", "TITLE", "REPUBLISH", "LICENCE OF THE ANNOTATIONS")
    rows = [
        (info.name, info.title, info.licence.republish_annotations, info.licence.annotations)
        for info in found
    ]
    print_table(header, rows)


@app.command("show")
def show_source(
    name: Annotated[
        str,
        typer.Argument(help="A source, an alias or a YAML file.", autocompletion=_complete_name),
    ],
    as_json: Json = False,
) -> None:
    """Print the description of a corpus: licence, files, links, known defects.

    \b
    streamit sources show activitynet
    """
    from streamit.config import to_data
    from streamit.source import find_source, load_source

    info = load_source(name)
    if as_json:
        print_json(to_data(info))
    else:
        print(find_source(name).read_text(encoding="utf-8"), end="")


@app.command("check")
def check_sources(
    pairs: Annotated[
        list[str],
        typer.Argument(
            metavar="NAME=PATH...", help="As for `build --source`: a folder or an annotation file."
        ),
    ],
    as_json: Json = False,
) -> None:
    """Say which files of a corpus are there, what is missing, and what the files hold.

    Exits with 1 when a file cannot be read or there is nothing to build from.

    \b
    streamit sources check activitynet=captions/
    streamit sources check table=my.csv
    """
    from streamit.readers.discover import discover_parts
    from streamit.readers.survey import survey_source

    surveys: list[tuple[Discovered, list[FileSurvey]]] = []
    for pair in pairs:
        name, equals, path = pair.partition("=")
        if not equals or not name or not path:
            raise UsageError(f"{pair!r}: write it as NAME=PATH, such as activitynet=captions/")
        _check_description(name, path)
        surveys += [(found, survey_source(found)) for found in discover_parts(name, path)]
    if as_json:
        print_json({"sources": [_describe_survey(*survey) for survey in surveys]})
    else:
        _print_surveys(surveys)
    files = [file for _, of_source in surveys for file in of_source]
    if any(file.problem for file in files) or not any(file.n_events for file in files):
        raise typer.Exit(_FAILED)


@app.command("new")
def describe_sample(
    sample: Annotated[str, typer.Argument(help="A CSV, TSV, JSON, JSONL or Parquet file.")],
    out: Annotated[
        Path | None, typer.Option(help="The YAML to write; default: beside the sample.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Make a source of a table of your own: guess its columns, write a YAML, try five rows.

    A file that is there is never overwritten. Exits with 1 when the five rows give no event.

    \b
    streamit sources new my.csv
    streamit sources check table=my.csv
    streamit build --recipe dense_caption --source table=my.csv
    """
    from streamit.readers.discover import discover

    target = out or _default_target(sample)
    command = f"table={sample}" if out is None else f"{out}={sample}"
    _write_description(sample, target, command)
    (file,) = discover(str(target), sample).files
    found, problem = _try_rows(file)
    if as_json:
        print_json({"file": str(target), "source": command, **_describe_trial(found, problem)})
    else:
        _print_trial(found)
    if problem:
        note(f"error: {problem}")
        note(f"wrote {target}; mend `columns` there, then: streamit sources check {command}")
        raise typer.Exit(_FAILED)
    note(f"wrote {target}; read it, then: streamit build --recipe dense_caption --source {command}")


def _check_description(name: str, path: str) -> None:
    """Refuse a YAML of the user's own that is no source, naming all of its mistakes at once."""
    from streamit.config import read_yaml
    from streamit.readers.discover import find_description
    from streamit.schema import check_document
    from streamit.source import find_source

    description, _ = find_description(name, path)
    file = find_source(description)
    problems = check_document("source", read_yaml(file))
    if problems:
        listed = "; ".join(f"{problem.where}: {problem.message}" for problem in problems)
        raise SourceError(f"{file}: is no description of a source: {listed}")


def _describe_survey(found: Discovered, files: Sequence[FileSurvey]) -> dict[str, Any]:
    from streamit.config import to_data

    return {
        "name": found.record_source,
        "reader": found.info.reader,
        "folder": found.media_folder,
        "files": [to_data(file) for file in files],
        "missing": [to_data(expected) for expected in found.missing],
        "unused": list(found.unused),
    }


def _print_surveys(surveys: Sequence[tuple[Discovered, Sequence[FileSurvey]]]) -> None:
    rows = [
        (
            found.record_source,
            file.name,
            _list_counts(file.splits) or "-",
            file.n_events,
            sum(file.rejects.values()),
            _list_counts(file.rejects) or "-",
        )
        for found, files in surveys
        for file in files
    ]
    print_table(("SOURCE", "FILE", "ITEMS BY SPLIT", "EVENTS", "REJECTED", "WHY"), rows)
    for found, files in surveys:
        _note_faults(found, files)


def _note_faults(found: Discovered, files: Sequence[FileSurvey]) -> None:
    for file in files:
        if file.problem:
            note(f"error: {file.problem}")
        elif file.example:
            reject = file.example
            note(f"{file.name}: first rejected: {reject.key}: {reject.reason}: {reject.message}")
    for expected in found.missing:
        where = f"; it is to be had: {expected.obtain}" if expected.obtain else ""
        note(f"{found.record_source}: {expected.glob} is missing{where}")
    for name in found.unused:
        note(f"{found.record_source}: {name} is not read; another file holds all of it")


def _list_counts(counts: dict[str, int]) -> str:
    return ", ".join(f"{name} {counts[name]}" for name in sorted(counts))


def _default_target(sample: str) -> Path:
    from streamit.readers.discover import map_path

    if "://" in sample:
        raise UsageError(f"{sample}: is not on this machine; say with --out where the YAML goes")
    return map_path(sample)


def _write_description(sample: str, target: Path, command: str) -> None:
    from streamit.readers.base import SourceFile
    from streamit.readers.describe import describe_table
    from streamit.readers.guess import guess_map

    if target.suffix not in (".yaml", ".yml"):
        raise UsageError(f"{target}: the file of a source ends in .yaml")
    folder, _, name = sample.rpartition("/")
    guess = guess_map(SourceFile("table", sample, folder, name, "by_record"))
    text = describe_table(sample, guess, command)
    try:
        with target.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError as exc:
        raise UsageError(f"{target}: is there already; remove it, or use --out") from exc
    except OSError as exc:
        raise StorageError(f"{target}: cannot be written: {exc.strerror or exc}") from exc


def _try_rows(file: SourceFile) -> tuple[list[Item | Reject], str | None]:
    """What the first rows give, and why that is not enough, if it is not."""
    from streamit.item import Item
    from streamit.readers.table import read_first

    found: list[Item | Reject] = []
    try:
        found += read_first(file, _TRIED_ROWS)
    except SourceError as exc:
        return found, str(exc)
    if not any(isinstance(entry, Item) for entry in found):
        return found, f"{file.path}: none of the first {_TRIED_ROWS} rows gives an event"
    return found, None


def _describe_trial(found: Sequence[Item | Reject], problem: str | None) -> dict[str, Any]:
    from streamit.config import to_data
    from streamit.item import Item

    return {
        "items": [to_data(entry) for entry in found if isinstance(entry, Item)],
        "rejects": [to_data(entry) for entry in found if not isinstance(entry, Item)],
        "problem": problem,
    }


def _print_trial(found: Sequence[Item | Reject]) -> None:
    from streamit.item import Item

    items = [entry for entry in found if isinstance(entry, Item)]
    rows = [
        (item.video_id, event.start_s, event.end_s, event.question, event.text)
        for item in items
        for event in item.events
    ]
    unit = "FRAME" if any(item.time_unit != "seconds" for item in items) else "S"
    print_table(("VIDEO", f"START_{unit}", f"END_{unit}", "QUESTION", "TEXT"), rows)
    for entry in found:
        if not isinstance(entry, Item):
            note(f"rejected: {entry.key}: {entry.reason}: {entry.message}")
