"""`streamit recipes`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from streamit.cli.output import note, print_json, print_table
from streamit.errors import StorageError, UsageError


def _complete_name(incomplete: str) -> list[str]:
    from streamit import resources

    return [name for name in resources.names("recipes") if name.startswith(incomplete)]


Name = Annotated[
    str, typer.Argument(help="A shipped recipe or a YAML file.", autocompletion=_complete_name)
]

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    help="List, print and copy recipes: what can be built.",
)


@app.command("ls")
def list_recipes(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")] = False,
) -> None:
    """List the shipped recipes.

    \b
    streamit recipes ls
    """
    from streamit import resources
    from streamit.recipe import load_recipe

    found = [load_recipe(name) for name in resources.names("recipes")]
    if as_json:
        print_json(
            [
                {
                    "name": recipe.name,
                    "task": recipe.task,
                    "sources": list(recipe.sources),
                    "description": recipe.description,
                }
                for recipe in found
            ]
        )
        return
    print_table(("NAME", "TASK", "DESCRIPTION"), [(r.name, r.task, r.description) for r in found])


@app.command("cat")
def print_recipe(
    name: Name,
    resolved: Annotated[
        bool, typer.Option("--resolved", help="All keys, the defaults written out.")
    ] = False,
    set_: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="With --resolved: set a key first."),
    ] = None,
) -> None:
    """Print a recipe as YAML.

    \b
    streamit recipes cat dense_caption
    streamit recipes cat dense_caption --resolved --set sampling.fps=2
    """
    from streamit import resources
    from streamit.recipe import load_recipe, to_yaml

    if set_ and not resolved:
        raise UsageError("--set changes nothing in the file; add --resolved")
    recipe = load_recipe(name, set_ or ())
    print(to_yaml(recipe) if resolved else _read(resources.find("recipes", name)), end="")


@app.command("cp")
def copy_recipe(
    name: Name,
    file: Annotated[Path, typer.Argument(help="A new YAML file, or a folder to put it into.")],
) -> None:
    """Copy a recipe to edit it; a file that is there is never overwritten.

    \b
    streamit recipes cp dense_caption my.yaml
    streamit build --recipe my.yaml
    """
    from streamit import resources

    source = resources.find("recipes", name)
    target = file / source.name if file.is_dir() else file
    if target.suffix not in (".yaml", ".yml"):
        raise UsageError(f"{target}: a recipe file ends in .yaml")
    text = _read(source)
    try:
        with target.open("x", encoding="utf-8") as out:
            out.write(text)
    except FileExistsError as exc:
        raise UsageError(f"{target}: is there already; choose another name") from exc
    except OSError as exc:
        raise StorageError(f"{target}: cannot be written: {exc.strerror or exc}") from exc
    note(f"wrote {target}; give it a `name` of its own, then: streamit build --recipe {target}")


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as exc:
        raise StorageError(f"{path}: cannot be read: {exc}") from exc
