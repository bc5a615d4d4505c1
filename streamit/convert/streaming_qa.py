"""Several clips in a row, each with a question and its answer: V Q A, V Q A (paper, section 5).

A pair may be dropped (the clip stays), shifted (Q V A), or about something that is not there, as
`augment` draws. The pairs stand in the item; `convert/pairs.py` says which are wanted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import fmean

from streamit.convert.augment import Fate
from streamit.convert.base import Context, Conversion, VideoKnown, reject_event
from streamit.convert.events import SettledEvent
from streamit.convert.layout import Answer, Question
from streamit.convert.pairs import draw_item_fates
from streamit.convert.scene import MULTI_TURN, Scene, open_scene
from streamit.item import Item, NoPair, Pair, Reject
from streamit.reasons import SET_ASIDE
from streamit.recipe import Recipe
from streamit.record import Score, Video
from streamit.timeline import step_into

_UNWRITTEN = NoPair("no_answer", "nothing was written about it")


@dataclass(frozen=True, slots=True)
class _Told:
    """A clip whose pair stays, and that pair."""

    event: SettledEvent
    fate: Fate
    pair: Pair


def convert(
    item: Item, n: int, item_hash: str, video: Video, known: VideoKnown, context: Context
) -> Conversion:
    """One multi-turn record of a joined stream; none when it has lost every pair."""
    scene = open_scene(item, n, item_hash, video, known, context)
    fates = draw_item_fates(item, context.recipe)
    told, n_dropped, n_refused, n_set_aside = [], 0, 0, 0
    for event in scene.events:
        fate, clip = fates[event.index], item.clips[event.index]
        if fate.is_dropped:
            n_dropped += 1
        elif clip.pair is not None:
            told.append(_Told(event, fate, clip.pair))
        elif clip.no_pair is not None and clip.no_pair.reason in SET_ASIDE:
            n_set_aside += 1
            scene.out.set_aside[clip.no_pair.reason] += 1
        else:
            n_refused += 1
            scene.out.rejects.append(_refuse(item, event.index, clip.no_pair or _UNWRITTEN))
    if n_dropped:
        scene.out.set_aside["qa_drop" if told else "no_pair_left"] += n_dropped
    if told:
        counts = {"qa_dropped": n_dropped, "qa_refused": n_refused, "qa_set_aside": n_set_aside}
        _add_record(scene, told, counts)
    return scene.out


def _refuse(item: Item, place: int, no_pair: NoPair) -> Reject:
    return reject_event(item, place, no_pair.reason, f"clip {place}: {no_pair.message}")


def _add_record(scene: Scene, told: Sequence[_Told], counts: dict[str, int]) -> None:
    answered = {one.event.span.end_s for one in told}
    questions = [_lay_out(scene, one, answered) for one in told]
    # Nobody asks between the pairs, so that saying nothing is right all the time.
    held = [one.event for one in told]
    scene.add_record(scene.identity, MULTI_TURN, questions, held, knows_all=True)
    numbers: dict[str, float] = {
        "n_clips": len(scene.item.clips),
        **counts,
        "qa_shifted": sum(one.fate.is_shifted for one in told),
        "hallucinations": sum(one.fate.is_absent for one in told),
    }
    numbers |= _measure(scene.item, scene.context.recipe)
    record, pair = scene.out.records[-1], told[0].pair
    scene.out.records[-1] = replace(
        record,
        scores=tuple(Score(name, float(value)) for name, value in numbers.items()),
        provenance=replace(record.provenance, model=pair.model, prompt_sha256=pair.prompt_sha256),
    )


def _measure(item: Item, recipe: Recipe) -> dict[str, float]:
    """What is known of how alike the clips are, and how well they fit their captions."""
    likeness = [clip.likeness for clip in item.clips if clip.likeness is not None]
    fitting = [clip.caption_score for clip in item.clips if clip.caption_score is not None]
    settings = recipe.similarity
    is_filtered = settings.threshold is not None or settings.keep is not None
    found = {
        "similarity_filtered": float(is_filtered and bool(fitting)),
        "ordered_by_similarity": float(bool(likeness)),
    }
    if likeness:
        found["neighbour_similarity"] = round(fmean(likeness), 6)
    if fitting:
        found["caption_similarity"] = round(fmean(fitting), 6)
    return found


def _lay_out(scene: Scene, one: _Told, answered: set[float]) -> Question:
    """A shifted question comes as its clip begins, the others with their answer as it ends.

    Where an answer stands as the clip begins, the shifted question comes a sampling step later: at
    equal times questions stand first (rule T1), and of two nobody could tell which is answered.
    """
    span, pair = one.event.span, one.pair
    ask_s = span.end_s
    if one.fate.is_shifted:
        ask_s = step_into(span, scene.step_s) if span.start_s in answered else span.start_s
    said = scene.item.events[one.event.index].text
    answer = Answer(
        span.end_s,
        pair.answer,
        (span,),
        "denial" if one.fate.is_absent else "answer",
        "annotation" if pair.answer == said else pair.origin,
    )
    return Question(
        ask_s, pair.question, "question", "one", (answer,), pair.origin, pair.question_type
    )
