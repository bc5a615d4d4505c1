"""Plain data becomes frozen dataclasses, and what is not known is refused with a hint."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from streamit.config import apply_override, nearest, read_dataclass, read_yaml, to_data
from streamit.errors import RecipeError


@dataclass(frozen=True)
class Inner:
    share: float = 0.5
    cap: int | None = 256


@dataclass(frozen=True)
class Outer:
    name: str
    inner: Inner = Inner()
    words: tuple[str, ...] = ()
    by_source: Mapping[str, Inner | None] = field(default_factory=dict)
    loud: bool = False
    anything: Any = None


def test_missing_keys_take_their_defaults() -> None:
    assert read_dataclass(Outer, {"name": "a"}, "x.yaml") == Outer("a")


def test_nested_data_is_read() -> None:
    data = {
        "name": "a",
        "inner": {"share": 1, "cap": None},
        "words": ["b", "c"],
        "by_source": {"demo": {"share": 0.25}, "vitt": None},
        "anything": [1, {"x": None}],
    }
    outer = read_dataclass(Outer, data, "x.yaml")
    assert outer == Outer(
        "a",
        Inner(1.0, None),
        ("b", "c"),
        {"demo": Inner(0.25), "vitt": None},
        anything=[1, {"x": None}],
    )
    assert isinstance(outer.inner.share, float)


def test_data_goes_back_to_what_yaml_can_hold() -> None:
    outer = Outer("a", words=("b",), by_source={"demo": Inner()})
    data = to_data(outer)
    assert data["words"] == ["b"]
    assert read_dataclass(Outer, data, "x.yaml") == outer


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"nam": "a"}, "x.yaml: unknown key 'nam'; did you mean 'name'?"),
        ({}, "x.yaml: key 'name' is missing"),
        ({"name": 1}, "x.yaml: name: 1 is not of type str"),
        ({"name": None}, "x.yaml: name: None is not of type str"),
        ({"name": "a", "inner": 1}, "x.yaml: inner: 1 is not a mapping of keys"),
        (
            {"name": "a", "inner": {"shar": 1}},
            "x.yaml: inner: unknown key 'shar'; did you mean 'share'?",
        ),
        (
            {"name": "a", "inner": {"share": True}},
            "x.yaml: inner: share: True is not of type float",
        ),
        ({"name": "a", "inner": {"cap": 1.5}}, "x.yaml: inner: cap: 1.5 is not of type int"),
        ({"name": "a", "words": "b"}, "x.yaml: words: 'b' is not a list"),
        ({"name": "a", "words": ["b", 1]}, "x.yaml: words[1]: 1 is not of type str"),
        ({"name": "a", "by_source": []}, "x.yaml: by_source: [] is not a mapping of keys"),
        ({"name": "a", "loud": 1}, "x.yaml: loud: 1 is not of type bool"),
    ],
)
def test_what_does_not_fit_is_refused(data: dict[str, Any], message: str) -> None:
    with pytest.raises(RecipeError) as caught:
        read_dataclass(Outer, data, "x.yaml")
    assert str(caught.value) == message


def test_a_word_near_none_brings_all_that_are_known() -> None:
    assert nearest("zzz", ["loop", "ray"]) == "known: loop, ray"
    assert nearest("lop", ["loop", "ray"]) == "did you mean 'loop'?"


def test_an_override_reaches_deep_and_makes_the_way() -> None:
    data: dict[str, Any] = {"sources": {"demo": None}}
    apply_override(data, "sources.demo.layout.proactive", 1.0)
    apply_override(data, "seed", 3)
    assert data == {"sources": {"demo": {"layout": {"proactive": 1.0}}}, "seed": 3}


def test_an_override_below_a_value_is_refused() -> None:
    with pytest.raises(RecipeError, match=r"--set seed\.x: 'seed' is a value \(3\)"):
        apply_override({"seed": 3}, "seed.x", 1)


@pytest.mark.parametrize("content", [b"a: [", b"- a\n- b\n", b"", b"\xff\xfe", b"a: \x00"])
def test_a_file_that_holds_no_mapping_is_refused_by_name(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "broken.yaml"
    path.write_bytes(content)
    with pytest.raises(RecipeError, match=r"broken\.yaml"):
        read_yaml(path)


def test_a_file_that_is_not_there_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match=r"absent\.yaml"):
        read_yaml(tmp_path / "absent.yaml")
