"""How long to wait: what a server asks for, or longer after each failure."""

from __future__ import annotations

import math
import random
import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime

MAX_BACKOFF_S = 60.0


def read_retry_after(headers: Mapping[str, str], now_s: float | None = None) -> float | None:
    """Seconds to wait by `retry-after-ms` or `Retry-After` (seconds or an HTTP date), or None.

    `now_s` is the time since the epoch. A date that has passed means now; what is neither number
    nor date is None.
    """
    waits = [
        _read_number(headers.get("retry-after-ms"), 1000),
        _read_number(headers.get("retry-after"), 1),
        _read_date(headers.get("retry-after"), time.time() if now_s is None else now_s),
    ]
    return next((wait for wait in waits if wait is not None), None)


def choose_backoff(base_s: float, n_failures: int) -> float:
    """Seconds after the n-th failure: doubled each time, and jittered, lest all come at once."""
    wait = min(base_s * 2.0 ** (n_failures - 1), MAX_BACKOFF_S)
    return wait * random.uniform(0.75, 1.0)


def _read_number(value: str | None, per_second: int) -> float | None:
    try:
        number = float(value or "")
    except ValueError:
        return None
    return max(number, 0.0) / per_second if math.isfinite(number) else None


def _read_date(value: str | None, now_s: float) -> float | None:
    try:
        return max(parsedate_to_datetime(value or "").timestamp() - now_s, 0.0)
    except (ValueError, TypeError, OverflowError):
        return None
