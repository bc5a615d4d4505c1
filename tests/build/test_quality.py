"""Questions are checked while the build is planned, and what is left out is accounted for."""

import json
import os
import re

import pytest

import streamit
from streamit.build.asking import choose_guesser, choose_writer
from streamit.build.check import check_build
from streamit.build.progress import Silent
from streamit.build.text import describe_report
from streamit.errors import BatchesPendingError, BudgetError, EndpointError, UsageError
from streamit.recipe import fingerprint, load_recipe
from streamit.schema import check_document
from streamit.storage import Folder
from tests.clips import make_panda, write_panda
from tests.corpora import read_build
from tests.openai_server import serve_openai

MARK = re.compile(r"zq(\d+)x\d+z")
CACHE = "streamit/cache"
WRITER, GUESSER = "gpt-4o", "gpt-4o-mini"
PLAIN = "It lies under a bridge."

BLIND = {"quality.blind.model": GUESSER}
DROP = BLIND | {"quality.blind.drop": True}


def answer(request):
    """The writer's pairs about videos of even number are easy to guess, and the guess is right."""
    asked = request["messages"][-1]["content"]
    if request["model"] == GUESSER:
        return PLAIN
    mark = list(MARK.finditer(asked))[-1]
    said = PLAIN if int(mark[1]) % 2 == 0 else f"It hides behind number {mark[1]}."
    question = f"Where is the {mark[0]} now?"
    return json.dumps({"question_type": "SA", "question": question, "answer": said})


@pytest.fixture
def corpus(tmp_path):
    return write_panda(tmp_path / "panda70m", make_panda(40))


@pytest.fixture
def server():
    with serve_openai(answer=answer) as running:
        yield running


def build(corpus, out, server=None, overrides=(), **options):
    """A build with a writer where there is a server, else with templates."""
    keys = {"split.validation": 0.0, "llm.backoff_s": 0.001, **dict(overrides)}
    if server is not None:
        options = {"base_url": server.url, "model": WRITER, **options}
    return streamit.build("streaming_qa", {"panda70m": corpus}, out, workers=1, **options, **keys)


def read_files(out):
    """What equal builds share: the pages of the cache depend on the order of the replies."""
    return {name: data for name, data in read_build(out).items() if not name.startswith(CACHE)}


def read_shards(out):
    return {name: data for name, data in read_build(out).items() if name.endswith(".parquet")}


def list_texts(out, kind):
    return [e.text for r in streamit.load_records(out) for e in r.timeline if e.type == kind]


def read_report(out):
    return json.loads((out / "streamit" / "quality.json").read_text())


def count_requests(server, model):
    return sum(request["model"] == model for request in server.requests)


def test_what_was_guessed_is_set_aside_and_accounted_for(corpus, tmp_path, server):
    plain = build(corpus, tmp_path / "plain", server)
    report = build(corpus, tmp_path / "out", server, DROP)
    counts, before = report.ledger["panda70m"], plain.ledger["panda70m"]
    n_guessed = list_texts(tmp_path / "plain", "assistant").count(PLAIN)
    assert counts.set_aside["blind_guessed"] == n_guessed > 0
    assert (counts.recorded, counts.rejected) == (before.recorded - n_guessed, {})
    assert PLAIN not in list_texts(tmp_path / "out", "assistant")
    assert check_build(str(tmp_path / "out")).n_problems == 0


def test_records_count_what_was_set_aside(corpus, tmp_path, server):
    report = build(corpus, tmp_path / "out", server, DROP | {"augment.drop": 0.0})
    scores = [
        {score.name: score.value for score in record.scores}
        for record in streamit.load_records(tmp_path / "out")
    ]
    n_set_aside = report.ledger["panda70m"].set_aside["blind_guessed"]
    assert sum(row["qa_set_aside"] for row in scores) == n_set_aside > 0


