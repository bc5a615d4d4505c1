from collections import Counter

from streamit.recipe import load_recipe
from streamit.record import Span
from streamit.schema import check
from tests.convert.scenes import answers, make_item, outline, run

STEPS = [(2.0, 10.0, "crack the egg"), (12.0, 20.0, "whisk it")]
POOLS = load_recipe("step_coach").questions


def coach(item, **changes):
    """Converted with one wording for each thing that is said, so that texts are exact."""
    wordings = {
        "questions__reminder": ["Now: {event}."],
        "questions__forecast": ["Next: {event}."],
    }
    return run(item, recipe="step_coach", **(wordings | changes))


def said(out):
    """(time, kind, text) of all that is said in the first record."""
    return [
        (entry.start_s, entry.kind, entry.text)
        for entry in out.records[0].timeline
        if entry.type == "assistant"
    ]


def of_kind(out, kind):
    return [entry for entry in out.records[0].timeline if entry.kind == kind]


def test_the_goal_comes_first_and_each_step_is_told_when_it_ends():
    out = run(make_item(STEPS, goal="make an omelette"), recipe="step_recognition")
    record = out.records[0]
    assert outline(record) == [
        ("user", 0.0, 0.0),
        ("video", 0.0, 10.0),
        ("assistant", 10.0, 10.0),
        ("video", 10.0, 20.0),
        ("assistant", 20.0, 20.0),
        ("video", 20.0, 30.0),
    ]
    goals = [text.replace("{goal}", "make an omelette") for text in POOLS.goal]
    assert record.timeline[0].text in goals
    assert said(out) == [(10.0, "step", "crack the egg"), (20.0, "step", "whisk it")]
    assert (record.task, record.layout) == ("step_recognition", "proactive")


def test_without_a_goal_the_steps_are_asked_for():
    record = run(make_item(STEPS), recipe="step_recognition").records[0]
    assert record.timeline[0].text in POOLS.proactive
    assert (record.timeline[0].kind, record.timeline[0].expects) == ("instruction", "many")


def test_multi_turn_asks_at_the_end_of_each_step():
    record = run(make_item(STEPS), recipe="step_recognition", layout__proactive=0.0).records[0]
    asked = [(e.start_s, e.text) for e in record.timeline if e.type == "user"]
    assert [time_s for time_s, _ in asked] == [10.0, 20.0]
    assert all(text in POOLS.now for _, text in asked)
    assert answers(record) == [(10.0, "crack the egg"), (20.0, "whisk it")]


def test_a_coach_reminds_tells_and_says_what_comes_next():
    assert said(coach(make_item(STEPS))) == [
        (3.0, "reminder", "Now: crack the egg."),
        (10.0, "step", "crack the egg"),
        (10.0, "forecast", "Next: whisk it."),
        (13.0, "reminder", "Now: whisk it."),
        (20.0, "step", "whisk it"),
    ]


def test_a_reminder_rests_on_the_first_sampling_step():
    reminders = of_kind(coach(make_item(STEPS)), "reminder")
    assert [entry.evidence for entry in reminders] == [(Span(2.0, 3.0),), (Span(12.0, 13.0),)]
    assert all(entry.loss for entry in reminders)
    assert {entry.origin for entry in reminders} == {"template"}


def test_the_first_sampling_step_of_a_capped_video_is_longer():
    out = coach(make_item([(8.0, 100.0, "knead")], duration_s=512.0))
    assert said(out)[0] == (10.0, "reminder", "Now: knead.")


def test_a_step_no_longer_than_a_sampling_step_has_no_reminder():
    out = coach(make_item([(2.0, 3.0, "crack"), (12.0, 13.000001, "whisk")]))
    assert [(entry.start_s, entry.text) for entry in of_kind(out, "reminder")] == [
        (13.0, "Now: whisk.")
    ]


def test_a_forecast_is_not_learned_unless_the_recipe_says_so():
    losses = [
        [entry.loss for entry in of_kind(coach(make_item(STEPS), **changes), "forecast")]
        for changes in ({}, {"steps__forecast_loss": True})
    ]
    assert losses == [[False], [True]]


def test_an_unlearned_forecast_is_no_unseen_evidence():
    assert coach(make_item(STEPS)).adjusted == Counter()


def test_a_forecast_rests_on_the_step_that_has_just_ended():
    (forecast,) = of_kind(coach(make_item(STEPS)), "forecast")
    assert forecast.evidence == (Span(2.0, 10.0),)
    assert (forecast.origin, forecast.reply_to) == ("template", 0)


def test_what_follows_together_is_foretold_together():
    item = make_item([*STEPS, (15.0, 20.5, "add salt")])
    assert [entry.text for entry in of_kind(coach(item), "forecast")] == [
        "Next: whisk it add salt."
    ]


def test_at_equal_times_the_step_comes_before_what_is_next_and_what_begins():
    out = coach(make_item([(2.0, 10.0, "crack"), (9.0, 20.0, "whisk")]))
    assert [(kind, text) for time_s, kind, text in said(out) if time_s == 10.0] == [
        ("step", "crack"),
        ("forecast", "Next: whisk."),
        ("reminder", "Now: whisk."),
    ]
    assert check(out.records[0]) == []


def test_reminders_and_forecasts_are_said_only_where_nobody_asks():
    kinds = {kind for _, kind, _ in said(coach(make_item(STEPS), layout__proactive=0.0))}
    assert kinds == {"answer"}


def test_every_step_counts_once_whatever_is_said_of_it():
    out = coach(make_item([*STEPS, (9.0, 8.0, "reversed")]))
    assert (out.recorded, [reject.reason for reject in out.rejects]) == (2, ["reversed"])


def test_steps_with_questions_of_their_own_are_asked_for():
    item = make_item([(2.0, 10.0, "the egg", "What is cracked?")])
    record = run(item, recipe="step_recognition").records[0]
    assert [e.text for e in record.timeline if e.type != "video"] == ["What is cracked?", "the egg"]


def test_no_usable_step_makes_no_record():
    out = run(make_item([(9.0, 8.0, "reversed")]), recipe="step_recognition")
    assert (out.records, len(out.rejects)) == ([], 1)
