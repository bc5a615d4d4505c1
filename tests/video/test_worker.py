"""The decoding child: its answers, its death, its time limit, its end."""

from __future__ import annotations

import contextlib
import io
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from streamit.errors import UsageError, VideoError
from streamit.video.frames import sample_frames
from streamit.video.jobs import SampleJob
from streamit.video.jpeg import encode_jpeg
from streamit.video.probe import probe_video
from streamit.video.worker import DecodeWorker
from tests.rendered import Rendered, Style, even_ticks, read_number, render

Catalog = Callable[[str], Rendered]
EVERYTHING = SampleJob(fps=30, max_frames=None, short_side=None)


@pytest.fixture
def worker() -> Iterator[DecodeWorker]:
    with DecodeWorker(timeout_s=60) as worker:
        yield worker


@contextlib.contextmanager
def soon(act: Callable[[int], None], worker: DecodeWorker) -> Iterator[None]:
    """Do something to the child as soon as it is busy with a video."""
    pid = worker.pid
    assert pid is not None
    thread = threading.Thread(target=lambda: (wait_until_busy(pid), act(pid)))
    thread.start()
    yield
    thread.join()


def wait_until_busy(pid: int) -> None:
    before = cpu_ticks(pid)
    while cpu_ticks(pid) < before + 3:
        time.sleep(0.001)


def cpu_ticks(pid: int) -> int:
    """Processor time a process has used, from /proc."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


def is_running(pid: int) -> bool:
    """A dead process waits as `Z` for its parent, but its other threads may still be ending."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        return state != "Z" or len(os.listdir(f"/proc/{pid}/task")) > 1
    except (FileNotFoundError, ProcessLookupError):
        return False


def wait_until_gone(pid: int) -> None:
    deadline = time.monotonic() + 30
    while is_running(pid):
        assert time.monotonic() < deadline, f"process {pid} lives on"
        time.sleep(0.01)


needs_proc = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc")


