"""A question goes to the one scene that shares most of its words, or to none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamit.readers.parse import Refusal
from streamit.readers.scene_tie import find_words, tie_to_scene

WORDS = st.frozensets(st.sampled_from("abcdefgh"), max_size=6)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("What does the chef do in this scene?", {"chef"}),
        ("The chef's knives; two Knives", {"chef", "kniv"}),
        ("He is chopping, she chopped, they chop", {"chopp", "chop"}),
        ("He drives; to drive, driving", {"driv"}),
        ("Bus, gas and the red sign", {"bus", "gas", "red", "sign"}),
        ("In 1999 at No. 7", {"1999", "7"}),
        ("Der Hund bellt — 犬が吠える", {"der", "hund", "bellt", "犬が吠える"}),
        ("", set()),
    ],
)
def test_content_words(text: str, words: set[str]) -> None:
    assert find_words([text]) == words


def test_the_scene_with_the_largest_share_wins() -> None:
    scenes = [frozenset("ab"), frozenset("abc"), frozenset("axyz")]
    assert tie_to_scene(frozenset("abcd"), scenes, 0.5) == 1
    assert tie_to_scene(frozenset("abcd"), scenes, 0.75) == 1


@pytest.mark.parametrize(
    ("words", "scenes", "min_share", "message"),
    [
        ("abcd", ["abc", "x"], 0.76, "no scene holds more than 3 of its 4 words"),
        ("a", ["a", "x"], 0.5, "no scene holds more than 1 of its 1 words"),
        ("abcd", ["abc", "bcd", "x"], 0.5, "2 scenes hold 3 of its 4 words"),
        ("", ["abc"], 0.5, "0 content words and 1 scenes"),
        ("abc", [], 0.5, "3 content words and 0 scenes"),
    ],
)
def test_otherwise_it_is_untied(
    words: str, scenes: list[str], min_share: float, message: str
) -> None:
    with pytest.raises(Refusal, match=message) as caught:
        tie_to_scene(frozenset(words), [frozenset(scene) for scene in scenes], min_share)
    assert caught.value.reason == "untied"


@given(WORDS, st.lists(WORDS, max_size=5), st.floats(0.01, 1))
def test_the_order_of_the_scenes_does_not_matter(
    words: frozenset[str], scenes: list[frozenset[str]], min_share: float
) -> None:
    def tie(given: list[frozenset[str]]) -> frozenset[str] | None:
        try:
            return given[tie_to_scene(words, given, min_share)]
        except Refusal:
            return None

    tied = tie(scenes)
    assert tied == tie(scenes[::-1])
    assert tied is None or all(len(words & s) < len(words & tied) for s in scenes if s != tied)
