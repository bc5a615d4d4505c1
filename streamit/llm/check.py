"""Reads a model's reply and refuses it for every fault that we know: nothing is trusted.

Servers differ in what they make of a JSON schema, and some ignore it, so shape, types, words and
lengths are all checked here, whatever the server promised.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from streamit.llm.overlap import content_words, is_denial, list_words, measure_overlap
from streamit.llm.question import BEFORE, ClipQuestion, Refused
from streamit.llm.render import ABSENT_KEY, list_keys
from streamit.llm.reply import CUT_OFF, FILTERED, Reply
from streamit.llm_settings import LlmSettings
from streamit.wording import find_fault, find_leak

MAX_WORD_CHARACTERS = 12
"""A text is over-long, too, above this many characters per allowed word: not every language
puts spaces between words, and neither does garbage."""

TELLS_AHEAD = 0.5
"""Share of what is new in an answer above which a question asked before the clip gives it away."""

_SHOWN = 80
_GARBLED = "\ufffd"
_FENCE = re.compile(r"\s*```(?:json)?\s*(.*?)\s*```\s*", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Pair:
    """A question and its answer that passed all checks."""

    question: str
    answer: str
    question_type: str


def read_pair(reply: Reply, question: ClipQuestion, settings: LlmSettings) -> Pair | Refused:
    """The pair in a reply, or the first thing that is wrong with it.

    White space is collapsed and Unicode normalised, as in every text that is read (rule X1).
    """
    if reply.finish_reason == FILTERED:
        return Refused("content_filter", "the server's filter or the model itself declined")
    if reply.finish_reason == CUT_OFF:
        return Refused("cut_off", f"the reply was cut off at {settings.max_tokens} tokens")
    if reply.text is None or not reply.text.strip():
        return Refused("no_answer", "the reply is empty")
    values = _read_object(reply.text, list_keys(question))
    if isinstance(values, Refused):
        return values
    pair = Pair(values["question"], values["answer"], values["question_type"].strip())
    checks = _check(pair, values.get(ABSENT_KEY, ""), question, settings)
    return next(checks, pair)


def _check(
    pair: Pair, absent: str, question: ClipQuestion, settings: LlmSettings
) -> Iterator[Refused]:
    """Faults from the plainest to the subtlest, so that the first is the one to mend."""
    if pair.question_type not in question.task_types:
        known = ", ".join(question.task_types)
        yield Refused(
            "unknown_type", f"question_type {_show(pair.question_type)} is none of {known}"
        )
    yield from _check_text("question", pair.question, settings.max_question_words)
    yield from _check_text("answer", pair.answer, settings.max_answer_words)
    yield from _check_repeats(pair, question, settings.max_overlap)
    if question.hallucination:
        yield from _check_absent(pair, absent, question)
    elif question.place == BEFORE:
        yield from _check_ahead(pair, question)


def _check_text(name: str, text: str, max_words: int) -> Iterator[Refused]:
    if not text:
        yield Refused("no_answer", f"the {name} is empty")
        return
    fault = "was garbled on its way" if _GARBLED in text else find_fault(text)
    if fault is not None:
        yield Refused("bad_answer_json", f"the {name} {fault}")
    n_words = len(text.split())
    if n_words > max_words:
        yield Refused("too_long", f"the {name} has {n_words} words, {max_words} are allowed")
    if len(text) > max_words * MAX_WORD_CHARACTERS:
        limit = max_words * MAX_WORD_CHARACTERS
        yield Refused("too_long", f"the {name} has {len(text)} characters, {limit} are allowed")
    leak = find_leak(text)
    if leak is not None:
        yield Refused("leaks", f"the {name} says {leak!r}, which nobody says who is watching")


def _check_repeats(pair: Pair, question: ClipQuestion, max_overlap: float) -> Iterator[Refused]:
    for name, text in (("question", pair.question), ("answer", pair.answer)):
        if any(measure_overlap(text, caption) >= max_overlap for caption in question.captions):
            yield Refused("repeats_caption", f"the {name} has the words of a note and no others")
    if measure_overlap(pair.answer, pair.question) >= max_overlap:
        yield Refused("repeats_caption", "the answer has the words of the question and no others")


def _check_ahead(pair: Pair, question: ClipQuestion) -> Iterator[Refused]:
    """Words that earlier clips have shown may stand in the question, what is new may not."""
    known = [content_words(caption) for caption in question.captions[:-1]]
    new = content_words(pair.answer).difference(*known)
    told = new & content_words(pair.question)
    if len(told) > TELLS_AHEAD * len(new):
        words = ", ".join(sorted(told))
        yield Refused("tells_ahead", f"the question tells before it is seen: {words[:_SHOWN]}")


def _check_absent(pair: Pair, absent: str, question: ClipQuestion) -> Iterator[Refused]:
    words = content_words(absent)
    if not words or not words <= content_words(pair.question):
        yield Refused("not_absent", f"the question does not name the absent {_show(absent)}")
    seen = {word for caption in question.captions for word in list_words(caption)}
    if any(form in seen for word in words for form in (word, f"{word}s", word.removesuffix("s"))):
        yield Refused("not_absent", f"{_show(absent)} is in a note, so it is not absent")
    if not is_denial(pair.answer):
        yield Refused("not_absent", f"the answer does not say that {_show(absent)} is not there")


def _read_object(text: str, keys: tuple[str, ...]) -> dict[str, str] | Refused:
    """The texts of the one JSON object that the reply consists of, perhaps in a code fence."""
    fenced = _FENCE.fullmatch(text)
    try:
        value = json.loads(fenced[1] if fenced else text, object_pairs_hook=_refuse_twice)
    except (ValueError, RecursionError) as exc:
        return Refused("bad_answer_json", f"the reply is no JSON object ({exc}): {_show(text)}")
    if not isinstance(value, dict):
        return Refused("bad_answer_json", f"the reply is {type(value).__name__}, not one object")
    if set(value) != set(keys):
        found = ", ".join(sorted(map(str, value))) or "none"
        return Refused("bad_answer_json", f"the keys are {found[:_SHOWN]}, not {', '.join(keys)}")
    if not all(isinstance(item, str) for item in value.values()):
        return Refused("bad_answer_json", "a value in the JSON object is not a text")
    return {key: " ".join(unicodedata.normalize("NFC", value[key]).split()) for key in keys}


def _refuse_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key comes twice")
    return found


def _show(text: str) -> str:
    return repr(text[:_SHOWN])
