"""What trainers and benchmarks of other projects need, derived from a row and nothing else.

The functions here are the whole derivations, written as an exporter would write them. They are
tried on records made by hand, where every number can be seen, and on those of the converters.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import groupby, zip_longest

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamit.convert.activation import frame_labels
from streamit.record import Entry, Record, Word
from streamit.schema import check
from streamit.timeline import covers, cut_stretches, delay_to_sample, sample_times
from tests.convert.scenes import make_item, run
from tests.factories import EVENTS, answer, multi_turn, proactive, record, stretch, user, video

IGNORED, SILENCE, STANDBY, RESPONSE = -100, 0, 1, 2
TIMES_S = sample_times(12.0, 1.0, 256)


def answers(built: Record) -> list[Entry]:
    return [entry for entry in built.timeline if entry.type == "assistant"]


def label_frames(built: Record, times_s: list[float]) -> list[int]:
    """Three-state labels (Streamo): each frame is silence, standby, response, or not judged."""
    labels = [IGNORED] * len(times_s)
    for i, time_s in enumerate(times_s):
        for entry in built.timeline:
            if entry.type == "video" and entry.loss and entry.start_s <= time_s < entry.end_s:
                labels[i] = SILENCE
    said = [entry for entry in answers(built) if entry.loss]
    for entry in said:
        for i, time_s in enumerate(times_s):
            if any(covers(span, time_s) for span in entry.evidence):
                labels[i] = STANDBY
    for entry in said:
        labels[delay_to_sample(entry.start_s, times_s)] = RESPONSE
    return labels


def label_activation(built: Record, times_s: list[float], percent: float) -> list[int]:
    """Binary labels (StreamBridge): the last `percent` of the frames of each last evidence."""
    spans = [entry.evidence[-1] for entry in answers(built) if entry.loss]
    labels: list[int] = frame_labels(times_s, spans, percent).tolist()
    return labels


def list_reply_windows(built: Record) -> list[tuple[str | None, list[float]]]:
    """Answers with their time span (ProactiveVideoQA, MMDuet2)."""
    return [
        (entry.text, [entry.window.earliest_s, entry.window.latest_s])
        for entry in answers(built)
        if entry.window is not None
    ]


def list_middle_windows(built: Record, slack_s: float) -> list[tuple[float, float]]:
    """When a reply counts (MMDuet): from the middle of the segment that asks for it to its end and
    some slack, which the trainer chooses, but not past the next reply or the end of the stream.
    """
    windows = []
    said = answers(built)
    for entry, following in zip_longest(said, said[1:]):
        segment = entry.evidence[-1]
        limit_s = following.start_s if following else built.timeline[-1].end_s
        latest_s = max(min(segment.end_s + slack_s, limit_s), entry.start_s)
        windows.append(((segment.start_s + segment.end_s) / 2, latest_s))
    return windows


def stream_words(built: Record) -> list[tuple[float, float, str]]:
    """Timed words of all answers (LiveCC, StreamingVLM).

    Where they have no times, they are spread evenly until the next answer that comes later.
    """
    streamed = []
    by_time = [list(group) for _, group in groupby(answers(built), key=lambda e: e.start_s)]
    for said, following in zip_longest(by_time, by_time[1:]):
        if said[0].words is not None:
            streamed += [(word.start_s, word.end_s, word.text) for word in said[0].words]
            continue
        start_s = said[0].start_s
        end_s = following[0].start_s if following else built.timeline[-1].end_s
        words = " ".join(entry.text or "" for entry in said).split()
        step_s = (end_s - start_s) / len(words)
        starts_s = [start_s + k * step_s for k in range(len(words))]
        streamed += [(s, s + step_s, word) for s, word in zip(starts_s, words, strict=True)]
    return streamed


def list_open_questions(built: Record, time_s: float) -> list[int]:
    """Ids of the user entries that still wait for an answer just after an instant."""
    waiting: dict[int, str | None] = {}
    for entry in built.timeline:
        if entry.type in ("user", "assistant") and entry.start_s <= time_s:
            if entry.type == "assistant" and waiting.get(entry.reply_to or 0) == "one":
                del waiting[entry.reply_to or 0]
            elif entry.kind == "cancel":
                waiting.pop(entry.reply_to or 0, None)
            elif entry.type == "user" and entry.expects != "none":
                waiting[entry.id] = entry.expects
    return sorted(waiting)


def list_stream_form(built: Record, times_s: list[float]) -> list[tuple[str, int | str]]:
    """Frames and turns in the order in which a streaming model sees them (videollm-online)."""
    turns = [e for e in built.timeline if e.type in ("user", "assistant")]
    at_start = [e for e in turns if e.start_s == 0 and e.type == "user"]
    form: list[tuple[str, int | str]] = [(e.type, e.text or "") for e in at_start]
    later = [(delay_to_sample(e.start_s, times_s), e) for e in turns if e not in at_start]
    for i in range(len(times_s)):
        form.append(("frame", i))
        form += [(e.type, e.text or "") for place, e in later if place == i]
    return form


def is_negative(built: Record) -> bool:
    """Whether nothing is to be answered in the whole stream."""
    return all(entry.expects == "none" for entry in built.timeline if entry.type == "user")


def test_three_state_labels() -> None:
    """Events from 1 to 3.5, 3 to 6 and 8.25 to 10.5 s, answered at their ends, at 1 FPS."""
    assert label_frames(proactive(), TIMES_S) == [0, 1, 1, 1, 2, 1, 2, 0, 0, 1, 1, 2]


def test_three_state_labels_ignore_what_is_not_to_be_learned() -> None:
    built = proactive()
    timeline = [replace(e, loss=e.loss and e.start_s not in (0.0, 6.0)) for e in built.timeline]
    built = replace(built, timeline=tuple(timeline))
    labels = label_frames(built, TIMES_S)
    assert labels == [-100, 1, 1, 1, 2, 0, -100, -100, -100, 1, 1, 2]


@pytest.mark.parametrize(
    ("percent", "labels"),
    [
        (0, [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
        (33, [0, 0, 0, 1, 0, 1, 0, 0, 0, 0, 1, 0]),
        (50, [0, 0, 1, 1, 1, 1, 0, 0, 0, 0, 1, 0]),
        (100, [0, 1, 1, 1, 1, 1, 0, 0, 0, 1, 1, 0]),
    ],
)
def test_binary_activation_labels(percent: float, labels: list[int]) -> None:
    assert label_activation(proactive(), TIMES_S, percent) == labels


def test_reply_windows() -> None:
    assert list_reply_windows(proactive()) == [
        ("A red circle appears.", [2.25, 6.0]),
        ("A square turns blue.", [4.5, 9.0]),
        ("A triangle crosses from left to right.", [9.375, 12.0]),
    ]


def test_streamed_captions_are_spread_until_the_next_answer() -> None:
    streamed = stream_words(proactive())
    assert [word for _, _, word in streamed[:4]] == ["A", "red", "circle", "appears."]
    assert [(s, e) for s, e, _ in streamed[:4]] == [
        (3.5, 4.125),
        (4.125, 4.75),
        (4.75, 5.375),
        (5.375, 6.0),
    ]
    assert streamed[-1][1] == pytest.approx(12.0)


def test_streamed_captions_keep_the_times_of_their_words() -> None:
    built = proactive()
    words = (Word(3.5, 3.7, "A"), Word(3.7, 4.0, "circle."))
    first = replace(built.timeline[2], text="A circle.", end_s=4.0, words=words)
    built = replace(built, timeline=(*built.timeline[:2], first, *built.timeline[3:]))
    assert check(built) == []
    assert stream_words(built)[:2] == [(3.5, 3.7, "A"), (3.7, 4.0, "circle.")]


def two_questions() -> Record:
    """Asked at 0 (many answers) and at 3.5 s (one answer, given at 6 s); the first is cancelled."""
    cuts = cut_stretches([3.5, 6.0, 10.5], 12.0)
    (first, circle), (second, square), _ = EVENTS
    timeline = [
        user(0.0, "Tell me what happens.", kind="instruction", expects="many"),
        stretch(cuts[0].start_s, cuts[0].end_s),
        user(3.5, "Say when a square is blue."),
        answer(3.5, circle, first, reply_to=0),
        stretch(cuts[1].start_s, cuts[1].end_s),
        answer(6.0, square, second, reply_to=2),
        stretch(cuts[2].start_s, cuts[2].end_s),
        user(10.5, "That is enough.", kind="cancel", expects="none", reply_to=0),
        stretch(cuts[3].start_s, cuts[3].end_s),
    ]
    return record(timeline, layout="proactive", video=video(12.0))


@pytest.mark.parametrize(
    ("time_s", "open_ids"), [(0.0, [0]), (3.5, [0, 2]), (6.0, [0]), (10.5, []), (12.0, [])]
)
def test_several_questions_are_open_at_once(time_s: float, open_ids: list[int]) -> None:
    assert check(two_questions()) == []
    assert list_open_questions(two_questions(), time_s) == open_ids


def test_no_text_is_seen_before_its_time() -> None:
    form = list_stream_form(multi_turn(), TIMES_S)
    asked = "What has just happened?"
    assert form[4:8] == [
        ("frame", 4),
        ("user", asked),
        ("assistant", "A red circle appears."),
        ("frame", 5),
    ]
    assert [i for kind, i in form if kind == "frame"] == list(range(12))
    assert form[-1] == ("assistant", "A triangle crosses from left to right.")


def test_a_proactive_question_stands_before_all_frames() -> None:
    form = list_stream_form(proactive(), TIMES_S)
    assert form[:2] == [("user", "Tell me what happens."), ("frame", 0)]


def test_a_record_is_negative_when_all_its_questions_expect_none() -> None:
    asked = user(0.0, "Say when a dog barks.", expects="none")
    assert is_negative(record([asked, stretch(0.0, 12.0)]))
    assert not is_negative(proactive())


def convert(recipe: str, *events: tuple[object, ...], **changes: object) -> Record:
    """The first record that a recipe makes of a 12 s video with these events."""
    built: Record = run(make_item(events, duration_s=12.0), recipe=recipe, **changes).records[0]
    assert check(built) == []
    return built


THREE = [(span.start_s, span.end_s, text) for span, text in EVENTS]
TWO_HOPS = (8.0, 10.5, "Twice.", "How often does it ring?", ((1.0, 3.5),))


def test_records_of_the_converter_give_the_same_three_states() -> None:
    assert label_frames(convert("dense_caption", *THREE), TIMES_S) == [
        *(0, 1, 1, 1, 2, 1, 2, 0, 0, 1, 1, 2),
    ]
    multi = convert("dense_caption", *THREE, layout__proactive=0.0)
    assert label_frames(multi, TIMES_S) == [0, 1, 1, 1, 2, 1, 2, 0, 0, 1, 1, 2]


def test_three_states_of_an_answer_with_two_hops() -> None:
    """Standby at each hop, one response; what follows was not annotated."""
    built = convert("grounded_qa", TWO_HOPS, exhaustive=False)
    assert label_frames(built, TIMES_S) == [0, 1, 1, 1, 0, 0, 0, 0, 1, 1, 1, 2]
    longer = run(make_item([TWO_HOPS], duration_s=14.0), recipe="grounded_qa", exhaustive=False)
    assert label_frames(longer.records[0], sample_times(14.0, 1.0, 256))[11:] == [2, -100, -100]


def test_three_states_of_a_coach_leave_out_what_nobody_can_know() -> None:
    """Reminders at 2 and 8 s, steps at 6 and 11 s; the forecast at 6 s is not learned."""
    built = convert("step_coach", (1.0, 6.0, "crack"), (7.0, 11.0, "whisk"))
    assert [entry.kind for entry in answers(built)] == [
        *("reminder", "step", "forecast", "reminder", "step"),
    ]
    assert label_frames(built, TIMES_S) == [0, 1, 2, 1, 1, 1, 2, 1, 2, 1, 1, 2]


def test_three_states_of_a_negative_are_silence() -> None:
    donor = make_item([(1.0, 5.0, "a dog barks")], duration_s=12.0, source_video="y")
    built = convert("action_detection", (2.0, 6.0, "jump"), others=[donor], negatives__rate=1.0)
    assert is_negative(built)
    assert label_frames(built, TIMES_S) == [SILENCE] * 12
    assert (list_middle_windows(built, 3.0), stream_words(built)) == ([], [])


def test_binary_labels_of_an_answer_with_two_hops_are_at_the_last() -> None:
    """At the end of an earlier hop there is nothing to say yet."""
    built = convert("grounded_qa", TWO_HOPS)
    assert label_activation(built, TIMES_S, 50) == [0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 0]


def test_windows_from_the_middle_of_the_segment() -> None:
    built = convert("dense_caption", *THREE)
    assert list_middle_windows(built, 3.0) == [(2.25, 6.0), (4.5, 9.0), (9.375, 12.0)]
    assert list_middle_windows(built, 0.0) == [(2.25, 3.5), (4.5, 6.0), (9.375, 10.5)]


@pytest.mark.parametrize("recipe", ["dense_caption", "step_recognition", "step_coach"])
def test_the_windows_of_a_record_are_those_with_three_seconds_of_slack(recipe: str) -> None:
    built = convert(recipe, *THREE)
    stored = [(e.window.earliest_s, e.window.latest_s) for e in answers(built) if e.window]
    assert stored == list_middle_windows(built, 3.0)


def test_the_window_of_several_hops_begins_in_the_last() -> None:
    assert list_middle_windows(convert("grounded_qa", TWO_HOPS), 1.0) == [(9.25, 11.5)]


def test_frames_of_a_window_are_those_of_the_second_half_and_the_slack() -> None:
    """MMDuet's labels of the frames: 1 where a reply would be welcome."""
    windows = list_middle_windows(convert("dense_caption", *THREE), 1.0)
    inside = [any(first <= time_s <= last for first, last in windows) for time_s in TIMES_S]
    assert [int(label) for label in inside] == [0, 0, 0, 1, 1, 1, 1, 1, 0, 0, 1, 1]


