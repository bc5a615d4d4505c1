"""The wheel holds what a build needs, and the checkout holds nothing of one machine."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
import zipfile
from fnmatch import fnmatch
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from streamit.version import __version__
from tests.pages import ROOT, read_page

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
DATA_FOLDERS = ("recipes", "schemas", "sources")
# Absolute paths of one machine, and package indexes other than the public one.
OF_ONE_MACHINE = re.compile(r"/(root|work|home|Users)/|file:///|(extra-)?index-url|trusted-host")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> set[str]:
    """Names of the files in the wheel, built without touching the network."""
    out = tmp_path_factory.mktemp("dist")
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", out, ROOT],
        check=True,
        capture_output=True,
    )
    (path,) = out.glob("*.whl")
    return set(zipfile.ZipFile(path).namelist())


def test_wheel_holds_the_data_folders_whole(wheel):
    expected = {
        f"streamit/_data/{path.relative_to(ROOT)}"
        for folder in DATA_FOLDERS
        for path in (ROOT / folder).rglob("*")
        if path.is_file()
    }
    assert {name for name in wheel if name.startswith("streamit/_data/")} == expected | {
        "streamit/_data/DATASET_CARD.md"
    }


def test_wheel_holds_all_of_the_package_and_nothing_else(wheel):
    package = {
        str(path.relative_to(ROOT))
        for path in (ROOT / "streamit").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    info = f"streamit-{__version__}.dist-info/"
    rest = {name for name in wheel if not name.startswith((info, "streamit/_data/"))}
    assert rest == package


def test_wheel_holds_licence_and_command(wheel):
    info = f"streamit-{__version__}.dist-info"
    assert {f"{info}/licenses/LICENSE", f"{info}/entry_points.txt"} <= wheel


def test_changelog_begins_with_this_version():
    newest = re.search(r"^## \[([^\]]+)\]", read_page("CHANGELOG.md"), re.MULTILINE)
    assert newest is not None
    assert newest[1] == __version__


def test_every_import_is_a_declared_dependency():
    extra = PROJECT["optional-dependencies"]["train"]
    given = [*PROJECT["dependencies"], *extra]
    declared = {normalise(re.split("[>;]", text)[0]) for text in given}
    owners = packages_distributions()
    undeclared = {
        name
        for path in (ROOT / "streamit").rglob("*.py")
        for name in list_imports(path)
        if name not in sys.stdlib_module_names and name != "streamit"
        if not {normalise(owner) for owner in owners.get(name, [name])} & declared
    }
    assert undeclared == set()


def normalise(distribution: str) -> str:
    return distribution.strip().lower().replace("_", "-")


def list_imports(path: Path) -> set[str]:
    """Top-level names of all modules that a file imports, wherever it does."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.partition(".")[0])
    return names


def test_every_dependency_has_a_lower_bound():
    extras = PROJECT["optional-dependencies"]
    given = [*PROJECT["dependencies"], *extras["train"], *extras["dev"]]
    assert [text for text in given if not re.search(r">=|==|^streamit\[", text)] == []


def test_the_extra_for_developers_holds_all_others():
    extras = PROJECT["optional-dependencies"]
    assert {f"streamit[{name}]" for name in extras if name != "dev"} <= set(extras["dev"])


def list_tracked() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if listed.returncode:
        pytest.skip("not a git checkout")
    return [path for name in listed.stdout.split("\0")[:-1] if (path := ROOT / name).is_file()]


def test_tracked_files_name_no_machine():
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in list_tracked()
        if path != Path(__file__)
        for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1)
        if OF_ONE_MACHINE.search(line)
    ]
    assert found == []


def test_tracked_files_are_small():
    """Corpora, videos and builds do not belong into the repository."""
    assert [path.name for path in list_tracked() if path.stat().st_size > 300_000] == []


def test_every_test_file_is_collected(request: pytest.FixtureRequest) -> None:
    """Pytest passes over folders with certain names, `build` among them, unless it is told."""
    patterns = request.config.getini("norecursedirs")
    folders = {path.parent.name for path in (ROOT / "tests").rglob("test_*.py")}
    assert "build" in folders
    assert not {name for name in folders for pattern in patterns if fnmatch(name, pattern)}
