from collections import Counter

from streamit.convert.base import VideoKnown
from streamit.item import Item
from streamit.recipe import load_recipe
from streamit.record import Span
from tests.convert.scenes import answers, make_item, outline, run

TWO = [(2.0, 10.0, "A man walks in."), (12.0, 20.0, "He sits down.")]


def test_proactive_asks_once_at_zero_and_answers_at_each_end():
    record = run(make_item(TWO)).records[0]
    assert record.layout == "proactive"
    assert outline(record) == [
        ("user", 0.0, 0.0),
        ("video", 0.0, 10.0),
        ("assistant", 10.0, 10.0),
        ("video", 10.0, 20.0),
        ("assistant", 20.0, 20.0),
        ("video", 20.0, 30.0),
    ]
    assert record.timeline[0].expects == "many"
    assert answers(record) == [(10.0, "A man walks in."), (20.0, "He sits down.")]


def test_multi_turn_asks_at_the_end_of_each_event():
    record = run(make_item(TWO), layout__proactive=0.0).records[0]
    assert record.layout == "multi_turn"
    assert outline(record) == [
        ("video", 0.0, 10.0),
        ("user", 10.0, 10.0),
        ("assistant", 10.0, 10.0),
        ("video", 10.0, 20.0),
        ("user", 20.0, 20.0),
        ("assistant", 20.0, 20.0),
        ("video", 20.0, 30.0),
    ]
    assert [e.expects for e in record.timeline if e.type == "user"] == ["one", "one"]


def test_each_answer_replies_to_its_question():
    record = run(make_item(TWO), layout__proactive=0.0).records[0]
    assert [e.reply_to for e in record.timeline if e.type == "assistant"] == [1, 4]
    assert [e.id for e in record.timeline] == list(range(7))


def test_window_runs_from_the_middle_of_the_evidence_to_three_seconds_after_it():
    record = run(make_item(TWO)).records[0]
    windows = [e.window for e in record.timeline if e.type == "assistant"]
    assert [(w.earliest_s, w.latest_s) for w in windows] == [(6.0, 13.0), (16.0, 23.0)]


def test_window_ends_at_the_next_answer_to_the_same_question():
    record = run(make_item([(2.0, 10.0, "One."), (9.0, 12.0, "Two.")])).records[0]
    assert record.timeline[2].window.latest_s == 12.0


def test_events_that_end_within_one_step_become_one_answer():
    item = make_item([(5.0, 10.5, "Second."), (2.0, 10.0, "First."), (11.0, 20.0, "Third.")])
    out = run(item)
    assert answers(out.records[0]) == [(10.5, "First. Second."), (20.0, "Third.")]
    merged = out.records[0].timeline[2]
    assert merged.evidence == (Span(2.0, 10.0), Span(5.0, 10.5))
    assert out.recorded == 3
    assert out.adjusted["merged"] == 2


def test_merging_does_not_chain():
    item = make_item([(0.0, 10.0, "a"), (0.0, 10.7, "b"), (0.0, 11.4, "c")])
    assert answers(run(item).records[0]) == [(10.7, "a b"), (11.4, "c")]


def test_merging_follows_the_step_of_a_capped_video():
    item = make_item([(0.0, 100.0, "a"), (0.0, 101.9, "b")], duration_s=512.0)
    assert answers(run(item).records[0]) == [(101.9, "a b")]


def test_reversed_and_empty_stretches_are_rejected_and_the_rest_is_kept():
    item = make_item([(61.0, 60.0, "a"), (5.0, 5.0, "b"), (1.0, 9.0, "c")], duration_s=80.0)
    out = run(item)
    assert [(r.index, r.reason) for r in out.rejects] == [(0, "reversed"), (1, "zero_length")]
    assert out.recorded == 1


def test_an_end_a_hair_after_the_video_is_clamped_and_counted():
    out = run(make_item([(5.0, 30.01, "a")]))
    assert answers(out.records[0]) == [(30.0, "a")]
    assert out.adjusted == Counter(clamped_end=1)


def test_an_end_far_after_the_video_is_rejected():
    out = run(make_item([(5.0, 31.5, "a")]))
    assert not out.records
    assert [r.reason for r in out.rejects] == ["past_end"]


def test_the_tolerance_of_the_source_widens_the_clamp():
    out = run(make_item([(5.0, 31.5, "a")]), tolerance_s=2.0)
    assert out.records[0].timeline[2].start_s == 30.0


def test_a_missing_end_needs_the_video():
    out = run(make_item([(2.0, 9.0, "a"), (9.0, None, "b")], duration_s=None))
    assert [r.reason for r in out.rejects] == ["needs_video"]
    assert out.records[0].video.duration_s is None
    assert out.records[0].timeline[-1].end_s == 9.0


