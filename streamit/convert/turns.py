"""Who says what, and when: the ways of asking that several tasks share (PAPER 3.1).

Proactive: one instruction at 0, one answer at the end of each event. Multi-turn: a question at the
end of each event, answered at once.
"""

from __future__ import annotations

from collections.abc import Sequence

from streamit.convert.events import SettledEvent
from streamit.convert.layout import Answer, Question
from streamit.convert.scene import MULTI_TURN, PROACTIVE, Scene
from streamit.recipe import Recipe
from streamit.timeline import group_by_end, is_covered, round_s

Group = list[SettledEvent]
"""Events that become one answer, in (end, start) order."""


def draw_layout(scene: Scene) -> str:
    """Proactive for the share that the recipe gives to this source."""
    share = scene.context.recipe.proactive_share(scene.item.source)
    return PROACTIVE if scene.draw("layout") < share else MULTI_TURN


def is_told_unasked(scene: Scene) -> bool:
    """Whether this record tells its events by themselves; never where they have questions."""
    return not has_questions(scene) and draw_layout(scene) == PROACTIVE


def has_questions(scene: Scene) -> bool:
    """Whether the annotation asks by itself, so that the recipe's wordings would be beside it."""
    return any(event.question is not None for event in scene.item.events)


def group_events(scene: Scene) -> list[Group]:
    """The events of each answer, in order of time. Only those with the same question are merged."""
    by_question: dict[str | None, Group] = {}
    for event in scene.events:
        by_question.setdefault(event.question, []).append(event)
    groups = [group for same in by_question.values() for group in merge_events(scene, same)]
    return sorted(groups, key=lambda group: (answer_time(group), group[0].index))


def merge_events(scene: Scene, events: Group) -> list[Group]:
    """Events with one question that end within one sampling step become one answer (DESIGN 3)."""
    indices = group_by_end([event.span for event in events], scene.step_s)
    groups = [[events[i] for i in group] for group in indices]
    merged = sum(len(group) for group in groups if len(group) > 1)
    if merged:
        scene.out.adjusted["merged"] += merged
    return groups


def answer_time(group: Group) -> float:
    """The end of the last evidence: nothing is answered before."""
    return group[-1].span.end_s


def join_texts(group: Group) -> str:
    """The texts of a group in (end, start) order, each once."""
    return " ".join(dict.fromkeys(event.text for event in group))


def make_answer(group: Group, at_s: float, kind: str) -> Answer:
    """One answer of all events of the group, every evidence kept."""
    evidence = [span for event in group for span in event.evidence]
    if len(evidence) > 1:
        evidence.sort(key=lambda span: (span.end_s, span.start_s))
    return Answer(at_s, join_texts(group), tuple(evidence), kind)


def ask_once(scene: Scene, groups: Sequence[Group], text: str, kind: str) -> Question:
    """One instruction at 0 that all answers, of this kind, reply to."""
    answers = tuple(make_answer(group, answer_time(group), kind) for group in groups)
    return Question(0.0, text, "instruction", "many", answers)


def ask_each(scene: Scene, groups: Sequence[Group]) -> list[Question]:
    """A question per answer, at its time; a share of them later (`question_delay`).

    A question of the annotation's own is asked as it stands. Otherwise the wording says "now" only
    where no other event covers the time and the delay is under a step.
    """
    questions = []
    for i, group in enumerate(groups):
        ended_s = answer_time(group)
        limit_s = answer_time(groups[i + 1]) if i + 1 < len(groups) else scene.end_s
        subject = f"{scene.identity}#{i}"
        at_s = ended_s + _draw_delay(scene, limit_s - ended_s, subject)
        at_s = min(round_s(at_s), max(limit_s, ended_s))
        answers = (make_answer(group, at_s, "answer"),)
        own = group[0].question
        if own is not None:
            questions.append(Question(at_s, own, "question", "one", answers, "annotation"))
            continue
        others = [e.span for other in groups if other is not group for e in other]
        now = at_s - ended_s < scene.step_s and not is_covered(at_s, others)
        pools = scene.context.questions
        text = scene.word(pools.now if now else pools.just_now, subject)
        questions.append(Question(at_s, text, "question", "one", answers))
    return questions


def _draw_delay(scene: Scene, room_s: float, subject: str) -> float:
    """Seconds by which this question comes later; 0 for most, and where there is no room."""
    recipe: Recipe = scene.context.recipe
    share = recipe.delay_share(scene.item.source)
    if share == 0 or scene.draw("delay", subject) >= share:
        return 0.0
    longest_s = max(min(room_s, recipe.question_delay_max_s), 0.0)
    return longest_s * scene.draw("delay_s", subject)
