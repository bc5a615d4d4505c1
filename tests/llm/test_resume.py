"""A run that is killed has lost nothing: the next one asks only what was not answered."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections import Counter
from itertools import repeat
from pathlib import Path

import streamit
from streamit.llm.question import QuestionAnswer
from tests.llm.asking import make_questions, run, settings
from tests.openai_server import Step, serve_openai

N = 60
RUN = f"""
import sys
from tests.llm.asking import make_questions, settings
from streamit.llm.ask import ask_all
for key, result in ask_all(make_questions({N}), settings(sys.argv[1]), sys.argv[2]):
    print(key, flush=True)
"""


def start(url: str, cache: Path) -> subprocess.Popen[str]:
    root = Path(streamit.__file__).resolve().parent.parent
    return subprocess.Popen(
        [sys.executable, "-c", RUN, url, str(cache)],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root)},
        stdout=subprocess.PIPE,
        text=True,
    )


def kill_after(process: subprocess.Popen[str], n_lines: int) -> None:
    with process:
        assert process.stdout is not None
        for _ in range(n_lines):
            assert process.stdout.readline()
        process.send_signal(signal.SIGKILL)


def test_killed_and_run_again_repeats_only_what_was_on_its_way(tmp_path):
    cache = tmp_path / "cache.sqlite"
    with serve_openai(repeat(Step(delay_s=0.02))) as server:
        kill_after(start(server.url, cache), 10)
        n_before = len(server.requests)
        results = run(make_questions(N), settings(server.url), cache)
        asked = Counter(str(request["messages"]) for request in server.requests)
        run(make_questions(N), settings(server.url), cache)
    assert all(isinstance(result, QuestionAnswer) for result in results.values())
    assert 10 <= n_before < N
    assert len(asked) == N
    # At most those whose reply had not arrived when the process died.
    assert len(server.requests) - N <= settings("").concurrency
    assert max(asked.values()) <= 2
