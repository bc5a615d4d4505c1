"""Servers that nobody here wrote: one that answers well, one that ignores the schema."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest
import yaml

from streamit.llm.question import QuestionAnswer, Refused
from tests.llm.asking import count_reasons, make_pair, make_questions, run, settings

START_S = 120.0
TRANSFORMERS = shutil.which("transformers") or shutil.which(
    "transformers", path=Path(sys.executable).parent
)


@contextmanager
def serve(command: list[str], port: int, ready: str, **env: str) -> Iterator[str]:
    """The base URL of a server in a process of its own, once `ready` is answered at all."""
    process = subprocess.Popen(
        command,
        env={**os.environ, **env},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        until_s = time.monotonic() + START_S
        while not is_answering(f"http://127.0.0.1:{port}{ready}"):
            assert process.poll() is None, f"{command[0]} ended with {process.returncode}"
            assert time.monotonic() < until_s, f"{command[0]} did not start"
            time.sleep(0.2)
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        process.terminate()
        process.wait(30)


def is_answering(url: str) -> bool:
    try:
        urlopen(url, timeout=5).close()
    except URLError:
        return False
    return True


def find_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        port: int = found.getsockname()[1]
        return port


@pytest.mark.skipif(find_spec("mockllm") is None, reason="needs mockllm, of the extra `dev`")
def test_mockllm_answers_and_every_question_gets_its_pair(tmp_path):
    answers = tmp_path / "responses.yml"
    answers.write_text(
        yaml.safe_dump({"responses": {}, "defaults": {"unknown_response": make_pair()}})
    )
    port = find_port()
    command = [sys.executable, "-m", "uvicorn", "mockllm.server:app", "--port", str(port)]
    with serve(command, port, "/openapi.json", MOCKLLM_RESPONSES_FILE=str(answers)) as url:
        results = run(make_questions(20), settings(url), tmp_path / "cache.sqlite")
    assert {type(result) for result in results.values()} == {QuestionAnswer}


@pytest.mark.slow
@pytest.mark.skipif(TRANSFORMERS is None, reason="needs `transformers serve` (torch) on the PATH")
def test_garbage_of_a_random_model_never_becomes_a_pair(tmp_path):
    """`transformers serve` takes a JSON schema, and does not keep to it."""
    model, port = tmp_path / "tiny", find_port()
    python = Path(TRANSFORMERS).parent / "python"
    script = Path(__file__).with_name("tiny_model.py")
    offline = {"HF_HUB_OFFLINE": "1"}
    subprocess.run(
        [python, script, model], check=True, capture_output=True, env={**os.environ, **offline}
    )
    command = [TRANSFORMERS, "serve", str(model), "--port", str(port), "--device", "cpu"]
    with serve(command, port, "/health", **offline) as url:
        llm = settings(
            url, model=str(model), max_tokens=40, attempts=2, concurrency=2, timeout_s=60.0
        )
        results = run(make_questions(6), llm, tmp_path / "cache.sqlite")
    assert {type(result) for result in results.values()} == {Refused}
    assert set(count_reasons(results)) <= {"bad_answer_json", "no_answer", "cut_off"}
