"""MultiHop-EgoQA: files written from what the authors' loader and evaluation code read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamit.errors import SourceError
from streamit.item import Event, Item
from streamit.readers.multihop_egoqa import strip_tags
from streamit.readers.parse import clean_text
from tests.readers.reading import (
    count_annotations,
    list_reasons,
    make_file,
    read_all,
    write_json,
)

SEGMENT = "6395f964-8122-4cb3-9c5a-d9ed8dbaf0cc_180_360"
MISSING = object()


def qa(
    stretches: object, evidence: object = MISSING, answer: object = "You opened it twice."
) -> dict[str, Any]:
    found = {"Q": "How often did I open the tap?", "A": answer, "T": stretches}
    return found if evidence is MISSING else {**found, "Evidence": evidence}


def read(folder: Path, document: object, split: str = "train") -> tuple[list[Item], list[Any]]:
    return read_all("multihop_egoqa", make_file(write_json(folder / "a.json", document), split))


def read_segment(folder: Path, *questions: object) -> tuple[list[Item], list[Any]]:
    return read(folder, [{"segment_id": SEGMENT, "annotated_QA": list(questions)}])


def test_cells_are_inclusive_and_the_last_stretch_to_end_comes_last(tmp_path: Path) -> None:
    items, rejects = read_segment(tmp_path, qa([[120, 135], [9, 15], [11, 11]]))
    assert rejects == []
    assert items == [
        Item(
            source="mine",
            split="train",
            file="a.json",
            ordinal=0,
            key=SEGMENT,
            video_id=SEGMENT,
            source_video="6395f964-8122-4cb3-9c5a-d9ed8dbaf0cc",
            duration_s=180.0,
            events=(
                Event(
                    index=0,
                    start_s=120.0,
                    end_s=136.0,
                    text="You opened it twice.",
                    question="How often did I open the tap?",
                    earlier=((11.0, 12.0), (9.0, 16.0)),
                ),
            ),
        )
    ]


def test_a_bare_pair_is_one_stretch(tmp_path: Path) -> None:
    items, _ = read_segment(tmp_path, qa([0, 179]), qa([[3, 3]], {"tap": [3, 3]}, "<T1>Once</T1>"))
    assert [(e.start_s, e.end_s, e.earlier) for e in items[0].events] == [
        (0.0, 180.0, ()),
        (3.0, 4.0, ()),
    ]


def test_evidence_that_no_stretch_holds_is_a_stretch_of_its_own(tmp_path: Path) -> None:
    answer = "You took <T1>a cup</T1> and <T2>a pan</T2> ."
    question = qa([[10, 20]], {"cup": [[12, 14]], "pan": [[18, 25], [12, 12]]}, answer)
    items, rejects = read_segment(tmp_path, question)
    assert rejects == []
    event = items[0].events[0]
    assert (event.start_s, event.end_s, event.earlier) == (18.0, 26.0, ((10.0, 21.0),))
    assert event.text == "You took a cup and a pan."


def test_questions_of_the_test_file_come_together_by_segment(tmp_path: Path) -> None:
    rows = [
        {"segment_id": segment, "sample_id": f"q{n}", "category": "count", **qa([n, n + 1])}
        for n, segment in enumerate((SEGMENT, "other", SEGMENT))
    ]
    items, rejects = read(tmp_path, rows, "test")
    assert rejects == []
    assert [(item.video_id, item.ordinal, len(item.events)) for item in items] == [
        (SEGMENT, 0, 2),
        ("other", 1, 1),
    ]


@pytest.mark.parametrize("answer", ["<T1></T1>, <T2></T2>.", "You did it at <T1> </T1>."])
def test_an_answer_with_a_tag_in_place_of_words_is_refused(tmp_path: Path, answer: str) -> None:
    row = {"segment_id": "s", "sample_id": "q0", **qa([[3, 5]], answer=answer)}
    items, rejects = read(tmp_path, [row], "test")
    assert items == []
    assert [(reject.key, reject.reason) for reject in rejects] == [("q0", "bad_tags")]


@pytest.mark.parametrize("stretches", [None, [], {}, 7])
def test_without_a_stretch_there_is_no_evidence(tmp_path: Path, stretches: object) -> None:
    _, rejects = read_segment(tmp_path, qa(stretches))
    assert list_reasons(rejects) == [(0, "no_evidence")]


@pytest.mark.parametrize(
    ("stretches", "reason"),
    [
        ([[5, 3]], "reversed"),
        ([5, 3], "reversed"),
        ([[1, 2], [9, 8]], "reversed"),
        ([[1, 2, 3]], "bad_time"),
        ([1, 2, 3], "bad_time"),
        ([[1, 2], 3], "bad_time"),
        ([["1", 2]], "bad_time"),
        ([[1, None]], "bad_time"),
    ],
)
def test_one_bad_stretch_costs_the_question(tmp_path: Path, stretches: object, reason: str) -> None:
    items, rejects = read_segment(tmp_path, qa(stretches), qa([[1, 2]]))
    assert list_reasons(rejects) == [(0, reason)]
    assert items[0].n_refused == 1


@pytest.mark.parametrize(
    "answer",
    [
        "<T1>A cup.",
        "A cup.</T1>",
        "</T1>A cup.<T1>",
        "<T1>A <T2>cup</T1></T2>.",
        "<T1>A</T1> <T1>cup</T1>.",
        "<T6>A cup.</T6>",
        "<T0>A cup.</T0>",
        "A cup.",
        "<T1>A</T1> <T2>cup</T2>.",
    ],
)
def test_tags_that_the_authors_would_drop_are_refused(tmp_path: Path, answer: str) -> None:
    _, rejects = read_segment(tmp_path, qa([[1, 2]], {"cup": [[1, 2]]}, answer))
    assert list_reasons(rejects) == [(0, "bad_tags")]


@pytest.mark.parametrize(
    ("evidence", "reason"),
    [
        (None, "bad_item"),
        ([], "bad_item"),
        ({"cup": []}, "no_evidence"),
        ({"c": [5, 3]}, "reversed"),
    ],
)
def test_faulty_evidence_costs_the_question(tmp_path: Path, evidence: object, reason: str) -> None:
    _, rejects = read_segment(tmp_path, qa([[1, 2]], evidence, "<T1>A cup.</T1>"))
    assert list_reasons(rejects) == [(0, reason)]


@pytest.mark.parametrize("entry", [None, 3, {"segment_id": "s", "annotated_QA": None}])
def test_an_entry_that_is_no_segment_costs_one(tmp_path: Path, entry: object) -> None:
    items, rejects = read(tmp_path, [entry, {"segment_id": "s", "annotated_QA": [qa([1, 2])]}])
    assert list_reasons(rejects) == [(None, "bad_item")]
    assert count_annotations(items, rejects) == 2


def test_a_segment_without_questions_costs_one(tmp_path: Path) -> None:
    _, rejects = read_segment(tmp_path)
    assert list_reasons(rejects) == [(None, "no_events")]


def test_a_segment_without_a_name_costs_each_question(tmp_path: Path) -> None:
    _, rejects = read(tmp_path, [{"segment_id": 3, "annotated_QA": [qa([1, 2]), qa([1, 2])]}])
    assert list_reasons(rejects) == [(None, "bad_id"), (None, "bad_id")]


@pytest.mark.parametrize("document", [{"a": []}, [{"video_id": "x"}]])
def test_another_format_is_an_error(tmp_path: Path, document: object) -> None:
    with pytest.raises(SourceError, match="MultiHop-EgoQA file is a list"):
        read(tmp_path, document)


@given(st.lists(st.text("abc", min_size=1), min_size=1, max_size=5))
def test_only_the_tags_are_taken_out(words: list[str]) -> None:
    tagged = " ".join(f"<T{n}>{word}</T{n}>" for n, word in enumerate(words, start=1))
    assert strip_tags(f"{tagged} .") == clean_text(" ".join(words)) + "."
