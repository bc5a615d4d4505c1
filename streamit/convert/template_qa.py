"""Modest questions from captions, without a language model (origin `template`).

So that everything runs on a machine without network. The answer is the caption as it stands; the
wordings say no more than that something happens now or next, and nothing of causes or order.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from streamit import config
from streamit.convert.wordings import choose_wording
from streamit.draws import choose
from streamit.llm.question import AFTER, Refused

EVENT_UNDERSTANDING = "EU"
OBJECT_PERCEPTION = "OP"

_WORD = re.compile(r"[\w-]+")


@dataclass(frozen=True, slots=True)
class TemplateQuestion:
    """A pair made of a wording and a caption."""

    question: str
    answer: str
    question_type: str
    origin: str = "template"


@dataclass(frozen=True, slots=True)
class _Pools:
    """The wordings of template_qa.yaml; `things` maps an absent thing to words that mean it."""

    after: tuple[str, ...]
    before: tuple[str, ...]
    absent: tuple[str, ...]
    absent_answer: tuple[str, ...]
    things: Mapping[str, tuple[str, ...]]


def write_question(
    captions: Sequence[str], place: str, hallucination: bool, seed: int, subject: str, split: str
) -> TemplateQuestion | Refused:
    """The pair for the clip of the last caption; `place` and the captions as in `ClipQuestion`.

    A hallucination question is about a thing that no caption so far speaks of; refused as
    `not_absent` when they speak of all the things in the list.
    """
    pools = _read_pools()
    if hallucination:
        return _write_absent(pools, captions, seed, subject, split)
    pool = pools.after if place == AFTER else pools.before
    question = choose_wording(pool, split, seed, subject, f"template_{place}")
    return TemplateQuestion(question, captions[-1], EVENT_UNDERSTANDING)


def _write_absent(
    pools: _Pools, captions: Sequence[str], seed: int, subject: str, split: str
) -> TemplateQuestion | Refused:
    seen = {word for caption in captions for word in _WORD.findall(caption.casefold())}
    absent = [thing for thing, words in pools.things.items() if seen.isdisjoint(words)]
    if not absent:
        return Refused("not_absent", "the captions speak of everything that could be absent")
    thing = choose(absent, seed, subject, "template_thing")
    question = choose_wording(pools.absent, split, seed, subject, "template_absent", thing=thing)
    answer = choose_wording(
        pools.absent_answer, split, seed, subject, "template_absent_answer", thing=thing
    )
    return TemplateQuestion(question, answer, OBJECT_PERCEPTION)


@cache
def _read_pools() -> _Pools:
    path = Path(__file__).resolve().parent / "template_qa.yaml"
    return config.read_dataclass(_Pools, config.read_yaml(path), path.name)
