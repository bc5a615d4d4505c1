"""Readers are found by name; those of the user's own are checked."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import chdir
from pathlib import Path

import pytest

from streamit.errors import SourceError
from streamit.item import Event, Item
from streamit.readers import activitynet, registry
from streamit.readers.registry import load_reader
from tests.readers.reading import make_file

OWN = """
from streamit.item import Event, Item, Reject

def read(file):
    yield Item(file.source, file.split, file.name, 0, "k", "vid", "vid", None,
               (Event(0, 1.0, 2.0, "Something happens."),))
    yield Reject(file.source, file.name, "k2", None, None, "bad_item", "no")

def fail(file):
    yield from read(file)
    raise KeyError("sentences")

def yield_nonsense(file):
    yield {"video": "vid"}

def make(event, video_id="vid"):
    return Item("s", "train", "f", 0, "k", video_id, "vid", None, event)

def yield_dirty_text(file):
    yield make((Event(0, 1.0, 2.0, " not  clean "),))

def yield_nan(file):
    yield make((Event(0, float("nan"), 2.0, "Text."),))

def yield_climbing_id(file):
    yield make((Event(0, 1.0, 2.0, "Text."),), "../vid")

def yield_nothing(file):
    yield make(())

NOT_CALLABLE = 3
"""


@pytest.fixture
def own_module(tmp_path: Path) -> Iterator[str]:
    """A module in the current folder, as a user would have one."""
    (tmp_path / "my_own_reader.py").write_text(OWN)
    with chdir(tmp_path):
        yield "my_own_reader"
    sys.modules.pop("my_own_reader", None)


def test_every_shipped_reader_is_there() -> None:
    assert all(callable(load_reader(name)) for name in registry.SHIPPED)
    assert load_reader("activitynet") is activitynet.read


def test_an_unknown_name_has_a_nearest_one() -> None:
    with pytest.raises(SourceError, match=r"'activitnet'; did you mean 'activitynet'"):
        load_reader("activitnet")


def test_a_function_in_the_current_folder_is_a_reader(own_module: str, tmp_path: Path) -> None:
    found = list(load_reader(f"{own_module}:read")(make_file(tmp_path / "a.xml")))
    assert isinstance(found[0], Item)
    assert found[0].events == (Event(0, 1.0, 2.0, "Something happens."),)
    assert [type(entry).__name__ for entry in found] == ["Item", "Reject"]


def test_the_current_folder_is_not_left_on_the_path(own_module: str) -> None:
    before = list(sys.path)
    load_reader(f"{own_module}:read")
    assert sys.path == before


@pytest.mark.parametrize(
    ("function", "message"),
    [
        ("absent", "cannot be imported"),
        ("NOT_CALLABLE", "is int, not a function"),
    ],
)
def test_a_function_that_is_none(own_module: str, function: str, message: str) -> None:
    with pytest.raises(SourceError, match=message):
        load_reader(f"{own_module}:{function}")


def test_a_module_that_is_not_there() -> None:
    with pytest.raises(SourceError, match="must be installed or stand in the current folder"):
        load_reader("no_such_module_anywhere:read")


@pytest.mark.parametrize(
    ("function", "message"),
    [
        ("fail", r"failed on .*a\.xml: KeyError\('sentences'\)"),
        ("yield_nonsense", "yields Item and Reject, not dict"),
        ("yield_dirty_text", "was not cleaned"),
        ("yield_nan", "is not finite"),
        ("yield_climbing_id", "leads out of the media root"),
        ("yield_nothing", "has no events"),
    ],
)
def test_what_a_reader_must_not_do_names_the_reader(
    own_module: str, tmp_path: Path, function: str, message: str
) -> None:
    read = load_reader(f"{own_module}:{function}")
    with pytest.raises(SourceError, match=message) as caught:
        list(read(make_file(tmp_path / "a.xml")))
    assert f"{own_module}:{function}" in str(caught.value)
