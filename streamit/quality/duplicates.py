"""Finds questions that repeat an earlier one, among millions and without leaving any out.

Questions with the same set of words are one form. The words of a form are sorted, rare ones first.
When two forms of n and m words share at least k of them, the first word that they share stands
among the first n - k + 1 of the one and the first m - k + 1 of the other (prefix and positional
filtering; Xiao, Wang, Lin and Yu, WWW 2008). Only forms that agree on such a word and its place
are compared, and those are few; nothing is found or missed by chance.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from fractions import Fraction
from functools import cache
from math import ceil, floor

from streamit.llm.overlap import list_words


def find_repeats(questions: Iterable[str], min_similarity: float) -> array[int]:
    """For each question the place of the earlier one that it repeats, or its own.

    A question repeats another when the words that both have are at least `min_similarity` (above
    0) of the words that either has: Jaccard of the sets of words, so neither order nor number
    counts. What it repeats is the earliest question that repeats none itself.
    """
    forms = _Forms()
    form_of = array("L", (forms.add(question) for question in questions))
    leaders = forms.find_leaders(Fraction(str(min_similarity)))
    places = array("L")
    first: dict[int, int] = {}
    for place, form in enumerate(form_of):
        places.append(first.setdefault(leaders[form], place))
    return places


class _Forms:
    """Different sets of words, numbered as they first come; some 200 bytes each."""

    def __init__(self) -> None:
        self._word_ids: dict[str, int] = {}
        self._n_forms_with = array("L")
        self._form_ids: dict[bytes, int] = {}

    def add(self, question: str) -> int:
        """The form of a question; a text without any word is its own only word."""
        ids = sorted({self._number(word) for word in list_words(question) or [question]})
        packed = array("I", ids).tobytes()
        form = self._form_ids.get(packed)
        if form is None:
            form = self._form_ids[packed] = len(self._form_ids)
            for word in ids:
                self._n_forms_with[word] += 1
        return form

    def find_leaders(self, similarity: Fraction) -> array[int]:
        """For each form the earliest leader that is near it; a form without one is a leader."""
        packed = list(self._form_ids)
        index = _Index(similarity, len(packed))
        leaders = array("L")
        for form, data in enumerate(packed):
            words = sorted(array("I", data), key=lambda word: (self._n_forms_with[word], word))
            mine = frozenset(words)
            near = [
                other
                for other in index.look_up(words)
                if _are_near(mine, frozenset(array("I", packed[other])), similarity)
            ]
            leaders.append(min(near, default=form))
            if not near:
                index.add(form, words)
        return leaders

    def _number(self, word: str) -> int:
        known = self._word_ids.setdefault(word, len(self._word_ids))
        if known == len(self._n_forms_with):
            self._n_forms_with.append(0)
        return known


class _Index:
    """Forms by word, place of the word and number of words, in chains behind a table of fixed size.

    Different keys may share a chain: whoever looks up compares anyway.
    """

    def __init__(self, similarity: Fraction, n_forms: int) -> None:
        self._similarity = similarity
        self._mask = (1 << max(n_forms, 1).bit_length()) - 1
        self._heads = array("L", bytes(array("L").itemsize * (self._mask + 1)))
        self._forms, self._next = array("L", [0]), array("L", [0])
        self._plan = cache(self._list_places)

    def add(self, form: int, words: list[int]) -> None:
        """Add a form; `words` are sorted, rare ones first, the same way for all forms."""
        n = len(words)
        for place in range(n - ceil(self._similarity * n) + 1):
            slot = self._slot(words[place], place, n)
            self._forms.append(form)
            self._next.append(self._heads[slot])
            self._heads[slot] = len(self._forms) - 1

    def look_up(self, words: list[int]) -> set[int]:
        """All added forms that can be near one with these words, and some others."""
        found = set()
        for here, there, n_words in self._plan(len(words)):
            at = self._heads[self._slot(words[here], there, n_words)]
            while at:
                found.add(self._forms[at])
                at = self._next[at]
        return found

    def _list_places(self, n: int) -> list[tuple[int, int, int]]:
        """(here, there, m): places of the first common word in forms of n and of m words."""
        places = []
        for m in range(ceil(self._similarity * n), floor(n / self._similarity) + 1):
            n_common = ceil(self._similarity * (n + m) / (1 + self._similarity))
            spare, spare_there = n - n_common + 1, m - n_common + 1
            places += [(i, j, m) for i in range(spare) for j in range(spare_there)]
        return places

    def _slot(self, word: int, place: int, n_words: int) -> int:
        return hash((word, place, n_words)) & self._mask


def _are_near(some: frozenset[int], others: frozenset[int], similarity: Fraction) -> bool:
    n_common = len(some & others)
    n_all = len(some) + len(others) - n_common
    return n_common * similarity.denominator >= similarity.numerator * n_all
