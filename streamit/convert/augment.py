"""What is drawn for each clip of a stream before any question is asked (paper, section 5).

So nothing is paid for and thrown away. Each draw depends on the seed, the record and the clip's
place alone.
"""

from __future__ import annotations

from dataclasses import dataclass

from streamit.draws import draw_uniform
from streamit.stream_settings import Augment


@dataclass(frozen=True, slots=True)
class Fate:
    """What becomes of the pair of one clip; a pair that is dropped is nothing else."""

    is_dropped: bool = False
    is_shifted: bool = False
    is_absent: bool = False


def draw_fates(augment: Augment, seed: int, identity: str, n_clips: int) -> list[Fate]:
    """The fate of each clip's pair in the record of this id: drop, then shift, hallucination.

    The rates of the later two are of the pairs that stay, and one pair may meet both.
    """
    return [_draw_fate(augment, seed, f"{identity}#{place}") for place in range(n_clips)]


def _draw_fate(augment: Augment, seed: int, subject: str) -> Fate:
    if draw_uniform(seed, subject, "qa_drop") < augment.drop:
        return Fate(is_dropped=True)
    return Fate(
        is_shifted=draw_uniform(seed, subject, "qa_shift") < augment.shift,
        is_absent=draw_uniform(seed, subject, "hallucination") < augment.hallucination,
    )
