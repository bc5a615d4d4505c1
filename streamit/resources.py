"""Finds the data that travels with the package: recipes, mixes, schemas, sources, the card.

They stand at the top of the checkout, where users read them, and under `streamit/_data` in the
wheel. Force-included files do not exist in an editable install, hence the second place to look.
"""

from __future__ import annotations

from difflib import get_close_matches
from pathlib import Path
from typing import NamedTuple

from streamit.errors import ResourceError


class Kind(NamedTuple):
    """What one of a kind is called, where they stand, and how their names end."""

    word: str
    folder: str
    ending: str


KINDS = {
    "recipes": Kind("recipe", "recipes", ".yaml"),
    "mixes": Kind("mix", "recipes/mixes", ".yaml"),
    "sources": Kind("source", "sources", ".yaml"),
    "schemas": Kind("schema", "schemas", ".json"),
}
_PACKAGE = Path(__file__).resolve().parent


def folder(kind: str) -> Path:
    """The folder of a kind of resource, in the wheel or in the checkout.

    Raises ResourceError when the installation lacks it.
    """
    place = KINDS[kind].folder
    wheel, checkout = _PACKAGE / "_data" / place, _PACKAGE.parent / place
    if wheel.is_dir():
        return wheel
    if (_PACKAGE.parent / "pyproject.toml").is_file() and checkout.is_dir():
        return checkout
    raise ResourceError(f"{place}/ is in neither {wheel} nor {checkout}; install streamit again")


def names(kind: str) -> list[str]:
    """Names of all shipped resources of a kind, sorted."""
    return sorted(path.stem for path in folder(kind).glob(f"*{KINDS[kind].ending}"))


def find(kind: str, name: str) -> Path:
    """The file of a resource: a path that exists (with an ending), or a shipped name.

    Raises ResourceError with the nearest names.
    """
    word, _, ending = KINDS[kind]
    path = Path(name)
    if path.suffix == ending or path.suffix == ".yml":
        if path.is_file():
            return path
        raise ResourceError(f"{word} file {name!r} does not exist")
    shipped = folder(kind) / f"{name}{ending}"
    if shipped.is_file() and shipped.parent == folder(kind):
        return shipped
    near = get_close_matches(name, names(kind), n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"there are: {', '.join(names(kind))}"
    raise ResourceError(f"no {word} named {name!r}; {hint}")


def card_template() -> Path:
    """DATASET_CARD.md, the template that every build fills."""
    wheel, checkout = _PACKAGE / "_data" / "DATASET_CARD.md", _PACKAGE.parent / "DATASET_CARD.md"
    return wheel if wheel.is_file() else checkout