def test_a_stream_that_loses_every_pair_makes_no_record(corpus, tmp_path, server):
    keys = {"streams.clips": 2, "augment.drop": 0.0}
    build(corpus, tmp_path / "plain", server, keys)
    build(corpus, tmp_path / "out", server, keys | DROP)
    told = {
        record.id: {e.text for e in record.timeline if e.type == "assistant"}
        for record in streamit.load_records(tmp_path / "plain")
    }
    left = {record.id for record in streamit.load_records(tmp_path / "out")}
    assert left == {name for name, answers in told.items() if answers != {PLAIN}} != set(told)


def test_the_report_has_numbers_and_examples_and_the_manifest_numbers(corpus, tmp_path, server):
    mix = {"quality.task_mix": {"SA": 0.5, "OP": 0.5}}
    keys = DROP | mix | {"quality.duplicates.min_similarity": 1.0}
    report = build(corpus, tmp_path / "out", server, keys)
    told = read_report(tmp_path / "out")
    examples = told.pop("examples")
    manifest = json.loads((tmp_path / "out/streamit/manifest.json").read_text())
    assert manifest["quality"] == told == report.to_dict()["quality"]
    assert check_document("manifest", manifest) == []
    assert told["blind"]["guessed"] == told["set_aside"]["blind_guessed"]
    assert told["duplicates"]["in_build"] == 0
    assert told["task_mix"]["types"]["SA"]["share"] == 1.0
    assert {row["guess"] for row in examples["blind"]} == {PLAIN}


def test_the_report_is_told_in_one_line(corpus, tmp_path, server):
    class Told(Silent):
        def __init__(self):
            self.lines = []

        def say(self, message):
            self.lines.append(message)

    told = Told()
    build(corpus, tmp_path / "out", server, BLIND, progress=told)
    assert [line for line in told.lines if "guessed blind" in line and "0 set aside" in line]


def test_a_check_that_only_reports_changes_no_shard(corpus, tmp_path, server):
    build(corpus, tmp_path / "plain", server)
    build(corpus, tmp_path / "out", server, BLIND | {"quality.duplicates.min_similarity": 0.8})
    assert read_shards(tmp_path / "out") == read_shards(tmp_path / "plain")


def test_a_second_run_asks_nothing_and_writes_nothing(corpus, tmp_path, server):
    first = build(corpus, tmp_path / "out", server, DROP)
    n_requests, files = len(server.requests), read_files(tmp_path / "out")
    stamps = {name: os.stat(tmp_path / "out" / name).st_mtime_ns for name in files}
    again = build(corpus, tmp_path / "out", server, DROP)
    assert len(server.requests) == n_requests
    assert (again.n_built, again.guessed.n_cached) == (0, first.guessed.n_questions)
    assert {name: os.stat(tmp_path / "out" / name).st_mtime_ns for name in files} == stamps


def test_without_checks_an_old_report_goes(corpus, tmp_path, server):
    build(corpus, tmp_path / "out", server, BLIND)
    build(corpus, tmp_path / "out", server)
    assert not (tmp_path / "out/streamit/quality.json").exists()
    assert "quality" not in json.loads((tmp_path / "out/streamit/manifest.json").read_text())


def test_templates_can_be_guessed_at_and_replayed(corpus, tmp_path, server):
    keys = DROP | {"quality.blind.base_url": server.url}
    report = build(corpus, tmp_path / "out", None, keys)
    assert (report.asked, report.guessed.model) == (None, GUESSER)
    # All templates ask alike, so few requests serve them all.
    assert 0 < len(server.requests) < report.guessed.n_questions
    n_requests, files = len(server.requests), read_files(tmp_path / "out")
    build(corpus, tmp_path / "out", None, keys, replay=True)
    assert (len(server.requests), read_files(tmp_path / "out")) == (n_requests, files)


def test_repeats_within_a_stream_leave_the_first_one(corpus, tmp_path):
    keys = {"quality.duplicates.min_similarity": 1.0, "quality.duplicates.drop": "stream"}
    report = build(corpus, tmp_path / "out", None, keys | {"augment.drop": 0.0})
    n_repeats = report.quality["duplicates"]["in_stream"]
    assert report.ledger["panda70m"].set_aside["near_duplicate_question"] == n_repeats > 0
    for record in streamit.load_records(tmp_path / "out"):
        asked = [
            frozenset(re.findall(r"\w+", e.text.lower()))
            for e in record.timeline
            if e.type == "user"
        ]
        assert len(asked) == len(set(asked))


