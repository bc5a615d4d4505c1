"""QaEgo4D and EgoTimeQA: rows written from the authors' readme and loaders."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest

from streamit.errors import SourceError
from streamit.item import Event, Item
from tests.readers.reading import (
    count_annotations,
    list_reasons,
    list_spans,
    make_file,
    read_all,
    write_json,
)

CLIP = "6395f964-8122-4cb3-9c5a-d9ed8dbaf0cc"
OTHER = "0b703793-134a-4889-a4d8-1c63b9d0d9fd"


def row(n: int, start: object, end: object, clip: object = CLIP, **changes: Any) -> dict[str, Any]:
    return {
        "video_id": clip,
        "sample_id": f"{clip}_{n}",
        "question": f"Where was thing {n}?",
        "answer": f"place {n}",
        "moment_start_frame": start,
        "moment_end_frame": end,
        **changes,
    }


def nameless(start: object, end: object) -> dict[str, Any]:
    """As EgoTimeQA has them."""
    return {**row(0, start, end), "sample_id": None, "wrong_answers": ["a", "b", "c"]}


def read(folder: Path, document: object, split: str = "train") -> tuple[list[Item], list[Any]]:
    path = write_json(folder / "annotations.json", document)
    return read_all("ego4d_qa", make_file(path, split))


@pytest.mark.shared
def test_six_questions_about_four_real_videos(shared: Path) -> None:
    path = shared / "corpora" / "real_mini" / "grounded_qa.json"
    items, rejects = read_all("ego4d_qa", make_file(path))
    assert rejects == []
    assert {item.video_id: list_spans(item.events) for item in items} == {
        "bottle-detection": [(16.0, 17.6, "one")],
        "car-detection": [(15.2, 18.0, "red"), (25.2, 29.2, "a sunroof")],
        "flipping_a_pancake": [(2.0, 8.0, "a pancake")],
        "one-by-one-person-detection": [
            (50.2, 70.0, "black"),
            (74.4, 87.0, "He walks off to the right."),
        ],
    }


def test_frames_are_thirtieths_of_a_second_and_a_clip_is_one_item(tmp_path: Path) -> None:
    rows = [row(0, 42, 53), row(0, 0, 30, OTHER), row(1, 900, 901)]
    items, rejects = read(tmp_path, rows, "validation")
    assert rejects == []
    assert items == [
        Item(
            *("mine", "validation", "annotations.json", 1, OTHER, OTHER, OTHER, None),
            events=(Event(0, 0.0, 1.0, "place 0", "Where was thing 0?"),),
        ),
        Item(
            *("mine", "validation", "annotations.json", 0, CLIP, CLIP, CLIP, None),
            events=(
                Event(0, 1.4, 1.766667, "place 0", "Where was thing 0?"),
                Event(1, 30.0, 30.033333, "place 1", "Where was thing 1?"),
            ),
        ),
    ]


def test_windows_that_were_shortened_stay_as_they_are(tmp_path: Path) -> None:
    rows = [nameless(-13.5, 7.25), nameless(60.0, 60.0), nameless(1e6, 1e6 + 1.5)]
    items, rejects = read(tmp_path, rows)
    assert rejects == []
    assert [(event.start_s, event.end_s) for event in items[0].events] == [
        (-0.45, 0.241667),
        (2.0, 2.0),
        (33333.333333, 33333.383333),
    ]


def test_a_row_may_have_seconds_instead_and_frames_win(tmp_path: Path) -> None:
    seconds = {"clip_start_sec": 3.25, "clip_end_sec": 4, "video_start_sec": 100.0}
    rows = [row(0, None, None, **seconds), row(1, 30, 60, **seconds)]
    items, _ = read(tmp_path, rows)
    assert list_spans(items[0].events) == [(3.25, 4.0, "place 0"), (1.0, 2.0, "place 1")]


def test_blanks_around_an_answer_are_taken_off(tmp_path: Path) -> None:
    items, _ = read(tmp_path, [row(0, 0, 30, answer=" on the  table\n")])
    assert items[0].events[0].text == "on the table"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"answer": ""}, "empty_text"),
        ({"answer": 4}, "not_text"),
        ({"question": None}, "not_text"),
        ({"moment_start_frame": "12"}, "bad_time"),
        ({"moment_end_frame": None}, "bad_time"),
        ({"moment_start_frame": None, "moment_end_frame": None}, "bad_time"),
        ({"moment_end_frame": math.nan}, "not_finite"),
    ],
)
def test_a_faulty_question_costs_itself(
    tmp_path: Path, changes: dict[str, Any], reason: str
) -> None:
    items, rejects = read(tmp_path, [row(0, 1, 2, **changes), row(1, 30, 60)])
    assert list_reasons(rejects) == [(0, reason)]
    assert (rejects[0].key, rejects[0].video_id) == (f"{CLIP}_0", CLIP)
    assert [event.index for event in items[0].events] == [1]
    assert items[0].n_refused == 1


@pytest.mark.parametrize("answer", [None, ""])
def test_a_test_question_without_answer_is_hidden(tmp_path: Path, answer: object) -> None:
    items, rejects = read(tmp_path, [row(0, None, None, answer=answer)], "test")
    assert items == []
    assert list_reasons(rejects) == [(0, "hidden_label")]


def test_of_two_rows_of_one_name_the_first_wins(tmp_path: Path) -> None:
    items, rejects = read(tmp_path, [row(0, 0, 30), row(0, 0, 60)])
    assert list_spans(items[0].events) == [(0.0, 1.0, "place 0")]
    assert list_reasons(rejects) == [(1, "duplicate_key")]


@pytest.mark.parametrize("entry", [None, 3, [], "x"])
def test_an_entry_that_is_no_row_costs_one(tmp_path: Path, entry: object) -> None:
    items, rejects = read(tmp_path, [entry, row(0, 0, 30)])
    assert [(r.key, r.index, r.reason) for r in rejects] == [("[0]", None, "bad_item")]
    assert count_annotations(items, rejects) == 2


def test_a_row_without_a_clip_costs_one(tmp_path: Path) -> None:
    _, rejects = read(tmp_path, [row(0, 0, 30, clip=None, sample_id="s")])
    assert [(r.key, r.index, r.reason) for r in rejects] == [("s", None, "bad_id")]


def test_a_broken_line_costs_one(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text('{"video_id": \n')
    _, rejects = read_all("ego4d_qa", make_file(path))
    assert [(r.key, r.reason) for r in rejects] == [("line 1", "bad_json")]


@pytest.mark.parametrize("document", [{"videos": []}, [{"Q": 1}]])
def test_another_format_is_an_error(tmp_path: Path, document: object) -> None:
    with pytest.raises(SourceError, match="EgoTimeQA file is a list of questions"):
        read(tmp_path, document)