def test_a_missing_end_is_the_end_of_the_video_once_it_is_known():
    item = make_item([(2.0, 9.0, "a"), (9.0, None, "b")], duration_s=None)
    out = run(item, VideoKnown(duration_s=25.0))
    assert answers(out.records[0]) == [(9.0, "a"), (25.0, "b")]


def test_frame_numbers_become_seconds_by_the_videos_own_rate():
    item = make_item([(0, 50, "a"), (50, 100, "b")], duration_s=None, time_unit="video_frames")
    out = run(item, VideoKnown(duration_s=4.0, fps=25.0))
    assert answers(out.records[0]) == [(2.0, "a"), (4.0, "b")]
    assert [r.reason for r in run(item).rejects] == ["needs_video", "needs_video"]


def test_events_past_what_decodes_are_rejected_and_the_stream_is_cut_there():
    out = run(make_item(TWO), VideoKnown(decoded_end_s=15.0))
    assert [r.reason for r in out.rejects] == ["past_decoded_end"]
    assert out.records[0].timeline[-1].end_s == 15.0
    assert out.records[0].video.duration_s == 15.0


def test_decoding_that_ends_within_a_step_changes_nothing():
    full, short = run(make_item(TWO)), run(make_item(TWO), VideoKnown(decoded_end_s=29.2))
    assert full.records == short.records


def test_evidence_between_two_samples_is_not_learned():
    out = run(make_item([(2.1, 2.9, "a")]))
    assert out.records[0].timeline[2].loss is False
    assert out.adjusted == Counter(evidence_between_frames=1)


def test_what_nobody_annotated_is_cut_off_and_not_learned_as_silence():
    record = run(make_item(TWO), exhaustive=False).records[0]
    stretches = [e for e in record.timeline if e.type == "video"]
    assert [(e.start_s, e.end_s, e.loss) for e in stretches] == [
        (0.0, 2.0, False),
        (2.0, 10.0, True),
        (10.0, 12.0, False),
        (12.0, 20.0, True),
        (20.0, 30.0, False),
    ]


def test_a_stretch_under_overlapping_events_is_cut_at_answers_alone():
    item = make_item([(0.0, 20.0, "a"), (5.0, 10.0, "b")])
    record = run(item, exhaustive=False).records[0]
    stretches = [(e.start_s, e.end_s) for e in record.timeline if e.type == "video"]
    assert stretches == [(0.0, 10.0), (10.0, 20.0), (20.0, 30.0)]


def test_silence_is_not_known_where_an_annotation_was_refused():
    whole, faulty = run(make_item(TWO)), run(make_item([*TWO, (25.0, 24.0, "reversed")]))
    refused = run(make_item(TWO, n_refused=1))
    losses = [out.records[0].timeline[-1].loss for out in (whole, faulty, refused)]
    assert losses == [True, False, False]


def test_the_question_says_just_now_while_another_event_goes_on():
    item = make_item([(0.0, 20.0, "a"), (5.0, 10.0, "b")])
    record = run(item, layout__proactive=0.0).records[0]
    pools = load_recipe("dense_caption").questions
    first, second = (e.text for e in record.timeline if e.type == "user")
    assert first in pools.just_now
    assert second in pools.now


def test_a_question_of_the_corpus_is_asked_in_its_own_words():
    item = make_item([(0.0, 10.0, "Red.", "Which colour is the car?")])
    question, answer = (e for e in run(item).records[0].timeline if e.type != "video")
    assert (question.text, question.origin) == ("Which colour is the car?", "annotation")
    assert (answer.text, answer.reply_to) == ("Red.", question.id)


def test_delayed_questions_stay_before_the_end_of_the_next_event():
    out = run(make_item(TWO), layout__proactive=0.0, question_delay=1.0)
    first, second = (e for e in out.records[0].timeline if e.type == "user")
    assert 10.0 < first.start_s <= 20.0
    assert 20.0 < second.start_s <= 30.0


def test_the_share_of_proactive_records_is_drawn_per_record():
    items = [make_item(TWO, video_id=f"v_{i}") for i in range(1000)]
    layouts = Counter(run_layout(item) for item in items)
    assert layouts == Counter(multi_turn=803, proactive=197)


def run_layout(item: Item) -> str:
    return run(item, layout__proactive=0.2).records[0].layout


def test_nothing_is_answered_before_its_evidence_ends():
    item = make_item([(i * 0.37, i * 0.9 + 1, f"event {i}") for i in range(30)])
    for entry in run(item).records[0].timeline:
        assert all(span.end_s <= entry.start_s for span in entry.evidence)
