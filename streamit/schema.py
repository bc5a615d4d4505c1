"""Validation: the shape of a record by JSON Schema (S1), then its meaning by the rules.

`jsonschema` is the reference and writes the messages. `jsonschema-rs`, some 200 times faster,
decides the common case, where nothing is wrong. They differ on NaN, infinities, tuples, numpy
values, halves of surrogate pairs and on `$` before a final newline; so all of these are converted
or refused before either sees them, and a property test shows that they agree on the rest.
"""

from __future__ import annotations

import json
import math
import reprlib
from base64 import b64encode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cache
from typing import TYPE_CHECKING, Any

from streamit import resources
from streamit.recipe import Sampling
from streamit.record import Record, from_dict, to_dict
from streamit.rules import Problem, check_record

if TYPE_CHECKING:
    from jsonschema import ValidationError
    from jsonschema.protocols import Validator
    from jsonschema_rs import Draft202012Validator

__all__ = ["Problem", "check", "check_document", "load_schema", "validate"]

_SHOWN = 200
# The first three bytes of a file are enough to see that it is a JPEG, and spare copying it.
_HEAD_BYTES = 3


def validate(record: Mapping[str, Any] | Record, sampling: Sampling | None = None) -> list[Problem]:
    """Everything that is wrong with one record: its shape (S1) or, if that is right, its meaning.

    Takes a row as it comes from JSON, Parquet, pandas or NumPy. `sampling` is what E1 and F1
    measure by; by default the one in the record's own provenance. D1 and P1 hold between records:
    see `dataset_rules`. Never raises on account of the record.
    """
    problems: list[Problem] = []
    row = _plain(to_dict(record) if isinstance(record, Record) else record, _shape(), "", problems)
    problems = problems or _find_misshapes("record", row)
    return problems or _check_meaning(from_dict(row), sampling)


def check(
    record: Record, sampling: Sampling | None = None, row: Mapping[str, Any] | None = None
) -> list[Problem]:
    """The same as `validate`, several times faster where nothing is wrong: for building.

    `row` is `to_dict(record)`, for a caller that needs it, too.
    """
    row = to_dict(record) if row is None else row
    if record.frames is not None:
        heads = [{"bytes": _head(f.bytes), "path": f.path} for f in record.frames]
        row = {**row, "frames": heads}
    if _passes("record", row):
        return _check_meaning(record, sampling)
    return validate(record, sampling)


def check_document(kind: str, data: object) -> list[Problem]:
    """What is wrong with the shape of a `recipe`, `mix`, `source` or `manifest`, as plain data."""
    problems: list[Problem] = []
    plain = _plain(data, None, "", problems)
    return problems or _find_misshapes(kind, plain)


@cache
def load_schema(kind: str) -> dict[str, Any]:
    """The JSON Schema of a `record`, `recipe`, `mix`, `source` or `manifest`; not to be changed."""
    path = resources.folder("schemas") / f"{kind}.schema.json"
    schema: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return schema


def _check_meaning(record: Record, sampling: Sampling | None) -> list[Problem]:
    if sampling is None:
        fps, max_frames = record.provenance.sampling_fps, record.provenance.sampling_max_frames
    else:
        fps, max_frames = sampling.fps, sampling.max_frames
    max_frames = None if max_frames is None else int(max_frames)
    miscounts = [Problem("S1", *miscount) for miscount in _find_miscounts(record)]
    return miscounts + check_record(record, fps, max_frames)


def _find_miscounts(record: Record) -> Iterator[tuple[str, str]]:
    n_turns = sum(entry.type in ("user", "assistant") for entry in record.timeline)
    n_frames = len(record.frame_times_s)
    if record.n_turns != n_turns:
        yield "n_turns", f"says {record.n_turns}; the timeline has {n_turns}"
    if record.n_frames != n_frames:
        yield "n_frames", f"says {record.n_frames}; frame_times_s has {n_frames}"
    if record.frames is not None and len(record.frames) != n_frames:
        yield "frames", f"has {len(record.frames)} frames; frame_times_s has {n_frames}"


@cache
def _compiled(kind: str) -> Draft202012Validator:
    import jsonschema_rs

    return jsonschema_rs.Draft202012Validator(load_schema(kind))


@cache
def _reference(kind: str) -> Validator:
    from jsonschema import Draft202012Validator

    return Draft202012Validator(load_schema(kind))


def _passes(kind: str, data: object) -> bool:
    try:
        return bool(_compiled(kind).is_valid(data))
    except ValueError:
        return False  # a value that JSON cannot hold


