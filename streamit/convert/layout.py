"""Turns questions and answers into a timeline, proactive or multi-turn (PAPER 3.1).

One rule of order for both: at equal times system, the video ending there, user, assistant, the
video beginning there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from streamit.record import Entry, Span, Window
from streamit.timeline import answer_window, cut_stretches, merge_spans, overlaps_any

USER_RANK, ASSISTANT_RANK, VIDEO_RANK = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer, given at `at_s`; `evidence` in (end, start) order, the last one ends last.

    `learned` false: nobody could know it from the video (a forecast).
    """

    at_s: float
    text: str
    evidence: tuple[Span, ...]
    kind: str
    origin: str = "annotation"
    learned: bool = True


@dataclass(frozen=True, slots=True)
class Question:
    """What the user says at `ask_s`, and the answers to it in order of time."""

    ask_s: float
    text: str
    kind: str
    expects: str
    answers: tuple[Answer, ...]
    origin: str = "template"
    question_type: str | None = None


def build_timeline(
    questions: Sequence[Question],
    end_s: float,
    known: Sequence[Span] | None,
    is_seen: Callable[[Span], bool],
) -> tuple[Entry, ...]:
    """The entries of one stream, video cut at every text time and covering [0, end_s).

    `known` are the stretches of which the annotation tells what happens, None: all of the stream.
    Outside of them frames do not count as silence (not annotated is not silent), so the video is
    cut at their bounds as well. `is_seen` says of a last evidence whether a sampled frame shows it,
    without which the answer is not learned (rule E1).
    """
    places: list[tuple[float, int, int, int]] = []
    for q, question in enumerate(questions):
        places.append((question.ask_s, USER_RANK, q, -1))
        places += [(a.at_s, ASSISTANT_RANK, q, i) for i, a in enumerate(question.answers)]
    known = None if known is None else merge_spans(known)
    bounds = () if known is None else [t for span in known for t in (span.start_s, span.end_s)]
    stretches = cut_stretches([*(place[0] for place in places), *bounds], end_s)
    places += [(s.start_s, VIDEO_RANK, i, -1) for i, s in enumerate(stretches)]
    places.sort()
    ids = {(q, i): n for n, (_, rank, q, i) in enumerate(places) if rank != VIDEO_RANK}
    entries = []
    for n, (_, rank, q, i) in enumerate(places):
        if rank == VIDEO_RANK:
            stretch = stretches[q]
            loss = known is None or overlaps_any(stretch, known)
            entries.append(Entry("video", n, stretch.start_s, stretch.end_s, loss=loss))
        elif rank == USER_RANK:
            entries.append(_user_entry(n, questions[q]))
        else:
            entries.append(_answer_entry(n, ids[q, -1], questions[q].answers, i, end_s, is_seen))
    return tuple(entries)


def list_known(questions: Sequence[Question]) -> list[Span]:
    """Of which stretches questions and answers tell what happens: the evidence.

    And, for a question with one answer, all the time it waits: the annotation says where the answer
    is to be seen, so it is not to be seen before.
    """
    known = [span for question in questions for a in question.answers for span in a.evidence]
    waited = (q for q in questions if q.expects == "one" and q.answers)
    return known + [
        Span(q.ask_s, q.answers[-1].at_s) for q in waited if q.ask_s < q.answers[-1].at_s
    ]


def _user_entry(n: int, question: Question) -> Entry:
    return Entry(
        "user",
        n,
        question.ask_s,
        question.ask_s,
        text=question.text,
        kind=question.kind,
        question_type=question.question_type,
        expects=question.expects,
        origin=question.origin,
    )


def _answer_entry(
    n: int,
    reply_to: int,
    answers: Sequence[Answer],
    i: int,
    end_s: float,
    is_seen: Callable[[Span], bool],
) -> Entry:
    answer = answers[i]
    next_s = answers[i + 1].at_s if i + 1 < len(answers) else None
    last = answer.evidence[-1]
    window: Window = answer_window(last, answer.at_s, next_s, end_s)
    return Entry(
        "assistant",
        n,
        answer.at_s,
        answer.at_s,
        text=answer.text,
        kind=answer.kind,
        reply_to=reply_to,
        evidence=answer.evidence,
        window=window,
        origin=answer.origin,
        loss=answer.learned and is_seen(last),
    )
