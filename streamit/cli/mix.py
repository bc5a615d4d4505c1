"""`streamit mix`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from streamit.cli.output import note, print_json, print_table
from streamit.errors import UsageError

if TYPE_CHECKING:
    from streamit.build.mix.describe import MixReport


def _complete_name(incomplete: str) -> list[str]:
    from streamit import resources

    return [name for name in resources.names("mixes") if name.startswith(incomplete)]


Name = Annotated[
    str | None,
    typer.Argument(
        metavar="NAME|FILE", help="A shipped mix or a YAML file.", autocompletion=_complete_name
    ),
]
Out = Annotated[str | None, typer.Option(metavar="DIR", help="Folder or URL to write to (./NAME).")]
Places = Annotated[
    list[str] | None,
    typer.Option("--build", metavar="NAME=PATH", help="Where a build of the mix lies."),
]
Overrides = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="Set a key: when_missing=skip."),
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would be taken; write nothing.")]
Verify = Annotated[bool, typer.Option("--verify", help="Hash finished shards again.")]
List = Annotated[bool, typer.Option("--list", help="List the shipped mixes.")]
Show = Annotated[bool, typer.Option("--show", help="Print the mix with every default, as YAML.")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")]


def mix(
    name: Name = None,
    out: Out = None,
    build: Places = None,
    set_: Overrides = None,
    dry_run: DryRun = False,
    verify: Verify = False,
    list_: List = False,
    show: Show = False,
    as_json: AsJson = False,
) -> None:
    """Make one dataset of several builds, by counts or weights. Run again to go on.

    No video comes into two splits, no record twice; what is not taken is counted. The result is a
    build like any other.

    \b
    streamit mix --list
    streamit mix stream_it --show
    streamit mix stream_it --build dense_caption=PATH --set when_missing=skip --dry-run
    streamit mix my.yaml --out mixed
    """
    if list_:
        _list_mixes(as_json)
        return
    if name is None:
        raise UsageError("no mix is named; `streamit mix --list` lists those that are shipped")
    places = dict(_split_place(text) for text in build or ())
    if show:
        from streamit.mix import load_mix, to_yaml

        print(to_yaml(load_mix(name, set_ or (), places)), end="")
        return
    from streamit.build.mix.run import mix_builds
    from streamit.build.progress import choose_progress

    report = mix_builds(
        name,
        out,
        builds=places,
        overrides=set_ or (),
        verify=verify,
        dry_run=dry_run,
        progress=choose_progress(),
    )
    if as_json:
        print_json(report.to_dict())
    else:
        _print_report(report)


def _split_place(text: str) -> tuple[str, str]:
    name, equals, place = text.partition("=")
    if not (name and equals and place):
        raise UsageError(f"--build {text!r}: write it as NAME=PATH, such as dense_caption=out")
    return name, place


def _list_mixes(as_json: bool) -> None:
    from streamit import resources
    from streamit.mix import load_mix

    found = [load_mix(name) for name in resources.names("mixes")]
    if as_json:
        print_json(
            [
                {"name": one.name, "builds": list(one.builds), "description": one.description}
                for one in found
            ]
        )
        return
    print_table(("NAME", "DESCRIPTION"), [(one.name, one.description) for one in found])


def _print_report(report: MixReport) -> None:
    from streamit.build.mix import text

    print(text.describe_outcome(report))
    print()
    print_table(text.HEADER, text.tabulate_shares(report))
    print()
    for line in text.describe_counts(report):
        print(line)
    for line in text.describe_shortages(report):
        note(f"less than was asked for: {line}")
