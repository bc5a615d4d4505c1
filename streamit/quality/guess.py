"""Whether a guess says what an answer says, by their words.

Words that stand in the question prove nothing, so only the others count. Inflected forms are
different words and languages without spaces are compared as wholes, so that some right guesses
are missed and few wrong ones are counted.
"""

from __future__ import annotations

from streamit.llm.overlap import content_words, is_denial, list_words

SHORT_ANSWER = 3
"""An answer with at most so many words of content is right when all of them are in the guess."""

SPARE_WORDS = 4
"""So many words more may a guess have then: whoever lists everything has guessed nothing."""

_DENIALS = frozenset({"no", "none", "nothing", "nobody", "never", "neither", "nor", "nowhere"})


def is_guessed(question: str, answer: str, guess: str, min_overlap: float) -> bool:
    """Whether a guess matches the answer: the first rule that applies decides.

    1. The same words in the same order match. 2. A guess that denies does not match an answer that
    does not, nor the other way round. 3. An answer without a word of content that is not in the
    question says yes or no: a guess matches that has no further word either, or begins with the
    same word. 4. All words of a short answer (`SHORT_ANSWER`) are in the guess. 5. Otherwise the
    F1 score of the two sets of words (as SQuAD compares answers) is at least `min_overlap`.
    """
    said, meant = list_words(guess), list_words(answer)
    if not said or said == meant:
        return bool(said)
    if is_denial(guess) != is_denial(answer):
        return False
    known = content_words(question) | _DENIALS
    wanted, told = content_words(answer) - known, content_words(guess) - known
    if not wanted:
        return not told or said[:1] == meant[:1]
    if len(wanted) <= SHORT_ANSWER:
        return wanted <= told and len(told) <= len(wanted) + SPARE_WORDS
    return 2 * len(wanted & told) >= min_overlap * (len(wanted) + len(told))
