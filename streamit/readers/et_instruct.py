"""The temporal grounding part of E.T. Instruct 164K: rows whose `task` is `tvg`.

`{"task", "source", "video": "<source>/<file>.mp4", "duration", "tgt": [s, e, s, e, ...],
"conversations": [{"from": "human", "value"}, {"from": "gpt", "value"}]}`, times in seconds. The
query stands in quotes in the prompt, and `tgt` has its stretches, flat; each is an event with the
query as its text. The answer repeats them in words (`_txt`) or as `<vid>` tokens (`_vid`). Rows of
the other eight tasks are not annotations of this source: they come from corpora that have readers
of their own. Liu et al., E.T. Bench, NeurIPS 2024.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from streamit.item import Item, Reject
from streamit.readers.base import SourceFile
from streamit.readers.by_video import Annotation, RowFormat, read_each, read_json_rows
from streamit.readers.parse import (
    Refusal,
    clean_text,
    read_duration,
    read_object,
    read_pair,
    show,
)

TASK = "tvg"
_SOURCES = (
    *("activitynet", "coin", "didemo", "ego4d_naq", "ego_timeqa", "hacs", "how_to_caption"),
    *("how_to_step", "mr_hisum", "queryd", "tacos", "vitt"),
)
# Quotes that open stand before a word, those that close behind one; apostrophes are inside words.
_OPENING = r"""(?<![\w.,!?'"]){quote}(?=\S)"""
_CLOSING = r"""(?<=\S){quote}(?!\w)"""
_ANY_QUOTE = "(['\"])"
_FORM = re.compile(r"\b(?:format|form|example)\b", re.IGNORECASE)


def read(file: SourceFile) -> Iterator[Item | Reject]:
    """One item per video, with the stretches of all its queries.

    Raises SourceError when the file holds something else.
    """
    return read_json_rows(file, _FORMAT)


def find_query(prompt: str) -> str:
    """The first quoted text of a prompt, with the apostrophes and plural genitives it may hold.

    It ends with the last quote that can close it before one of its kind opens: behind the query
    the prompt may quote the form that the answer shall have. Raises Refusal `no_query`, also where
    that form is all it quotes.
    """
    opening = re.search(_OPENING.format(quote=_ANY_QUOTE), prompt)
    if opening is not None and not _FORM.search(prompt, 0, opening.start()):
        rest = prompt[opening.end() :]
        following = re.search(_OPENING.format(quote=opening[1]), rest)
        within = rest if following is None else rest[: following.start()]
        closings = list(re.finditer(_CLOSING.format(quote=opening[1]), within))
        if closings:
            return clean_text(within[: closings[-1].start()])
    raise Refusal("no_query", f"the prompt {show(prompt)} quotes no query")


def _read_row(row: Mapping[str, Any], ordinal: int) -> tuple[object, list[Annotation]] | None:
    task = row.get("task")
    if not isinstance(task, str):
        raise Refusal("bad_item", f"the task {show(task)} is not a text")
    if task != TASK:
        return None
    times = [] if row.get("tgt") is None else read_object(row, "tgt")["tgt"]
    if not times:
        raise Refusal("no_events", "the query has no stretch in 'tgt'")

    def read_stretch(index: int) -> Annotation:
        duration_s = read_duration(row.get("duration"))
        query = find_query(_read_prompt(row))
        start_s, end_s = read_pair(times[2 * index : 2 * index + 2])
        return Annotation(ordinal, start_s, end_s, query, duration_s=duration_s)

    return row.get("video"), read_each(ordinal, (len(times) + 1) // 2, read_stretch)


def _read_prompt(row: Mapping[str, Any]) -> str:
    turns = read_object(row, "conversations")["conversations"]
    prompt = read_object(turns[0] if turns else None)
    if prompt.get("from") != "human":
        raise Refusal("bad_item", f"the first turn {show(dict(prompt))} is not a human's")
    return clean_text(prompt.get("value"))


def _find_origin(video_id: str) -> str:
    """The id without the folder that names the corpus the video was taken from."""
    folder, _, name = video_id.partition("/")
    return name if name and folder in _SOURCES else video_id


_FORMAT = RowFormat(
    keys=("task", "tgt"),
    expected="an E.T. Instruct file is a list of {task, source, video, duration, tgt, ...}",
    read_row=_read_row,
    find_origin=_find_origin,
)
