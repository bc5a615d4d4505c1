"""Counts and measures the records of a build: what `streamit stats` prints.

Quantiles are exact (linear between the two nearest values). One number per record or answer is
kept in memory, some 100 bytes per answer, and no text.
"""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass

from streamit.dataset import Source, load_records, open_build
from streamit.pair_rates import PairCounter, Rate
from streamit.record import Entry, Record
from streamit.timeline import length_s, per_minute

QUANTILES = {"p5": 0.05, "p25": 0.25, "p50": 0.5, "p75": 0.75, "p95": 0.95}


@dataclass(slots=True)
class Group:
    """Sums over some records. Seconds are those of the timeline's stretches, gaps included.

    A negative is a record all of whose questions expect no answer. `silence_s` are the seconds
    whose frames count as silence, `n_learned` the answers whose text is learned.
    """

    n_records: int = 0
    n_negatives: int = 0
    n_questions: int = 0
    n_answers: int = 0
    n_learned: int = 0
    n_frames: int = 0
    stream_s: float = 0.0
    silence_s: float = 0.0

    def add(self, other: Group) -> None:
        """Add the sums of other records."""
        for name in self.__slots__:
            setattr(self, name, getattr(self, name) + getattr(other, name))


@dataclass(frozen=True, slots=True)
class Distribution:
    """How a number is spread over records or answers; all None where there was none."""

    n: int
    mean: float | None
    min: float | None
    quantiles: dict[str, float]
    max: float | None


@dataclass(frozen=True, slots=True)
class Statistics:
    """Statistics of a build.

    `groups` are by column (source, split, layout, task) and value. `origins` counts the texts by
    where they come from, `question_types` the questions that have a type. `augment` has the rates
    of what was drawn for the pairs of joined streams; for a part of the splits without the streams
    that lost every pair. `scores` are the records' own, by name. `distributions`: per
    record `duration_s`, `turns`, `frames` (where there are some), `answers_per_minute` and
    `silence_share` (of the stream's seconds); per answer `window_s` and `answer_characters`; per
    stretch of evidence `evidence_s`; per user entry `question_characters`. Shares are of the whole:
    of seconds, answers, records.
    """

    total: Group
    groups: dict[str, dict[str, Group]]
    origins: dict[str, int]
    question_types: dict[str, int]
    augment: dict[str, Rate]
    silence_share: float
    learned_share: float
    negative_share: float
    distributions: dict[str, Distribution]
    scores: dict[str, Distribution]


MEASURES = (
    *("duration_s", "turns", "frames", "answers_per_minute", "silence_share"),
    *("window_s", "evidence_s", "question_characters", "answer_characters"),
)
GROUPED_BY = ("source", "split", "layout", "task")


def compute_statistics(src: Source, splits: Collection[str] | None = None) -> Statistics:
    """Read a build, or some splits of it, once. Errors are those of `dataset.load_records`."""
    total = Group()
    groups: dict[str, dict[str, Group]] = {column: defaultdict(Group) for column in GROUPED_BY}
    origins: dict[str, int] = defaultdict(int)
    question_types: dict[str, int] = defaultdict(int)
    values = {name: array("d") for name in MEASURES}
    scores: dict[str, array[float]] = defaultdict(lambda: array("d"))
    build, pairs = open_build(src), PairCounter()
    if splits is None and build.manifest is not None:
        pairs.see_manifest(build.manifest)
    for record in load_records(build, splits=splits, frames=False):
        pairs.see(record)
        summed = _sum(record)
        total.add(summed)
        for column in GROUPED_BY:
            groups[column][getattr(record, column)].add(summed)
        for entry in record.timeline:
            if entry.origin is not None:
                origins[entry.origin] += 1
            if entry.type == "user" and entry.question_type is not None:
                question_types[entry.question_type] += 1
        _measure(record, summed, values)
        for score in record.scores:
            scores[score.name].append(score.value)
    return Statistics(
        total=total,
        groups={column: dict(sorted(found.items())) for column, found in groups.items()},
        origins=dict(sorted(origins.items())),
        question_types=dict(sorted(question_types.items())),
        augment=pairs.list_rates(),
        silence_share=_share(total.silence_s, total.stream_s),
        learned_share=_share(total.n_learned, total.n_answers),
        negative_share=_share(total.n_negatives, total.n_records),
        distributions={name: _spread(numbers) for name, numbers in values.items()},
        scores={name: _spread(scores[name]) for name in sorted(scores)},
    )


def _sum(record: Record) -> Group:
    questions = [entry for entry in record.timeline if entry.type == "user"]
    answers = _answers(record)
    stretches = [entry for entry in record.timeline if entry.type == "video"]
    return Group(
        n_records=1,
        n_negatives=int(bool(questions) and all(q.expects == "none" for q in questions)),
        n_questions=len(questions),
        n_answers=len(answers),
        n_learned=sum(answer.loss for answer in answers),
        n_frames=record.n_frames,
        stream_s=sum(length_s(e.start_s, e.end_s) for e in stretches),
        silence_s=sum(length_s(e.start_s, e.end_s) for e in stretches if e.loss),
    )


def _answers(record: Record) -> list[Entry]:
    return [entry for entry in record.timeline if entry.type == "assistant"]


def _measure(record: Record, summed: Group, values: dict[str, array[float]]) -> None:
    values["turns"].append(record.n_turns)
    if record.n_frames:
        values["frames"].append(record.n_frames)
    if summed.stream_s > 0:
        values["duration_s"].append(summed.stream_s)
        values["answers_per_minute"].append(per_minute(summed.n_answers, summed.stream_s))
        values["silence_share"].append(_share(summed.silence_s, summed.stream_s))
    for entry in record.timeline:
        if entry.type == "user" and entry.text is not None:
            values["question_characters"].append(len(entry.text))
    for answer in _answers(record):
        if answer.text is not None:
            values["answer_characters"].append(len(answer.text))
        if answer.window is not None:
            window = answer.window
            values["window_s"].append(length_s(window.earliest_s, window.latest_s))
        for span in answer.evidence:
            values["evidence_s"].append(length_s(span.start_s, span.end_s))


def _share(part: float, whole: float) -> float:
    return round(part / whole, 6) if whole else 0.0


def _spread(numbers: array[float]) -> Distribution:
    import numpy as np

    if not numbers:
        return Distribution(0, None, None, {}, None)
    found = np.frombuffer(numbers)
    cuts = np.quantile(found, list(QUANTILES.values()))
    return Distribution(
        n=len(numbers),
        mean=round(float(found.mean()), 6),
        min=round(float(found.min()), 6),
        quantiles={name: round(float(cut), 6) for name, cut in zip(QUANTILES, cuts, strict=True)},
        max=round(float(found.max()), 6),
    )
