"""Killed at a random moment and run again equals never killed, byte by byte."""

import os
import random
import resource
import signal
import subprocess
import sys
import time

import pytest

from tests.corpora import make_captions, read_build, write_captions


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    return write_captions(tmp_path_factory.mktemp("kill") / "activitynet", make_captions(400))


def start(corpus, out, *more, **popen):
    command = [sys.executable, "-m", "streamit", "build", "--recipe", "dense_caption"]
    command += ["--source", f"activitynet={corpus}", "--out", str(out), "--workers", "1"]
    command += ["--set", "shard.records=5", *more]
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **popen
    )


def finish(process):
    output, errors = process.communicate(timeout=120)
    assert "Traceback" not in errors
    return process.returncode, output, errors


def count_parts(out):
    return len(list((out / "streamit" / "parts").glob("*.json")))


def kill_after(process, out, n_parts):
    while process.poll() is None and count_parts(out) < n_parts:
        time.sleep(0.001)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    return process.returncode


@pytest.fixture(scope="module")
def whole(corpus, tmp_path_factory):
    out = tmp_path_factory.mktemp("whole") / "out"
    assert finish(start(corpus, out))[0] == 0
    return read_build(out)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [random.randrange(10**6)])
def test_killed_and_run_again_equals_never_killed(corpus, whole, tmp_path, seed):
    dice = random.Random(seed)
    n_parts = sum(name.startswith("streamit/parts/") for name in whole)
    out = tmp_path / "out"
    killed = 0
    for n in sorted(dice.sample(range(n_parts // 2), 4)):
        killed += kill_after(start(corpus, out), out, n) == -signal.SIGKILL
        assert not (out / "_SUCCESS").exists()
    assert killed == 4
    assert finish(start(corpus, out))[0] == 0
    assert read_build(out) == whole


def test_interrupted_says_how_to_go_on_and_keeps_what_is_done(corpus, whole, tmp_path):
    out = tmp_path / "out"
    process = start(corpus, out)
    while process.poll() is None and count_parts(out) < 3:
        time.sleep(0.001)
    process.send_signal(signal.SIGINT)
    code, _, errors = finish(process)
    assert code == 130
    assert "run the same command again" in errors
    assert finish(start(corpus, out))[0] == 0
    assert read_build(out) == whole


def test_a_disk_that_takes_no_more_fails_clearly_and_is_gone_on_from(corpus, whole, tmp_path):
    """A limit on the size of a file stands for the full disk: the kernel refuses the write."""
    out = tmp_path / "out"
    limit = 10_000

    def refuse_large_files():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    (tmp_path / "plan").mkdir()
    code, _, errors = finish(
        start(
            corpus,
            out,
            preexec_fn=refuse_large_files,
            env={**os.environ, "TMPDIR": str(tmp_path / "plan")},
        )
    )
    assert code == 1
    assert "streamit: error:" in errors
    assert not (out / "_SUCCESS").exists()
    assert not list(out.rglob("*.tmp"))
    assert finish(start(corpus, out))[0] == 0
    assert read_build(out) == whole
