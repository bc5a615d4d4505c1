"""Several decoding children at work on many files, with few results waiting to be taken."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from queue import SimpleQueue
from typing import TypeVar

from streamit.video.worker import DecodeWorker

T = TypeVar("T")
R = TypeVar("R")


def decode_all(
    do: Callable[[T, DecodeWorker], R],
    things: Iterable[T],
    timeout_s: float,
    n_workers: int,
    n_ahead: int = 2,
) -> Generator[R, None, None]:
    """What `do` makes of each thing, in their order; every call has a decoding child to itself.

    Children start when they are first needed. At most `n_ahead` things per worker are under way or
    waiting to be taken, so `things` may be a stream without end; more of them keep workers busy
    while one is slow. The children end with the iterator.
    """
    with ExitStack() as stack:
        workers = [stack.enter_context(DecodeWorker(timeout_s)) for _ in range(n_workers)]
        idle: SimpleQueue[DecodeWorker] = SimpleQueue()
        for worker in workers:
            idle.put(worker)

        def run(thing: T) -> R:
            worker = idle.get()
            try:
                return do(thing, worker)
            finally:
                idle.put(worker)

        threads = stack.enter_context(ThreadPoolExecutor(n_workers))
        under_way: deque[Future[R]] = deque()
        try:
            for thing in things:
                under_way.append(threads.submit(run, thing))
                if len(under_way) == n_ahead * n_workers:
                    yield under_way.popleft().result()
            while under_way:
                yield under_way.popleft().result()
        except BaseException:
            threads.shutdown(wait=False, cancel_futures=True)
            for worker in workers:
                worker.kill()
            raise
