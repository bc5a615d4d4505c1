"""Joined streams: V Q A for each clip whose pair stays, Q V A where it is shifted."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from streamit.convert.pairs import write_by_template
from streamit.recipe import load_recipe
from streamit.schema import validate
from tests.convert.scenes import outline, run
from tests.convert.streams import STREAMS, join, write_all

KEEP_ALL = {"augment__drop": 0.0, "augment__shift": 0.0, "augment__hallucination": 0.0}


def convert(item, **overrides):
    """The record of a stream with the pairs of the template writer."""
    keys = KEEP_ALL | overrides
    recipe = load_recipe("streaming_qa", {k.replace("__", "."): v for k, v in keys.items()})
    written = write_all(item, recipe, lambda q: write_by_template(q, recipe.seed, item.split))
    return run(written, recipe="streaming_qa", exhaustive=False, **keys)


def said(record, kind):
    return [(e.start_s, e.text) for e in record.timeline if e.type == kind]


def scores(record):
    return {score.name: score.value for score in record.scores}


def test_each_clip_has_its_question_and_answer_at_its_end():
    out = convert(join(10.0, 12.5, 7.25))
    (record,) = out.records
    assert outline(record) == [
        ("video", 0.0, 10.0),
        ("user", 10.0, 10.0),
        ("assistant", 10.0, 10.0),
        ("video", 10.0, 22.5),
        ("user", 22.5, 22.5),
        ("assistant", 22.5, 22.5),
        ("video", 22.5, 29.75),
        ("user", 29.75, 29.75),
        ("assistant", 29.75, 29.75),
    ]
    assert [text for _, text in said(record, "assistant")] == [
        "Caption zq0.",
        "Caption zq1.",
        "Caption zq2.",
    ]
    assert (out.recorded, out.rejects, out.set_aside) == (3, [], Counter())
    assert (record.task, record.layout) == ("streaming_qa", "multi_turn")


def test_the_evidence_is_the_clip():
    (record,) = convert(join(10.0, 12.5)).records
    spans = [span for e in record.timeline for span in e.evidence]
    assert [(span.start_s, span.end_s) for span in spans] == [(0.0, 10.0), (10.0, 22.5)]


def test_a_question_of_a_template_is_said_to_be_one():
    (record,) = convert(join(10.0, 10.0)).records
    entries = [e for e in record.timeline if e.type != "video"]
    assert [(e.origin, e.question_type, e.kind) for e in entries] == [
        ("template", "EU", "question"),
        ("annotation", None, "answer"),
    ] * 2
    assert (record.provenance.model, record.provenance.prompt_sha256) == (None, None)


def test_a_shifted_question_comes_before_its_clip():
    (record,) = convert(join(10.0), augment__shift=1.0).records
    assert outline(record) == [("user", 0.0, 0.0), ("video", 0.0, 10.0), ("assistant", 10.0, 10.0)]


def test_a_shifted_question_waits_a_step_where_an_answer_has_just_been_given():
    (record,) = convert(join(10.0, 10.0, 1.0), augment__shift=1.0).records
    assert [time_s for time_s, _ in said(record, "user")] == [0.0, 11.0, 20.5]
    assert [time_s for time_s, _ in said(record, "assistant")] == [10.0, 20.0, 21.0]
    assert validate(record) == []


def test_a_question_about_something_absent_is_denied():
    (record,) = convert(join(10.0, 10.0), augment__hallucination=1.0).records
    answers = [e for e in record.timeline if e.type == "assistant"]
    assert [(e.kind, e.origin) for e in answers] == [("denial", "template")] * 2
    assert scores(record)["hallucinations"] == 2


def test_dropped_pairs_are_set_aside_and_their_clips_stay():
    out = convert(join(*[10.0] * 10), augment__drop=0.55)
    (record,) = out.records
    n_dropped = out.set_aside["qa_drop"]
    assert 0 < n_dropped < 10
    assert out.recorded == 10 - n_dropped == len(said(record, "assistant"))
    assert record.video.duration_s == 100.0
    assert scores(record) == {
        "n_clips": 10,
        "qa_dropped": n_dropped,
        "qa_refused": 0,
        "qa_set_aside": 0,
        "qa_shifted": 0,
        "hallucinations": 0,
        "similarity_filtered": 0,
        "ordered_by_similarity": 0,
    }


def test_a_stream_that_loses_every_pair_makes_no_record():
    out = convert(join(10.0, 10.0), augment__drop=1.0)
    assert (out.records, out.recorded) == ([], 0)
    assert out.set_aside == {"no_pair_left": 2}


def test_no_frame_between_the_pairs_is_anything_but_silence():
    (record,) = convert(join(10.0, 10.0, 10.0), augment__drop=0.5).records
    assert all(e.loss for e in record.timeline if e.type == "video")


@given(
    STREAMS,
    st.sampled_from([0.0, 0.55, 1.0]),
    st.sampled_from([0.0, 0.5, 1.0]),
    st.sampled_from([0.0, 0.5, 1.0]),
    st.sampled_from([None, 4, 256]),
)
def test_records_are_valid_and_conserve_every_clip(item, drop, shift, absent, max_frames):
    out = convert(
        item,
        augment__drop=drop,
        augment__shift=shift,
        augment__hallucination=absent,
        sampling__max_frames=max_frames,
    )
    assert [problem for record in out.records for problem in validate(record)] == []
    assert out.recorded + len(out.rejects) + out.set_aside.total() == len(item.clips)
    assert len(out.records) == (out.recorded > 0)


@given(STREAMS, st.sampled_from([0.0, 1.0]))
def test_nothing_is_told_before_it_is_seen(item, shift):
    (record,) = convert(item, augment__shift=shift).records
    ends_s = {event.text: event.end_s for event in item.events}
    for time_s, text in said(record, "assistant"):
        assert ends_s[text] <= time_s
    for _, text in said(record, "user"):
        assert not any(caption in text for caption in ends_s)
