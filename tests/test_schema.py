"""The shape of records: what is refused, what is converted, and that both libraries agree."""

from __future__ import annotations

import copy
import math
from dataclasses import replace
from typing import Any

import jsonschema
import jsonschema_rs
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from streamit.recipe import Sampling
from streamit.record import Record, Word, from_dict, to_dict
from streamit.schema import Problem, check, load_schema, validate
from tests.factories import HASH, full, joined, multi_turn, mutate, proactive, with_entry

RECORDS = [multi_turn(), proactive(), joined(), full()]
Path = tuple[str | int, ...]


def test_the_schemas_are_json_schemas_themselves() -> None:
    for kind in ("record", "recipe", "manifest"):
        jsonschema.Draft202012Validator.check_schema(load_schema(kind))


@pytest.mark.parametrize("record", RECORDS)
def test_nothing_is_wrong_with_a_valid_record(record: Record) -> None:
    assert validate(to_dict(record)) == validate(record) == check(record) == []


@pytest.mark.parametrize("column", load_schema("record")["required"])
def test_every_column_is_required(column: str) -> None:
    row = to_dict(multi_turn())
    del row[column]
    assert validate(row) == [Problem("S1", "record", f"'{column}' is a required property")]


def test_a_mistyped_key_shows_as_a_missing_one() -> None:
    row = to_dict(multi_turn())
    row["provenance"]["license"] = row["provenance"].pop("licence")
    message = "'licence' is a required property; is 'license' meant?"
    assert validate(row) == [Problem("S1", "provenance", message)]


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("id",), "dense_caption/demo/0"),
        (("id",), "dense_caption/demo/a b/0"),
        (("id",), "dense_caption/demo/a/00"),
        (("schema_version",), "2"),
        (("schema_version",), 1),
        (("recipe",), ""),
        (("source",), "demo\x00"),
        (("split",), "dev"),
        (("task",), "Dense Caption"),
        (("layout",), "interleaved"),
        (("language",), "english_uk"),
        (("video", "duration_s"), 0),
        (("video", "duration_s"), 1.5e12),
        (("video", "width"), 0),
        (("video", "clips"), []),
        (("video", "clips", 0, "sha256"), HASH[:-1]),
        (("timeline",), []),
        (("timeline", 0, "start_s"), -0.5),
        (("timeline", 0, "start_s"), "0"),
        (("timeline", 0, "start_s"), True),
        (("timeline", 0, "id"), 0.5),
        (("timeline", 0, "text"), "on video"),
        (("timeline", 1, "type"), "User"),
        (("timeline", 1, "text"), None),
        (("timeline", 1, "kind"), None),
        (("timeline", 1, "origin"), None),
        (("timeline", 1, "origin"), "human"),
        (("timeline", 1, "expects"), None),
        (("timeline", 1, "expects"), "two"),
        (("timeline", 1, "evidence"), [{"start_s": 0.0, "end_s": 1.0}]),
        (("timeline", 2, "evidence"), None),
        (("timeline", 2, "loss"), 1),
        (("timeline", 2, "window", "latest_s"), None),
        (("frame_times_s",), None),
        (("n_turns",), -1),
        (("scores",), None),
        (("provenance", "sampling_fps"), 0),
        (("provenance", "sampling_max_frames"), 0),
        (("provenance", "seed"), "0"),
    ],
)
def test_a_wrong_value_is_found_where_it_stands(path: Path, value: object) -> None:
    where = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)[1:]
    problems = validate(mutate(multi_turn(), path, value))
    assert {(problem.rule, problem.where) for problem in problems} == {("S1", where)}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("task",), "sign_translation"),
        (("timeline", 1, "kind"), "follow_up"),
        (("timeline", 1, "question_type"), "OCR"),
        (("language",), "pt-BR"),
        (("language",), None),
        (("video", "width"), None),
        (("frames",), None),
        (("timeline", 2, "window"), None),
        (("camera",), {"lens": math.nan}),
        (("video", "colour"), object()),
        (("timeline", 0, "lens"), b"\x00"),
        ((7,), 7),
    ],
)
def test_open_words_and_unknown_names_are_no_problem(path: Path, value: object) -> None:
    assert validate(mutate(multi_turn(), path, value)) == []


def test_entries_of_a_future_type_are_skipped() -> None:
    row = to_dict(multi_turn())
    row["timeline"].append(row["timeline"][0] | {"type": "tool", "text": "", "start_s": 99.0})
    assert validate(row) == []


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("timeline",), tuple(to_dict(multi_turn())["timeline"])),
        (("timeline",), np.array(to_dict(multi_turn())["timeline"], dtype=object)),
        (("timeline", 0, "end_s"), np.float32(3.5)),
        (("timeline", 0, "loss"), np.bool_(True)),
        (("n_turns",), np.int64(6)),
        (("split",), np.str_("train")),
    ],
)
def test_what_has_an_equal_in_json_is_converted(path: Path, value: object) -> None:
    assert validate(mutate(multi_turn(), path, value)) == []


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (("timeline", 0, "end_s"), math.nan, "nan is not a finite number"),
        (("timeline", 0, "end_s"), np.float64(math.inf), "inf is not a finite number"),
        (("video", "duration_s"), -math.inf, "-inf is not a finite number"),
        (("id",), "a/b/c/0\n", "'a/b/c/0\\n' ends in a newline"),
        (("task",), "dense_caption\n", "'dense_caption\\n' ends in a newline"),
        (("source",), "\ud800", "'\\ud800' holds half a surrogate pair"),
        (("split",), b"train", "b'train': JSON has no bytes"),
        (("scores",), {1.0}, "{1.0}: JSON has no set"),
        (("video", "width"), 3 + 0j, "(3+0j): JSON has no complex"),
    ],
)
def test_what_has_no_equal_in_json_is_refused(path: Path, value: object, message: str) -> None:
    where = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)[1:]
    assert validate(mutate(multi_turn(), path, value)) == [Problem("S1", where, message)]


