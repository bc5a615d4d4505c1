"""Whatever a corpus holds, and whatever a recipe asks for: causal, conserved, and valid."""

import itertools
from dataclasses import replace

from hypothesis import assume, given
from hypothesis import strategies as st

from streamit import resources
from streamit.convert.base import VideoKnown
from streamit.convert.events import settle_events
from streamit.convert.registry import CONVERTERS, count_numbers
from streamit.ids import split_record_id
from streamit.item import Event
from streamit.recipe import load_recipe
from streamit.schema import validate
from streamit.timeline import round_s, step_of
from tests.convert.scenes import make_item, run

LATER_S = 600.0
# None is a part of another, and none is in a wording.
TEXTS = [f"zq{k}" for k in range(6)]
TIMES = st.floats(-3, 700).map(round_s) | st.integers(-3, 700).map(float)
HOPS = st.lists(st.tuples(TIMES, TIMES), max_size=2).map(tuple)
EVENTS = st.lists(
    st.tuples(
        st.none() | TIMES,
        st.none() | TIMES,
        st.sampled_from(TEXTS),
        st.none() | st.sampled_from(["What is it?", "Where?"]),
        st.just(()) | HOPS,
    ),
    max_size=8,
)
LENGTHS = st.none() | st.floats(0.1, 700).map(round_s)
ITEMS = st.builds(
    make_item,
    EVENTS,
    duration_s=LENGTHS,
    time_unit=st.sampled_from(["seconds", "seconds", "video_frames"]),
    n_refused=st.integers(0, 1),
    goal=st.none() | st.just("bake a cake"),
    split=st.sampled_from(["train", "validation"]),
)
OTHERS = st.lists(
    st.builds(make_item, EVENTS, duration_s=LENGTHS, source_video=st.sampled_from(["x", "y", "z"])),
    max_size=3,
)
KNOWN = st.builds(
    VideoKnown,
    duration_s=LENGTHS,
    fps=st.none() | st.sampled_from([12.0, 25.0, 29.97]),
    decoded_end_s=LENGTHS,
)
# Joined streams have tests of their own (test_streaming_qa.py).
RECIPES = [name for name in resources.names("recipes") if name != "streaming_qa"]
ACTIVATION_TASKS = sorted(load_recipe("activation").tasks)


@st.composite
def list_settings(draw):
    """Arguments of `run`: any shipped recipe, and any value of what it may ask for."""
    recipe = draw(st.sampled_from(RECIPES))
    settings = {
        "recipe": recipe,
        "n": draw(st.sampled_from([0, 5])),
        "layout__proactive": draw(st.sampled_from([0.0, 1.0])),
        "question_delay": draw(st.sampled_from([0.0, 1.0])),
        "negatives__rate": draw(st.sampled_from([0.0, 0.5, 1.0])),
        "sampling__fps": draw(st.sampled_from([0.5, 1.0, 2.0])),
        "sampling__max_frames": draw(st.sampled_from([None, 4, 256])),
        "exhaustive": draw(st.booleans()),
        "tiled": draw(st.booleans()),
        "tolerance_s": draw(st.sampled_from([0.0, 2.0])),
    }
    if recipe == "activation":
        settings["one_event"] = draw(st.sampled_from([0.0, 1.0]))
        settings["sources__corpus__task"] = draw(st.sampled_from(ACTIVATION_TASKS))
    if recipe == "step_coach":
        for key in ("reminder", "forecast", "forecast_loss"):
            settings[f"steps__{key}"] = draw(st.booleans())
    return settings


SETTINGS = list_settings()


def settle(item, known, settings):
    """The usable events, as every converter sees them."""
    length_s = item.duration_s if item.duration_s is not None else known.duration_s
    step_s = step_of(length_s, settings["sampling__fps"], settings["sampling__max_frames"])
    tolerance_s = max(step_s, settings["tolerance_s"])
    return settle_events(item, length_s, known, tolerance_s, step_s).events


def list_answers(out):
    """(record, entry) of all that is said."""
    return [
        (record, entry)
        for record in out.records
        for entry in record.timeline
        if entry.type == "assistant"
    ]


def test_all_tasks_are_tried():
    tasks = {load_recipe(name).task for name in RECIPES}
    assert tasks | {"streaming_qa"} == set(CONVERTERS)