def _find_misshapes(kind: str, data: Any) -> list[Problem]:
    if _passes(kind, data):
        return []
    errors = sorted(
        _reference(kind).iter_errors(data),
        key=lambda error: [(isinstance(step, str), step) for step in error.absolute_path],
    )
    problems = []
    for error in errors:
        where = ""
        for step in error.absolute_path:
            where = _below(where, step)
        message = error.message if len(error.message) <= _SHOWN else error.message[:_SHOWN] + "..."
        hint = _hint_missing(error) if error.validator == "required" else ""
        problems.append(Problem("S1", where or kind, message + hint))
    return problems


def _hint_missing(error: ValidationError) -> str:
    instance: Any = error.instance
    schema: Any = error.schema
    missing = error.message.split("'")[1]
    unknown = set(instance) - set(schema.get("properties", ()))
    near = get_close_matches(missing, sorted(unknown), n=1)
    return f"; is {near[0]!r} meant?" if near else ""


@dataclass(frozen=True, slots=True)
class _Shape:
    """What the schema says of a value: the names or items below it, and what kind it is."""

    properties: Mapping[str, _Shape] = field(default_factory=dict)
    items: _Shape | None = None
    has_pattern: bool = False
    is_base64: bool = False
    is_integer: bool = False


@cache
def _shape() -> _Shape:
    schema = load_schema("record")
    return _read_shape(schema, schema["$defs"])


def _read_shape(node: Mapping[str, Any], definitions: Mapping[str, Any]) -> _Shape:
    if "$ref" in node:
        node = definitions[node["$ref"].removeprefix("#/$defs/")]
    return _Shape(
        {k: _read_shape(below, definitions) for k, below in node.get("properties", {}).items()},
        _read_shape(node["items"], definitions) if "items" in node else None,
        "pattern" in node,
        node.get("contentEncoding") == "base64",
        "integer" in node.get("type", ()),
    )


def _plain(value: Any, shape: _Shape | None, where: str, problems: list[Problem]) -> Any:
    """The value as JSON knows it; what JSON cannot hold is added to `problems`.

    With a shape, names that it does not have keep their place but lose their value: readers skip
    them, whatever they hold. Without one, everything is taken.
    """
    if hasattr(value, "tolist"):  # numpy numbers and arrays, pandas series
        value = value.tolist()
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        if not math.isfinite(value):
            problems.append(Problem("S1", where, f"{value} is not a finite number"))
        elif shape is not None and shape.is_integer and value.is_integer():
            return int(value)  # JSON Schema takes 1.0 for an integer, range() does not
        return value
    if isinstance(value, str):
        return _plain_text(value, shape, where, problems)
    if isinstance(value, bytes) and shape is not None and shape.is_base64:
        return _head(value)
    if isinstance(value, Mapping):
        return _plain_mapping(value, shape, where, problems)
    if isinstance(value, list | tuple):
        if shape is not None and shape.items is None:
            return list(value)
        below = shape and shape.items
        return [_plain(v, below, _below(where, i), problems) for i, v in enumerate(value)]
    problems.append(
        Problem(
            "S1", where or "record", f"{reprlib.repr(value)}: JSON has no {type(value).__name__}"
        )
    )
    return None


def _plain_text(value: str, shape: _Shape | None, where: str, problems: list[Problem]) -> str:
    if shape is None or (shape.has_pattern and not shape.is_base64):
        try:
            value.encode()
        except UnicodeEncodeError:
            problems.append(Problem("S1", where, f"{value!r} holds half a surrogate pair"))
    if shape is not None and shape.has_pattern and value.endswith("\n"):
        problems.append(Problem("S1", where, f"{value!r} ends in a newline"))
    return value


def _plain_mapping(
    value: Mapping[Any, Any], shape: _Shape | None, where: str, problems: list[Problem]
) -> dict[str, Any]:
    row: dict[str, Any] = {}
    for key, below in value.items():
        if shape is not None and key not in shape.properties:
            row[str(key)] = None
            continue
        if not isinstance(key, str):
            problems.append(Problem("S1", where, f"the key {key!r} is not a string"))
            continue
        inner = None if shape is None else shape.properties[key]
        row[key] = _plain(below, inner, _below(where, key), problems)
    return row


def _below(where: str, step: str | int) -> str:
    if isinstance(step, int):
        return f"{where}[{step}]"
    return f"{where}.{step}" if where else step


def _head(content: object) -> object:
    return b64encode(content[:_HEAD_BYTES]).decode() if isinstance(content, bytes) else content
