"""Figures can be trusted: counts are exact, ratios are of paired rounds, floors are kept."""

from __future__ import annotations

import json

import pytest

from benchmarks.harness import Case, Comparison, Result, compare, measure, run_cases


def make_result(count: int, seconds: list[float]) -> Result:
    return Result(Case("any", "things", count, lambda: count), seconds)


def test_every_case_runs_once_per_round_and_once_to_warm_up():
    calls: list[str] = []
    cases = [
        Case(name, "things", 1, lambda name=name: bool(calls.append(name)) or 1) for name in "ab"
    ]
    results = measure(cases, rounds=2)
    assert "".join(calls) == "baabba"
    assert [len(result.seconds) for result in results.values()] == [2, 2]


def test_a_case_that_does_another_number_of_things_ends_the_run():
    with pytest.raises(SystemExit, match="a: did 2 things, not 3"):
        measure([Case("a", "things", 3, lambda: 2)], rounds=1)


def test_rate_is_at_the_median():
    assert make_result(100, [1.0, 2.0, 50.0]).rate == 50.0


def test_comparison_is_the_median_of_each_rounds_own_quotient():
    assert compare(make_result(10, [1.0, 2.0, 9.0]), make_result(10, [2.0, 2.0, 27.0])) == 2.0


@pytest.mark.parametrize(("floor", "code"), [(None, 0), (1e-9, 0), (1e12, 1)])
def test_exit_code_tells_whether_a_floor_is_kept(floor, code):
    case = Case("a", "things", 1, lambda: 1, floor)
    assert run_cases("any", [case], arguments=["--rounds", "1"]) == code


def test_a_comparison_has_a_floor_too():
    case = Case("a", "things", 1, lambda: 1)
    arguments = ["--rounds", "1"]
    assert run_cases("any", [case], [Comparison("a", "a", 2.0)], arguments) == 1


def test_json_is_one_document_without_names_of_machines(capsys):
    run_cases("any", [Case("a", "things", 7, lambda: 7)], arguments=["--rounds", "3", "--json"])
    document = json.loads(capsys.readouterr().out)
    assert set(document["machine"]) == {"cores", "cpu", "system", "python", "versions"}
    (case,) = document["cases"]
    assert (case["count"], len(case["seconds"])) == (7, 3)
