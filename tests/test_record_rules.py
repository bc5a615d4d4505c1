"""Every rule about a record finds what it is there for, where it stands, and nothing else."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamit.record import Clip, Entry, Record, Span, Video, Window, Word
from streamit.rules import RULES, Problem, check_record
from streamit.schema import check
from tests.factories import (
    answer,
    clip,
    full,
    joined,
    multi_turn,
    proactive,
    record,
    stretch,
    user,
    video,
    with_entry,
)

EVENT = Span(1.0, 3.0)


def rules_of(built: Record) -> list[str]:
    return [problem.rule for problem in check(built)]


def wheres_of(built: Record, rule: str) -> list[str]:
    """Where a rule is broken; no other may be."""
    problems = check(built)
    assert {problem.rule for problem in problems} <= {rule}
    return [problem.where for problem in problems]


def short(*middle: Entry, **changes: object) -> Record:
    """A 6 s stream, cut at 3 s, with these entries at the cut."""
    timeline = [stretch(0.0, 3.0), *middle, stretch(3.0, 6.0)]
    return record(timeline, **{"video": video(6.0), **changes})


@pytest.mark.parametrize("built", [multi_turn(), proactive(), joined(), full()])
def test_a_valid_record_breaks_none(built: Record) -> None:
    assert check(built) == []


def test_t1_all_ranks_at_one_time_are_in_order() -> None:
    system = Entry("system", 0, 0.0, 0.0, text="Be brief.", origin="template")
    speech = Entry("speech", 0, 3.0, 5.0, text="Hello there.", origin="annotation")
    said = [user(3.0), user(3.0), answer(3.0, "A cat.", EVENT, 2), answer(3.0, "It.", EVENT, 3)]
    built = record([system, stretch(0.0, 3.0), *said, speech, stretch(3.0, 6.0)], video=video(6.0))
    assert check(built) == []


@pytest.mark.parametrize(("above", "below"), [(0, 1), (1, 2), (2, 3), (1, 3)])
def test_t1_swapped_entries_are_out_of_order(above: int, below: int) -> None:
    timeline = list(multi_turn().timeline)
    timeline[above], timeline[below] = timeline[below], timeline[above]
    built = record(timeline)
    assert "T1" in rules_of(built)
    assert {"T2", "T3"}.isdisjoint(rules_of(built))


def test_t1_a_transcript_does_not_hide_a_wrong_order() -> None:
    speech = Entry("speech", 0, 3.0, 4.0, text="Hello.", origin="annotation")
    built = short(user(3.0), answer(3.0, "A cat.", EVENT, 1), speech, user(3.0))
    assert wheres_of(built, "T1") == ["timeline[4]"]


def test_t1_ids_are_places() -> None:
    built = with_entry(multi_turn(), 9, id=12)
    assert check(built) == [
        Problem("T1", "timeline[9].id", "is 12; entries are numbered by place, so this is 9")
    ]


def test_t1_no_entry_ends_before_it_starts() -> None:
    assert wheres_of(with_entry(multi_turn(), 1, end_s=3.0), "T1") == ["timeline[1]"]


def test_t1_a_system_entry_only_comes_first_at_0() -> None:
    system = Entry("system", 0, 3.0, 3.0, text="Be brief.", origin="template")
    assert wheres_of(short(system), "T1") == ["timeline[1]"]


@pytest.mark.parametrize(
    "words",
    [
        [Word(3.0, 3.5, "A"), Word(3.25, 3.75, "cat.")],
        [Word(3.0, 3.0, "A"), Word(3.0, 4.0, "cat.")],
    ],
)
def test_t1_words_may_overlap_and_have_no_length(words: Sequence[Word]) -> None:
    said = answer(3.0, "A cat.", EVENT, 1, end_s=4.0, words=tuple(words))
    assert check(short(user(3.0), said)) == []


@pytest.mark.parametrize(
    "word", [Word(2.5, 3.5, "a"), Word(3.5, 4.5, "a"), Word(3.75, 3.5, "a"), Word(3.1, 3.2, "a")]
)
def test_t1_words_are_in_order_inside_their_entry(word: Word) -> None:
    said = answer(3.0, "A cat.", EVENT, 1, end_s=4.0, words=(Word(3.2, 3.25, "b"), word))
    assert wheres_of(short(user(3.0), said), "T1") == ["timeline[2].words[1]"]


@pytest.mark.parametrize(
    ("spans", "wheres"),
    [
        ([(0.0, 3.0), (3.0, 6.0)], []),
        ([(0.0, 3.0), (3.5, 6.0)], ["timeline[1]"]),
        ([(0.0, 3.0), (2.5, 6.0)], ["timeline[1]"]),
        ([(0.5, 3.0), (3.0, 6.0)], ["timeline[0]"]),
        ([(0.0, 3.0), (3.0, 3.0), (3.0, 6.0)], ["timeline[1]"]),
        ([(0.0, 3.0)], ["timeline"]),
        ([(0.0, 3.0), (3.0, 7.0)], ["timeline[1]"]),
    ],
)
def test_t2_stretches_cover_the_stream_once(
    spans: list[tuple[float, float]], wheres: list[str]
) -> None:
    built = record([stretch(*span) for span in spans], video=video(6.0))
    assert wheres_of(built, "T2") == wheres


def test_t2_a_stream_has_video() -> None:
    assert rules_of(record([user(0.0)], video=video(6.0))) == ["T2", "T3"]


def test_t2_without_a_duration_the_stream_ends_with_what_is_last() -> None:
    unknown = video(None)
    said = [user(3.0), answer(3.0, "A cat.", EVENT, 1)]
    assert check(record([stretch(0.0, 3.0), *said], video=unknown)) == []
    assert "T2" in rules_of(record([stretch(0.0, 2.0), *said], video=unknown))


def test_t3_text_stands_where_a_stretch_starts_or_ends() -> None:
    built = record(
        [stretch(0.0, 6.0), user(6.0), answer(6.0, "A cat.", EVENT, 1)], video=video(6.0)
    )
    assert check(built) == []
    built = record([user(0.0), stretch(0.0, 6.0)], video=video(6.0))
    assert check(built) == []
    built = record([stretch(0.0, 6.0), user(4.0)], video=video(6.0))
    assert [p for p in check(built) if p.rule == "T3"] == [
        Problem("T3", "timeline[1]", "user text at 4.0 s is inside a stretch; cut the video there")
    ]


def test_t3_a_transcript_may_start_anywhere() -> None:
    speech = Entry("speech", 0, 3.7, 4.9, text="Hello.", origin="annotation")
    assert check(record([*short().timeline, speech], video=video(6.0))) == []


@pytest.mark.parametrize(("reply_to", "broken"), [(1, False), (None, True), (0, True), (7, True)])
def test_t4_an_answer_names_a_user_entry(reply_to: int | None, broken: bool) -> None:
    said = replace(answer(3.0, "A cat.", EVENT, 1), reply_to=reply_to)
    wheres = wheres_of(short(user(3.0), said), "T4")
    assert wheres == (["timeline[2].reply_to"] if broken else [])


def test_t4_an_answer_does_not_come_before_its_question() -> None:
    timeline = [
        stretch(0.0, 3.0),
        user(3.0),
        answer(3.0, "A cat.", EVENT, 4),
        stretch(3.0, 6.0),
        user(6.0),
    ]
    message = "user entry 4 comes at 6.0 s, not before 3.0 s"
    assert check(record(timeline, video=video(6.0))) == [
        Problem("T4", "timeline[2].reply_to", message)
    ]


def test_t4_a_cancel_acts_upon_an_earlier_question() -> None:
    cancel = user(3.0, "Never mind.", kind="cancel", expects="none", reply_to=2)
    assert wheres_of(short(user(3.0), cancel), "T4") == ["timeline[2].reply_to"]
    assert check(short(user(3.0), replace(cancel, reply_to=1))) == []


@pytest.mark.parametrize(
    ("spans", "wheres"),
    [
        ([Span(1.0, 3.0)], []),
        ([Span(0.0, 1.0), Span(1.0, 2.9)], []),
        ([Span(1.0, 3.000001)], ["timeline[2].evidence[0]"]),
        ([Span(0.0, 1.0), Span(2.0, 5.0)], ["timeline[2].evidence[1]"]),
        ([Span(0.5, 0.5), Span(0.0, 1.5)], ["timeline[2].evidence[0]"]),
    ],
)
def test_c1_evidence_ends_before_the_answer(spans: list[Span], wheres: list[str]) -> None:
    said = replace(answer(3.0, "A cat.", EVENT, 1), evidence=tuple(spans))
    assert wheres_of(short(user(3.0), said), "C1") == wheres


@pytest.mark.parametrize(
    ("window", "broken"),
    [
        (None, False),
        (Window(2.0, 6.0), False),
        (Window(3.0, 3.0), False),
        (Window(3.5, 6.0), True),
        (Window(1.0, 2.5), True),
        (Window(6.0, 1.0), True),
    ],
)
def test_c2_the_window_contains_the_answer(window: Window | None, broken: bool) -> None:
    said = answer(3.0, "A cat.", EVENT, 1, window=window)
    wheres = wheres_of(short(user(3.0), said), "C2")
    assert wheres == (["timeline[2].window"] if broken else [])


def cancelled(cancel_s: float, reply_to: int = 0) -> Record:
    """Asked at 0, answered at 3 and 6 s, cancelled in between or at one of the two."""
    cancel = user(cancel_s, "Stop.", kind="cancel", expects="none", reply_to=0)
    early, late = answer(3.0, "A cat.", EVENT, 0), answer(6.0, "A dog.", Span(3.0, 6.0), reply_to)
    if cancel_s == 3.0:
        middle = [cancel, early, stretch(3.0, 6.0), late]
    else:
        middle = [early, stretch(3.0, 6.0), cancel, late]
    return record(
        [user(0.0, expects="many"), stretch(0.0, 3.0), *middle, stretch(6.0, 9.0)],
        video=video(9.0),
    )


def test_c3_no_answer_after_a_cancel() -> None:
    assert wheres_of(cancelled(6.0), "C3") == ["timeline[5]"]
    assert wheres_of(cancelled(3.0), "C3") == ["timeline[3]", "timeline[5]"]


def test_c3_an_acknowledgement_answers_the_cancel_itself() -> None:
    assert check(cancelled(6.0, reply_to=4)) == []


@pytest.mark.parametrize(
    ("evidence", "loss", "broken"),
    [
        ((Span(1.2, 1.9),), True, True),
        ((Span(1.2, 1.9),), False, False),
        ((Span(1.2, 2.0),), True, True),
        ((Span(1.0, 1.1),), True, False),
        ((Span(1.2, 1.9), Span(1.9, 2.1)), True, False),
        ((Span(1.9, 2.1), Span(0.5, 0.9)), True, False),
        ((Span(0.5, 1.1), Span(1.2, 1.9)), True, True),
        ((), True, False),
    ],
)
def test_e1_a_sampled_frame_shows_the_last_evidence(
    evidence: tuple[Span, ...], loss: bool, broken: bool
) -> None:
    said = replace(answer(3.0, "A cat.", EVENT, 1), evidence=evidence, loss=loss)
    wheres = wheres_of(short(user(3.0), said), "E1")
    assert wheres == (["timeline[2]"] if broken else [])


def test_e1_a_cap_makes_the_step_longer() -> None:
    built = short(user(3.0), answer(3.0, "A cat.", EVENT, 1))
    problems = check_record(built, 1.0, 1)
    assert [(p.rule, p.where) for p in problems] == [("E1", "timeline[2]")]


@pytest.mark.parametrize(
    ("times_s", "wheres"),
    [
        ((0.0, 1.0, 5.999999), []),
        ((0.0, 1.0, 1.0), ["frame_times_s[2]"]),
        ((1.0, 0.5), ["frame_times_s[1]"]),
        ((0.0, 6.0), ["frame_times_s[1]"]),
    ],
)
def test_f1_frame_times_increase_inside_the_stretches(
    times_s: tuple[float, ...], wheres: list[str]
) -> None:
    built = short(frame_times_s=times_s, n_frames=len(times_s))
    assert wheres_of(built, "F1") == wheres


def test_f1_there_are_not_more_frames_than_the_recipe_allows() -> None:
    built = short(frame_times_s=(0.0, 1.0, 2.0), n_frames=3)
    assert check_record(built, 1.0, None) == check_record(built, 1.0, 3) == []
    message = "3 frames; the recipe allows 2"
    assert check_record(built, 1.0, 2) == [Problem("F1", "frame_times_s", message)]


def test_x1_unclean_text_is_found_in_entries_and_words() -> None:
    words = (Word(3.0, 4.0, " cat."),)
    said = answer(3.0, "A  cat.", EVENT, 1, end_s=4.0, words=words)
    wheres = ["timeline[2].text", "timeline[2].words[0].text"]
    assert wheres_of(short(user(3.0), said), "X1") == wheres


def test_x2_only_model_made_text_may_not_leak() -> None:
    said = answer(3.0, "This photo shows a cat.", EVENT, 1)
    assert check(short(user(3.0), said)) == []
    message = "says 'This photo'; ask the model again without it"
    assert check(short(user(3.0), replace(said, origin="model"))) == [
        Problem("X2", "timeline[2].text", message)
    ]


@pytest.mark.parametrize(
    ("clips", "wheres"),
    [
        ([clip(length_s=6.0)], []),
        ([clip(length_s=None)], []),
        ([clip(length_s=5.0)], ["video.clips"]),
        ([clip(length_s=6.0, offset_s=1.0)], ["video.clips[0]", "video.clips"]),
        ([clip(length_s=2.5), Clip("b.mp4", None, None, 1.0, 4.5, 2.5)], []),
        ([clip(length_s=2.5), Clip("b.mp4", None, None, 1.0, 4.5, 3.0)], ["video.clips[1]"]),
        ([clip(length_s=6.0), Clip("b.mp4", None, None, 4.0, 4.0, 6.0)], ["video.clips[1]"]),
        ([clip(length_s=None), Clip("b.mp4", None, None, 0.0, 6.0, 0.0)], ["video.clips[1]"]),
        ([clip(length_s=2.5), Clip("b.mp4", None, None, 0.0, None, 2.5)], ["video.clips"]),
    ],
)
def test_j1_clips_add_up_to_the_stream(clips: list[Clip], wheres: list[str]) -> None:
    built = short(video=Video("a", 6.0, None, None, tuple(clips)))
    found = [p.where for p in check(built) if p.rule == "J1"]
    assert found[: len(wheres)] == wheres
    assert bool(found) == bool(wheres)


@st.composite
def strange_records(draw: st.DrawFn) -> Record:
    """Records whose shape is right and whose content is anything."""
    seconds = st.sampled_from([0.0, 1e-6, 1.0, 3.5, 6.0, 12.0, 1e9]) | st.floats(0, 1e9)
    built = draw(st.sampled_from([multi_turn(), proactive(), joined(), full()]))
    timeline = []
    for entry in draw(st.permutations(built.timeline)):
        changes: dict[str, object] = {}
        if draw(st.booleans()):
            changes = {"start_s": draw(seconds), "end_s": draw(seconds)}
        if entry.type == "assistant":
            spans = st.builds(Span, seconds, seconds)
            changes["evidence"] = tuple(draw(st.lists(spans, max_size=2)))
            changes["reply_to"] = draw(st.none() | st.integers(0, 12))
            changes["origin"] = draw(st.sampled_from(["annotation", "model"]))
            changes["text"] = draw(st.text())
        if draw(st.integers(0, 9)) == 0:
            changes["type"] = "tool"
        timeline.append(replace(entry, **changes))  # type: ignore[arg-type]
    times_s = draw(st.lists(seconds, max_size=4))
    sampling = {
        "sampling_fps": draw(st.floats(0, 1e6, exclude_min=True)),
        "sampling_max_frames": draw(st.none() | st.integers(1, 2**31 - 1)),
    }
    return replace(
        built,
        timeline=tuple(timeline),
        frame_times_s=tuple(times_s),
        video=replace(built.video, duration_s=draw(st.none() | seconds.filter(bool))),
        provenance=replace(built.provenance, **sampling),
    )


@given(strange_records())
def test_no_rule_raises_on_a_row_of_the_right_shape(built: Record) -> None:
    before = copy.deepcopy(built)
    problems = check(built)
    assert {problem.rule for problem in problems} <= set(RULES)
    assert "S1" not in {p.rule for p in problems if not p.where.startswith(("n_", "frames"))}
    assert built == before


@given(st.floats(0.01, 11.99), st.floats(0.01, 11.99))
def test_an_answer_before_its_evidence_never_passes(answer_s: float, end_s: float) -> None:
    """The first promise: whatever else is right, an early answer is found."""
    start_s = max(end_s - 2.0, 0.0)
    said = answer(answer_s, "A cat.", Span(start_s, end_s), 1, loss=False)
    timeline = [stretch(0.0, answer_s), user(answer_s), said, stretch(answer_s, 12.0)]
    rules = {problem.rule for problem in check(record(timeline))}
    assert ("C1" in rules) == (end_s > answer_s)
