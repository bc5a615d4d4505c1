"""Several decoding children: order, bounds, and an end to all of them."""

from __future__ import annotations

import itertools
import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from streamit.errors import VideoError
from streamit.video.crew import decode_all
from streamit.video.worker import DecodeWorker
from tests.rendered import Rendered

Catalog = Callable[[str], Rendered]


def test_results_come_in_the_order_of_the_things(rendered: Catalog) -> None:
    paths = [str(rendered(name).path) for name in ("one_frame", "constant_rate", "odd_size")] * 3
    found = decode_all(lambda path, worker: worker.probe(path).n_shown, paths, 60, 2)
    assert list(found) == [1, 300, 120] * 3


def test_things_may_be_a_stream_without_end() -> None:
    taken = []

    def count() -> Iterator[int]:
        for number in itertools.count():
            taken.append(number)
            yield number

    found = decode_all(lambda number, worker: number, count(), 60, 2, n_ahead=3)
    assert list(itertools.islice(found, 4)) == [0, 1, 2, 3]
    assert len(taken) <= 4 + 2 * 3
    found.close()


def test_no_child_serves_two_calls_at_once() -> None:
    lock, busy = threading.Lock(), set()

    def use(number: int, worker: DecodeWorker) -> int:
        with lock:
            assert id(worker) not in busy
            busy.add(id(worker))
        with lock:
            busy.remove(id(worker))
        return id(worker)

    assert len(set(decode_all(use, range(200), 60, 3))) <= 3


def test_an_error_ends_the_children(rendered: Catalog, tmp_path: Path) -> None:
    (tmp_path / "empty.mp4").touch()
    paths = [str(rendered("one_frame").path), str(tmp_path / "empty.mp4")]
    pids = []

    def probe(path: str, worker: DecodeWorker) -> int:
        facts = worker.probe(path) if "empty" not in path else None
        pids.append(worker.pid)
        return facts.n_shown if facts else worker.probe(path).n_shown

    found = decode_all(probe, paths, 60, 1)
    with pytest.raises(VideoError, match="the file is empty"):
        list(found)
    assert pids[0] is not None
    with pytest.raises(ProcessLookupError):
        os.kill(pids[0], 0)
