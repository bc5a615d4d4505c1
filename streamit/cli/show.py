"""`streamit show`."""

from __future__ import annotations

from typing import Annotated

import typer

from streamit.cli.output import print_json
from streamit.errors import StorageError


def show(
    src: Annotated[
        str, typer.Argument(metavar="DIR", help="A build: a folder, a URL, or one shard of it.")
    ],
    identity: Annotated[
        str | None,
        typer.Argument(
            metavar="[ID]", help="A record's id or the beginning of it; else the first."
        ),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="The record as one JSON document, without its frames.")
    ] = False,
) -> None:
    """Show one record as a timeline.

    Lanes over the length of the stream: video (is silence learned?), questions, and per answer its
    evidence, its moment and its reply window; then all texts with their times, and the rules that
    the record breaks, if any.

    \b
    streamit show dense_caption
    streamit show dense_caption dense_caption/activitynet/v_QOlSCBRmfWY
    """
    from dataclasses import replace

    from streamit.dataset import Index, find_record
    from streamit.record import to_dict

    if identity is not None:
        record = find_record(src, identity)
    else:
        index = Index(src)
        if not len(index):
            raise StorageError(f"{src}: holds no record; `streamit stats` tells what was rejected")
        record = index.read(0)
    if as_json:
        print_json(to_dict(replace(record, frames=None)))
        return
    from streamit.cli.timeline_view import print_record

    print_record(record)
