"""Labels of the activation model: at which frames it should speak (PAPER 4, appendix A).

The last P percent of the frames of each annotated span are positive, all others negative; P is
drawn anew per training instance, so labels are derived at load time and never stored.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from streamit.record import Span
from streamit.timeline import last_percent


def frame_labels(
    frame_times_s: Sequence[float], spans: Iterable[Span | tuple[float, float]], percent: float
) -> NDArray[np.int8]:
    """int8[N], 1 where the model should speak: of the m frames in [start, end) the last ones.

    Those are ceil(percent / 100 * m). Callers pass only spans that end within one sampling step of
    their answer: at the end of an earlier hop there is nothing to say yet. Raises ValueError for
    a percentage outside [0, 100].
    """
    if not 0 <= percent <= 100:
        raise ValueError(f"percent is {percent!r}; it must be between 0 and 100")
    labels = np.zeros(len(frame_times_s), np.int8)
    for span in spans:
        start_s, end_s = (span.start_s, span.end_s) if isinstance(span, Span) else span
        chosen = last_percent(frame_times_s, start_s, end_s, percent)
        labels[chosen.start : chosen.stop] = 1
    return labels
