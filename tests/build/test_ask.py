"""Pairs written by a model, before any partition is built: each asked once, none for nothing."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pyarrow.parquet as pq
import pytest

import streamit
from streamit.build.asking import choose_writer
from streamit.build.check import check_build
from streamit.build.text import describe_report
from streamit.errors import BatchesPendingError, BudgetError, EndpointError, UsageError
from streamit.recipe import fingerprint, load_recipe
from streamit.storage import Folder
from tests.clips import make_panda, write_panda
from tests.corpora import read_build
from tests.openai_server import GOOD, Step, serve_openai, write_answer

ROWS = make_panda(60)
MARK = re.compile(r"zq\d+x\d+z")
CACHE = "streamit/cache/requests.sqlite"


@pytest.fixture
def corpus(tmp_path):
    return write_panda(tmp_path / "panda70m", ROWS)


def build(corpus, out, server=None, **overrides):
    options = {"workers": 1, "split.validation": 0.0, "model": "gpt-4o", "llm.backoff_s": 0.001}
    if server is not None:
        options["base_url"] = server.url
    return streamit.build("streaming_qa", {"panda70m": corpus}, out, **(options | overrides))


def load(out):
    return list(streamit.load_records(out))


def read_files(out):
    """What two equal builds share: the cache's pages depend on the order of the replies."""
    return {name: data for name, data in read_build(out).items() if not name.startswith(CACHE)}


def seen_by(request):
    """The captions in a request, by their marks, in the order in which it lists them."""
    return MARK.findall(request["messages"][-1]["content"])


def captions_of(corpus, record):
    """The marks of the captions of a stream, in the order of its clips."""
    told = {row["videoID"]: row for row in ROWS}
    starts = {name: [_seconds(t[0]) for t in row["timestamp"]] for name, row in told.items()}
    places = [(c.uri, starts[c.uri].index(round(c.start_s, 3))) for c in record.video.clips]
    return [MARK.search(told[name]["caption"][k])[0] for name, k in places]


def _seconds(clock):
    hours, minutes, seconds = clock.split(":")
    return round(int(hours) * 3600 + int(minutes) * 60 + float(seconds), 3)


def answer_first_clip_with(text):
    """Good answers, but this one about the first clip of the first video."""
    mark = MARK.search(ROWS[0]["caption"][0])[0]
    return lambda request: text if mark in seen_by(request)[-1:] else write_answer(request)


def test_every_pair_is_the_model_s_and_says_so(corpus, tmp_path):
    with serve_openai() as server:
        report = build(corpus, tmp_path / "out", server)
    records = load(tmp_path / "out")
    said = [e for record in records for e in record.timeline if e.type in ("user", "assistant")]
    assert {entry.origin for entry in said} == {"model"}
    assert {entry.question_type for entry in said if entry.type == "user"} == {"EU"}
    assert {record.provenance.model for record in records} == {"gpt-4o"}
    assert len({record.provenance.prompt_sha256 for record in records}) == 1
    assert check_build(str(tmp_path / "out")).n_problems == 0
    assert report.ledger["panda70m"].recorded == len(said) / 2


def test_nothing_is_asked_for_a_pair_that_is_dropped(corpus, tmp_path):
    with serve_openai() as server:
        report = build(corpus, tmp_path / "out", server)
    counts = report.ledger["panda70m"]
    assert len(server.requests) == report.asked.n_questions == counts.recorded
    assert counts.set_aside["qa_drop"] + counts.set_aside["no_pair_left"] + counts.recorded == (
        counts.read
    )


def test_a_request_holds_the_captions_up_to_its_clip_and_none_that_is_later(corpus, tmp_path):
    with serve_openai() as server:
        build(corpus, tmp_path / "out", server, **{"augment.drop": 0.0})
    asked = Counter(tuple(seen_by(request)) for request in server.requests)
    wanted = []
    for record in load(tmp_path / "out"):
        captions = captions_of(corpus, record)
        wanted += [tuple(captions[: k + 1]) for k in range(len(captions))]
    assert asked == Counter(wanted)
    assert len(wanted) > 100


