"""Whatever a corpus holds: causal, conserved, and valid by every rule."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from streamit.convert.base import VideoKnown
from streamit.item import Event
from streamit.schema import validate
from streamit.timeline import round_s
from tests.convert.scenes import make_item, run

TIMES = st.floats(-3, 700).map(round_s) | st.integers(-3, 700).map(float)
ENDS = st.none() | TIMES
QUESTIONS = st.none() | st.sampled_from(["What is it?", "Where?"])
EVENTS = st.lists(st.tuples(TIMES, ENDS, st.just("something happens"), QUESTIONS), max_size=8)
ITEMS = st.builds(
    make_item,
    EVENTS,
    duration_s=st.none() | st.floats(0.1, 700).map(round_s),
    time_unit=st.sampled_from(["seconds", "seconds", "video_frames"]),
    n_refused=st.integers(0, 1),
)
KNOWN = st.builds(
    VideoKnown,
    duration_s=st.none() | st.floats(0.1, 700).map(round_s),
    fps=st.none() | st.sampled_from([12.0, 25.0, 29.97]),
    decoded_end_s=st.none() | st.floats(0.1, 700).map(round_s),
)
SETTINGS = st.fixed_dictionaries(
    {
        "layout__proactive": st.sampled_from([0.0, 1.0]),
        "question_delay": st.sampled_from([0.0, 1.0]),
        "sampling__fps": st.sampled_from([0.5, 1.0, 2.0]),
        "sampling__max_frames": st.sampled_from([None, 4, 256]),
        "exhaustive": st.booleans(),
        "tolerance_s": st.sampled_from([0.0, 2.0]),
    }
)


@given(ITEMS, KNOWN, SETTINGS)
def test_every_record_is_valid(item, known, settings):
    for record in run(item, known, **settings).records:
        assert validate(record) == []


@given(ITEMS, KNOWN, SETTINGS)
def test_every_event_is_recorded_or_rejected_once(item, known, settings):
    out = run(item, known, **settings)
    rejected = [reject.index for reject in out.rejects]
    assert len(set(rejected)) == len(rejected)
    assert out.recorded + len(rejected) + out.set_aside.total() == len(item.events)
    spans = [span for record in out.records for e in record.timeline for span in e.evidence]
    assert len(spans) == out.recorded


@given(ITEMS, KNOWN, SETTINGS)
def test_nothing_is_answered_before_its_evidence_ends_or_its_question_is_asked(
    item, known, settings
):
    for record in run(item, known, **settings).records:
        for entry in record.timeline:
            if entry.type == "assistant":
                asked = record.timeline[entry.reply_to]
                assert max(span.end_s for span in entry.evidence) <= entry.start_s
                assert asked.start_s <= entry.start_s


@given(ITEMS, KNOWN, SETTINGS)
def test_an_event_more_changes_no_answer_before_it_ends(item, known, settings):
    """What is told at a time does not depend on what ends later."""
    item = replace(item, time_unit="seconds")
    later = Event(len(item.events), 600.0, 690.0, "the future", None)
    longer = replace(item, events=(*item.events, later))
    before, after = run(item, known, **settings), run(longer, known, **settings)
    if before.records and after.records and settings["question_delay"] == 0.0:
        told = [_tell(out.records[0], before_s=600.0) for out in (before, after)]
        assert told[0] == told[1]


def _tell(record, before_s):
    return [
        (entry.start_s, entry.text)
        for entry in record.timeline
        if entry.type == "assistant" and entry.start_s < before_s
    ]
