from collections import Counter

from streamit.recipe import load_recipe
from streamit.record import Span
from streamit.schema import check
from tests.convert.scenes import answers, make_item, outline, run

QUESTIONS = [
    (12.0, 20.0, "Sits down.", "What does he do next?"),
    (2.0, 10.0, "A man.", "Who walks in?"),
]
PLAIN = {"questions__proactive": ["{question} Wait."]}


def ask(item, **changes):
    return run(item, recipe="grounded_qa", **(PLAIN | changes))


def test_each_question_is_a_record_asked_at_zero_and_answered_where_its_evidence_ends():
    first, second = ask(make_item(QUESTIONS)).records
    assert outline(first) == [
        ("user", 0.0, 0.0),
        ("video", 0.0, 10.0),
        ("assistant", 10.0, 10.0),
        ("video", 10.0, 30.0),
    ]
    assert first.timeline[0].text == "Who walks in? Wait."
    assert answers(first) == [(10.0, "A man.")]
    assert answers(second) == [(20.0, "Sits down.")]


def test_a_question_expects_one_answer_and_is_a_wording_of_the_recipe():
    asked = ask(make_item(QUESTIONS)).records[0].timeline[0]
    assert (asked.kind, asked.expects, asked.origin) == ("question", "one", "template")


def test_a_bare_question_is_the_annotations_own():
    out = ask(make_item(QUESTIONS), questions__proactive=["{question}"])
    asked = out.records[0].timeline[0]
    assert (asked.text, asked.origin) == ("Who walks in?", "annotation")


def test_records_are_numbered_by_the_place_of_their_question():
    records = ask(make_item(QUESTIONS), n=7).records
    assert [record.id for record in records] == [
        "grounded_qa/corpus/v_x/8",
        "grounded_qa/corpus/v_x/7",
    ]


def test_a_faulty_question_changes_no_number_of_the_others():
    faulty = [(9.0, 8.0, "Nobody.", "Who?"), *QUESTIONS]
    out = ask(make_item(faulty))
    assert [record.id for record in out.records] == [
        "grounded_qa/corpus/v_x/2",
        "grounded_qa/corpus/v_x/1",
    ]
    assert [reject.reason for reject in out.rejects] == ["reversed"]


def test_the_answer_waits_for_the_last_of_several_hops_and_keeps_all():
    hops = ((25.0, 28.0), (2.0, 10.0))
    out = ask(make_item([(12.0, 20.0, "Thrice.", "How often does he wave?", hops)]))
    entry = next(e for e in out.records[0].timeline if e.type == "assistant")
    assert entry.start_s == 28.0
    assert entry.evidence == (Span(2.0, 10.0), Span(12.0, 20.0), Span(25.0, 28.0))
    assert (entry.window.earliest_s, entry.window.latest_s) == (26.5, 30.0)
    assert out.recorded == 1


def test_one_hop_that_cannot_be_used_costs_the_question():
    out = ask(make_item([(12.0, 20.0, "Twice.", "How often?", ((40.0, 50.0),))]))
    assert out.records == []
    assert [(reject.index, reject.reason) for reject in out.rejects] == [(0, "past_end")]


def test_a_moment_rests_on_the_sampling_step_that_ends_there():
    out = ask(make_item([(None, 10.5, "A man.", "Who is that?")]))
    entry = next(e for e in out.records[0].timeline if e.type == "assistant")
    assert (entry.start_s, entry.evidence) == (10.5, (Span(9.5, 10.5),))


def test_a_moment_a_little_after_the_video_rests_on_its_last_step():
    out = ask(make_item([(None, 30.9, "A man.", "Who is that?")]))
    entry = next(e for e in out.records[0].timeline if e.type == "assistant")
    assert (entry.start_s, entry.evidence, entry.loss) == (30.0, (Span(29.0, 30.0),), True)
    assert out.adjusted == Counter(clamped_end=1)


def test_a_question_about_the_whole_video_is_answered_at_its_end():
    out = ask(make_item([(0.0, None, "Calm.", "What is the mood?")]))
    assert answers(out.records[0]) == [(30.0, "Calm.")]


def test_multi_turn_questions_share_one_stream():
    out = ask(make_item(QUESTIONS), layout__proactive=0.0)
    (record,) = out.records
    assert (record.id, record.layout) == ("grounded_qa/corpus/v_x/0", "multi_turn")
    turns = [(e.start_s, e.text, e.origin) for e in record.timeline if e.type != "video"]
    assert turns == [
        (10.0, "Who walks in?", "annotation"),
        (10.0, "A man.", "annotation"),
        (20.0, "What does he do next?", "annotation"),
        (20.0, "Sits down.", "annotation"),
    ]
    assert out.recorded == 2


def test_two_questions_of_one_moment_are_answered_one_after_the_other():
    item = make_item([(2.0, 10.0, "A man.", "Who?"), (5.0, 10.0, "Walks.", "What?")])
    (record,) = ask(item, layout__proactive=0.0).records
    assert [e.type for e in record.timeline] == [
        "video", "user", "user", "assistant", "assistant", "video"
    ]  # fmt: skip
    assert [e.reply_to for e in record.timeline if e.type == "assistant"] == [1, 2]
    assert check(record) == []


def test_delayed_questions_of_a_shared_stream_stay_before_the_next_evidence_ends():
    (record,) = ask(make_item(QUESTIONS), layout__proactive=0.0, question_delay=1.0).records
    first, second = (e.start_s for e in record.timeline if e.type == "user")
    assert 10.0 < first <= 20.0 < second <= 30.0


def test_what_asks_nothing_is_rejected():
    item = make_item([*QUESTIONS, (1.0, 5.0, "A caption.")])
    for share in (0.0, 1.0):
        out = ask(item, layout__proactive=share)
        assert [(reject.index, reject.reason) for reject in out.rejects] == [(2, "no_question")]
        assert out.recorded == 2


def test_the_wordings_are_those_of_the_recipe():
    pool = load_recipe("grounded_qa").questions.proactive
    records = run(make_item(QUESTIONS), recipe="grounded_qa").records
    asked = [record.timeline[0].text for record in records]
    assert asked[0] in [text.replace("{question}", "Who walks in?") for text in pool]
