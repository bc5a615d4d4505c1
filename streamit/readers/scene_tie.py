"""Ties a question that states no time to the one scene that its words lead to.

The rule, for questions about a video that is cut into described scenes:

1. The content words of a text are its words of letters and digits in lower case, without `'s` and
   without one of the endings -ing, -ed, -es, -s, -e; words of `function_words.txt` (the, what,
   video, scene, ...) do not count.
2. A question's words are those of the question and of its answer. Its share in a scene is how many
   of them, each counted once, the scene's description holds.
3. The question belongs to the scene with the largest share, if no other scene has as large a share,
   the share is at least the stated minimum, and two words or more are shared.

Otherwise nobody knows what shows the answer, and the question is `untied`: an answer at the end of
the video would be causal, but would teach that answers come at the end.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path

from streamit.readers.parse import Refusal

MIN_SHARED_WORDS = 2
_FUNCTION_WORDS = Path(__file__).with_name("function_words.txt")
_WORD = re.compile(r"[^\W_]+(?:['\u2019][^\W_]+)*")
_POSSESSIVE = ("'s", "\u2019s")
_ENDINGS = ("ing", "ed", "es", "s", "e")
_SHORTEST_STEM = 3


def find_words(texts: Iterable[str]) -> frozenset[str]:
    """The content words of all texts together."""
    words = (word for text in texts for word in _WORD.findall(text.casefold()))
    return frozenset(_stem(word) for word in words if word not in _read_function_words())


def tie_to_scene(words: frozenset[str], scenes: Sequence[frozenset[str]], min_share: float) -> int:
    """Index of the scene, given by its content words, to which a question's words lead.

    Raises Refusal `untied` where the rule leads to none.
    """
    if not words or not scenes:
        raise Refusal("untied", f"{len(words)} content words and {len(scenes)} scenes to tie")
    shared = [len(words & scene) for scene in scenes]
    best = max(shared)
    if best < MIN_SHARED_WORDS or best / len(words) < min_share:
        raise Refusal("untied", f"no scene holds more than {best} of its {len(words)} words")
    if shared.count(best) > 1:
        raise Refusal(
            "untied", f"{shared.count(best)} scenes hold {best} of its {len(words)} words"
        )
    return shared.index(best)


def _stem(word: str) -> str:
    for ending in _POSSESSIVE:
        word = word.removesuffix(ending)
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST_STEM:
            return word.removesuffix(ending)
    return word


@cache
def _read_function_words() -> frozenset[str]:
    return frozenset(_FUNCTION_WORDS.read_text(encoding="utf-8").split())
