"""What clean text is, and which phrases give away a description or a picture."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamit.readers.parse import clean_text
from streamit.wording import find_fault, find_leak


@pytest.mark.parametrize(
    "text",
    ["", " ", " a", "a ", "a  b", "a\nb", "a\u00a0b", "a\x07b", "e\u0301", "\ud800", "a\u0085"],
)
def test_unclean_text_is_found(text: str) -> None:
    assert find_fault(text) is not None


@pytest.mark.parametrize("text", ["a", "Zwei Äpfel fallen.", "猫が走る。", "👩\u200d🍳 cooks."])
def test_clean_text_of_all_languages_passes(text: str) -> None:
    assert find_fault(text) is None


@given(st.text())
def test_the_short_way_for_plain_text_says_the_same(text: str) -> None:
    collapsed = " ".join(unicodedata.normalize("NFC", text).split()) == text
    controls = any(unicodedata.category(character) in ("Cc", "Cs") for character in text)
    assert (find_fault(text) is None) == (bool(text) and collapsed and not controls)


@given(st.text(st.characters()).filter(lambda text: any(c.isalnum() for c in text)))
def test_what_readers_clean_is_clean(text: str) -> None:
    assert find_fault(clean_text(text)) is None


@pytest.mark.parametrize(
    ("text", "leak"),
    [
        ("The caption says that a cat runs.", "caption"),
        ("As seen in the first\nframe, it runs.", "first\nframe"),
        ("At the Beginning of the Video, a cat runs.", "Beginning of the Video"),
        ("This photo shows a cat.", "This photo"),
        ("It is based on the given description.", "given description"),
    ],
)
def test_a_leak_is_found_as_it_stands(text: str, leak: str) -> None:
    assert find_leak(text) == leak


@pytest.mark.parametrize(
    "text", ["The man hangs a painting.", "She takes a picture of her friends.", "It reframes."]
)
def test_words_of_everyday_life_are_no_leak(text: str) -> None:
    assert find_leak(text) is None
