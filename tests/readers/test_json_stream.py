"""A document is streamed member by member, as json.loads would have read it whole."""

from __future__ import annotations

import gzip
import json
import math
from pathlib import Path
from typing import Any

import fsspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from streamit.errors import SourceError
from streamit.readers.json_stream import RepeatedKeys, is_jsonl, join_members, stream_json

SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=8
)
SAME_FOLDER = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


def write(folder: Path, content: str | bytes, name: str = "a.json") -> str:
    data = content.encode() if isinstance(content, str) else content
    (folder / name).write_bytes(data)
    return str(folder / name)


def read_values(path: str) -> list[Any]:
    return [member.value for member in stream_json(path)]


@SAME_FOLDER
@given(st.dictionaries(st.text(), VALUES), st.booleans(), st.sampled_from((None, 1)))
def test_an_object_is_read_as_json_reads_it(
    tmp_path: Path, document: dict[str, Any], ascii_only: bool, indent: int | None
) -> None:
    text = json.dumps(document, ensure_ascii=ascii_only, indent=indent)
    path = write(tmp_path, text.encode("utf-8", "surrogatepass"))
    assert {member.key: member.value for member in stream_json(path)} == json.loads(text)


@SAME_FOLDER
@given(st.lists(VALUES))
def test_an_array_is_read_as_json_reads_it(tmp_path: Path, document: list[Any]) -> None:
    assert read_values(write(tmp_path, json.dumps(document))) == document


@SAME_FOLDER
@given(st.lists(VALUES))
def test_jsonl_is_read_line_by_line(tmp_path: Path, rows: list[Any]) -> None:
    text = "".join(f"{json.dumps(row)}\n" for row in rows)
    assert read_values(write(tmp_path, text, "a.jsonl")) == rows


def test_members_longer_than_a_chunk_and_cut_anywhere(tmp_path: Path) -> None:
    document = {f"v{i}": ["é" * 700_000, i, 10.5 + i, f"\\u{i:04x}"] for i in range(9)}
    for padding in range(4):
        path = write(tmp_path, " " * padding + json.dumps(document, ensure_ascii=padding % 2 == 0))
        assert {m.key: m.value for m in stream_json(path)} == document


def test_a_number_cut_by_the_end_of_a_chunk_stays_whole(tmp_path: Path) -> None:
    numbers = [123.456789] * 200_000
    assert read_values(write(tmp_path, json.dumps(numbers))) == numbers


def test_nan_and_infinity_cost_no_more_than_themselves(tmp_path: Path) -> None:
    first, second, third = read_values(write(tmp_path, "[NaN, -Infinity, 1]"))
    assert math.isnan(first)
    assert (second, third) == (-math.inf, 1)


def test_an_integer_that_python_cannot_hold_is_infinite(tmp_path: Path) -> None:
    assert read_values(write(tmp_path, f"[1, {'9' * 5000}]")) == [1, math.inf]


def test_both_members_of_one_key_are_seen(tmp_path: Path) -> None:
    members = list(stream_json(write(tmp_path, '{"a": 1, "a": 2}')))
    assert [(m.ordinal, m.key, m.value) for m in members] == [(0, "a", 1), (1, "a", 2)]


def test_a_key_that_stands_twice_inside_a_member_leaves_a_mark(tmp_path: Path) -> None:
    (value,) = read_values(write(tmp_path, '[{"a": 1, "a": 2}]'))
    assert isinstance(value, RepeatedKeys)


def test_raw_control_characters_in_a_string_are_let_through(tmp_path: Path) -> None:
    assert read_values(write(tmp_path, '["a\tb\nc"]')) == ["a\tb\nc"]


def test_a_byte_order_mark_is_no_content(tmp_path: Path) -> None:
    assert read_values(write(tmp_path, b"\xef\xbb\xbf[1]")) == [1]
    assert read_values(write(tmp_path, b"\xef\xbb\xbf1\n2\n", "a.jsonl")) == [1, 2]


def test_packed_and_remote_files_are_read_the_same(tmp_path: Path) -> None:
    path = tmp_path / "a.json.gz"
    path.write_bytes(gzip.compress(b"[1, 2]"))
    with fsspec.open("memory://json_stream/a.json", "wb") as file:
        file.write(b"[1, 2]")
    assert read_values(str(path)) == read_values("memory://json_stream/a.json") == [1, 2]


@pytest.mark.parametrize(
    ("text", "place", "what"),
    [
        ('{"a": 1,\n "b": [1, 2', "line 2, character 20", "cut off"),
        ('{"a": 1,\n "b" 2}', "line 2, character 14", "expected ':'"),
        ('{"a": 1 "b": 2}', "line 1, character 8", "expected ','"),
        ("[1, 2] 3", "line 1, character 7", "goes on after"),
        ("[1, tru]" + " " * 40, "line 1, character 4", "Expecting value"),
        ("hello", "line 1, character 0", "begins with 'h'"),
        ("", "line 1, character 0", "is empty"),
        ('{1: "a"}', "line 1, character 1", "key in double quotes"),
        ("[1,]", "line 1, character 3", "mend it there"),
        ('["a", "b', "line 1, character 6", "cut off"),
        ("[" * 100_000, "line 1, character 1", "recursion"),
    ],
)
def test_a_broken_document_names_its_place(
    tmp_path: Path, text: str, place: str, what: str
) -> None:
    path = write(tmp_path, text)
    with pytest.raises(SourceError) as caught:
        read_values(path)
    message = str(caught.value)
    assert message.startswith(f"{path}: broken JSON at {place} of the file: ")
    assert what in message


