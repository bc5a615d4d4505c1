"""Dense captions: every event of a video is told when it has ended (PAPER 3.1, 5).

Proactive: one instruction at 0, one answer at the end of each event. Multi-turn: a question about
the present moment at the end of each event, answered at once. Which one is drawn per record.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from streamit.convert.base import (
    Context,
    Conversion,
    VideoKnown,
    count_turns,
    make_provenance,
    shorten_video,
)
from streamit.convert.events import Settled, SettledEvent, find_short_end, settle_events
from streamit.convert.layout import Answer, Question, build_timeline, is_silence_of
from streamit.draws import choose, draw_uniform
from streamit.ids import record_id
from streamit.item import Item
from streamit.recipe import Recipe
from streamit.record import Entry, Record, Video
from streamit.timeline import group_by_end, holds_sample, is_covered, round_s, step_of

Group = list[SettledEvent]


def convert(
    item: Item, n: int, item_hash: str, video: Video, known: VideoKnown, context: Context
) -> Conversion:
    """One record per annotation set; none when no event of it can be used.

    `video.duration_s` is the stream's length as the annotation or the probe knows it. The step is
    taken from it, so that the timeline is the same whatever was decoded.
    """
    recipe = context.recipe
    sampling = recipe.sampling
    step_s = step_of(video.duration_s, sampling.fps, sampling.max_frames)
    tolerance_s = max(step_s, context.source.tolerance_s)
    settled = settle_events(item, video.duration_s, known, tolerance_s, step_s)
    out = Conversion(rejects=settled.rejects, adjusted=settled.adjusted)
    if not settled.events:
        return out
    identity = record_id(recipe.name, item.source, item.video_id, n)
    groups = group_events(settled.events, step_s)
    short_end_s = find_short_end(video.duration_s, known, tolerance_s)
    if short_end_s is not None:
        video = shorten_video(video, short_end_s)
        out.adjusted["shortened_stream"] += 1
    end_s = video.duration_s or settled.events[-1].span.end_s
    layout = draw_layout(item, recipe, identity)
    if layout == "proactive":
        questions = [ask_once(groups, recipe, identity)]
    else:
        questions = ask_each(groups, end_s, step_s, recipe, item.source, identity)
    timeline = build_timeline(
        questions,
        end_s,
        is_silence_of(
            [event.span for event in settled.events], knows_silence(item, settled, context)
        ),
        lambda span: holds_sample(span, end_s, sampling.fps, sampling.max_frames),
    )
    count_changes(out.adjusted, groups, timeline)
    out.recorded = len(settled.events)
    out.records.append(
        Record(
            id=identity,
            recipe=recipe.name,
            source=item.source,
            split=item.split,
            task=recipe.task,
            layout=layout,
            language=item.language or context.source.language,
            video=video,
            timeline=timeline,
            provenance=make_provenance(item, item_hash, context),
            n_turns=count_turns(timeline),
        )
    )
    return out


def knows_silence(item: Item, settled: Settled, context: Context) -> bool:
    """Whether a stretch without an event is known to be silent.

    The source's annotation must be exhaustive, and no annotation of this set refused: one that
    cannot be used still says that something happened.
    """
    return context.source.exhaustive and not item.n_refused and not settled.rejects


def group_events(events: Sequence[SettledEvent], step_s: float) -> list[Group]:
    """Events that reply to the same question and end within one step become one answer."""
    by_question: dict[str | None, Group] = {}
    for event in events:
        by_question.setdefault(event.question, []).append(event)
    groups = [
        [same[i] for i in indices]
        for same in by_question.values()
        for indices in group_by_end([event.span for event in same], step_s)
    ]
    return sorted(groups, key=lambda group: (answer_time(group), group[0].index))


def answer_time(group: Group) -> float:
    """The end of the last evidence: nothing is answered before."""
    return group[-1].span.end_s


def draw_layout(item: Item, recipe: Recipe, identity: str) -> str:
    """Proactive for the share that the recipe gives; events with questions of their own never."""
    if any(event.question is not None for event in item.events):
        return "multi_turn"
    share = recipe.proactive_share(item.source)
    proactive = draw_uniform(recipe.seed, identity, "layout") < share
    return "proactive" if proactive else "multi_turn"


def ask_once(groups: Sequence[Group], recipe: Recipe, identity: str) -> Question:
    """One instruction at 0 that all answers reply to."""
    text = choose(recipe.questions.proactive, recipe.seed, identity, "question")
    answers = tuple(make_answer(group, answer_time(group), "narration") for group in groups)
    return Question(0.0, text, "instruction", "many", answers)


def ask_each(
    groups: Sequence[Group],
    end_s: float,
    step_s: float,
    recipe: Recipe,
    source: str,
    identity: str,
) -> list[Question]:
    """A question per answer, at its time; a share of them later (`question_delay`).

    The wording says "now" only where no other event covers the time and the delay is under a step.
    """
    questions = []
    for i, group in enumerate(groups):
        ended_s = answer_time(group)
        limit_s = answer_time(groups[i + 1]) if i + 1 < len(groups) else end_s
        at_s = ended_s + draw_delay(limit_s - ended_s, recipe, source, f"{identity}#{i}")
        at_s = min(round_s(at_s), max(limit_s, ended_s))
        answers = (make_answer(group, at_s, "answer"),)
        own = group[0].question
        if own is None:
            others = [e.span for other in groups if other is not group for e in other]
            now = at_s - ended_s < step_s and not is_covered(at_s, others)
            pool = recipe.questions.now if now else recipe.questions.just_now
            text = choose(pool, recipe.seed, f"{identity}#{i}", "question")
            questions.append(Question(at_s, text, "question", "one", answers))
        else:
            questions.append(Question(at_s, own, "question", "one", answers, "annotation"))
    return questions


def draw_delay(room_s: float, recipe: Recipe, source: str, subject: str) -> float:
    """Seconds by which this question comes later; 0 for most, and where there is no room."""
    share = recipe.delay_share(source)
    if share == 0 or draw_uniform(recipe.seed, subject, "delay") >= share:
        return 0.0
    longest_s = max(min(room_s, recipe.question_delay_max_s), 0.0)
    return longest_s * draw_uniform(recipe.seed, subject, "delay_s")


def make_answer(group: Group, at_s: float, kind: str) -> Answer:
    """One answer of all events of the group, texts in (end, start) order."""
    text = " ".join(event.text for event in group)
    return Answer(at_s, text, tuple(event.span for event in group), kind)


def count_changes(
    adjusted: Counter[str], groups: Sequence[Group], timeline: Sequence[Entry]
) -> None:
    """Count merged events, and answers that no sampled frame supports (rule E1)."""
    merged = sum(len(group) for group in groups if len(group) > 1)
    unseen = sum(entry.type == "assistant" and not entry.loss for entry in timeline)
    for code, count in (("merged", merged), ("evidence_between_frames", unseen)):
        if count:
            adjusted[code] += count
