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
ORDERS = ("argmax", "sample")
METHODS = ("approximate", "exact")


@dataclass(frozen=True, slots=True)
class Similarity:
    """How clips are compared: by which embedder, and which of them fit their captions too badly.

    `embedder` is a CLIP or SigLIP checkpoint, or `pixels`; null compares nothing. Clips whose
    caption scores below `threshold`, or outside the best `keep` share of their source and split,
    are set aside; the paper states no threshold. `batch_size` pictures are embedded at a time.
    """

    embedder: str | None = None
    threshold: float | None = None
    keep: float | None = None
    batch_size: int = 64


@dataclass(frozen=True, slots=True)
class Streams:
    """How clips are ordered and joined.

    Compared clips follow each other by likeness (`convert/chain.py`): `order` is `argmax` or
    `sample`, `method` `approximate` or `exact`; with `bucket`, chance puts them into buckets of at
    most so many before. One more like the clip before it than `max_similarity` is set aside.

    A stream has `clips` of them (the paper: about 10), fewer where it would pass `max_length_s`,
    beyond which the paper's 256 frames would no longer be one per second. What is left with fewer
    than `min_clips` is set aside.
    """

    clips: int = 10
    min_clips: int = 2
    max_length_s: float = 256.0
    max_similarity: float = 0.98
    order: str = "argmax"
    method: str = "approximate"
    bucket: int | None = None


@dataclass(frozen=True, slots=True)
class Augment:
    """What is drawn for the question and answer of each clip, in this order.

    `drop`: there is none, and the clip stays. `shift`: the question comes before the clip, the
    answer after it. `hallucination`: the question is about something that is not there.
    """

    drop: float = 0.55
    shift: float = 0.1
    hallucination: float = 0.0001


def check_similarity(similarity: Similarity, where: str) -> None:
    """Raises RecipeError on a number out of range, or a filter without an embedder."""
    filters = {"threshold": similarity.threshold, "keep": similarity.keep}
    given = {key: value for key, value in filters.items() if value is not None}
    if len(given) > 1:
        raise RecipeError(f"{where}: similarity: give threshold or keep, not both")
    if given and similarity.embedder is None:
        raise RecipeError(
            f"{where}: similarity.{next(iter(given))}: nothing is compared without an embedder; "
            "set similarity.embedder to a CLIP or SigLIP checkpoint"
        )
    if similarity.threshold is not None and not -1 <= similarity.threshold <= 1:
        raise RecipeError(
            f"{where}: similarity.threshold: {similarity.threshold!r} is no cosine, from -1 to 1"
        )
    if similarity.keep is not None and not 0 < similarity.keep <= 1:
        raise RecipeError(
            f"{where}: similarity.keep: {similarity.keep!r} is not a share above 0, up to 1"
        )
    if similarity.batch_size < 1:
        raise RecipeError(
            f"{where}: similarity.batch_size: {similarity.batch_size!r} must be at least 1"
        )


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
    if not -1 <= streams.max_similarity <= 1:
        raise RecipeError(
            f"{where}: streams.max_similarity: {streams.max_similarity!r} is no cosine, from -1 to "
            "1; 1 leaves nothing out"
        )
    if streams.bucket is not None and streams.bucket < 1:
        raise RecipeError(f"{where}: streams.bucket: {streams.bucket!r} must be at least 1")
    choices = {"order": (streams.order, ORDERS), "method": (streams.method, METHODS)}
    for key, (word, words) in choices.items():
        if word not in words:
            raise RecipeError(
                f"{where}: streams.{key}: {word!r}; {config.nearest(word, list(words))}"
            )


def check_writer(writer: str | None, where: str) -> None:
    """Raises RecipeError on an unknown word."""
    if writer is not None and writer not in WRITERS:
        raise RecipeError(f"{where}: writer: {writer!r}; {config.nearest(writer, list(WRITERS))}")
