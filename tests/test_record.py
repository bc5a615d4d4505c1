"""Records and rows are the same thing; a reader skips what it does not know."""

from __future__ import annotations

import json
import re
from dataclasses import FrozenInstanceError, asdict, fields
from pathlib import Path
from typing import Any

import pytest

from streamit.record import Clip, Entry, Provenance, Record, Video, from_dict, to_dict
from streamit.schema import load_schema, validate
from tests.factories import full, joined, multi_turn, mutate, proactive

PAGE = (Path(__file__).resolve().parent.parent / "docs" / "record.md").read_text(encoding="utf-8")
RECORDS = [multi_turn(), proactive(), joined(), full()]


@pytest.mark.parametrize("record", RECORDS)
def test_a_row_becomes_the_same_record_again(record: Record) -> None:
    assert from_dict(to_dict(record)) == record


def test_rows_are_plain_dicts_and_lists_of_all_fields() -> None:
    def plain(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: plain(below) for key, below in value.items()}
        return [plain(below) for below in value] if isinstance(value, list | tuple) else value

    assert to_dict(full()) == plain(asdict(full()))


def test_a_row_without_frames_has_no_such_column() -> None:
    assert "frames" not in to_dict(multi_turn())
    assert from_dict(to_dict(multi_turn()) | {"frames": None}) == multi_turn()


def test_a_record_from_the_future_is_read() -> None:
    """New columns, fields, entry types, kinds and tasks are skipped or kept as words."""
    row = to_dict(multi_turn(task="sign_translation"))
    row["camera"] = {"lens": "wide"}
    row["video"]["colour_space"] = "bt2020"
    row["timeline"][1]["emphasis"] = [0.5]
    row["timeline"][1]["kind"] = "correction"
    row["timeline"].append(row["timeline"][0] | {"type": "tool", "call": "search"})
    record = from_dict(row)
    assert record.task == "sign_translation"
    assert record.timeline[1].kind == "correction"
    assert record.timeline[-1].type == "tool"
    assert record.timeline[:1] == multi_turn().timeline[:1]


@pytest.mark.parametrize("column", ["id", "video", "timeline", "frame_times_s", "provenance"])
def test_a_row_without_a_column_is_refused(column: str) -> None:
    row = to_dict(multi_turn())
    del row[column]
    with pytest.raises((KeyError, TypeError)):
        from_dict(row)


def test_a_record_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        multi_turn().split = "test"  # type: ignore[misc]


def test_mutating_a_row_leaves_its_record_alone() -> None:
    record = multi_turn()
    assert mutate(record, ("timeline", 0, "end_s"), 4.0)["timeline"][0]["end_s"] == 4.0
    assert record == multi_turn()


def test_the_page_shows_a_valid_row() -> None:
    (block,) = re.findall(r"```json\n(.*?)```", PAGE, flags=re.DOTALL)
    assert validate(json.loads(block)) == []
    assert json.loads(block) == to_dict(proactive())


@pytest.mark.parametrize("cls", [Record, Video, Clip, Entry, Provenance])
def test_the_page_tells_every_field(cls: type) -> None:
    told = set(re.findall(r"\w+", " ".join(re.findall(r"`([^`]+)`", PAGE))))
    assert {f.name for f in fields(cls)} <= told


@pytest.mark.parametrize(
    ("definition", "cls"),
    [
        (None, Record),
        ("video", Video),
        ("clip", Clip),
        ("entry", Entry),
        ("provenance", Provenance),
    ],
)
def test_the_schema_tells_every_field(definition: str | None, cls: type) -> None:
    schema = load_schema("record")
    node = schema if definition is None else schema["$defs"][definition]
    names = {f.name for f in fields(cls)}
    assert set(node["properties"]) == names
    assert set(node["required"]) == names - {"frames"}
