"""The key is sent to the server and stands nowhere else, even where the server echoes it."""

from __future__ import annotations

import logging
import traceback
from itertools import repeat
from pathlib import Path

import pytest

from streamit.errors import EndpointError, LlmError
from streamit.llm.batch import write_batches
from streamit.llm.question import Refused
from tests.llm.asking import QUESTION, SETTINGS, make_pair, make_questions, run, settings
from tests.openai_server import Step, error, serve_openai

KEY = "sk-verysecret-0123456789"
ECHO = f"no such key: Bearer {KEY}"


@pytest.fixture(autouse=True)
def _key(monkeypatch):
    monkeypatch.setenv(SETTINGS.api_key_env, KEY)


def find_key(folder: Path) -> list[str]:
    """Names of all files below a folder that hold the key."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert files
    return [path.name for path in files if KEY.encode() in path.read_bytes()]


def test_the_server_gets_the_key_and_no_file_does(tmp_path):
    with serve_openai() as server:
        run(make_questions(3), settings(server.url), tmp_path / "cache.sqlite")
    write_batches(make_questions(5), SETTINGS, tmp_path / "cache.sqlite", tmp_path / "batches")
    assert {headers["authorization"] for headers in server.headers} == {f"Bearer {KEY}"}
    assert find_key(tmp_path) == []


@pytest.mark.parametrize(
    "echo",
    [
        Step(text=make_pair(answer=f"The key is {KEY}.")),
        Step(text=ECHO),
        error(500, ECHO),
        error(400, ECHO),
        Step(body=ECHO),
    ],
)
def test_a_server_that_echoes_the_key_gets_it_into_no_file_or_message(tmp_path, caplog, echo):
    caplog.set_level(logging.DEBUG)
    with serve_openai(repeat(echo)) as server:
        results = run([QUESTION], settings(server.url), tmp_path / "cache.sqlite")
    (result,) = results.values()
    assert KEY not in repr(result)
    assert KEY not in caplog.text
    assert find_key(tmp_path) == []


@pytest.mark.parametrize("status", [401, 403, 404, 500])
def test_the_error_that_ends_a_run_does_not_show_the_key(tmp_path, status):
    with (
        serve_openai(repeat(error(status, ECHO))) as server,
        pytest.raises((EndpointError, LlmError)) as caught,
    ):
        run(make_questions(30), settings(server.url, retries=0), tmp_path / "cache.sqlite")
    whole = "".join(traceback.format_exception(caught.value))
    assert "no such key: Bearer [key]" in str(caught.value)
    assert KEY not in whole


def test_a_connection_that_breaks_does_not_show_the_key(tmp_path):
    with serve_openai(repeat(Step(cut=True))) as server:
        results = run([QUESTION], settings(server.url), tmp_path / "cache.sqlite")
    (result,) = results.values()
    assert isinstance(result, Refused)
    assert KEY not in result.message
