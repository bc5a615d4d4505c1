"""Request files out, result files in: the same cache, and a replay builds from it."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from streamit.errors import StorageError
from streamit.llm.batch import TakenBatches, take_batches, write_batches
from streamit.llm.dialogue import Dialogue
from streamit.llm.question import QuestionAnswer
from streamit.llm.render import load_prompts
from tests.llm.asking import QUESTION, SETTINGS, count_reasons, make_pair, make_questions, run
from tests.openai_server import write_answer


@pytest.fixture
def cache(tmp_path):
    return tmp_path / "cache.sqlite"


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "batches"


def read_lines(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def answer(line, text=None, status=200, error=None, **choice):
    """A line of a result file, worded like the API's."""
    text = write_answer(line["body"]) if text is None else text
    choices = [{"message": {"content": text}, "finish_reason": "stop", **choice}]
    response = {"status_code": status, "request_id": "r", "body": {"choices": choices}}
    return {"id": "b", "custom_id": line["custom_id"], "response": response, "error": error}


def write_results(folder, results, name="batch_1_output.jsonl"):
    (folder / name).write_text("".join(json.dumps(result) + "\n" for result in results))


def test_a_line_is_the_request_under_its_key_in_the_cache(cache, folder):
    done = write_batches([QUESTION], SETTINGS, cache, folder)
    dialogue = Dialogue(QUESTION, SETTINGS, load_prompts())
    assert (done.files, done.n_requests, done.n_settled) == (("requests-00001.jsonl",), 1, 0)
    assert read_lines(folder / done.files[0]) == [
        {
            "custom_id": dialogue.key,
            "method": "POST",
            "url": "/v1/chat/completions",
            "body": dialogue.request,
        }
    ]


@pytest.mark.parametrize("limits", [{"max_requests": 4}, {"max_bytes": 13_000}])
def test_files_keep_to_the_limits_and_hold_everything(cache, folder, limits):
    done = write_batches(make_questions(10), SETTINGS, cache, folder, **limits)
    parts = [read_lines(folder / name) for name in done.files]
    assert len(parts) > 2
    assert max(len(part) for part in parts) <= limits.get("max_requests", 10)
    sizes = [(folder / name).stat().st_size for name in done.files]
    assert max(sizes) <= limits.get("max_bytes", 10**9)
    assert len({line["custom_id"] for part in parts for line in part}) == done.n_requests == 10


def test_equal_requests_are_written_once(cache, folder):
    twins = [replace(QUESTION, key=str(i)) for i in range(3)]
    assert write_batches(twins, SETTINGS, cache, folder).n_requests == 1


def test_results_fill_the_cache_and_a_replay_builds(cache, folder):
    questions = make_questions(6)
    write_batches(questions, SETTINGS, cache, folder)
    write_results(folder, map(answer, read_lines(folder / "requests-00001.jsonl")))
    assert take_batches(folder, cache) == TakenBatches(6, 0, 0, 0, {})
    assert take_batches(folder, cache) == TakenBatches(0, 6, 0, 0, {})
    results = run(questions, SETTINGS, cache, replay=True)
    assert all(isinstance(result, QuestionAnswer) for result in results.values())
    assert write_batches(questions, SETTINGS, cache, folder).n_settled == 6


def test_what_was_refused_is_written_again_as_the_next_attempt(cache, folder):
    write_batches(make_questions(3), SETTINGS, cache, folder)
    first, *others = read_lines(folder / "requests-00001.jsonl")
    results = [answer(first, text="not json"), *map(answer, others)]
    write_results(folder, results)
    take_batches(folder, cache)
    done = write_batches(make_questions(3), SETTINGS, cache, folder)
    (again,) = read_lines(folder / "requests-00001.jsonl")
    assert (done.n_requests, done.n_settled) == (1, 2)
    assert again["custom_id"] != first["custom_id"]
    assert "is no JSON object" in again["body"]["messages"][1]["content"]


def test_errors_are_counted_and_asked_again(cache, folder):
    questions = make_questions(4)
    write_batches(questions, SETTINGS, cache, folder)
    lines = read_lines(folder / "requests-00001.jsonl")
    expired = {"custom_id": lines[1]["custom_id"], "response": None}
    results = [
        answer(lines[0], status=500),
        {**expired, "error": {"code": "batch_expired", "message": "too late"}},
        {**answer(lines[2]), "response": {"status_code": 200, "body": "garbage"}},
        answer(lines[3]),
    ]
    write_results(folder, results)
    failures = {"batch_expired": 1, "status 200": 1, "status 500": 1}
    assert take_batches(folder, cache) == TakenBatches(1, 0, 3, 0, failures)
    assert write_batches(questions, SETTINGS, cache, folder).n_requests == 3
    assert count_reasons(run(questions, SETTINGS, cache, replay=True)) == {"not_in_cache": 3}


@pytest.mark.parametrize(
    "line", ["not json", "[1]", '{"custom_id": "mine", "response": {}}', "{}", "7", "null"]
)
def test_lines_that_are_no_results_are_counted(cache, folder, line):
    folder.mkdir()
    (folder / "other.jsonl").write_text(f"{line}\n\n")
    assert take_batches(folder, cache) == TakenBatches(0, 0, 0, 1, {})


def test_a_cut_off_result_is_a_failed_attempt(cache, folder):
    write_batches([QUESTION], SETTINGS, cache, folder)
    (line,) = read_lines(folder / "requests-00001.jsonl")
    write_results(folder, [answer(line, text=make_pair(), finish_reason="length")])
    assert take_batches(folder, cache).n_taken == 1
    assert count_reasons(run([QUESTION], SETTINGS, cache, replay=True)) == {"not_in_cache": 1}


def test_older_request_files_do_not_stay(cache, folder):
    write_batches(make_questions(4), SETTINGS, cache, folder, max_requests=1)
    write_batches(make_questions(1), SETTINGS, cache, folder)
    assert [path.name for path in folder.iterdir()] == ["requests-00001.jsonl"]


def test_a_folder_that_is_not_there_is_an_error(cache, folder):
    with pytest.raises(StorageError, match="there is no such folder"):
        take_batches(folder, cache)