def test_a_shifted_question_is_asked_for_as_one_that_comes_before(corpus, tmp_path):
    with serve_openai() as server:
        build(corpus, tmp_path / "out", server, **{"augment.shift": 1.0})
    texts = [request["messages"][-1]["content"] for request in server.requests]
    assert all("before the scene of the last note is shown" in text for text in texts)
    for record in load(tmp_path / "out"):
        users = [e for e in record.timeline if e.type == "user"]
        answers = {e.reply_to: e for e in record.timeline if e.type == "assistant"}
        assert all(user.start_s < answers[user.id].start_s for user in users)


def test_absent_things_are_asked_about_and_marked(corpus, tmp_path):
    with serve_openai() as server:
        build(corpus, tmp_path / "out", server, **{"augment.hallucination": 1.0})
    kinds = [e.kind for r in load(tmp_path / "out") for e in r.timeline if e.type == "assistant"]
    assert set(kinds) == {"denial"}


def test_a_second_run_asks_nothing_and_writes_nothing(corpus, tmp_path):
    with serve_openai() as server:
        build(corpus, tmp_path / "out", server)
        n_requests = len(server.requests)
        files = read_files(tmp_path / "out")
        stamps = {name: os.stat(tmp_path / "out" / name).st_mtime_ns for name in files}
        report = build(corpus, tmp_path / "out", server)
        assert len(server.requests) == n_requests
    assert (report.asked.n_cached, report.asked.n_requests) == (n_requests, 0)
    assert (report.n_built, read_files(tmp_path / "out")) == (0, files)
    assert {n: os.stat(tmp_path / "out" / n).st_mtime_ns for n in files} == stamps


def test_a_build_from_the_cache_alone_is_the_same(corpus, tmp_path):
    with serve_openai() as server:
        build(corpus, tmp_path / "asked", server)
    (tmp_path / "out" / CACHE).parent.mkdir(parents=True)
    (tmp_path / "out" / CACHE).write_bytes((tmp_path / "asked" / CACHE).read_bytes())
    build(corpus, tmp_path / "out", replay=True)
    assert read_files(tmp_path / "out") == read_files(tmp_path / "asked")


def test_a_replay_rejects_what_the_cache_lacks(corpus, tmp_path):
    with pytest.raises(UsageError, match="no request cache"):
        build(corpus, tmp_path / "out", replay=True)
    with serve_openai() as server:
        build(corpus, tmp_path / "out", server)
    report = build(corpus, tmp_path / "out", replay=True, seed=1)
    counts = report.ledger["panda70m"]
    assert counts.rejected.keys() == {"not_in_cache"}
    assert report.exit_code == 3


def test_what_the_model_does_not_get_right_is_rejected_with_the_reason(corpus, tmp_path):
    caption = ROWS[0]["caption"][0]
    parrot = json.dumps({"question_type": "EU", "question": "What now?", "answer": caption})
    with serve_openai(answer=answer_first_clip_with(parrot)) as server:
        report = build(corpus, tmp_path / "out", server, **{"augment.drop": 0.0})
    assert report.ledger["panda70m"].rejected == {"repeats_caption": 1}
    (line,) = (tmp_path / "out/streamit/rejects.jsonl").read_text().splitlines()
    reject = json.loads(line)
    assert (reject["key"], reject["index"]) == (ROWS[0]["videoID"], 0)
    assert check_build(str(tmp_path / "out")).n_problems == 0


def test_a_question_that_failed_is_tried_again_and_its_shard_built_anew(corpus, tmp_path):
    options = {"llm.retries": 0, "llm.concurrency": 1}
    with serve_openai([GOOD, Step(500)]) as server:
        report = build(corpus, tmp_path / "out", server, **options)
        assert report.ledger["panda70m"].rejected == {"llm_error": 1}
        report = build(corpus, tmp_path / "out", server, **options)
    assert (report.ledger["panda70m"].rejected, report.n_built) == ({}, 1)


