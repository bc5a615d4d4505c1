"""Settings of the language model: ranges are checked, and no key can stand in them."""

from __future__ import annotations

from dataclasses import fields, replace

import pytest

from streamit import config
from streamit.errors import RecipeError
from streamit.llm_settings import OUTSIDE_FINGERPRINT, LlmSettings, check_settings


def test_the_defaults_are_in_range():
    check_settings(LlmSettings(), "recipe.yaml")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("attempts", 0),
        ("concurrency", 0),
        ("max_tokens", -1),
        ("retries", -1),
        ("temperature", -0.1),
        ("temperature", float("inf")),
        ("timeout_s", 0.0),
        ("backoff_s", float("nan")),
        ("max_overlap", 0.0),
        ("response_format", "json"),
        ("max_tokens_key", "tokens"),
    ],
)
def test_a_value_out_of_range_is_refused_with_its_key(key, value):
    with pytest.raises(RecipeError, match=rf"recipe\.yaml: llm\.{key}: "):
        check_settings(replace(LlmSettings(), **{key: value}), "recipe.yaml")


def test_a_key_has_no_place_in_a_recipe():
    with pytest.raises(RecipeError, match="unknown key 'api_key'"):
        config.read_dataclass(LlmSettings, {"api_key": "sk-1"}, "recipe.yaml")


def test_settings_are_read_from_plain_data():
    data = {"model": "m", "extra_body": {"chat_template_kwargs": {"enable_thinking": False}}}
    found = config.read_dataclass(LlmSettings, data, "recipe.yaml")
    assert found == LlmSettings(model="m", extra_body=data["extra_body"])


def test_keys_outside_the_fingerprint_are_keys():
    assert set(OUTSIDE_FINGERPRINT) < {f.name for f in fields(LlmSettings)}
