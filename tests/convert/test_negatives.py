"""Questions without an answer differ from the others in nothing but what they ask for."""

from collections import Counter

import pytest

import streamit
from streamit.convert.base import VideoKnown
from streamit.convert.negatives import Donors, is_told, split_words
from streamit.item import Event
from streamit.recipe import load_recipe
from streamit.schema import check
from tests.convert.scenes import answers, make_item, run

BARK = [(2.0, 6.0, "a dog barks loudly")]
SLEEP = [(3.0, 9.0, "the kitten sleeps")]


def other(events=SLEEP, source_video="y", **changes):
    return make_item(events, source_video=source_video, video_id=f"v_{source_video}", **changes)


def ask(item, others=(), recipe="temporal_grounding", rate=1.0, **changes):
    return run(item, recipe=recipe, others=others, negatives__rate=rate, **changes)


def test_a_negative_takes_the_place_of_the_question_and_has_no_answer():
    out = ask(make_item(BARK), [other()], questions__proactive=["Tell me: {event}"])
    (record,) = out.records
    asked, video = record.timeline
    assert (asked.text, asked.kind, asked.expects) == (
        "Tell me: the kitten sleeps",
        "instruction",
        "none",
    )
    assert (video.start_s, video.end_s, video.loss) == (0.0, 30.0, True)
    assert (record.id, record.layout) == ("temporal_grounding/corpus/v_x/0", "proactive")
    assert check(record) == []


def test_what_it_takes_the_place_of_is_set_aside():
    out = ask(make_item([*BARK, (10.0, 15.0, "A dog barks loudly")]), [other()])
    assert (out.recorded, out.set_aside) == (0, Counter(negative=2))


def test_without_a_rate_there_are_none():
    out = ask(make_item(BARK), [other()], rate=0.0)
    assert (out.recorded, out.set_aside) == (1, Counter())


@pytest.mark.parametrize(
    "donor",
    [
        other(source="elsewhere"),
        other(source_video="x"),
        other(duration_s=32.0),
        other(duration_s=None),
        other([(1.0, 5.0, "A big dog BARKS")]),
    ],
    ids=["other source", "same video", "longer", "length unknown", "happens here"],
)
def test_what_does_not_fit_is_not_asked_and_counted(donor):
    out = ask(make_item(BARK), [donor])
    assert answers(out.records[0])
    assert (out.recorded, out.adjusted) == (1, Counter(no_negative=1))


def test_a_video_of_about_the_same_length_fits():
    assert ask(make_item(BARK), [other(duration_s=17.0)]).set_aside == Counter(negative=1)


def test_a_video_that_decodes_to_less_still_counts_as_long_as_it_was_annotated():
    known = VideoKnown(decoded_end_s=12.0)
    out = ask(make_item(BARK), [other()], known=known)
    assert out.set_aside == Counter(negative=1)


def test_other_annotations_of_the_same_video_count_too():
    """Whatever set or corpus says that it happens."""
    second = make_item([(10.0, 20.0, "the kitten sleeps well")], source="elsewhere")
    assert ask(make_item(BARK), [other(), second]).adjusted == Counter(no_negative=1)


def test_where_a_reader_refused_an_annotation_nobody_knows_what_does_not_happen():
    out = ask(make_item(BARK, n_refused=1), [other()])
    assert out.adjusted == Counter(no_negative=1)


def test_an_annotation_that_cannot_be_used_still_says_what_happens():
    item = make_item([*BARK, (9.0, 8.0, "kitten sleeps")])
    assert ask(item, [other()]).adjusted == Counter(no_negative=1)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("A dog barks.", True),
        ("dog and cat bark", False),
        ("a dog barks at the moon", False),
        ("the dog on the mat", False),
        ("He barks at it.", True),
        ("nothing of it", False),
        ("loudly", True),
        ("", False),
    ],
)
def test_told_are_most_words_or_most_of_the_longer_ones(text, told):
    assert is_told(text, [Event(0, 0.0, 1.0, "A dog barks loudly.")]) is told


def test_words_of_different_events_are_not_added_up():
    events = [Event(0, 0.0, 1.0, "a dog"), Event(1, 1.0, 2.0, "a swing")]
    assert not is_told("tall dog on wooden swing", events)


def test_words_of_the_question_count_as_those_of_the_answer():
    assert is_told(
        "red bicycle", [Event(0, 0.0, 1.0, "It is red.", "Which colour is the bicycle?")]
    )


def test_words_are_compared_without_regard_to_case_and_marks():
    assert split_words("Straße, STRASSE — 3 Äpfel!") == {"strasse", "3", "äpfel"}


