"""Address, model and key: what is given wins over the environment, and a key is never shown."""

from __future__ import annotations

from dataclasses import replace

import pytest

from streamit.errors import EndpointError
from streamit.llm.endpoint import Endpoint, fill_settings, find_endpoint
from streamit.llm_settings import LlmSettings
from tests.llm.asking import SETTINGS

ENVIRONMENT = {"OPENAI_BASE_URL": "http://env/v1", "OPENAI_MODEL": "env-model"}


def test_the_environment_fills_in_what_is_not_given():
    filled = fill_settings(LlmSettings(), ENVIRONMENT)
    assert (filled.base_url, filled.model) == ("http://env/v1", "env-model")


def test_what_is_given_wins():
    given = LlmSettings(base_url="https://given/v1", model="given")
    assert fill_settings(given, ENVIRONMENT) == given


def test_openai_is_asked_where_no_address_is_given():
    assert fill_settings(LlmSettings(model="m"), {}).base_url == "https://api.openai.com/v1"


def test_a_model_must_be_named():
    with pytest.raises(EndpointError, match=r"give --model NAME"):
        fill_settings(LlmSettings(), {})


@pytest.mark.parametrize("url", ["localhost:8000/v1", "ftp://host/v1", "http:///v1", "http://[x"])
def test_an_address_that_is_none_is_refused(url):
    with pytest.raises(EndpointError, match="is no address"):
        fill_settings(LlmSettings(base_url=url, model="m"), {})


@pytest.mark.parametrize(
    "url", ["https://me:secret1@host/v1", "https://host/v1?key=secret1", "https://secret1@host/v1"]
)
def test_an_address_with_a_secret_is_refused_and_not_shown(url):
    with pytest.raises(EndpointError) as caught:
        fill_settings(LlmSettings(base_url=url, model="m"), {})
    assert "secret1" not in str(caught.value)


def test_the_key_comes_from_the_variable_that_the_settings_name():
    env = {"OPENAI_API_KEY": "sk-other", "MINE": " sk-mine\n"}
    assert find_endpoint(replace(SETTINGS, api_key_env="MINE"), env).api_key == "sk-mine"


def test_only_openai_itself_wants_a_key():
    assert find_endpoint(SETTINGS, {}).api_key == "none"
    with pytest.raises(EndpointError, match="set OPENAI_API_KEY"):
        find_endpoint(fill_settings(LlmSettings(model="m"), {}), {})


def test_a_key_with_strange_characters_is_refused_and_not_shown():
    with pytest.raises(EndpointError) as caught:
        find_endpoint(SETTINGS, {"STREAMIT_TEST_KEY": "sk-caf\u00e9"})
    assert "caf" not in str(caught.value)


def test_the_key_is_in_no_repr_and_taken_out_of_texts():
    endpoint = Endpoint("http://host/v1", "sk-secret")
    assert "sk-secret" not in repr(endpoint)
    assert endpoint.redact("bad key sk-secret.") == "bad key [key]."


def test_a_placeholder_for_a_key_is_no_secret():
    assert Endpoint("http://host/v1", "none").redact("none of them") == "none of them"
