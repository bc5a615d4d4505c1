"""Finds the data that travels with the package: recipes, schemas, sources, the card template.

They stand at the top of the checkout, where users read them, and under `streamit/_data` in the
wheel. Force-included files do not exist in an editable install, hence the second place to look.
"""

from __future__ import annotations

from difflib import get_close_matches
from pathlib import Path

from streamit.errors import ResourceError

KINDS = {"recipes": ".yaml", "sources": ".yaml", "schemas": ".json"}
_PACKAGE = Path(__file__).resolve().parent


def folder(kind: str) -> Path:
    """The folder of a kind of resource, in the wheel or in the checkout.

    Raises ResourceError when the installation lacks it.
    """
    wheel, checkout = _PACKAGE / "_data" / kind, _PACKAGE.parent / kind
    if wheel.is_dir():
        return wheel
    if (_PACKAGE.parent / "pyproject.toml").is_file() and checkout.is_dir():
        return checkout
    raise ResourceError(f"{kind}/ is in neither {wheel} nor {checkout}; install streamit again")


def names(kind: str) -> list[str]:
    """Names of all shipped resources of a kind, sorted."""
    return sorted(path.stem for path in folder(kind).glob(f"*{KINDS[kind]}"))


def find(kind: str, name: str) -> Path:
    """The file of a resource: a path that exists (with an ending), or a shipped name.

    Raises ResourceError with the nearest names.
    """
    path = Path(name)
    if path.suffix == KINDS[kind] or path.suffix == ".yml":
        if path.is_file():
            return path
        raise ResourceError(f"{kind[:-1]} file {name!r} does not exist")
    shipped = folder(kind) / f"{name}{KINDS[kind]}"
    if shipped.is_file() and shipped.parent == folder(kind):
        return shipped
    near = get_close_matches(name, names(kind), n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"there are: {', '.join(names(kind))}"
    raise ResourceError(f"no {kind[:-1]} named {name!r}; {hint}")


def card_template() -> Path:
    """DATASET_CARD.md, the template that every build fills."""
    wheel, checkout = _PACKAGE / "_data" / "DATASET_CARD.md", _PACKAGE.parent / "DATASET_CARD.md"
    return wheel if wheel.is_file() else checkout
