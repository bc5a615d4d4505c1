"""All rules by id: what holds in a record, between records, and in a build.

Ids are stable. `streamit rules` and docs/rules.md are made from this table.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from streamit import record_rules
from streamit.record import Record


@dataclass(frozen=True, slots=True)
class Problem:
    """One broken rule: its id, the place (`timeline[3].end_s`; an id of a record for D1, P1)."""

    rule: str
    where: str
    message: str


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule for people (`id`, `title`, `text`, `why`) and, where it judges one record, `find`.

    `scope` is `shape` (S1, schema.py), `record`, `dataset` (D1, P1: dataset_rules.py),
    or `build` (B1 to B6: build/check.py).
    """

    id: str
    title: str
    scope: str
    text: str
    why: str
    find: Callable[[record_rules.Stream], Iterator[record_rules.Finding]] | None = None


def check_record(record: Record, fps: float, max_frames: int | None) -> list[Problem]:
    """What is wrong with a record of the right shape, by all rules of scope `record`.

    `fps` and `max_frames` are the sampling that E1 and F1 measure by.
    """
    stream = record_rules.look_at(record, fps, max_frames)
    return [Problem(name, *finding) for name, find in _RECORD_RULES for finding in find(stream)]


def _about_record(
    id: str,
    title: str,
    find: Callable[[record_rules.Stream], Iterator[record_rules.Finding]],
    why: str,
) -> Rule:
    text = " ".join((inspect.getdoc(find) or "").split())
    return Rule(id, title, "record", text, why, find)


_ALL = (
    Rule(
        "S1",
        "The row has the shape of a record",
        "shape",
        "Columns, types and words are those of schemas/record.schema.json, numbers are finite, and"
        " n_frames and n_turns are the lengths of the lists they count. The other rules are only"
        " tried on a row of the right shape.",
        "A reader can rely on every column, and a mistyped one shows as one that is missing.",
    ),
    _about_record(
        "T1",
        "Entries stand in order",
        record_rules.find_disorder,
        "A reader can play a timeline from top to bottom.",
    ),
    _about_record(
        "T2",
        "Stretches cover the stream once",
        record_rules.find_bad_stretches,
        "Every moment is seen once, gaps included.",
    ),
    _about_record(
        "T3",
        "Text stands at the edge of a stretch",
        record_rules.find_text_inside,
        "No frame is split by what is said.",
    ),
    _about_record(
        "T4",
        "An answer has its question before it",
        record_rules.find_orphans,
        "Nobody answers what was not asked.",
    ),
    _about_record(
        "C1",
        "Evidence ends before the answer",
        record_rules.find_early_answers,
        "The first promise: streams are causal.",
    ),
    _about_record(
        "C2",
        "The window contains the answer",
        record_rules.find_missed_windows,
        "The answer itself must count as punctual.",
    ),
    _about_record(
        "C3",
        "No answer after a cancel",
        record_rules.find_cancelled_answers,
        "A question that was taken back is not answered.",
    ),
    _about_record(
        "E1",
        "A sampled frame shows the evidence",
        record_rules.find_unseen_evidence,
        "Nothing is learned that nobody could see.",
    ),
    _about_record(
        "F1",
        "Frame times are times of the stream",
        record_rules.find_bad_frame_times,
        "A frame stands where it was seen.",
    ),
    _about_record(
        "X1",
        "Text is clean",
        record_rules.find_unclean_text,
        "The same words are the same bytes, in every corpus.",
    ),
    _about_record(
        "X2",
        "Model-made text leaks nothing",
        record_rules.find_leaks,
        "Only what the stream shows may be told.",
    ),
    _about_record(
        "J1",
        "Clips add up to the stream",
        record_rules.find_bad_joints,
        "A time of the stream leads to a time of a file.",
    ),
    Rule(
        "D1",
        "Ids are unique",
        "dataset",
        "No two records of a build have the same id.",
        "A finding, a reject or a review names one row.",
    ),
    Rule(
        "P1",
        "No video stands in two splits",
        "dataset",
        "The normalised source video (without `v_`, clip bounds and ending; of a joined stream that"
        " of every clip) is in one split only. A build keeps test before validation before train"
        " and sets the losing record aside (`split_conflict`).",
        "A model is never scored on a video it was trained on, whatever corpus named it.",
    ),
    Rule(
        "B1",
        "The manifest has its shape",
        "build",
        "streamit/manifest.json is there and is as schemas/manifest.schema.json says; the recipe in"
        " it is as recipe.schema.json says, or the mix as mix.schema.json.",
        "Everything that is told of a build is read from its manifest.",
    ),
    Rule(
        "B2",
        "Shards are the ones that were written",
        "build",
        "Every shard that the manifest lists is there, can be read, and has the size and the sha256"
        " that the manifest states.",
        "A damaged or half-copied shard is found before it is trained on.",
    ),
    Rule(
        "B3",
        "No shard is unlisted",
        "build",
        "Every Parquet file in the folder is listed in the manifest, but those in streamit/, which"
        " hold no records.",
        "Readers that take all Parquet files see what the manifest describes, and nothing twice.",
    ),
    Rule(
        "B4",
        "Counts agree",
        "build",
        "The records per shard, split and layout, and the lines of rejects.jsonl per source and"
        " reason, are as many as the manifest says; a shard holds records of its own split only.",
        "The numbers on the card are the numbers in the data.",
    ),
    Rule(
        "B5",
        "Annotations are conserved",
        "build",
        "Of every source: read = recorded + rejected + set aside.",
        "The second promise: nothing is lost without a line that says why.",
    ),
    Rule(
        "B6",
        "The build is finished",
        "build",
        "_SUCCESS is there; it is written last.",
        "A build that was broken off is not taken for a whole one.",
    ),
)
RULES: dict[str, Rule] = {rule.id: rule for rule in _ALL}
"""All rules by id, in the order in which they are applied and listed."""

_RECORD_RULES = [(rule.id, rule.find) for rule in _ALL if rule.find is not None]
