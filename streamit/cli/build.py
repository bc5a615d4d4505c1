"""`streamit build`."""

from __future__ import annotations

import json
import sys
from typing import Annotated

import typer

RecipeName = Annotated[
    str, typer.Option(metavar="NAME|FILE", help="A shipped recipe or a YAML file.")
]
Data = Annotated[
    str | None,
    typer.Option(metavar="DIR", help="A folder with one folder per source (default: ./data)."),
]
Sources = Annotated[
    list[str] | None,
    typer.Option(metavar="NAME=PATH", help="A source and its folder or annotation file."),
]
MediaRoot = Annotated[
    str | None,
    typer.Option(metavar="DIR", help="Where the videos are, if not beside the annotations."),
]
Out = Annotated[
    str | None, typer.Option(metavar="DIR", help="Folder or URL to build into (./NAME).")
]
Overrides = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="Set a recipe key: sampling.fps=2."),
]
Limit = Annotated[
    int | None, typer.Option(metavar="N", min=1, help="Items per source, after ordering.")
]
Exclude = Annotated[
    str | None,
    typer.Option(metavar="FILE", help="File of video ids to leave out, one per line."),
]
Workers = Annotated[
    int | None, typer.Option(metavar="N", min=1, help="1: in this process; more: through Ray.")
]
Address = Annotated[str | None, typer.Option(metavar="ADDR", help="A Ray cluster to build on.")]
Media = Annotated[
    str | None,
    typer.Option(
        metavar="MODE",
        help="none: annotations only; frames: JPEGs in the shards; clips: small mp4 files",
    ),
]
Verify = Annotated[bool, typer.Option("--verify", help="Hash finished shards again.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would be built; write nothing.")]
SetAside = Annotated[
    str | None,
    typer.Option(metavar="FILE", help="Write a list of what is left out on purpose (JSONL)."),
]
BaseUrl = Annotated[
    str | None,
    typer.Option(metavar="URL", help="A server that speaks the OpenAI protocol (streaming_qa)."),
]
Model = Annotated[
    str | None, typer.Option(metavar="NAME", help="The language model that writes the questions.")
]
Replay = Annotated[
    bool, typer.Option("--replay", help="Ask nothing: build from the replies that are cached.")
]
MaxCost = Annotated[
    float | None,
    typer.Option(metavar="X", min=0, help="Stop before this run spends more on questions."),
]
Batches = Annotated[
    str | None,
    typer.Option(
        metavar="DIR", help="Ask by the Batch API: write requests to DIR, take results from it."
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")]


def build(
    recipe: RecipeName,
    data: Data = None,
    source: Sources = None,
    media_root: MediaRoot = None,
    out: Out = None,
    set_: Overrides = None,
    limit: Limit = None,
    exclude: Exclude = None,
    workers: Workers = None,
    address: Address = None,
    media: Media = None,
    verify: Verify = False,
    dry_run: DryRun = False,
    set_aside: SetAside = None,
    base_url: BaseUrl = None,
    model: Model = None,
    replay: Replay = False,
    max_cost: MaxCost = None,
    batches: Batches = None,
    as_json: AsJson = False,
) -> None:
    """Build a dataset: convert, sample, check, write Parquet shards. Run again to go on.

    Without data the demo corpus is built. Exits with 3 when the build has finished, but more was
    rejected than limits.max_reject_rate allows.

    \b
    streamit build --recipe dense_caption
    streamit build --recipe dense_caption --source activitynet=captions/ --dry-run
    streamit build --recipe dense_caption --source activitynet=captions/ \\
        --media-root videos/ --media frames --set sampling.fps=2
    streamit build --recipe streaming_qa --source webvid=webvid/ \\
        --base-url http://localhost:8000/v1 --model my-model --dry-run
    """
    from streamit.build.progress import choose_progress
    from streamit.build.run import build as run
    from streamit.build.text import describe_rejects, describe_report

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
        base_url=base_url,
        model=model,
        replay=replay,
        max_cost=max_cost,
        batches=batches,
        progress=choose_progress(),
        overrides=set_ or (),
    )
    print(json.dumps(report.to_dict(), indent=2) if as_json else describe_report(report))
    if report.exit_code:
        print(f"streamit: {describe_rejects(report)}", file=sys.stderr)
    raise typer.Exit(report.exit_code)
