"""Counts what the files of a source hold, without building anything."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from streamit.errors import SourceError
from streamit.item import Reject
from streamit.readers.base import Reader, SourceFile
from streamit.readers.discover import Discovered
from streamit.readers.registry import load_reader


@dataclass(slots=True)
class FileSurvey:
    """What one annotation file holds. `problem` says why it cannot be read to its end.

    `n_items` are annotation sets, `splits` counts them; `example` is the first rejected annotation.
    """

    name: str
    n_items: int = 0
    n_events: int = 0
    splits: Counter[str] = field(default_factory=Counter)
    rejects: Counter[str] = field(default_factory=Counter)
    example: Reject | None = None
    problem: str | None = None


def survey_source(found: Discovered) -> list[FileSurvey]:
    """Read every file of a source to its end. Raises SourceError when there is no such reader."""
    read = load_reader(found.info.reader)
    return [_survey_file(read, file) for file in found.files]


def _survey_file(read: Reader, file: SourceFile) -> FileSurvey:
    survey = FileSurvey(file.name)
    try:
        for entry in read(file):
            if isinstance(entry, Reject):
                survey.rejects[entry.reason] += 1
                survey.example = survey.example or entry
            else:
                survey.n_items += 1
                survey.n_events += len(entry.events)
                survey.splits[entry.split] += 1
    except SourceError as exc:
        survey.problem = str(exc)
    return survey
