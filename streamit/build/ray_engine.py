"""The only module that knows Ray: partitions as tasks, on this machine or on a cluster.

Workers write their own shards; items go out, only part manifests come back. At most three tasks
per slot are in flight, so that a plan of any size is fed as it is eaten.
"""

from __future__ import annotations

import logging
import os
import platform
import threading
from collections.abc import Iterator, Sequence
from importlib.metadata import version
from typing import Any

# Ray reads these on import. Under `uv run` its own hook hangs when uv is not on the PATH.
os.environ.setdefault("RAY_ENABLE_UV_RUN_RUNTIME_ENV", "0")
os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")

import ray
from ray.exceptions import RayError

from streamit.build.engine import RAY, Load, build_quietly
from streamit.build.parts import Part
from streamit.build.types import Job, Partition
from streamit.errors import EngineError, StreamitError
from streamit.storage import Folder
from streamit.version import __version__

TASKS_PER_SLOT = 3
PACKAGES = ("streamit", "pyarrow", "numpy", "av", "pillow")


class RayEngine:
    """Partitions as Ray tasks. Ray begins to start when the engine is made.

    One thread starts Ray and lives until the end, because Ray's processes die with the thread that
    started them. A cluster that is already connected is used and left alone.
    """

    name = RAY

    def __init__(self, workers: int | None, address: str | None) -> None:
        self._workers, self._address = workers, address
        self._error: BaseException | None = None
        self._warming: list[Any] = []
        self._ready, self._done = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._live, daemon=True)
        self._thread.start()

    def run(self, partitions: Sequence[Partition], load: Load, job: Job) -> Iterator[Part]:
        """Build the partitions and yield each as it is done.

        Raises EngineError when Ray cannot be started or the nodes differ; what a task raises comes
        through as it was.
        """
        self._ready.wait()
        if self._error is not None:
            where = self._address or "this machine"
            raise EngineError(
                f"Ray cannot be started on {where}: {self._error}; --workers 1 builds without Ray"
            ) from self._error
        # A check beside them would start one more worker.
        ray.wait(self._warming, num_returns=len(self._warming))
        _check_nodes(job)
        yield from _feed(partitions, load, job, _count_slots(self._workers))

    def close(self) -> None:
        """Shut down what was started here."""
        self._done.set()
        self._thread.join()

    def _live(self) -> None:
        started = not ray.is_initialized()
        try:
            if started:
                _connect(self._workers, self._address)
            self._warming = _warm_up(_count_slots(self._workers))
        except (ConnectionError, RuntimeError, ValueError, OSError, RayError) as exc:
            self._error = exc
        self._ready.set()
        self._done.wait()
        if started:
            ray.shutdown()


def _connect(workers: int | None, address: str | None) -> None:
    options: dict[str, Any] = {"log_to_driver": False, "logging_level": logging.ERROR}
    if address is not None:
        ray.init(address=address, **options)
    else:
        ray.init(num_cpus=workers or os.cpu_count() or 1, include_dashboard=False, **options)


def _count_slots(workers: int | None) -> int:
    slots = int(ray.cluster_resources().get("CPU", 1))  # type: ignore[no-untyped-call]
    return max(1, min(slots, workers) if workers else slots)


def _warm_up(slots: int) -> list[Any]:
    """Tasks that make as many workers import all that builds, while the plan is still made."""
    task = ray.remote(num_cpus=1)(_do_nothing)
    return [task.remote() for _ in range(slots)]


def _do_nothing() -> None:
    """To call this, a worker imports this module."""


def _feed(partitions: Sequence[Partition], load: Load, job: Job, slots: int) -> Iterator[Part]:
    shared = ray.put(job)
    task = ray.remote(num_cpus=1)(build_quietly)
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
    except RayError as exc:
        raise EngineError(
            f"a worker was lost and could not be replaced: {exc}; run the same command again, "
            "with fewer --workers if memory was short"
        ) from exc


def _check_nodes(job: Job) -> None:
    """Every node must see the same packages, the output folder and the videos.

    Raises EngineError that names the node and what differs.
    """
    here = describe_node(job)
    nodes = [node for node in ray.nodes() if node["Alive"]]  # type: ignore[no-untyped-call]
    strategy = ray.util.scheduling_strategies.NodeAffinitySchedulingStrategy
    probe = ray.remote(num_cpus=0)(describe_node)
    found = ray.get(
        [
            probe.options(scheduling_strategy=strategy(node["NodeID"], soft=False)).remote(job)
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


def describe_node(job: Job) -> dict[str, str]:
    """Package versions, and whether the output folder and one video of each folder can be read."""
    facts = {name: version(name) for name in PACKAGES if name != "streamit"}
    facts["streamit"] = __version__
    facts["python"] = ".".join(platform.python_version_tuple()[:2])
    facts["the output folder"] = "there" if Folder(job.out).exists() else "not there"
    return facts | {sample: _try_reading(sample) for sample in job.samples}


def _try_reading(url: str) -> str:
    folder, _, name = url.rpartition("/")
    try:
        with Folder(folder).open_read(name) as file:
            file.read(1)
    except StreamitError:
        return "not readable"
    return "readable"
