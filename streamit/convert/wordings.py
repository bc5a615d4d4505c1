"""Chooses a wording from a pool. A fifth of every pool appears in validation and test only.

So a score there also tells whether the model understands the question, or knows its wording. The
pools belong to the task: were they a source's own, the wording would tell which answers follow.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from streamit.draws import choose

_PLACEHOLDER = re.compile(r"\{(\w+)\}")
HELD_OUT = 5
"""One in this many wordings, the last of the pool, is held out of training."""


def choose_wording(
    pool: Sequence[str], split: str, seed: int, subject: str, purpose: str, **values: str
) -> str:
    """One wording, `{name}` replaced by the values, for a record of this split.

    Braces that stand in a value stay as they are.
    """
    text = choose(list_wordings(pool, split), seed, subject, purpose)
    return _PLACEHOLDER.sub(lambda found: values.get(found[1], found[0]), text)


def list_wordings(pool: Sequence[str], split: str) -> Sequence[str]:
    """The wordings that a split may use: training lacks the last fifth (rounded down)."""
    return pool[: len(pool) - len(pool) // HELD_OUT] if split == "train" else pool
