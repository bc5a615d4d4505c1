from streamit.recipe import load_recipe
from streamit.schema import check
from tests.convert.scenes import answers, make_item, run

PLAIN = {
    "questions__proactive": ["Tell me when you have seen this: {event}"],
    "questions__answer": ["That was it: {event}"],
}
QUERIES = [(2.0, 6.0, "A dog barks."), (8.0, 12.0, "A cat sleeps.")]


def ground(item, **changes):
    return run(item, recipe="temporal_grounding", **(PLAIN | changes))


def test_each_query_has_a_record_answered_when_its_moment_has_ended():
    dog, cat = ground(make_item(QUERIES)).records
    assert dog.timeline[0].text == "Tell me when you have seen this: A dog barks."
    assert answers(dog) == [(6.0, "That was it: A dog barks.")]
    assert answers(cat) == [(12.0, "That was it: A cat sleeps.")]


def test_the_answer_is_a_wording_of_the_recipe():
    pool = load_recipe("temporal_grounding").questions.answer
    record = run(make_item(QUERIES), recipe="temporal_grounding").records[0]
    entry = next(e for e in record.timeline if e.type == "assistant")
    assert (entry.kind, entry.origin) == ("answer", "template")
    assert entry.text in [text.replace("{event}", "A dog barks.") for text in pool]


def test_one_moment_is_one_answer_and_several_are_many():
    several = [*QUERIES, (20.0, 25.0, "a dog barks.")]
    records = ground(make_item(several)).records
    assert [record.timeline[0].expects for record in records] == ["many", "one"]
    assert answers(records[0]) == [
        (6.0, "That was it: A dog barks."),
        (25.0, "That was it: a dog barks."),
    ]


def test_records_are_numbered_by_the_place_of_their_query():
    ids = [record.id for record in ground(make_item(QUERIES[::-1]), n=2).records]
    assert ids == ["temporal_grounding/corpus/v_x/3", "temporal_grounding/corpus/v_x/2"]


def test_what_nobody_annotated_is_not_silence():
    record = ground(make_item(QUERIES), exhaustive=False).records[0]
    assert [e.loss for e in record.timeline if e.type == "video"] == [True, False]


def test_braces_of_a_query_stay_as_they_are():
    record = ground(make_item([(2.0, 6.0, "{event} {question}")])).records[0]
    assert record.timeline[0].text == "Tell me when you have seen this: {event} {question}"
    assert check(record) == []
