"""What all tasks share: the length of the stream, its step, its silence, and what draws rest on."""

from collections import Counter
from dataclasses import replace

import pytest

from streamit.convert.base import VideoKnown, shorten_video
from streamit.record import Clip, Video
from streamit.schema import check
from tests.convert.scenes import answers, make_item, run

TWO = [(2.0, 10.0, "A man walks in."), (12.0, 20.0, "He sits down.")]
TASKS = ["dense_caption", "step_recognition", "action_detection", "temporal_grounding"]


@pytest.mark.parametrize("recipe", TASKS)
def test_a_stream_of_unknown_length_ends_with_the_last_evidence_of_the_video(recipe):
    records = run(make_item(TWO, duration_s=None), recipe=recipe).records
    assert {record.timeline[-1].end_s for record in records} == {20.0}
    assert {record.video.duration_s for record in records} == {None}
    assert [check(record) for record in records] == [[]] * len(records)


@pytest.mark.parametrize("recipe", TASKS)
def test_a_file_that_holds_less_ends_all_streams_of_its_video(recipe):
    out = run(make_item(TWO), VideoKnown(decoded_end_s=15.0), recipe=recipe)
    assert {record.video.duration_s for record in out.records} == {15.0}
    assert out.adjusted["shortened_stream"] == 1
    assert [reject.reason for reject in out.rejects] == ["past_decoded_end"]


def test_the_step_is_that_of_the_annotated_length_whatever_decodes():
    """So that a build with frames merges what a build without merges."""
    item = make_item([(0.0, 100.0, "a"), (0.0, 101.9, "b")], duration_s=512.0)
    short = run(item, VideoKnown(decoded_end_s=200.0))
    assert answers(short.records[0]) == answers(run(item).records[0]) == [(101.9, "a b")]


def test_clips_of_a_joined_stream_end_with_it():
    clips = (Clip("a.mp4", None, None, 2.0, 12.0, 0.0), Clip("b.mp4", None, None, 0.0, 8.0, 10.0))
    whole = Video("a+b", 18.0, None, None, clips)
    assert shorten_video(whole, 14.5).clips == (clips[0], replace(clips[1], end_s=4.5))
    assert shorten_video(whole, 10.0).clips == clips[:1]
    assert shorten_video(whole, 6.0).clips == (replace(clips[0], end_s=8.0),)


def test_draws_depend_on_the_record_and_the_seed_alone():
    """Not on the split, the file or the place in it: a build resumed draws the same."""
    item = make_item(TWO)
    moved = replace(item, file="other.json", ordinal=9, key="elsewhere")
    texts = [
        [entry.text for entry in run(one, seed=seed).records[0].timeline]
        for one, seed in ((item, 0), (moved, 0))
    ]
    assert texts[0] == texts[1]
    layouts = Counter(
        run(item, seed=seed, layout__proactive=0.5).records[0].layout for seed in range(40)
    )
    assert layouts == Counter(proactive=17, multi_turn=23)


def test_a_record_has_its_task_source_and_provenance():
    record = run(make_item(TWO, language="de"), recipe="temporal_grounding", seed=3).records[0]
    assert (record.task, record.recipe, record.source) == (
        "temporal_grounding",
        "temporal_grounding",
        "corpus",
    )
    made = record.provenance
    assert (made.annotation_file, made.annotation_key, made.seed) == ("train.json", "v_x", 3)
    assert (made.sampling_fps, made.sampling_max_frames, made.decoder) == (1.0, 256, None)
    assert (record.language, record.n_turns) == ("de", 2)


def test_events_at_one_place_of_the_list_count_by_their_place_in_the_item():
    """Indices are places in the corpus's list, which may have gaps where rows were refused."""
    item = make_item([*TWO])
    gaps = replace(item, events=tuple(replace(e, index=e.index * 10 + 5) for e in item.events))
    ids = [record.id for record in run(gaps, recipe="temporal_grounding", n=2).records]
    assert ids == ["temporal_grounding/corpus/v_x/2", "temporal_grounding/corpus/v_x/3"]
