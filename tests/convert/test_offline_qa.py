from streamit.convert.base import VideoKnown
from streamit.recipe import load_recipe
from streamit.record import Span
from tests.convert.scenes import make_item, outline, run

ROUNDS = [(0.0, None, "Red.", "Which colour?"), (0.0, None, "A car drives by.")]


def ask(item, *known, **changes):
    return run(item, *known, recipe="offline_qa", **changes)


def test_a_record_is_the_whole_video_then_a_question_then_its_answer():
    record = ask(make_item(ROUNDS)).records[0]
    assert outline(record) == [
        ("video", 0.0, 30.0),
        ("user", 30.0, 30.0),
        ("assistant", 30.0, 30.0),
    ]
    asked, answered = record.timeline[1:]
    assert (asked.text, asked.origin) == ("Which colour?", "annotation")
    assert (answered.text, answered.reply_to) == ("Red.", 1)
    assert answered.evidence == (Span(0.0, 30.0),)
    assert (record.layout, record.task, record.n_turns) == ("multi_turn", "offline_qa", 2)


def test_a_caption_is_asked_for_by_the_recipe():
    asked = ask(make_item(ROUNDS)).records[1].timeline[1]
    assert asked.text in load_recipe("offline_qa").questions.whole
    assert (asked.origin, asked.expects) == ("template", "one")


def test_each_question_has_a_record_numbered_by_its_place():
    ids = [record.id for record in ask(make_item(ROUNDS), n=4).records]
    assert ids == ["offline_qa/corpus/v_x/4", "offline_qa/corpus/v_x/5"]


def test_a_clip_of_the_video_is_asked_about_at_the_end_of_the_stream():
    record = ask(make_item([(2.0, 10.0, "Red.", "Which colour?")])).records[0]
    assert [(e.start_s, e.evidence) for e in record.timeline if e.type == "assistant"] == [
        (30.0, (Span(2.0, 10.0),))
    ]


def test_without_its_length_the_video_is_needed():
    item = make_item(ROUNDS, duration_s=None)
    assert [reject.reason for reject in ask(item).rejects] == ["needs_video", "needs_video"]
    known = ask(item, VideoKnown(duration_s=12.5))
    assert [record.timeline[-1].start_s for record in known.records] == [12.5, 12.5]
    assert known.rejects == []


def test_a_file_shorter_than_promised_is_asked_about_where_it_ends():
    out = ask(make_item([(0.0, 10.0, "Red.", "Which colour?")]), VideoKnown(decoded_end_s=20.0))
    assert [e.start_s for e in out.records[0].timeline if e.type == "assistant"] == [20.0]
