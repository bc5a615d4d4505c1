"""MovieChat-1K: files written from what the authors' evaluation code reads."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from streamit.errors import SourceError
from streamit.item import Event, Item
from tests.readers.reading import (
    count_annotations,
    list_reasons,
    make_file,
    read_all,
    write_json,
)

INFO = {"video_path": "AWA-1.mp4", "fps": 25, "num_frame": 10_000, "class": "movie"}


def film(n_global: int, frames: list[object], **changes: Any) -> dict[str, Any]:
    return {
        "info": INFO,
        "caption": "A long text.",
        "global": [{"question": f"Why {i}?", "answer": f"So {i}."} for i in range(n_global)],
        "breakpoint": [{"time": time, "question": "Who?", "answer": "She."} for time in frames],
        **changes,
    }


def read(folder: Path, document: object, split: str = "train") -> tuple[list[Item], list[Any]]:
    return read_all("moviechat", make_file(write_json(folder / "1.json", document), split))


def test_global_questions_are_about_the_whole_and_breakpoints_about_a_moment(
    tmp_path: Path,
) -> None:
    items, rejects = read(tmp_path, film(1, [0, 9999]))
    assert rejects == []
    assert items == [
        Item(
            source="mine",
            split="train",
            file="1.json",
            ordinal=0,
            key="AWA-1.mp4",
            video_id="AWA-1.mp4",
            source_video="AWA-1",
            duration_s=400.0,
            events=(
                Event(0, 0.0, None, "So 0.", "Why 0?"),
                Event(1, None, 0.04, "She.", "Who?"),
                Event(2, None, 400.0, "She.", "Who?"),
            ),
            media_id="AWA-1",
        )
    ]


def test_ntsc_frames_do_not_drift(tmp_path: Path) -> None:
    info = {**INFO, "fps": 30000 / 1001, "num_frame": 18_000}
    items, _ = read(tmp_path, film(0, [17_999], info=info))
    assert (items[0].events[0].end_s, items[0].duration_s) == (600.6, 600.6)


def test_without_a_number_of_frames_the_length_is_unknown(tmp_path: Path) -> None:
    items, _ = read(tmp_path, film(1, [], info={"video_path": "1.mp4", "fps": 24.0}))
    assert items[0].duration_s is None


@pytest.mark.parametrize("fps", [None, 0, -25, "25", float("nan")])
def test_without_a_frame_rate_no_breakpoint_has_a_time(tmp_path: Path, fps: object) -> None:
    items, rejects = read(tmp_path, film(1, [25, 50], info={**INFO, "fps": fps}))
    assert list_reasons(rejects) == [(1, "bad_time"), (2, "bad_time")]
    assert [event.index for event in items[0].events] == [0]
    assert items[0].duration_s is None


@pytest.mark.parametrize("time", [None, "00:10", True])
def test_a_breakpoint_without_a_frame_costs_itself(tmp_path: Path, time: object) -> None:
    items, rejects = read(tmp_path, film(0, [time, 50]))
    assert list_reasons(rejects) == [(0, "bad_time")]
    assert items[0].n_refused == 1


def test_test_questions_without_answers_are_hidden(tmp_path: Path) -> None:
    document = film(1, [25])
    for qa in (*document["global"], *document["breakpoint"]):
        del qa["answer"]
    items, rejects = read(tmp_path, document, "test")
    assert items == []
    assert list_reasons(rejects) == [(0, "hidden_label"), (1, "hidden_label")]


def test_a_training_question_without_answer_is_faulty(tmp_path: Path) -> None:
    _, rejects = read(tmp_path, film(0, [], **{"global": [{"question": "Why?"}]}))
    assert list_reasons(rejects) == [(0, "not_text")]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"info": None}, "bad_item"),
        ({"info": {"fps": 25}}, "bad_id"),
        ({"info": {**INFO, "num_frame": 0}}, "bad_duration"),
        ({"info": {**INFO, "num_frame": "many"}}, "bad_duration"),
    ],
)
def test_a_faulty_video_costs_each_question(
    tmp_path: Path, changes: dict[str, Any], reason: str
) -> None:
    items, rejects = read(tmp_path, film(1, [25], **changes))
    assert list_reasons(rejects) == [(0, reason), (1, reason)]
    assert count_annotations(items, rejects) == 2


@pytest.mark.parametrize("lists", [{"global": [], "breakpoint": None}, {"global": None}])
def test_a_list_may_be_missing(tmp_path: Path, lists: dict[str, Any]) -> None:
    document = {**film(1, [25]), **lists}
    items, rejects = read(tmp_path, document)
    assert count_annotations(items, rejects) == 1
    if not items:
        assert list_reasons(rejects) == [(None, "no_events")]


def test_questions_that_are_no_list_cost_one(tmp_path: Path) -> None:
    _, rejects = read(tmp_path, film(1, [], breakpoint={"time": 3}))
    assert list_reasons(rejects) == [(None, "bad_item")]


@pytest.mark.parametrize("document", [[], [film(1, [])], {}, {"v_a": {"duration": 3}}])
def test_another_format_is_an_error(tmp_path: Path, document: object) -> None:
    with pytest.raises(SourceError, match="MovieChat-1K file is one object"):
        read(tmp_path, document)