def test_the_cap_stops_the_build_and_a_new_one_goes_on(corpus, tmp_path):
    with serve_openai() as server:
        with pytest.raises(BudgetError, match="run again with"):
            build(corpus, tmp_path / "out", server, max_cost=0.02)
        n_first = len(server.requests)
        assert not (tmp_path / "out" / "_SUCCESS").exists()
        report = build(corpus, tmp_path / "out", server, max_cost=10)
        assert (report.asked.n_cached, len(server.requests)) == (n_first, report.asked.n_questions)
    assert 0 < n_first < report.asked.n_questions


def test_a_dry_run_asks_nothing_writes_nothing_and_says_what_it_would_take(corpus, tmp_path):
    with serve_openai() as server:
        dry = build(corpus, tmp_path / "out", server, dry_run=True)
        assert not (tmp_path / "out").exists()
        assert server.requests == []
        real = build(corpus, tmp_path / "out", server)
        again = build(corpus, tmp_path / "out", server, dry_run=True)
    assert dry.asked.n_requests == real.asked.n_requests == dry.asked.n_questions
    assert dry.asked.cost > 0
    assert f"{dry.asked.n_questions} questions" in describe_report(dry)
    assert (again.asked.n_requests, again.n_built, again.n_reused) == (0, 0, 1)


def test_the_answers_can_be_read_as_a_table(corpus, tmp_path):
    with serve_openai(answer=answer_first_clip_with("")) as server:
        build(corpus, tmp_path / "out", server, **{"augment.drop": 0.0})
    rows = pq.read_table(tmp_path / "out/streamit/answers.parquet").to_pylist()
    records = {record.id for record in load(tmp_path / "out")}
    (refused,) = [row for row in rows if row["reason"]]
    assert (refused["question"], refused["reason"]) == (None, "no_answer")
    assert [row["key"] for row in rows] == sorted(row["key"] for row in rows)
    assert {row["key"].rpartition("#")[0] for row in rows if row["question"]} == records