@given(ITEMS, KNOWN, OTHERS, SETTINGS)
def test_every_record_is_valid(item, known, others, settings):
    for record in run(item, known, others=others, **settings).records:
        assert validate(record) == []


@given(ITEMS, KNOWN, OTHERS, SETTINGS)
def test_every_event_is_recorded_rejected_or_set_aside_once(item, known, others, settings):
    out = run(item, known, others=others, **settings)
    rejected = [reject.index for reject in out.rejects]
    assert len(set(rejected)) == len(rejected)
    assert out.recorded + len(rejected) + out.set_aside.total() == len(item.events)
    assert set(out.set_aside) <= {"negative"}


@given(ITEMS, KNOWN, SETTINGS)
def test_every_stretch_of_what_is_recorded_is_evidence_once(item, known, settings):
    settings = settings | {"negatives__rate": 0.0, "one_event": 0.0}
    out = run(item, known, **settings)
    told = [e for _, e in list_answers(out) if e.kind not in ("reminder", "forecast")]
    rejected = {reject.index for reject in out.rejects}
    recorded = [event for event in item.events if event.index not in rejected]
    assert out.recorded == len(recorded)
    assert sum(len(e.evidence) for e in told) == sum(1 + len(e.earlier) for e in recorded)


@given(ITEMS, KNOWN, OTHERS, SETTINGS)
def test_nothing_is_said_before_its_evidence_ends_or_its_question_is_asked(
    item, known, others, settings
):
    for record, entry in list_answers(run(item, known, others=others, **settings)):
        assert max(span.end_s for span in entry.evidence) <= entry.start_s
        assert record.timeline[entry.reply_to].start_s <= entry.start_s


@given(ITEMS, KNOWN, OTHERS, SETTINGS)
def test_only_a_forecast_uses_the_words_of_what_ends_later(item, known, others, settings):
    """A reminder may use those of what has begun."""
    events = settle(item, known, settings)
    for _, entry in list_answers(run(item, known, others=others, **settings)):
        told = {
            event.text
            for event in events
            if (event.span.start_s if entry.kind == "reminder" else event.span.end_s)
            <= entry.start_s
        }
        said = {text for text in TEXTS if text in entry.text}
        assert said
        assert said <= told or entry.kind == "forecast"


@given(ITEMS, KNOWN, OTHERS, SETTINGS)
def test_a_question_without_an_answer_asks_for_nothing_in_the_video(item, known, others, settings):
    for record in run(item, known, others=others, **settings).records:
        asked = [entry for entry in record.timeline if entry.type == "user"]
        if [entry.expects for entry in asked] == ["none"]:
            told = [f"{event.text} {event.question}" for event in item.events]
            words = [text for text in TEXTS if text in asked[0].text]
            assert not any(word in text for word in words for text in told)
            assert all(entry.loss for entry in record.timeline if entry.type == "video")


@given(ITEMS, KNOWN, OTHERS, SETTINGS)
def test_ids_are_unique_and_stay_below_those_of_the_next_item(item, known, others, settings):
    out = run(item, known, others=others, **settings)
    numbers = [split_record_id(record.id)[3] for record in out.records]
    task = out.records[0].task if out.records else "dense_caption"
    assert len(set(numbers)) == len(numbers)
    first = settings["n"]
    assert all(first <= n < first + count_numbers(task, len(item.events)) for n in numbers)


@given(ITEMS, KNOWN, SETTINGS)
def test_an_event_more_changes_nothing_said_before_it_ends(item, known, settings):
    """What is told at a time does not depend on what ends later, but for forecasts."""
    settings = settings | {"negatives__rate": 0.0, "one_event": 0.0, "question_delay": 0.0}
    # What is asked about the whole video is said at its end, and that may be the new event's.
    assume(settings["recipe"] != "offline_qa")
    item = replace(item, time_unit="seconds")
    later = Event(len(item.events), LATER_S, LATER_S + 90, "the future", None)
    longer = replace(item, events=(*item.events, later))
    before, after = (_list_told(run(one, known, **settings)) for one in (item, longer))
    for identity in before.keys() & after.keys():
        assert before[identity] == after[identity]


def _list_told(out):
    answers = list_answers(out)
    return {
        identity: [
            (entry.start_s, entry.text)
            for _, entry in group
            if entry.start_s < LATER_S and entry.kind != "forecast"
        ]
        for identity, group in itertools.groupby(answers, key=lambda pair: pair[0].id)
    }
