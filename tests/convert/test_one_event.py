from collections import Counter

from streamit import resources
from streamit.convert.base import VideoKnown
from streamit.schema import check
from streamit.source import load_source
from tests.convert.scenes import answers, make_item, outline, run

SHOTS = [(0.0, 10.0, "A car."), (10.0, 20.0, "A tree."), (20.0, 30.0, "A car.")]


def ask(item, *known, one_event=1.0, tiled=True, **changes):
    """By the activation recipe, asking for one event only."""
    wording = {"tasks__dense_caption__questions__one_event": ["Tell me when: {event}"]}
    return run(
        item,
        *known,
        recipe="activation",
        one_event=one_event,
        tiled=tiled,
        negatives__rate=0.0,
        **(wording | changes),
    )


def draw(text, **changes):
    """The outcome for the first of some videos in which this event is the one asked for."""
    for i in range(20):
        out = ask(make_item(SHOTS, video_id=f"v_{i}"), **changes)
        if out.records[0].timeline[0].text == f"Tell me when: {text}":
            return out
    raise AssertionError(f"{text} is never drawn")


def test_one_event_is_asked_for_and_answered_when_it_has_ended():
    (record,) = draw("A tree.").records
    assert outline(record) == [
        ("user", 0.0, 0.0),
        ("video", 0.0, 20.0),
        ("assistant", 20.0, 20.0),
        ("video", 20.0, 30.0),
    ]
    assert answers(record) == [(20.0, "A tree.")]
    assert (record.task, record.layout) == ("dense_caption", "proactive")
    assert check(record) == []


def test_the_other_cuts_are_set_aside_as_negatives():
    out = draw("A tree.")
    assert (out.recorded, out.set_aside) == (1, Counter(negative=2))


def test_segments_with_the_same_words_are_all_hits():
    out = draw("A car.")
    assert answers(out.records[0]) == [(10.0, "A car."), (30.0, "A car.")]
    assert (out.recorded, out.set_aside) == (2, Counter(negative=1))


def test_silence_is_learned_at_the_other_cuts_even_where_a_gap_would_not_be_known():
    out = draw("A tree.", exhaustive=False)
    assert [e.loss for e in out.records[0].timeline if e.type == "video"] == [True, True]


def test_only_sources_that_are_tiled_ask_so():
    out = ask(make_item(SHOTS), tiled=False)
    assert (out.recorded, out.set_aside) == (3, Counter())


def test_the_share_is_drawn_per_record():
    outs = [ask(make_item(SHOTS, video_id=f"v_{i}"), one_event=0.5) for i in range(600)]
    assert Counter(bool(out.set_aside) for out in outs) == Counter({True: 303, False: 297})


def test_every_event_of_a_video_has_the_same_chance():
    shots = [(10.0 * i, 10.0 * i + 10, f"shot {i}") for i in range(3)]
    outs = [ask(make_item(shots, video_id=f"v_{i}")) for i in range(600)]
    drawn = Counter(answers(out.records[0])[0][1] for out in outs)
    assert drawn == Counter({"shot 0": 179, "shot 1": 226, "shot 2": 195})


def test_a_refused_event_leaves_the_draw_as_it_is():
    """So a build with frames asks for the same event as one without, where it can."""
    for i in range(20):
        item = make_item([*SHOTS[:2], (20.0, 30.0, "A dog.")], video_id=f"v_{i}")
        full, short = ask(item), ask(item, VideoKnown(decoded_end_s=25.0))
        if answers(full.records[0]) != [(30.0, "A dog.")]:
            assert answers(short.records[0]) == answers(full.records[0])


def test_questions_of_the_annotation_are_asked_as_they_are():
    out = ask(make_item([(0.0, 10.0, "Red.", "Which colour?"), *SHOTS[1:]]))
    asked = [e.text for e in out.records[0].timeline if e.type == "user"]
    assert asked[0] == "Which colour?"
    assert out.recorded == 3


def test_the_sources_that_are_tiled_say_that_nothing_is_left_out():
    tiled = [info for info in map(load_source, resources.names("sources")) if info.tiled]
    assert {info.name for info in tiled} == {"shot2story", "vitt"}
    assert all(info.exhaustive for info in tiled)
