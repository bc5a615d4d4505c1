"""Runs the partitions of a plan: one after the other here, or many at a time through Ray."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from streamit.build.partition import build_partition
from streamit.build.parts import Part
from streamit.build.types import Job, Partition, PlannedItem

LOOP, RAY = "loop", "ray"
RAY_ABOVE_PARTITIONS = 8

Load = Callable[[Partition], Sequence[PlannedItem]]


def choose_engine(n_partitions: int, workers: int | None, address: str | None) -> str:
    """`loop` for one worker or a small plan: Ray takes 7 s and 800 MB to start."""
    if address is not None:
        return RAY
    if workers is None:
        return RAY if n_partitions > RAY_ABOVE_PARTITIONS else LOOP
    return LOOP if workers == 1 else RAY


def run_partitions(
    engine: str,
    partitions: Iterable[Partition],
    load: Load,
    job: Job,
    workers: int | None,
    address: str | None,
) -> Iterator[Part]:
    """Build the partitions, long ones first, and yield each as it is done."""
    ordered = sorted(partitions, key=lambda p: (-p.video_s, -p.n_annotations, p.identity))
    if engine == RAY:
        # Ray is imported only when it is used.
        from streamit.build.ray_engine import run_on_ray

        yield from run_on_ray(ordered, load, job, workers, address)
        return
    for partition in ordered:
        yield build_partition(partition, load(partition), job)
