"""Runs the partitions of a plan: one after the other here, or many at a time through Ray."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Protocol

from streamit.build.partition import build_partition
from streamit.build.parts import Part
from streamit.build.types import Job, Lot, Partition

LOOP, RAY = "loop", "ray"
RAY_ABOVE_PARTITIONS = 8

Load = Callable[[Partition], Lot]


class Engine(Protocol):
    """Where partitions are built. Closing it ends what it has started."""

    name: str

    def run(self, partitions: Sequence[Partition], load: Load, job: Job) -> Iterator[Part]:
        """Build the partitions in the order given and yield each as it is done."""

    def close(self) -> None:
        """End what was started for this build."""


class LoopEngine:
    """One partition after the other, in this process."""

    name = LOOP

    def run(self, partitions: Sequence[Partition], load: Load, job: Job) -> Iterator[Part]:
        """Build the partitions in the order given and yield each as it is done."""
        for partition in partitions:
            yield build_quietly(partition, load(partition), job)

    def close(self) -> None:
        """Nothing was started."""


def choose_engine(n_partitions: int, workers: int | None, address: str | None) -> str:
    """`loop` for one worker or a small plan: Ray takes 7 s and 800 MB to start."""
    if address is not None:
        return RAY
    if workers is None:
        return RAY if n_partitions > RAY_ABOVE_PARTITIONS else LOOP
    return LOOP if workers == 1 else RAY


@contextmanager
def open_engine(name: str, workers: int | None, address: str | None) -> Iterator[Engine]:
    """The engine of that name; Ray begins to start at once and is waited for when it is used."""
    engine: Engine
    if name == RAY:
        # Ray is imported only when it is used.
        from streamit.build.ray_engine import RayEngine

        engine = RayEngine(workers, address)
    else:
        engine = LoopEngine()
    try:
        yield engine
    finally:
        engine.close()


def order_partitions(partitions: Iterable[Partition]) -> list[Partition]:
    """Long ones first, so that no worker is left alone with one at the end."""
    return sorted(partitions, key=lambda p: (-p.video_s, -p.n_annotations, p.identity))


def build_quietly(partition: Partition, lot: Lot, job: Job) -> Part:
    """`build_partition` without the cycle collector.

    Rows hold no cycles, but the collector walks all that are waiting for their row group again and
    again: a tenth of the time of a build without media.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        return build_partition(partition, lot, job)
    finally:
        if was_on:
            gc.enable()
