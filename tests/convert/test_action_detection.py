from collections import Counter

from streamit.record import Span
from streamit.schema import check
from tests.convert.scenes import answers, make_item, outline, run

ACTIONS = [(2.0, 6.0, "jump"), (8.0, 12.0, "run"), (14.0, 18.0, "jump")]
PLAIN = {"questions__proactive": ["When this happens, say its name: {event}"]}


def detect(item, **changes):
    return run(item, recipe="action_detection", **(PLAIN | changes))


def test_each_action_has_a_record_and_each_hit_an_answer():
    jump, run_ = detect(make_item(ACTIONS)).records
    assert outline(jump) == [
        ("user", 0.0, 0.0),
        ("video", 0.0, 6.0),
        ("assistant", 6.0, 6.0),
        ("video", 6.0, 18.0),
        ("assistant", 18.0, 18.0),
        ("video", 18.0, 30.0),
    ]
    assert jump.timeline[0].text == "When this happens, say its name: jump"
    assert answers(jump) == [(6.0, "jump"), (18.0, "jump")]
    assert answers(run_) == [(12.0, "run")]


def test_an_action_expects_many_answers_however_often_it_comes():
    asked = [record.timeline[0] for record in detect(make_item(ACTIONS)).records]
    assert [(one.kind, one.expects) for one in asked] == [("instruction", "many")] * 2


def test_each_hit_keeps_its_own_evidence():
    jump = detect(make_item(ACTIONS)).records[0]
    evidence = [e.evidence for e in jump.timeline if e.type == "assistant"]
    assert evidence == [(Span(2.0, 6.0),), (Span(14.0, 18.0),)]


def test_records_are_numbered_by_the_place_of_their_first_hit():
    ids = [record.id for record in detect(make_item(ACTIONS[::-1]), n=3).records]
    assert ids == ["action_detection/corpus/v_x/3", "action_detection/corpus/v_x/4"]


def test_hits_that_end_within_one_step_are_one_answer():
    out = detect(make_item([(2.0, 6.0, "jump"), (3.0, 7.0, "Jump")]))
    (record,) = out.records
    assert answers(record) == [(7.0, "jump")]
    assert record.timeline[2].evidence == (Span(2.0, 6.0), Span(3.0, 7.0))
    assert (out.recorded, out.adjusted["merged"]) == (2, 2)


def test_other_actions_that_end_at_the_same_time_are_not_merged():
    records = detect(make_item([(2.0, 6.0, "jump"), (3.0, 6.0, "run")])).records
    assert [answers(record) for record in records] == [[(6.0, "jump")], [(6.0, "run")]]


def test_silence_between_hits_is_known_only_where_the_annotation_is_exhaustive():
    losses = [
        [e.loss for e in detect(make_item(ACTIONS), exhaustive=known).records[1].timeline]
        for known in (True, False)
    ]
    assert losses == [[False, True, True, True], [False, False, True, True, False]]


def test_a_faulty_hit_costs_itself_alone():
    out = detect(make_item([*ACTIONS, (40.0, 50.0, "jump")]))
    assert [(reject.index, reject.reason) for reject in out.rejects] == [(3, "past_end")]
    assert answers(out.records[0]) == [(6.0, "jump"), (18.0, "jump")]
    assert out.recorded == 3


def test_unseen_hits_are_counted_in_their_record():
    out = detect(make_item([(2.1, 2.9, "jump"), (8.0, 12.0, "run")]))
    assert out.adjusted == Counter(evidence_between_frames=1)
    assert [check(record) for record in out.records] == [[], []]
