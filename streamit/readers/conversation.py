"""Conversations about a video as LLaVA writes them: a human and `gpt` take turns.

`{"id", "video": path, "conversations": [{"from": "human", "value"}, {"from": "gpt", "value"}]}`,
with as many rounds as there are. A round is a question about the whole video and its answer.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from streamit.readers.by_video import Annotation, read_each
from streamit.readers.parse import Refusal, clean_text, read_object, show

TURNS = "conversations"
_WHO = ("human", "gpt")
# Either stands for the video in the question.
_TOKENS = re.compile(r"<(?:image|video)>")


def read_rounds(row: Mapping[str, Any], ordinal: int) -> list[Annotation]:
    """The rounds of a row, each from the start of the video to its end.

    A round whose turns are not a human's and an answer costs itself. Raises Refusal `bad_item`
    where there are no turns to count, `no_events` where the list of them is empty.
    """
    turns = read_object(row, TURNS)[TURNS]
    if not turns:
        raise Refusal("no_events", f"{TURNS!r} is empty")

    def read_round(index: int) -> Annotation:
        question, answer = (_read_turn(turns, 2 * index + i, who) for i, who in enumerate(_WHO))
        return Annotation(ordinal, 0.0, None, answer, clean_text(_TOKENS.sub(" ", question)))

    return read_each(ordinal, (len(turns) + 1) // 2, read_round)


def _read_turn(turns: list[Any], place: int, who: str) -> str:
    if place >= len(turns):
        raise Refusal("bad_item", f"turn {place + 1}, the answer, is missing")
    turn = read_object(turns[place])
    if turn.get("from") != who:
        raise Refusal("bad_item", f"turn {place + 1} is from {show(turn.get('from'))}, not {who!r}")
    return clean_text(turn.get("value"))
