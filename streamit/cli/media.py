"""`streamit media`."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Annotated, Any

import typer

from streamit.cli.output import count, note, print_json, printable
from streamit.errors import UsageError

if TYPE_CHECKING:
    from streamit.video.index import IndexReport, MediaIndex
    from streamit.video.survey import MediaEntry

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    help="Look through folders of videos.",
)


@app.callback()
def media() -> None:
    """Look through folders of videos."""


@app.command("index")
def index_media(
    root: Annotated[str, typer.Argument(help="A folder of videos, or an fsspec URL.")],
    out: Annotated[
        str | None,
        typer.Option(
            metavar="FILE", help="Keep the index in this Parquet file, not in your cache."
        ),
    ] = None,
    hash_kind: Annotated[
        str,
        typer.Option(
            "--hash", metavar="KIND", help="Hash the files, too: none, head_tail or full."
        ),
    ] = "none",
    workers: Annotated[
        int, typer.Option(metavar="N", min=1, help="Files to look at side by side.")
    ] = 1,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")] = False,
) -> None:
    """Look at every video under a folder, and keep what was found.

    Builds use the index, so that no file is opened twice; a file that did not change since the last
    time is not opened at all. Files that cannot be used are listed with the reason.

    \b
    streamit media index videos/
    streamit media index videos/ --out index.parquet --hash full --workers 8 --json
    """
    from streamit.build.progress import choose_progress
    from streamit.config import nearest
    from streamit.video.hashing import HASH_KINDS
    from streamit.video.index import MediaIndex
    from streamit.video.locate import MediaRoot

    if hash_kind not in HASH_KINDS:
        raise UsageError(f"--hash {hash_kind!r}: {nearest(hash_kind, list(HASH_KINDS))}")
    opened = MediaRoot(root)
    index = MediaIndex.open(root, out)
    with choose_progress() as progress:
        report = index.update(
            opened,
            hash_kind=hash_kind,
            workers=workers,
            note=lambda n_done: progress.note("looking at videos", n_done),
        )
    entries = [entry for file in opened.videos() if (entry := index.facts(file.uri)) is not None]
    if not report.is_saved:
        note(f"{index.path} cannot be written, so nothing was kept; give a file with --out")
    if as_json:
        print_json(_to_data(root, index, report, entries))
    else:
        _print_text(root, index, report, entries)


def _to_data(
    root: str, index: MediaIndex, report: IndexReport, entries: list[MediaEntry]
) -> dict[str, Any]:
    faulty = [entry for entry in entries if entry.reason is not None]
    return {
        "root": root,
        "index": str(index.path) if report.is_saved else None,
        "files": report.n_files,
        "probed": report.n_probed,
        "hashed": report.n_hashed,
        "removed": report.n_removed,
        "duration_s": sum(entry.duration_s or 0.0 for entry in entries),
        "unusable": dict(sorted(Counter(entry.reason for entry in faulty).items())),
        "problems": [
            {"uri": entry.uri, "reason": entry.reason, "message": entry.message} for entry in faulty
        ],
    }


def _print_text(
    root: str, index: MediaIndex, report: IndexReport, entries: list[MediaEntry]
) -> None:
    data = _to_data(root, index, report, entries)
    for problem in data["problems"]:
        print(printable(f"{problem['uri']}: {problem['reason']}: {problem['message']}"))
    print(
        f"{root}: {count(report.n_files, 'video')}, {data['duration_s'] / 3600:.2f} hours; "
        f"{report.n_probed} looked at now, {report.n_hashed} hashed, {report.n_removed} gone"
    )
    if data["unusable"]:
        reasons = ", ".join(f"{reason} {n}" for reason, n in data["unusable"].items())
        print(f"  unusable: {reasons}")
    if report.is_saved:
        print(f"  kept in {index.path}")
