"""From each native file to records and back: every event is found again, or its reject is."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

import streamit
from streamit.demo.corpus import DemoCorpus
from streamit.demo.videos import DemoVideo
from streamit.recipe import load_recipe
from streamit.record import Entry, Record, Span

from .rows import READERS, Row


@dataclass
class Wordings:
    """What a recipe makes of an annotation's words."""

    recipe: str
    asked: tuple[str, ...] = field(init=False)
    answered: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        questions = load_recipe(self.recipe).questions
        self.asked = questions.proactive
        self.answered = questions.answer or ("{event}",)

    def answers(self, texts: Sequence[str]) -> set[str]:
        """How an answer that tells all of these may read."""
        joined = " ".join(dict.fromkeys(texts))
        return {wording.format(event=joined) for wording in self.answered}

    def questions(self, row: Row) -> set[str]:
        """How the question that this row answers may read."""
        wanted = {w.format(event=row.text, question=row.question, goal="") for w in self.asked}
        return wanted if row.question is None else wanted | {row.question}


def build(demo: DemoCorpus, recipe: str, media: str, out: Path) -> list[Record]:
    streamit.build(recipe, {"demo": demo.root}, out, media=media, workers=1)
    return list(streamit.load_records(out))


def take_back(rows: list[Row], record: Record, span: Span) -> Row:
    """The row that this evidence is of, taken out of those that are left."""
    for row in rows:
        is_there = (row.file, row.key) == (
            record.provenance.annotation_file,
            record.provenance.annotation_key,
        )
        if is_there and (span.start_s, span.end_s) == pytest.approx(
            (row.start_s, row.end_s), abs=1e-3
        ):
            rows.remove(row)
            return row
    raise AssertionError(f"{record.id}: no native event lies at {span}")


def list_answers(record: Record) -> list[tuple[Entry, Entry]]:
    """(question, answer) pairs that tell an event at its end."""
    entries = {entry.id: entry for entry in record.timeline}
    return [
        (entries[entry.reply_to], entry)
        for entry in record.timeline
        if entry.reply_to is not None and entry.kind not in ("reminder", "forecast")
    ]


@pytest.mark.parametrize("media", ["none", "frames"])
@pytest.mark.parametrize("recipe", READERS)
def test_every_native_event_is_found_in_the_records(
    demo: DemoCorpus, planned: list[DemoVideo], tmp_path: Path, recipe: str, media: str
) -> None:
    videos = {video.video_id: video for video in planned}
    rows = [row for read in READERS[recipe] for row in read(demo, videos)]
    wordings = Wordings(recipe)
    for record in build(demo, recipe, media, tmp_path / "out"):
        for question, answer in list_answers(record):
            found = [take_back(rows, record, span) for span in answer.evidence]
            assert answer.text in wordings.answers([row.text for row in found])
            if record.task in ("grounded_qa", "action_detection", "temporal_grounding"):
                assert question.text in wordings.questions(found[0])
            if record.task == "offline_qa":
                assert question.text == found[0].question
            for row in found:
                assert Path(record.video.clips[0].uri).stem == row.video
                assert record.split == videos[row.video].split
    assert rows == []
    lines = (tmp_path / "out" / "streamit" / "rejects.jsonl").read_text().splitlines()
    hidden = [video.video_id for video in planned if video.split == "test"]
    expected = hidden if recipe == "action_detection" else []
    assert [json.loads(line)["key"] for line in lines] == expected