def test_the_key_is_in_no_file_of_the_build(corpus, tmp_path, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-very-secret")
    with serve_openai() as server:
        build(corpus, tmp_path / "out", server)
    assert server.headers[0]["authorization"] == "Bearer sk-very-secret"
    files = [path for path in (tmp_path / "out").rglob("*") if path.is_file()]
    assert [path for path in files if b"sk-very-secret" in path.read_bytes()] == []


def test_the_address_of_the_server_is_in_no_file_of_the_build(corpus, tmp_path):
    with serve_openai() as server:
        build(corpus, tmp_path / "out", server)
    files = [path for path in (tmp_path / "out").rglob("*") if path.is_file()]
    assert [path for path in files if server.url.encode() in path.read_bytes()] == []


def answer_batches(folder):
    """What a provider would make of the request files: a result file with a line for each."""
    with (folder / "results.jsonl").open("a", encoding="utf-8") as file:
        for path in sorted(folder.glob("requests-*.jsonl")):
            for line in map(json.loads, path.read_text("utf-8").splitlines()):
                message = {"role": "assistant", "content": write_answer(line["body"])}
                body = {"choices": [{"message": message, "finish_reason": "stop"}]}
                response = {"status_code": 200, "body": body}
                result = {"custom_id": line["custom_id"], "response": response, "error": None}
                file.write(json.dumps(result) + "\n")


def test_a_build_through_batches_is_the_same(corpus, tmp_path):
    folder = tmp_path / "batches"
    with pytest.raises(
        BatchesPendingError, match=r"48 requests stand in .* \(requests-00001.jsonl"
    ):
        build(corpus, tmp_path / "out", batches=folder)
    assert not (tmp_path / "out" / "_SUCCESS").exists()
    answer_batches(folder)
    report = build(corpus, tmp_path / "out", batches=folder)
    assert (report.asked.n_cached, report.asked.n_requests) == (48, 0)
    assert list(folder.glob("requests-*")) == []
    with serve_openai() as server:
        build(corpus, tmp_path / "asked", server)
    assert read_files(tmp_path / "out") == read_files(tmp_path / "asked")


def test_a_build_that_asks_nothing_does_not_wait_for_the_client():
    code = "import streamit.build.run, sys; sys.exit('openai' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


def choose(recipe="streaming_qa", environ=None, overrides=(), **options):
    loaded = load_recipe(recipe, overrides)
    return choose_writer(loaded, Folder("out"), environ=environ or {}, **options)


@pytest.mark.parametrize(
    ("options", "overrides", "writer"),
    [
        ({}, {}, "template"),
        ({"model": "m"}, {}, "model"),
        ({"base_url": "http://localhost:1/v1"}, {"llm.model": "m"}, "model"),
        ({}, {"llm.model": "m"}, "model"),
        ({}, {"llm.model": "m", "writer": "template"}, "template"),
    ],
)
def test_a_model_that_is_named_writes(options, overrides, writer):
    recipe, asking = choose(overrides=overrides, **options)
    assert recipe.writer == writer
    assert (asking is None) == (writer == "template")


def test_the_environment_names_a_model_but_asks_for_none():
    environ = {"OPENAI_MODEL": "m", "OPENAI_BASE_URL": "http://localhost:1/v1"}
    assert choose(environ=environ)[0].writer == "template"
    recipe, asking = choose(environ=environ, overrides={"writer": "model"})
    assert (recipe.llm.model, recipe.llm.base_url) == ("m", None)
    assert asking.settings.base_url == "http://localhost:1/v1"
    with pytest.raises(EndpointError, match="no language model is named"):
        choose(overrides={"writer": "model"})


def test_the_model_is_part_of_the_fingerprint_and_its_address_is_not():
    marks = [
        fingerprint(choose(model=model, base_url=f"http://{host}/v1")[0])
        for model, host in (("m", "a"), ("m", "b"), ("n", "a"))
    ]
    assert marks[0] == marks[1] != marks[2]


def test_files_of_the_user_are_known_by_their_names_alone(tmp_path):
    prices = tmp_path / "prices.yaml"
    prices.write_text("as_of: 'May'\n")
    recipe, asking = choose(model="m", overrides={"llm.prices": str(prices)})
    assert (recipe.llm.prices, asking.prices.as_of) == ("prices.yaml", "May")


@pytest.mark.parametrize("options", [{"replay": True}, {"max_cost": 1.0}, {"batches": "x"}])
def test_options_of_a_model_need_one(options):
    with pytest.raises(UsageError, match="no language model is asked"):
        choose(**options)


def test_batches_ask_no_server():
    with pytest.raises(UsageError, match="do not go with it"):
        choose(model="m", batches="x", replay=True)


def test_other_recipes_ask_no_model():
    with pytest.raises(UsageError, match="--model: recipe 'dense_caption' asks no language model"):
        choose("dense_caption", model="m")


def test_a_build_on_an_object_store_keeps_its_replies_in_the_user_s_cache(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    recipe = load_recipe("streaming_qa")
    asking = choose_writer(recipe, Folder("memory://bucket/out"), model="m")[1]
    assert asking.cache_path == tmp_path / "streamit" / "requests.sqlite"


@pytest.mark.slow
def test_killed_and_run_again_repeats_no_request(corpus, tmp_path):
    out = tmp_path / "out"
    command = [sys.executable, "-m", "streamit", "build", "--recipe", "streaming_qa", "--workers"]
    command += ["1", "--source", f"panda70m={corpus}", "--out", str(out), "--model", "gpt-4o"]
    command += ["--set", "split.validation=0.0", "--set", "llm.concurrency=2"]
    command += ["--set", "llm.backoff_s=0.001", "--base-url"]
    slow = [Step(delay_s=0.02)] * 1000
    with serve_openai(slow) as server:
        command.append(server.url)
        with subprocess.Popen(command, stdout=-3, stderr=-3) as process:
            while process.poll() is None and len(server.requests) < 20:
                time.sleep(0.001)
            process.send_signal(signal.SIGKILL)
        subprocess.run(command, check=True, capture_output=True)
        asked = Counter(json.dumps(request, sort_keys=True) for request in server.requests)
        whole = build(corpus, tmp_path / "whole", server, **{"llm.concurrency": 2})
    # Those that were on their way when it was killed had no reply that could be kept.
    assert sum(n - 1 for n in asked.values()) <= 2
    assert len(asked) == whole.asked.n_questions
    assert read_files(out) == read_files(tmp_path / "whole")
    assert not list(Path(out).rglob("*.tmp"))