def test_what_stands_before_a_fault_is_still_read(tmp_path: Path) -> None:
    members = stream_json(write(tmp_path, '{"a": 1, "b": oops}' + " " * 50))
    assert next(members).key == "a"
    with pytest.raises(SourceError):
        next(members)


def test_a_fault_far_behind_the_first_chunk_has_its_line(tmp_path: Path) -> None:
    rows = ",\n".join(json.dumps("x" * 100) for _ in range(30_000))
    with pytest.raises(SourceError, match="broken JSON at line 30001, character 3120001 "):
        read_values(write(tmp_path, f"[{rows},\n!]"))


def test_a_broken_line_of_jsonl_costs_that_line(tmp_path: Path) -> None:
    path = write(tmp_path, b'{"a": 1}\n{"a": \n\n\xff\n{"a": 2}', "a.jsonl")
    members = list(stream_json(path))
    assert [m.value for m in members] == [{"a": 1}, None, None, {"a": 2}]
    assert [m.line for m in members if m.problem] == [2, 4]
    assert members[1].problem.startswith("line 2 is no JSON: ")


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("a.jsonl", "{}", True),
        ("a.ndjson.gz", "", True),
        ("a.json", '{"a": 1}\n{"a": 2}\n', True),
        ("a.json", '{"a": 1}\n', False),
        ("a.json", '{\n"a": 1}\n', False),
        ("a.json", '[{"a": 1},\n{"a": 2}]', False),
    ],
)
def test_jsonl_is_known_by_its_ending_or_its_first_lines(
    tmp_path: Path, name: str, text: str, expected: bool
) -> None:
    assert is_jsonl(write(tmp_path, text, name)) is expected


@pytest.mark.parametrize(
    ("content", "name", "message"),
    [
        (b'["\xff"]', "a.json", r"a\.json: byte 2 \(0xff\) is no UTF-8"),
        (gzip.compress(b"[1]" * 1000)[:20], "a.json.gz", r"a\.json\.gz: cannot be read"),
        (b"no gzip", "a.json.gz", r"a\.json\.gz: cannot be read: Not a gzipped file"),
    ],
)
def test_a_damaged_file_is_a_source_error(
    tmp_path: Path, content: bytes, name: str, message: str
) -> None:
    with pytest.raises(SourceError, match=message):
        read_values(write(tmp_path, content, name))


def test_a_byte_behind_the_first_chunk_is_placed_in_the_file(tmp_path: Path) -> None:
    content = b'["' + "é".encode() * 600_000 + b'\xff"]'
    with pytest.raises(SourceError, match="byte 1200002 "):
        read_values(write(tmp_path, content))


def test_a_missing_file_is_a_source_error(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"No such file or directory; check the path"):
        read_values(str(tmp_path / "absent.json"))


def test_an_unknown_protocol_is_a_source_error() -> None:
    with pytest.raises(SourceError, match="gopher"):
        read_values("gopher://host/a.json")


def test_the_members_of_an_inner_object_come_in_its_place(tmp_path: Path) -> None:
    path = write(tmp_path, '{"version": 1.3, "database": {"a": 1, "b": [2]}, "taxonomy": []}')
    found = [(m.parent, m.ordinal, m.key, m.value) for m in stream_json(path, inside="database")]
    assert found == [
        (None, 0, "version", 1.3),
        ("database", 0, "a", 1),
        ("database", 1, "b", [2]),
        (None, 2, "taxonomy", []),
    ]


@pytest.mark.parametrize("document", ['{"database": [1]}', '{"database": {"a": {"database": 1}}}'])
def test_only_an_object_of_the_document_itself_is_entered(tmp_path: Path, document: str) -> None:
    found = {m.key: m.value for m in stream_json(write(tmp_path, document), inside="database")}
    inner = json.loads(document)["database"]
    assert found == (inner if isinstance(inner, dict) else {"database": inner})


@SAME_FOLDER
@given(st.dictionaries(st.text(), VALUES))
def test_an_inner_object_is_read_as_json_reads_it(tmp_path: Path, document: dict[str, Any]) -> None:
    text = json.dumps({"database": document}, ensure_ascii=True)
    found = stream_json(write(tmp_path, text), inside="database")
    assert {m.key: m.value for m in found} == document


def test_an_inner_object_that_is_cut_off_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="cut off"):
        list(stream_json(write(tmp_path, '{"database": {"a": 1}'), inside="database"))


def test_a_small_object_is_joined_from_its_members(tmp_path: Path) -> None:
    path = write(tmp_path, b'{"a": [1], "b": {"c": null}}')
    assert join_members(stream_json(path)) == {"a": [1], "b": {"c": None}}


def test_a_joined_object_remembers_that_a_key_stood_twice(tmp_path: Path) -> None:
    joined = join_members(stream_json(write(tmp_path, b'{"a": 1, "a": 2}')))
    assert isinstance(joined, RepeatedKeys)
