"""The only module that knows Ray: partitions as tasks, on this machine or on a cluster.

Workers write their own shards; items go out, only part manifests come back. At most three tasks
per slot are in flight, so that a plan of any size is fed as it is eaten.
"""

from __future__ import annotations

import logging
import os
import platform
from collections.abc import Iterator, Sequence
from importlib.metadata import version
from typing import Any

# Ray reads these on import. Under `uv run` its own hook hangs when uv is not on the PATH.
os.environ.setdefault("RAY_ENABLE_UV_RUN_RUNTIME_ENV", "0")
os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")

import ray

from streamit.build.engine import Load
from streamit.build.partition import build_partition
from streamit.build.parts import Part
from streamit.build.types import Job, Partition
from streamit.errors import EngineError, StreamitError
from streamit.storage import Folder

TASKS_PER_SLOT = 3
PACKAGES = ("streamit", "pyarrow", "numpy", "av", "pillow")


def run_on_ray(
    partitions: Sequence[Partition],
    load: Load,
    job: Job,
    workers: int | None,
    address: str | None,
) -> Iterator[Part]:
    """Build the partitions on Ray and yield each part as it is done.

    A cluster that is already connected is used and left alone. Raises EngineError when Ray cannot
    be started or the nodes differ; what a task raises comes through as it was.
    """
    started = _connect(workers, address)
    try:
        _check_nodes(job)
        yield from _feed(partitions, load, job, _count_slots(workers))
    finally:
        if started:
            ray.shutdown()


def _connect(workers: int | None, address: str | None) -> bool:
    if ray.is_initialized():
        return False
    options: dict[str, Any] = {"include_dashboard": False, "log_to_driver": False}
    if address is None:
        options["num_cpus"] = workers or os.cpu_count() or 1
    else:
        options = {"address": address, "log_to_driver": False}
    try:
        ray.init(logging_level=logging.ERROR, **options)
    except (ConnectionError, RuntimeError, ValueError, OSError) as exc:
        where = address or "this machine"
        raise EngineError(
            f"Ray cannot be started on {where}: {exc}; --workers 1 builds without Ray"
        ) from exc
    return True


def _count_slots(workers: int | None) -> int:
    slots = int(ray.cluster_resources().get("CPU", 1))  # type: ignore[no-untyped-call]
    return max(1, min(slots, workers) if workers else slots)


def _feed(partitions: Sequence[Partition], load: Load, job: Job, slots: int) -> Iterator[Part]:
    shared = ray.put(job)
    task = ray.remote(num_cpus=1)(build_partition)
    waiting = iter(partitions)
    flying: list[Any] = []
    try:
        while True:
            while len(flying) < TASKS_PER_SLOT * slots:
                partition = next(waiting, None)
                if partition is None:
                    break
                flying.append(task.remote(partition, load(partition), shared))
            if not flying:
                return
            done, flying = ray.wait(flying, num_returns=1)
            yield _take(done[0])
    finally:
        for reference in flying:
            ray.cancel(reference, force=True)


def _take(reference: Any) -> Part:
    try:
        part: Part = ray.get(reference)
        return part
    except ray.exceptions.RayTaskError as exc:
        if isinstance(exc.cause, StreamitError):
            raise exc.cause from exc
        raise
    except ray.exceptions.RayError as exc:
        raise EngineError(
            f"a worker was lost and could not be replaced: {exc}; run the same command again, "
            "with fewer --workers if memory was short"
        ) from exc


def _check_nodes(job: Job) -> None:
    """Every node must see the same packages and be able to reach the output folder."""
    here = describe_node(job.out)
    nodes = [node for node in ray.nodes() if node["Alive"]]  # type: ignore[no-untyped-call]
    strategy = ray.util.scheduling_strategies.NodeAffinitySchedulingStrategy
    probe = ray.remote(num_cpus=0)(describe_node)
    found = ray.get(
        [
            probe.options(scheduling_strategy=strategy(node["NodeID"], soft=False)).remote(job.out)
            for node in nodes
        ]
    )
    for node, there in zip(nodes, found, strict=True):
        for name, value in here.items():
            if there[name] != value:
                raise EngineError(
                    f"node {node['NodeManagerHostname']}: {name} is {there[name]}, the driver has "
                    f"{value}; make them the same on every node"
                )


def describe_node(out: str) -> dict[str, str]:
    """Package versions, and whether the output folder is seen from here."""
    facts = {name: version(name) for name in PACKAGES}
    facts["python"] = ".".join(platform.python_version_tuple()[:2])
    facts["the output folder"] = "there" if Folder(out).exists() else "not there"
    return facts
