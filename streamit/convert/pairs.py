"""The questions and answers of a joined stream: which are wanted, and where they go.

They are written before the build is cut into partitions and are part of each stream from then on,
so that building a partition calls no model.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from streamit.convert.augment import Fate, draw_fates
from streamit.convert.template_qa import TemplateQuestion, write_question
from streamit.ids import record_id
from streamit.item import Item, NoPair, Pair
from streamit.llm.question import AFTER, BEFORE, ClipQuestion, QuestionAnswer, Refused
from streamit.recipe import Recipe


def name_stream(item: Item, recipe: Recipe) -> str:
    """The id of the stream's record, on which all its draws depend."""
    return record_id(recipe.name, item.source, item.video_id, 0)


def name_pair(stream: str, place: int) -> str:
    """The key of the pair of one clip; `place` counts the clips of the stream of this id."""
    return f"{stream}#{place}"


def draw_item_fates(item: Item, recipe: Recipe) -> list[Fate]:
    """What becomes of the pair of each clip."""
    return draw_fates(recipe.augment, recipe.seed, name_stream(item, recipe), len(item.clips))


def list_questions(item: Item, recipe: Recipe) -> Iterator[ClipQuestion]:
    """What is to be written: one question for each clip whose pair stays.

    It holds the captions up to its clip, never later ones.
    """
    stream = name_stream(item, recipe)
    captions = tuple(event.text for event in item.events)
    for place, fate in enumerate(draw_item_fates(item, recipe)):
        if not fate.is_dropped:
            yield ClipQuestion(
                name_pair(stream, place),
                captions[: place + 1],
                BEFORE if fate.is_shifted else AFTER,
                hallucination=fate.is_absent,
            )


def write_by_template(question: ClipQuestion, seed: int, split: str) -> Pair | NoPair:
    """The pair that is written without a model."""
    return read_result(
        write_question(
            question.captions,
            question.place,
            question.hallucination,
            seed,
            question.key,
            split,
        )
    )


def read_result(result: TemplateQuestion | QuestionAnswer | Refused) -> Pair | NoPair:
    """What either writer gives, as a stream keeps it."""
    if isinstance(result, Refused):
        return NoPair(result.reason, result.message)
    if isinstance(result, TemplateQuestion):
        return Pair(result.question, result.answer, result.question_type, result.origin)
    return Pair(
        result.question,
        result.answer,
        result.question_type,
        "model",
        result.model,
        result.prompt_sha256,
    )


def attach_pairs(item: Item, written: Mapping[int, Pair | NoPair]) -> Item:
    """The stream with the pairs of its clips, by their places."""
    clips = []
    for place, clip in enumerate(item.clips):
        one = written.get(place)
        pair = one if isinstance(one, Pair) else None
        no_pair = one if isinstance(one, NoPair) else None
        clips.append(replace(clip, pair=pair, no_pair=no_pair))
    return replace(item, clips=tuple(clips))
