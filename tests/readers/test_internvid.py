"""InternVid, on files written from its description: clips of a video stand anywhere."""

from __future__ import annotations

import json
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from streamit.errors import SourceError
from streamit.item import Event, Item
from streamit.readers import internvid
from tests.readers.reading import count_annotations, list_reasons, make_file, read_all

NAME = "InternVid-10M-flt.jsonl"


def clip(video: object, start: object, end: object, caption: object = "A man.") -> dict[str, Any]:
    return {
        "YoutubeID": video,
        "Start_timestamp": start,
        "End_timestamp": end,
        "Caption": caption,
        "Aesthetic_Score": 4.2,
        "UMT_Score": 0.4,
    }


def read(folder: Path, *rows: object) -> tuple[list[Item], list[Any]]:
    path = folder / NAME
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return read_all("internvid", make_file(path))


def test_the_clips_of_a_video_come_together(tmp_path: Path) -> None:
    items, rejects = read(
        tmp_path,
        clip("b_TDAwrav8D", "00:00:01.000", "00:00:02.500"),
        clip("-TDAwrav8Dc", "00:01:51.578", "01:01:53.647"),
        clip("b_TDAwrav8D", 7, 8.5, "A dog."),
    )
    assert rejects == []
    assert items[1] == Item(
        source="mine",
        split="train",
        file=NAME,
        ordinal=0,
        key="b_TDAwrav8D",
        video_id="b_TDAwrav8D",
        source_video="b_TDAwrav8D",
        duration_s=None,
        events=(Event(0, 1.0, 2.5, "A man."), Event(1, 7.0, 8.5, "A dog.")),
    )
    assert items[0].events == (Event(0, 111.578, 3713.647, "A man."),)


def test_the_other_names_of_the_fields_are_read_too(tmp_path: Path) -> None:
    row = {"videoID": "a", "Start_timestamp": 0, "End_timestamp": 1, "caption": "A man."}
    items, rejects = read(tmp_path, row)
    assert (items[0].video_id, items[0].events, rejects) == (
        "a",
        (Event(0, 0.0, 1.0, "A man."),),
        [],
    )


@pytest.mark.parametrize(
    ("row", "index", "reason"),
    [
        (clip("a", "1:60", "2:00"), 1, "bad_time"),
        (clip("a", None, 2), 1, "bad_time"),
        (clip("a", 0, float("nan")), 1, "not_finite"),
        (clip("a", 0, 1, " "), 1, "empty_text"),
        (clip("a", 0, 1, None), 1, "not_text"),
        (clip(None, 0, 1), None, "bad_id"),
        ({}, None, "bad_id"),
        ("a", None, "bad_item"),
    ],
)
def test_a_row_that_is_none_costs_itself(
    tmp_path: Path, row: object, index: int | None, reason: str
) -> None:
    items, rejects = read(tmp_path, clip("a", 0, 1), row, clip("a", 2, 3))
    assert [len(item.events) for item in items] == [2]
    assert [(r.index if r.video_id else None, r.reason) for r in rejects] == [(index, reason)]
    assert "2" in rejects[0].key + rejects[0].message


def test_a_broken_line_costs_itself(tmp_path: Path) -> None:
    path = tmp_path / NAME
    path.write_text(f"{json.dumps(clip('a', 0, 1))}\n{{oops\n")
    items, rejects = read_all("internvid", make_file(path))
    assert (len(items), list_reasons(rejects)) == (1, [(None, "bad_json")])


def test_another_format_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="first entry holds 'vid', 'text'; an InternVid file has"):
        read(tmp_path, {"vid": "a", "text": "A man."})


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    def measure_peak(n_rows: int) -> int:
        path = tmp_path / f"{n_rows}.jsonl"
        rows = (clip(f"v{n % (n_rows // 2)}", n, n + 1, "word " * 400) for n in range(n_rows))
        path.write_text("\n".join(map(json.dumps, rows)))
        tracemalloc.start()
        found = internvid.read(make_file(path))
        n_events = sum(len(item.events) for item in found if isinstance(item, Item))
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert n_events == n_rows
        return peak

    assert measure_peak(6000) < 1.2 * measure_peak(2000)


JUNK = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.builds(clip, JUNK | st.sampled_from("ab"), JUNK, JUNK, JUNK), max_size=5))
def test_nothing_in_the_json_breaks_the_reader_or_is_lost(
    tmp_path: Path, rows: list[dict[str, Any]]
) -> None:
    items, rejects = read(tmp_path, *rows)
    assert count_annotations(items, rejects) == len(rows)