def test_words_of_the_converter_begin_when_their_event_has_ended() -> None:
    streamed = stream_words(convert("dense_caption", *THREE))
    assert " ".join(word for _, _, word in streamed) == " ".join(text for _, text in EVENTS)
    assert [start_s for start_s, _, word in streamed if word == "A"] == [3.5, 6.0, 10.5]


def test_what_is_said_at_one_time_shares_the_time_until_the_next() -> None:
    built = convert(
        "step_coach",
        (1.0, 4.0, "crack"),
        (2.0, 8.0, "whisk"),
        steps__reminder=False,
        questions__forecast=["Next: {event}."],
    )
    assert stream_words(built) == [
        (4.0, pytest.approx(4 + 4 / 3), "crack"),
        (pytest.approx(4 + 4 / 3), pytest.approx(4 + 8 / 3), "Next:"),
        (pytest.approx(4 + 8 / 3), pytest.approx(8.0), "whisk."),
        (8.0, 12.0, "whisk"),
    ]


SPANS = st.tuples(st.floats(0, 11), st.floats(0.01, 11)).map(
    lambda pair: (round(pair[0], 6), round(min(pair[0] + pair[1], 12.0), 6))
)


@given(st.lists(SPANS, min_size=1, max_size=6), st.sampled_from([0.0, 1.0]))
def test_streamed_words_are_in_order_and_after_what_they_tell(
    spans: list[tuple[float, float]], share: float
) -> None:
    events = [(start_s, end_s, f"event {k}") for k, (start_s, end_s) in enumerate(spans)]
    built = convert("dense_caption", *events, layout__proactive=share)
    streamed = stream_words(built)
    assert [start_s for start_s, _, _ in streamed] == sorted(start_s for start_s, _, _ in streamed)
    assert sorted(word for _, _, word in streamed if word != "event") == [
        str(k) for k in range(len(events))
    ]
    for start_s, end_s, word in streamed:
        assert start_s <= end_s <= 12.0 + 1e-9
        assert word == "event" or events[int(word)][1] <= start_s