def test_a_dry_run_asks_nothing_and_says_what_guessing_would_take(corpus, tmp_path, server):
    dry = build(corpus, tmp_path / "out", server, DROP, dry_run=True)
    assert server.requests == []
    assert not (tmp_path / "out").exists()
    real = build(corpus, tmp_path / "out", server, DROP)
    assert dry.guessed.n_requests == dry.asked.n_requests == real.guessed.n_requests
    assert dry.guessed.cost > 0
    assert f"{dry.guessed.n_questions} guesses" in describe_report(dry)
    again = build(corpus, tmp_path / "out", server, DROP, dry_run=True)
    assert (again.guessed.n_requests, again.n_built) == (0, 0)


def test_the_cap_is_for_questions_and_guesses_together(corpus, tmp_path, server):
    whole = build(corpus, tmp_path / "whole", server)
    cap = whole.asked.cost + 0.02
    with pytest.raises(BudgetError, match="--max-cost"):
        build(
            corpus,
            tmp_path / "out",
            server,
            BLIND | {"quality.blind.max_tokens": 100_000},
            max_cost=cap,
        )
    assert count_requests(server, GUESSER) == 0


def test_a_cap_without_a_price_of_the_guesser_is_refused_before_the_writer_is_paid(
    corpus, tmp_path, server
):
    with pytest.raises(EndpointError, match="nobody knows what 'mine' costs"):
        build(corpus, tmp_path / "out", server, {"quality.blind.model": "mine"}, max_cost=1.0)
    assert server.requests == []


def answer_batches(folder):
    """What a provider would make of the request files."""
    with (folder / "results.jsonl").open("a", encoding="utf-8") as file:
        for path in sorted(folder.glob("requests-*.jsonl")):
            for line in map(json.loads, path.read_text("utf-8").splitlines()):
                message = {"role": "assistant", "content": answer(line["body"])}
                body = {"choices": [{"message": message, "finish_reason": "stop"}]}
                response = {"status_code": 200, "body": body}
                result = {"custom_id": line["custom_id"], "response": response, "error": None}
                file.write(json.dumps(result) + "\n")


def test_guesses_go_through_batches_after_the_questions(corpus, tmp_path, server):
    folder = tmp_path / "batches"
    for _ in ("questions", "guesses"):
        with pytest.raises(BatchesPendingError):
            build(corpus, tmp_path / "out", None, DROP, model=WRITER, batches=folder)
        answer_batches(folder)
    build(corpus, tmp_path / "out", None, DROP, model=WRITER, batches=folder)
    build(corpus, tmp_path / "asked", server, DROP)
    assert read_files(tmp_path / "out") == read_files(tmp_path / "asked")


def test_only_checks_that_set_aside_are_part_of_the_fingerprint():
    marks = [
        fingerprint(load_recipe("streaming_qa", keys))
        for keys in ({}, BLIND, {"quality.task_mix": {"OP": 1.0}}, DROP)
    ]
    assert marks[0] == marks[1] == marks[2] != marks[3]


def test_the_guesser_has_the_writer_s_server_unless_it_has_its_own():
    recipe = load_recipe("streaming_qa", BLIND)
    options = choose_guesser(recipe, Folder("out"), base_url="http://localhost:1/v1")
    assert options.llm.base_url == "http://localhost:1/v1"


def test_a_model_for_the_questions_needs_a_writer_that_is_one():
    recipe = load_recipe("streaming_qa", BLIND | {"writer": "template"})
    assert choose_writer(recipe, Folder("out"), replay=True, max_cost=1.0)[1] is None
    with pytest.raises(UsageError, match="no language model is asked"):
        choose_writer(recipe, Folder("out"), model="m")
