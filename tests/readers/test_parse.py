"""Texts, ids and durations are read as they are, or refused with a reason."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamit.errors import SourceError
from streamit.item import Reject
from streamit.readers.base import SourceFile
from streamit.readers.parse import (
    Place,
    Refusal,
    check_format,
    check_lengths,
    clean_text,
    drop_video_ending,
    make_storable,
    parse_number,
    read_duration,
    read_object,
    read_pair,
    read_split,
    read_video_id,
)
from streamit.timeline import TimeFault

FILE = SourceFile("mine", "/data/a.json", "/data", "a.json", "train")
ANY_TEXT = st.text(st.characters(codec=None) | st.sampled_from("\x00\n\t\u00a0\u0301\ud800 ae"))


def reason_of(function: Callable[..., object], *values: object) -> str:
    with pytest.raises(Refusal) as caught:
        function(*values)
    return caught.value.reason


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        (" He drinks  the broth.", "He drinks the broth."),
        ("one\nline\r\nof\u00a0two\u2028parts", "one line of two parts"),
        ("bell\x07 and \ud83d half", "bell and half"),
        ("Cafe\u0301", "Café"),
        ("a \x00 b", "a b"),
        ("\ufeffHe", "\ufeffHe"),
    ],
)
def test_text_is_cleaned(text: str, cleaned: str) -> None:
    assert clean_text(text) == cleaned


@given(ANY_TEXT)
def test_cleaned_text_is_clean_and_stays_as_it_is(text: str) -> None:
    try:
        cleaned = clean_text(text)
    except Refusal as fault:
        assert fault.reason == "empty_text"  # noqa: PT017
        return
    assert clean_text(cleaned) == cleaned
    assert unicodedata.is_normalized("NFC", cleaned)
    assert " ".join(cleaned.split()) == cleaned
    assert not any(unicodedata.category(c) in ("Cc", "Cs") for c in cleaned)


@pytest.mark.parametrize("text", ["", "  ", "\n\x00", "\u200b\u200d", "\ud800"])
def test_text_without_anything_visible_is_empty(text: str) -> None:
    assert reason_of(clean_text, text) == "empty_text"


@pytest.mark.parametrize("value", [None, 3, ["a"], {"text": "a"}])
def test_what_is_no_string_is_no_text(value: object) -> None:
    assert reason_of(clean_text, value) == "not_text"


@pytest.mark.parametrize(
    "video_id", ["v_-abc", "--x", "cam 1/day.2/001.mp4", "..x", "视频", " padded "]
)
def test_ids_are_taken_verbatim(video_id: str) -> None:
    assert read_video_id(video_id) == video_id


@pytest.mark.parametrize(
    "video_id",
    [
        *("", " ", None, 7, "a\nb", "a\x00", "\ud800"),
        *("/etc/passwd", "../x", "a/../../x", "a\\..\\x", "\\\\host\\x", "s3://bucket/x"),
    ],
)
def test_ids_that_lead_out_of_the_media_root_or_are_none_are_refused(video_id: object) -> None:
    assert reason_of(read_video_id, video_id) == "bad_id"


@given(ANY_TEXT)
def test_no_accepted_id_climbs(text: str) -> None:
    try:
        parts = read_video_id(text).replace("\\", "/").split("/")
    except Refusal:
        return
    assert parts[0]
    assert ".." not in parts


def test_a_duration_may_be_unknown() -> None:
    assert read_duration(None) is None
    assert read_duration(104.53999999999999) == 104.54


@pytest.mark.parametrize("value", [0, -1, float("nan"), float("inf"), "12", True, [], 1e-9])
def test_a_duration_that_is_none_is_refused(value: object) -> None:
    assert reason_of(read_duration, value) == "bad_duration"


def test_only_video_endings_are_dropped() -> None:
    assert drop_video_ending("clip.12.MP4") == "clip.12"
    assert drop_video_ending("clip.12") == "clip.12"
    assert drop_video_ending("day.1/cam.mkv") == "day.1/cam"


@pytest.mark.parametrize("value", [None, [], "a", {"other": []}, {"rows": {}}, {"rows": None}])
def test_an_item_without_its_list_is_bad(value: object) -> None:
    assert reason_of(read_object, value, "rows") == "bad_item"


def test_lengths_that_differ_are_named() -> None:
    with pytest.raises(Refusal, match="'a' has 1, 'b' has 2"):
        check_lengths({"a": [1], "b": [1, 2]}, ("a", "b"))


def test_a_reject_can_always_be_stored() -> None:
    reject = Place(FILE, "k\ud800", "v\ud800").reject(3, "bad_time", "\udfff" + "x" * 1000)
    assert reject == Reject(
        "mine", "a.json", "k\\ud800", "v\\ud800", 3, "bad_time", "\\udfff" + "x" * 299
    )


def test_a_fault_of_the_item_costs_each_of_its_annotations() -> None:
    assert [r.index for r in Place(FILE, "k").reject_each(3, "bad_id", "")] == [0, 1, 2]
    assert [r.index for r in Place(FILE, "k").reject_each(0, "bad_id", "")] == [None]


@given(ANY_TEXT)
def test_storable_text_is_utf8(text: str) -> None:
    make_storable(text).encode("utf-8")


@pytest.mark.parametrize("value", [None, 3, [], {"Q": 1}, {"A": None, "x": 0}])
def test_an_entry_with_one_of_the_keys_or_no_object_is_read_on(value: object) -> None:
    check_format("a.json", value, ("Q", "A"), "a list of questions")


def test_another_format_is_named_with_what_was_found() -> None:
    with pytest.raises(SourceError, match=r"a\.json: .*holds 'label', 'x'; a list of questions"):
        check_format("a.json", {"label": 1, "x": 2}, ("Q", "A"), "a list of questions")


@pytest.mark.parametrize(
    ("word", "split"),
    [("training", "train"), (" Val ", "validation"), ("dev", "validation"), ("testing", "test")],
)
def test_corpora_have_their_own_words_for_splits(word: str, split: str) -> None:
    assert read_split(word) == split


@pytest.mark.parametrize("value", [None, "", "rest", 1, ["train"]])
def test_other_words_are_no_split(value: object) -> None:
    with pytest.raises(Refusal) as refusal:
        read_split(value)
    assert refusal.value.reason == "bad_split"


def test_a_pair_is_two_times() -> None:
    assert read_pair([3, 104.53999999999999]) == (3.0, 104.54)


@pytest.mark.parametrize("value", [None, 3, "12", [], [1], [1, 2, 3], {"a": 1}, [1, "2"]])
def test_what_is_no_pair_is_no_time(value: object) -> None:
    with pytest.raises(TimeFault) as fault:
        read_pair(value)
    assert fault.value.reason == "bad_time"


@pytest.mark.parametrize(
    ("value", "number"),
    [(" 92.166667 ", 92.166667), ("-3e1", -30.0), (7, 7), ("1:32", "1:32"), (None, None)],
)
def test_numbers_may_be_written_as_text(value: object, number: object) -> None:
    assert parse_number(value) == number


def test_a_number_of_no_characters_is_no_time() -> None:
    with pytest.raises(TimeFault, match="is empty"):
        parse_number(" ")
