"""Turns plain YAML data into frozen dataclasses, and refuses what it does not know.

Every configuration of the package (recipes, sources) is read here, so that a mistyped key is
always an error that names the nearest right one, never a default that quietly wins.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, Field, fields, is_dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar, Union, get_args, get_origin

import yaml

from streamit.errors import RecipeError

T = TypeVar("T")


def read_yaml(path: Path) -> dict[str, Any]:
    """The mapping in a YAML file. Raises RecipeError on broken YAML or another kind of document."""
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as exc:
        raise RecipeError(f"{path}: cannot be read as YAML: {exc}") from exc
    if not isinstance(data, dict):
        raise RecipeError(f"{path}: holds {type(data).__name__}, not a mapping of keys")
    return data


def read_dataclass(cls: type[T], data: Mapping[str, Any], where: str) -> T:
    """An instance of a (nested) dataclass from plain data; missing keys take their defaults.

    `where` begins every message: a file name, or `--set`. Raises RecipeError on an unknown key
    (with the nearest one), a missing key without a default, or a value of another type.
    """
    known = {f.name: f for f in fields(cls)}  # type: ignore[arg-type]
    hints = typing.get_type_hints(cls)
    for key in data:
        if key not in known:
            raise RecipeError(f"{where}: unknown key {key!r}; {nearest(str(key), list(known))}")
    values = {key: _convert(hints[key], data[key], f"{where}: {key}") for key in data}
    for name, f in known.items():
        if name not in values and not _has_default(f):
            raise RecipeError(f"{where}: key {name!r} is missing")
    return cls(**values)


def nearest(word: str, words: list[str]) -> str:
    """A hint for a mistyped word: the nearest right one, or all of them."""
    near = get_close_matches(word, words, n=1, cutoff=0.5)
    return f"did you mean {near[0]!r}?" if near else f"known: {', '.join(sorted(words))}"


def to_data(value: Any) -> Any:
    """Plain data of a (nested) dataclass: what YAML and JSON can hold."""
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: to_data(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, Mapping):
        return {key: to_data(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [to_data(item) for item in value]
    return value


def read_overrides(given: Sequence[str] | Mapping[str, Any]) -> list[tuple[str, Any]]:
    """Paths and values of `a.b=c` strings (the values are YAML), or of a mapping.

    Raises RecipeError on what is neither.
    """
    if isinstance(given, Mapping):
        return [(str(key), value) for key, value in given.items()]
    pairs = []
    for text in given:
        key, equals, value = text.partition("=")
        if not equals or not key.strip():
            raise RecipeError(f"--set {text!r}: write it as key=value, such as sampling.fps=2")
        try:
            pairs.append((key.strip(), yaml.safe_load(value)))
        except yaml.YAMLError as exc:
            raise RecipeError(f"--set {text!r}: the value is no YAML: {exc}") from exc
    return pairs


def apply_override(data: dict[str, Any], path: str, value: Any) -> None:
    """Set `a.b.c` in nested plain data, making the mappings on the way; a mapping is merged.

    Raises RecipeError when something on the way is a value, not a mapping.
    """
    *parents, last = path.split(".")
    at = data
    for key in parents:
        below = at.setdefault(key, {})
        if below is None:
            below = at[key] = {}
        if not isinstance(below, dict):
            raise RecipeError(f"--set {path}: {key!r} is a value ({below!r}), it has no keys")
        at = below
    here = at.get(last)
    if isinstance(value, Mapping) and isinstance(here, dict):
        for key, inner in value.items():
            apply_override(here, str(key), inner)
    else:
        at[last] = value


def _has_default(f: Field[Any]) -> bool:
    return f.default is not MISSING or f.default_factory is not MISSING


def _convert(hint: Any, value: Any, where: str) -> Any:
    origin, args = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        return _convert_union(args, value, where)
    if hint is Any:
        return value
    if is_dataclass(hint) and isinstance(hint, type):
        if not isinstance(value, Mapping):
            raise RecipeError(f"{where}: {value!r} is not a mapping of keys")
        return read_dataclass(hint, value, where)
    if origin is tuple:
        if not isinstance(value, list | tuple):
            raise RecipeError(f"{where}: {value!r} is not a list")
        return tuple(_convert(args[0], item, f"{where}[{i}]") for i, item in enumerate(value))
    if origin is not None and issubclass(origin, Mapping):
        if not isinstance(value, Mapping):
            raise RecipeError(f"{where}: {value!r} is not a mapping of keys")
        return {str(k): _convert(args[1], v, f"{where}.{k}") for k, v in value.items()}
    return _convert_plain(hint, value, where)


def _convert_union(args: tuple[Any, ...], value: Any, where: str) -> Any:
    if value is None and type(None) in args:
        return None
    rest = [arg for arg in args if arg is not type(None)]
    problems = []
    for arg in rest:
        try:
            return _convert(arg, value, where)
        except RecipeError as exc:
            problems.append(exc)
    raise problems[-1]


def _convert_plain(hint: type, value: Any, where: str) -> Any:
    if hint is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if isinstance(value, hint) and not (isinstance(value, bool) and hint is not bool):
        return value
    raise RecipeError(f"{where}: {value!r} is not of type {hint.__name__}")