@pytest.mark.parametrize("other", [None, 3, "a record", [], b""])
def test_what_is_no_row_at_all_is_refused(other: Any) -> None:
    problems = validate(other)
    assert [(problem.rule, problem.where) for problem in problems] == [("S1", "record")]


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"n_turns": 7}, "n_turns"),
        ({"n_frames": 3}, "n_frames"),
        ({"frame_times_s": (0.0, 1.0, 2.0), "n_frames": 3}, "frames"),
    ],
)
def test_counts_are_those_of_the_lists(changes: dict[str, Any], where: str) -> None:
    record = replace(full(), **changes)
    assert where in {problem.where for problem in check(record) if problem.rule == "S1"}


def test_a_frame_is_a_jpeg() -> None:
    frames = [{"bytes": b"\x89PNG", "path": None}, {"bytes": b"\xff\xd8\xff", "path": None}]
    problems = validate(mutate(full(), ("frames",), frames))
    assert [problem.where for problem in problems] == ["frames[0].bytes"]


def test_a_long_value_is_cut_in_the_message() -> None:
    (problem,) = validate(mutate(multi_turn(), ("video",), ["x" * 1000]))
    assert len(problem.message) == 203
    assert problem.message.endswith("...")


def test_the_sampling_of_the_record_is_used_unless_another_is_given() -> None:
    record = multi_turn()
    assert [p.rule for p in validate(record, Sampling(fps=0.01))] == ["E1"] * 3
    record = replace(record, provenance=replace(record.provenance, sampling_fps=0.01))
    assert [p.rule for p in check(record)] == ["E1"] * 3
    assert check(record, Sampling(fps=1.0)) == []


def test_a_record_of_tuples_and_numpy_numbers_is_checked_like_any_other() -> None:
    record = multi_turn()
    last = record.timeline[-1]
    record = with_entry(record, len(record.timeline) - 1, end_s=np.float64(last.end_s))
    record = with_entry(record, 2, words=[Word(3.5, 3.5, "A")])
    assert check(record) == []


# What the two libraries see the same: JSON without the strings and numbers that are refused first.
JSON_TEXT = st.text(st.characters(exclude_categories=["Cs"])).filter(lambda t: not t.endswith("\n"))
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False),
    lambda below: st.lists(below, max_size=3) | st.dictionaries(JSON_TEXT, below, max_size=3),
    max_leaves=5,
)
TELLING = st.sampled_from(
    [0, 1, -1, 0.0, 1.0, 2.5, 1e9, 1e10, "", "a", "user", "video", "1", [], {}]
)
ODD_VALUES = st.sampled_from(
    [
        *(math.nan, math.inf, 10**400, -(10**400), object(), {1}, {1: 2}, (), (1.0,)),
        *(b"", b"\xff\xd8\xff", "\ud800", "a\n"),
        *(np.float32(1), np.longdouble(1), np.array([1, 2]), np.datetime64("2025-01-01")),
    ]
)


def paths_of(value: Any, here: Path = ()) -> list[Path]:
    """The paths to everything inside a row."""
    steps = list(value.items()) if isinstance(value, dict) else []
    steps = list(enumerate(value)) if isinstance(value, list) else steps
    below = [path for step, inner in steps for path in paths_of(inner, (*here, step))]
    return [here, *below] if here else below


@st.composite
def broken_rows(draw: st.DrawFn, values: st.SearchStrategy[Any]) -> dict[str, Any]:
    """A valid row in which up to three values are replaced or removed."""
    row = copy.deepcopy(to_dict(draw(st.sampled_from(RECORDS))))
    for frame in row.get("frames") or ():
        frame["bytes"] = "/9j/"
    for _ in range(draw(st.integers(0, 3))):
        *parents, last = draw(st.sampled_from(paths_of(row)))
        at: Any = row
        for step in parents:
            at = at[step]
        if draw(st.booleans()):
            at[last] = draw(values)
        else:
            del at[last]
    return row


COUNTED = {"n_turns", "n_frames", "frames"}
REFERENCE = jsonschema.Draft202012Validator(load_schema("record"))
COMPILED = jsonschema_rs.Draft202012Validator(load_schema("record"))


@settings(max_examples=400)
@given(broken_rows(JSON_VALUES | JSON_TEXT | TELLING))
def test_the_compiled_checker_agrees_with_the_reference(row: dict[str, Any]) -> None:
    right = REFERENCE.is_valid(row)
    assert COMPILED.is_valid(row) == right
    found = {problem.where for problem in validate(row) if problem.rule == "S1"}
    assert found <= COUNTED if right else found


@settings(max_examples=400)
@given(broken_rows(JSON_VALUES | JSON_TEXT | TELLING | ODD_VALUES))
def test_no_row_makes_validate_raise(row: dict[str, Any]) -> None:
    assert all(problem.message for problem in validate(row))


@settings(max_examples=400)
@given(broken_rows(JSON_VALUES | TELLING | ODD_VALUES))
def test_check_finds_what_validate_finds(row: dict[str, Any]) -> None:
    try:
        record = from_dict(row)
        to_dict(record)
    except (LookupError, TypeError, AttributeError, ValueError):
        assume(False)
    found = [[(p.rule, p.where) for p in ways] for ways in (check(record), validate(record))]
    assert found[0] == found[1]
