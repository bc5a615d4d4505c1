"""Questions come together by video, and a fault costs one question."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from streamit.item import Event, Item, Reject
from streamit.readers.parse import Refusal
from streamit.readers.questions import QuestionsByVideo
from streamit.timeline import TimeFault
from tests.readers.reading import list_reasons, make_file

Row = tuple[object, object, Callable[[], Event]]


def make(text: str) -> Callable[[], Event]:
    return lambda: Event(0, 1.0, 2.0, text, "Why?")


def fail(fault: Exception) -> Callable[[], Event]:
    def read_event() -> Event:
        raise fault

    return read_event


def gather(folder: Path, *rows: Row) -> Iterator[Item | Reject]:
    with QuestionsByVideo(make_file(folder / "a.json"), 180.0) as questions:
        for ordinal, (own_id, video_id, read_event) in enumerate(rows):
            yield from questions.add(ordinal, own_id, video_id, read_event)
        yield from questions.make_items()


def test_an_item_has_its_place_its_length_and_all_its_questions(tmp_path: Path) -> None:
    rows = [("1", "b", make("x")), (None, "a", make("y")), (None, "b", make("z"))]
    items = [entry for entry in gather(tmp_path, *rows) if isinstance(entry, Item)]
    assert [(item.video_id, item.ordinal, item.duration_s) for item in items] == [
        ("a", 1, 180.0),
        ("b", 0, 180.0),
    ]
    assert [(event.index, event.text) for event in items[1].events] == [(0, "x"), (1, "z")]


def test_faults_keep_the_place_among_the_questions_of_the_video(tmp_path: Path) -> None:
    found = list(
        gather(
            tmp_path,
            ("1", "a", fail(Refusal("empty_text", "no"))),
            ("2", "a", make("x")),
            ("2", "a", make("again")),
            (None, "a", fail(TimeFault("bad_time", "no"))),
            (None, "../a", make("out")),
            ("3", 7, make("out")),
        )
    )
    rejects = [entry for entry in found if isinstance(entry, Reject)]
    assert list_reasons(rejects) == [
        (None, "bad_id"),
        (None, "bad_id"),
        (0, "empty_text"),
        (2, "duplicate_key"),
        (3, "bad_time"),
    ]
    assert [reject.key for reject in rejects] == ["[4]", "3", "1", "2", "[3]"]
    items = [entry for entry in found if isinstance(entry, Item)]
    assert [(event.index, event.text) for event in items[0].events] == [(1, "x")]
    assert items[0].n_refused == 3


def test_a_video_without_a_usable_question_is_no_item(tmp_path: Path) -> None:
    found = list(gather(tmp_path, (None, "a", fail(Refusal("not_text", "no")))))
    assert [type(entry) for entry in found] == [Reject]


def test_a_name_that_no_file_can_hold_is_escaped(tmp_path: Path) -> None:
    found = list(gather(tmp_path, ("\ud800", "a", fail(Refusal("not_text", "\udc00")))))
    assert isinstance(found[0], Reject)
    assert (found[0].key, found[0].message) == ("\\ud800", "\\udc00")