def test_the_share_of_negatives_is_the_same_for_every_wording():
    """2,000 records: nothing but the words asked for tells a negative from the others."""
    pool = load_recipe("temporal_grounding").questions.proactive
    prefixes = [text.partition("{event}")[0] for text in pool]
    counts = Counter()
    for i in range(2000):
        item = make_item(BARK, video_id=f"v_{i}", source_video=f"x{i}")
        asked = ask(item, [other()], rate=0.5).records[0].timeline[0]
        wording = next(k for k, prefix in enumerate(prefixes) if asked.text.startswith(prefix))
        counts[wording, asked.expects] += 1
        assert asked.kind == "instruction"
    shares = {k: counts[k, "none"] / (counts[k, "none"] + counts[k, "one"]) for k in range(4)}
    assert set(counts) == {(k, expects) for k in range(4) for expects in ("none", "one")}
    assert all(abs(share - 0.5) < 0.06 for share in shares.values()), shares


def test_a_negative_has_the_wording_that_the_question_would_have_had():
    """So not even the draw of the wording depends on it."""
    for i in range(20):
        item = make_item(BARK, video_id=f"v_{i}")
        asked = [ask(item, [other()], rate=rate).records[0].timeline[0].text for rate in (0, 1)]
        assert asked[0].replace("a dog barks loudly", "the kitten sleeps") == asked[1]


def test_questions_are_asked_of_questions_and_events_of_events():
    """A corpus with both gives away nothing by asking for the wrong one."""
    donor = other(
        [(3.0, 9.0, "Blue.", "Which colour is the sky?"), (1.0, 2.0, "the kitten sleeps")]
    )
    item = make_item([(2.0, 6.0, "a dog barks", "Who makes noise?")])
    plain = {"questions__proactive": ["{question}"]}
    asked = [
        ask(item, [donor], recipe="grounded_qa", seed=seed, **plain).records[0].timeline[0]
        for seed in range(10)
    ]
    assert {one.text for one in asked} == {"Which colour is the sky?"}
    assert {(one.kind, one.origin) for one in asked} == {("question", "annotation")}
    plain = {"questions__proactive": ["{event}"]}
    asked = [
        ask(item, [donor], seed=seed, **plain).records[0].timeline[0].text for seed in range(10)
    ]
    assert set(asked) == {"Blue.", "the kitten sleeps"}


def test_an_action_with_many_hits_is_asked_for_as_often_as_one_with_few():
    donor = other([(i, i + 1.0, "jumping") for i in range(20)] + [(25.0, 26.0, "diving")])
    item = make_item(BARK)
    donors = Donors([(item, 30.0), (donor, 30.0)])
    drawn = Counter(donors.draw(item, "instruction", 30.0, seed, "x") for seed in range(1000))
    assert drawn == Counter(jumping=498, diving=502)


@pytest.mark.parametrize("recipe", ["action_detection", "grounded_qa", "temporal_grounding"])
def test_every_task_that_asks_about_one_thing_has_negatives(recipe):
    event = (3.0, 9.0, "the kitten sleeps", "Where does the kitten sleep?")
    item = make_item([(2.0, 6.0, "a dog barks", "Who makes noise?")])
    out = ask(item, [other([event])], recipe=recipe)
    assert out.set_aside == Counter(negative=1)
    assert out.records[0].timeline[0].expects == "none"


def test_shared_streams_have_no_negatives():
    item = make_item([(2.0, 6.0, "a dog", "Who makes noise?")])
    out = ask(item, [other()], recipe="grounded_qa", layout__proactive=0.0)
    assert (out.recorded, out.set_aside) == (1, Counter())


def test_a_question_for_one_event_may_be_a_negative():
    shots = [(0.0, 10.0, "A car."), (10.0, 30.0, "A tree.")]
    out = ask(make_item(shots), [other()], recipe="activation", one_event=1.0, tiled=True)
    assert "the kitten sleeps" in out.records[0].timeline[0].text
    assert (out.recorded, out.set_aside) == (0, Counter(negative=2))


@pytest.mark.shared
def test_negatives_of_a_real_corpus_ask_for_nothing_that_its_video_holds(shared, tmp_path):
    """Charades-STA, half of whose queries are replaced by others."""
    changes = {"negatives": {"rate": 0.5}, "questions": {"proactive": ["{event}"]}}
    corpus = {"charades_sta": shared / "corpora" / "charades_sta"}
    report = streamit.build("temporal_grounding", corpus, tmp_path / "out", workers=1, **changes)
    streamit.build(
        "temporal_grounding", corpus, tmp_path / "plain", workers=1, questions=changes["questions"]
    )
    told: dict[str, list[set[str]]] = {}
    for record in streamit.load_records(tmp_path / "plain"):
        told.setdefault(record.video.id, []).append(set(record.timeline[0].text.lower().split()))
    negatives = [
        record
        for record in streamit.load_records(tmp_path / "out")
        if record.timeline[0].expects == "none"
    ]
    counts = report.ledger["charades_sta"]
    assert counts.read == counts.recorded + counts.rejected.total() + counts.set_aside.total()
    assert counts.set_aside["negative"] == len(negatives)
    assert 0.4 < len(negatives) / counts.read < 0.6
    for record in negatives:
        words = set(record.timeline[0].text.lower().split())
        assert all(len(words & there) <= len(words) / 2 for there in told[record.video.id])
