"""How short clips become long streams with questions: the recipe keys of `streaming_qa`.

Every number that the paper states is the default (section 5, StreamingQA-120K).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from streamit import config
from streamit.errors import RecipeError

TEMPLATE, MODEL = "template", "model"
WRITERS = (TEMPLATE, MODEL)


@dataclass(frozen=True, slots=True)
class Streams:
    """How clips are joined.

    A stream has `clips` of them (the paper: about 10), fewer where it would pass `max_length_s`,
    beyond which the paper's 256 frames would no longer be one per second. What is left with fewer
    than `min_clips` is set aside.
    """

    clips: int = 10
    min_clips: int = 2
    max_length_s: float = 256.0


@dataclass(frozen=True, slots=True)
class Augment:
    """What is drawn for the question and answer of each clip, in this order.

    `drop`: there is none, and the clip stays. `shift`: the question comes before the clip, the
    answer after it. `hallucination`: the question is about something that is not there.
    """

    drop: float = 0.55
    shift: float = 0.1
    hallucination: float = 0.0001


def check_streams(streams: Streams, where: str) -> None:
    """Raises RecipeError on a number out of range; `where` names the recipe."""
    # The videos of a stream are known by its clips, so one clip is no stream (rule P1).
    if not 2 <= streams.min_clips <= streams.clips:
        raise RecipeError(
            f"{where}: streams.min_clips: {streams.min_clips!r} must be at least 2, and at most "
            f"streams.clips ({streams.clips!r})"
        )
    if not 0 < streams.max_length_s < math.inf:
        raise RecipeError(
            f"{where}: streams.max_length_s: {streams.max_length_s!r} is not a number above 0"
        )


def check_writer(writer: str | None, where: str) -> None:
    """Raises RecipeError on an unknown word."""
    if writer is not None and writer not in WRITERS:
        raise RecipeError(f"{where}: writer: {writer!r}; {config.nearest(writer, list(WRITERS))}")
