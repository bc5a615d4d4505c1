"""The one import direction: cli, then what makes things, then what they are made with, then data.

Read from the syntax trees, so that imports inside functions count as well.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parent.parent / "streamit"
LAYERS = (
    {"cli", "__main__"},
    {"build", "publish", "export", "train", "evaluate", "demo"},
    {"convert", "readers", "video", "llm", "quality", "model", "dataset", "statistics"},
)
"""From the top; every other module is at the bottom. The package's own name only re-exports."""

TORCH_MAY_BE_IN = {"model", "train", "evaluate"}
EMBEDDER = "quality/checkpoint.py"
HEAVY = {"av", "datasets", "decord", "pandas", "pyarrow", "ray", "torch", "transformers"}


def modules() -> list[Path]:
    return sorted(path for path in PACKAGE.rglob("*.py") if path != PACKAGE / "__init__.py")


def part_of(path: Path) -> str:
    """The sub-package of a file, or the name of a module at the top of the package."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def depth_of(part: str) -> int:
    return next((depth for depth, layer in enumerate(LAYERS) if part in layer), len(LAYERS))


def imports_of(tree: ast.AST) -> Iterator[str]:
    """Dotted names of everything imported anywhere in a module."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def parts_imported(path: Path) -> set[str]:
    """The parts of this package that a file imports, its own not among them."""
    names = [name.split(".") for name in imports_of(ast.parse(path.read_bytes()))]
    found = {name[1] for name in names if name[0] == "streamit" and len(name) > 1}
    return {part for part in found if (PACKAGE / part).is_dir() or exists(part)} - {part_of(path)}


def exists(part: str) -> bool:
    return (PACKAGE / f"{part}.py").is_file()


def modules_that_import(package: str) -> set[str]:
    return {
        str(path.relative_to(PACKAGE))
        for path in modules()
        if any(name.split(".")[0] == package for name in imports_of(ast.parse(path.read_bytes())))
    }


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_go_down_or_sideways(path: Path) -> None:
    here = depth_of(part_of(path))
    assert {part for part in parts_imported(path) if depth_of(part) < here} == set()


def test_parts_do_not_import_each_other_in_a_circle() -> None:
    needs: dict[str, set[str]] = {}
    for path in modules():
        needs.setdefault(part_of(path), set()).update(parts_imported(path))
    while free := {part for part, others in needs.items() if not others & set(needs)}:
        needs = {part: others for part, others in needs.items() if part not in free}
    assert needs == {}


def test_ray_is_imported_in_one_module() -> None:
    assert len(modules_that_import("ray")) == 1


@pytest.mark.parametrize("package", ["torch", "transformers"])
def test_torch_stays_with_models_training_evaluation_and_the_embedder(package: str) -> None:
    names = modules_that_import(package) - {EMBEDDER}
    assert {name.split("/")[0] for name in names} <= TORCH_MAY_BE_IN


def test_the_embedder_imports_torch_only_once_it_is_used() -> None:
    statements = ast.parse((PACKAGE / EMBEDDER).read_bytes()).body
    at_the_top = {
        name
        for s in statements
        if isinstance(s, ast.Import | ast.ImportFrom)
        for name in imports_of(s)
    }
    assert {name.split(".")[0] for name in at_the_top} & HEAVY == set()


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_the_bottom_layer_imports_nothing_heavy_at_its_top(path: Path) -> None:
    """Whoever wants a record or a rule does not wait for Arrow or a decoder."""
    if depth_of(part_of(path)) == len(LAYERS) and part_of(path) != "columns":
        statements = ast.parse(path.read_bytes()).body
        imports = [s for s in statements if isinstance(s, ast.Import | ast.ImportFrom)]
        names = {name.split(".")[0] for s in imports for name in imports_of(s)}
        assert names & HEAVY == set()
