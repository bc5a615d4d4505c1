"""Names of classes become words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamit.readers.labels import read_label
from streamit.readers.parse import Refusal, clean_text


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("MakePancake", "make pancake"),
        ("ReplaceCDDriveWithSSD", "replace CD drive with SSD"),
        ("PerformCPR", "perform CPR"),
        ("AttendNBASkillsChallenge", "attend NBA skills challenge"),
        ("ReplaceBladeOfASaw", "replace blade of a saw"),
        ("Sow", "sow"),
        ("Long jump", "long jump"),
        ("throw_bowling_ball", "throw bowling ball"),
        ("Clean_and_Jerk", "clean and jerk"),
        ("Rock-paper-scissors", "rock-paper-scissors"),
        ("BMX", "BMX"),
        (" Using the\nmonkey bar ", "using the monkey bar"),
    ],
)
def test_a_name_is_said_in_words(name: str, words: str) -> None:
    assert read_label(name) == words


@pytest.mark.parametrize(
    ("value", "reason"), [(None, "not_text"), (3, "not_text"), ("", "empty_text")]
)
def test_what_is_no_name_is_refused(value: object, reason: str) -> None:
    with pytest.raises(Refusal) as refusal:
        read_label(value)
    assert refusal.value.reason == reason


def test_a_name_of_underscores_is_empty() -> None:
    with pytest.raises(Refusal, match="is empty"):
        read_label("__")


@given(st.text())
def test_words_are_clean_and_no_letter_is_lost(name: str) -> None:
    try:
        words = read_label(name)
    except Refusal:
        return
    assert clean_text(words) == words
    letters = clean_text(name).replace("_", "").replace(" ", "")
    assert words.replace(" ", "").lower() == letters.lower()
