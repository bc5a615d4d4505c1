"""Randomness that depends on what is drawn for, never on order: blake2b(seed, record, purpose).

Two runs, one or many workers, a resumed build: the same draw for the same record.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b
from typing import TypeVar

T = TypeVar("T")


def draw_uniform(seed: int, subject: str, purpose: str) -> float:
    """A number in [0, 1) for this subject (a record or video id) and this purpose."""
    return draw_bits(seed, subject, purpose) / 2**64


def draw_bits(seed: int, subject: str, purpose: str) -> int:
    """64 uniform bits for this subject and purpose."""
    text = f"{seed}\x1f{subject}\x1f{purpose}"
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big")


def choose(options: Sequence[T], seed: int, subject: str, purpose: str) -> T:
    """One of the options, each with the same chance."""
    return options[draw_bits(seed, subject, purpose) * len(options) >> 64]
