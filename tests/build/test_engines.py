"""One worker and many give the same bytes; Ray is used when it pays."""

import json
import subprocess
import sys

import pytest

from streamit.build.engine import choose_engine
from tests.corpora import make_captions, read_build, write_captions


def test_small_plans_run_in_the_loop_unless_asked():
    assert choose_engine(8, None, None) == "loop"
    assert choose_engine(9, None, None) == "ray"
    assert choose_engine(100, 1, None) == "loop"
    assert choose_engine(1, 2, None) == "ray"
    assert choose_engine(1, None, "auto") == "ray"


@pytest.mark.slow
def test_four_workers_give_the_bytes_of_one(tmp_path):
    corpus = write_captions(tmp_path / "activitynet", make_captions(200))
    build_with(corpus, tmp_path / "one", 1)
    report = build_with(corpus, tmp_path / "four", 4)
    assert report["engine"] == "ray"
    assert read_build(tmp_path / "one") == read_build(tmp_path / "four")


@pytest.mark.slow
def test_what_fails_in_a_worker_comes_through_as_it_was(tmp_path):
    corpus = write_captions(tmp_path / "activitynet", make_captions(50))
    out = tmp_path / "out"
    out.mkdir()
    (out / "dense_caption").write_text("a file where a folder should be")
    process = run_build(corpus, out, 2)
    assert process.returncode == 1
    assert "dense_caption" in process.stderr
    assert "Traceback" not in process.stderr


def build_with(corpus, out, workers):
    process = run_build(corpus, out, workers)
    assert process.returncode == 0, process.stderr
    return json.loads(process.stdout)


def run_build(corpus, out, workers):
    """In a process of its own: Ray leaves threads and signal handlers behind."""
    command = [sys.executable, "-m", "streamit", "build", "--recipe", "dense_caption", "--json"]
    command += ["--source", f"activitynet={corpus}", "--out", str(out)]
    command += ["--workers", str(workers), "--set", "shard.records=10"]
    return subprocess.run(command, capture_output=True, text=True, timeout=240, check=False)


@pytest.mark.slow
def test_workers_that_decode_give_the_bytes_of_one(demo, tmp_path):
    """Each worker has a decoding child of its own, and all of them end with the build."""
    for workers in (1, 3):
        out = tmp_path / str(workers)
        command = [sys.executable, "-m", "streamit", "build", "--recipe", "dense_caption"]
        command += ["--source", f"demo={demo.root}", "--media", "frames", "--out", str(out)]
        command += ["--workers", str(workers), "--set", "shard.records=2"]
        subprocess.run(command, check=True, timeout=240)
    assert read_build(tmp_path / "1") == read_build(tmp_path / "3")
