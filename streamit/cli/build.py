"""`streamit build`."""

from __future__ import annotations

import json
import sys
from typing import Annotated

import typer

MediaHelp = "none: annotations only; frames: JPEGs in the shards; clips: small mp4 files"


def build(
    recipe: Annotated[
        str, typer.Option(metavar="NAME|FILE", help="A shipped recipe or a YAML file.")
    ],
    data: Annotated[
        str | None,
        typer.Option(metavar="DIR", help="A folder with one folder per source (default: ./data)."),
    ] = None,
    source: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=PATH", help="A source and its folder or annotation file."),
    ] = None,
    media_root: Annotated[
        str | None,
        typer.Option(metavar="DIR", help="Where the videos are, if not beside the annotations."),
    ] = None,
    out: Annotated[
        str | None, typer.Option(metavar="DIR", help="Folder or URL to build into (./NAME).")
    ] = None,
    set_: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="Set a recipe key: sampling.fps=2."),
    ] = None,
    limit: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="Items per source, after ordering.")
    ] = None,
    exclude: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="File of video ids to leave out, one per line."),
    ] = None,
    workers: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="1: in this process; more: through Ray.")
    ] = None,
    address: Annotated[
        str | None, typer.Option(metavar="ADDR", help="A Ray cluster to build on.")
    ] = None,
    media: Annotated[str | None, typer.Option(metavar="MODE", help=MediaHelp)] = None,
    verify: Annotated[bool, typer.Option("--verify", help="Hash finished shards again.")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be built; write nothing.")
    ] = False,
    set_aside: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="Write a list of what is left out on purpose (JSONL)."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")] = False,
) -> None:
    """Build a dataset: convert, sample, check, write Parquet shards. Run again to go on.

    Without data the demo corpus is built. Exits with 3 when the build has finished, but more was
    rejected than limits.max_reject_rate allows.

    \b
    streamit build --recipe dense_caption
    streamit build --recipe dense_caption --source activitynet=captions/ --dry-run
    streamit build --recipe dense_caption --source activitynet=captions/ \\
        --media-root videos/ --media frames --set sampling.fps=2
    """
    from streamit.build.progress import choose_progress
    from streamit.build.run import build as run
    from streamit.build.text import describe_report

    report = run(
        recipe,
        source,
        out,
        data=data,
        media_root=media_root,
        media=media,
        limit=limit,
        exclude=exclude,
        workers=workers,
        address=address,
        verify=verify,
        dry_run=dry_run,
        set_aside=set_aside,
        progress=choose_progress(),
        overrides=set_ or (),
    )
    if as_json:
        print(json.dumps(report.to_dict(), indent=2))
    else:
        print(describe_report(report))
    if report.exit_code:
        total = report.ledger.total
        print(
            f"streamit: {total.rejected.total()} of {total.read} annotations were rejected, more "
            f"than limits.max_reject_rate={report.max_reject_rate:g} allows; "
            f"{report.out}/streamit/rejects.jsonl says why",
            file=sys.stderr,
        )
    raise typer.Exit(report.exit_code)