@pytest.fixture(scope="module")
def long_video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Long enough at full rate to be caught in the middle."""
    path = tmp_path_factory.mktemp("long") / "long.mp4"
    style = Style(size=(640, 480), options={"preset": "ultrafast"})
    return render(path, even_ticks(1500, Fraction(30)), style).path


def test_facts_come_over_whole(rendered: Catalog, worker: DecodeWorker) -> None:
    path = str(rendered("variable_rate").path)

    assert worker.probe(path) == probe_video(path)


def test_samples_are_the_frames_as_jpeg(rendered: Catalog, worker: DecodeWorker) -> None:
    path = rendered("short_groups").path
    frames = sample_frames(path, short_side=64)

    sampled = worker.sample(str(path), SampleJob(short_side=64))

    assert sampled.times_s == frames.times_s
    assert sampled.jpegs == tuple(encode_jpeg(image) for image in frames.images)
    assert (sampled.width, sampled.height) == (96, 64)
    assert (sampled.decoded_end_s, sampled.decoder) == (10.0, "pyav")
    with Image.open(io.BytesIO(sampled.jpegs[3])) as image:
        assert read_number(np.asarray(image)) == 90


def test_one_child_serves_many_calls(rendered: Catalog, worker: DecodeWorker) -> None:
    path = str(rendered("one_frame").path)
    worker.probe(path)
    first = worker.pid

    worker.sample(path, SampleJob())

    assert worker.pid == first


def test_an_error_keeps_its_reason_and_the_child(worker: DecodeWorker, tmp_path: Path) -> None:
    (tmp_path / "a.mp4").touch()
    with pytest.raises(VideoError) as first:
        worker.probe(str(tmp_path / "a.mp4"))
    pid = worker.pid
    with pytest.raises(VideoError) as second:
        worker.probe(str(tmp_path / "b.mp4"))

    assert (first.value.reason, second.value.reason) == ("video_empty", "video_missing")
    assert worker.pid == pid


@needs_proc
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSEGV])
def test_a_crash_costs_one_video(
    worker: DecodeWorker, long_video: Path, rendered: Catalog, number: signal.Signals
) -> None:
    worker.probe(str(long_video))
    with (
        soon(lambda pid: os.kill(pid, number), worker),
        pytest.raises(VideoError, match=rf"^long\.mp4: .*\({number.name}\)") as caught,
    ):
        worker.sample(str(long_video), EVERYTHING)

    assert caught.value.reason == "decoder_crash"
    assert worker.probe(str(rendered("one_frame").path)).n_shown == 1


@needs_proc
def test_a_child_that_hangs_is_ended(
    worker: DecodeWorker, long_video: Path, rendered: Catalog
) -> None:
    worker.probe(str(long_video))
    hung = worker.pid
    assert hung is not None
    worker.timeout_s = 1.0
    with (
        soon(lambda pid: os.kill(pid, signal.SIGSTOP), worker),
        pytest.raises(VideoError, match=r"^long\.mp4: took longer than 1 s") as caught,
    ):
        worker.sample(str(long_video), EVERYTHING)

    assert caught.value.reason == "timeout"
    assert not is_running(hung)
    worker.timeout_s = 60
    assert worker.probe(str(rendered("one_frame").path)).n_shown == 1


@needs_proc
def test_a_child_that_died_idle_costs_nothing(rendered: Catalog, worker: DecodeWorker) -> None:
    path = str(rendered("one_frame").path)
    worker.probe(path)
    first = worker.pid
    assert first is not None
    os.kill(first, signal.SIGKILL)
    # Its last thread may outlive its first: until then /proc calls it dead and `poll` does not.
    os.waitid(os.P_PID, first, os.WEXITED | os.WNOWAIT)

    assert worker.probe(path).n_shown == 1
    assert worker.pid != first


@needs_proc
def test_closing_ends_the_child(rendered: Catalog) -> None:
    with DecodeWorker() as worker:
        worker.probe(str(rendered("one_frame").path))
        pid = worker.pid
        assert pid is not None

    wait_until_gone(pid)
    assert worker.pid is None


@needs_proc
def test_the_child_ends_with_a_parent_that_is_killed(long_video: Path) -> None:
    """It is in the middle of decoding and in another session, and ends all the same."""
    script = (
        "import sys\n"
        "from streamit.video.jobs import SampleJob\n"
        "from streamit.video.worker import DecodeWorker\n"
        "worker = DecodeWorker()\n"
        f"worker.probe({str(long_video)!r})\n"
        "print(worker.pid, flush=True)\n"
        f"worker.sample({str(long_video)!r}, SampleJob(fps=30, max_frames=None))\n"
    )
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        wait_until_busy(child)
        parent.kill()
        wait_until_gone(child)


def test_a_script_without_a_main_guard_is_run_once(rendered: Catalog, tmp_path: Path) -> None:
    """And what libraries print in the child reaches neither its terminal nor its answers."""
    script = tmp_path / "script.py"
    script.write_text(
        "print('begins')\n"
        "from streamit.video.worker import DecodeWorker\n"
        "with DecodeWorker() as worker:\n"
        f"    print(worker.probe({str(rendered('one_frame').path)!r}).n_shown)\n"
    )

    done = subprocess.run([sys.executable, script], capture_output=True, text=True, check=True)

    assert (done.stdout, done.stderr) == ("begins\n1\n", "")


def test_a_folder_full_of_lookalikes_is_no_trap(rendered: Catalog, tmp_path: Path) -> None:
    """The child does not import what lies in the working folder."""
    (tmp_path / "numpy.py").write_text("raise RuntimeError('the wrong numpy')\n")
    script = (
        "from streamit.video.worker import DecodeWorker\n"
        "with DecodeWorker() as worker:\n"
        f"    print(worker.probe({str(rendered('one_frame').path)!r}).n_shown)\n"
    )

    done = subprocess.run(
        [sys.executable, "-P", "-c", script], cwd=tmp_path, capture_output=True, text=True
    )

    assert (done.stdout, done.returncode) == ("1\n", 0)


def test_clips_are_written_by_the_child(
    rendered: Catalog, worker: DecodeWorker, tmp_path: Path
) -> None:
    clip = worker.clip(str(rendered("short_groups").path), str(tmp_path / "clip.mp4"), SampleJob())

    assert [read_number(image) for image in sample_frames(clip.path).images] == [*range(0, 300, 30)]


def test_a_wrong_question_is_an_error_of_its_own() -> None:
    with pytest.raises(UsageError):
        SampleJob(fps=-1)
