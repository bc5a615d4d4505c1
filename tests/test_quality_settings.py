"""Settings of the quality checks: ranges, and what of them can change a record."""

from __future__ import annotations

import re

import pytest

from streamit import config
from streamit.errors import RecipeError
from streamit.quality_settings import Blind, Duplicates, Quality, check_ranges, list_effects


def read(data) -> Quality:
    return config.read_dataclass(Quality, data, "recipe.yaml")


def test_nothing_is_checked_at_first():
    assert not Quality().is_on


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("blind.model", "small", Quality(Blind("small"))),
        ("duplicates.min_similarity", 0.8, Quality(duplicates=Duplicates(0.8))),
        ("task_mix.OP", 1.0, Quality(task_mix={"OP": 1.0})),
    ],
)
def test_one_override_switches_a_check_on(key, value, expected):
    data = {}
    config.apply_override(data, key, value)
    assert read(data) == expected
    assert expected.is_on


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"blind": {"min_overlap": 0.0}}, "blind.min_overlap: 0.0 must be above 0"),
        ({"blind": {"temperature": -1}}, "blind.temperature: -1.0 must be 0 or more"),
        ({"blind": {"max_tokens": 0}}, "blind.max_tokens: 0 must be at least 1"),
        (
            {"blind": {"max_tokens_key": "max_token"}},
            "blind.max_tokens_key: 'max_token'; did you mean 'max_tokens'?",
        ),
        ({"duplicates": {"min_similarity": 1.1}}, "duplicates.min_similarity: 1.1 must be above 0"),
        ({"duplicates": {"drop": "streams"}}, "duplicates.drop: 'streams'; did you mean 'stream'?"),
        ({"blind": {"drop": True}}, "blind.drop: nobody guesses; name a model"),
        ({"duplicates": {"drop": "build"}}, "duplicates.drop: repeats are not looked for"),
        ({"task_mix": {"OP": 1.5}}, "task_mix.OP: 1.5 is not a share"),
        ({"task_mix": {"OP": 0.5, "AR": 0.4}}, "task_mix: the shares add up to 0.9, not to 1"),
    ],
)
def test_a_value_out_of_range_is_refused_with_its_key(data, message):
    with pytest.raises(RecipeError, match=re.escape(f"recipe.yaml: quality.{message}")):
        check_ranges(read(data), "recipe.yaml")


def test_shares_that_add_up_but_for_rounding_are_a_mix():
    check_ranges(read({"task_mix": {"OP": 0.1, "AR": 0.2, "EU": 0.7}}), "recipe.yaml")


def test_a_check_that_only_reports_changes_no_record():
    quality = Quality(Blind("m"), Duplicates(0.8), {"OP": 1.0})
    assert list_effects(quality) == {}


def test_how_the_server_is_reached_changes_no_record():
    here = Blind("m", base_url="http://here/v1", api_key_env="HERE", drop=True)
    there = Blind("m", base_url="http://there/v1", drop=True)
    assert list_effects(Quality(here)) == list_effects(Quality(there)) != {}


def test_what_sets_aside_changes_records_with_its_numbers():
    effects = list_effects(Quality(Blind("m", drop=True), Duplicates(0.7, "build")))
    assert effects["blind"]["min_overlap"] == 0.6
    assert effects["duplicates"] == {"min_similarity": 0.7, "drop": "build"}
