"""Where the model is, and with which key: from the settings and the environment.

The key stays in here and in the client that sends it.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import urlsplit

from streamit.errors import EndpointError
from streamit.llm_settings import LlmSettings

DEFAULT_BASE_URL = "https://api.openai.com/v1"
# Servers of one's own ask for no key, but the client wants one.
NO_KEY = "none"
HIDDEN = "[key]"
_MIN_SECRET = 6


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A server and the key for it, which no repr, message or file ever shows."""

    base_url: str
    api_key: str = field(repr=False)

    def redact(self, text: str) -> str:
        """The text without the key: servers quote it when they refuse it, or echo what was sent."""
        if len(self.api_key) < _MIN_SECRET:
            return text
        return text.replace(self.api_key, HIDDEN)


def fill_settings(settings: LlmSettings, environ: Mapping[str, str] | None = None) -> LlmSettings:
    """The settings with base URL and model, from OPENAI_BASE_URL and OPENAI_MODEL where null.

    Raises EndpointError when no model is named, or the address holds a secret or is none.
    """
    env = os.environ if environ is None else environ
    model = settings.model or env.get("OPENAI_MODEL")
    if not model:
        raise EndpointError(
            "no language model is named; give --model NAME, set llm.model in the recipe, or set "
            "OPENAI_MODEL"
        )
    base_url = settings.base_url or env.get("OPENAI_BASE_URL") or DEFAULT_BASE_URL
    _check_url(base_url)
    return replace(settings, base_url=base_url, model=model)


def find_endpoint(settings: LlmSettings, environ: Mapping[str, str] | None = None) -> Endpoint:
    """The server of filled settings with its key.

    Raises EndpointError when OpenAI's own server is to be asked without a key.
    """
    env = os.environ if environ is None else environ
    base_url, key = settings.base_url or DEFAULT_BASE_URL, env.get(settings.api_key_env, "").strip()
    if not key and base_url == DEFAULT_BASE_URL:
        raise EndpointError(
            f"{base_url} wants a key; set {settings.api_key_env}, or give --base-url for another "
            "server"
        )
    if not (key.isascii() and key.isprintable()):
        raise EndpointError(
            f"{settings.api_key_env} holds characters that no key has; copy the key once more"
        )
    return Endpoint(base_url, key or NO_KEY)


def _check_url(base_url: str) -> None:
    try:
        parts = urlsplit(base_url)
    except ValueError as exc:
        raise EndpointError(f"--base-url is no address: {exc}") from exc
    if parts.username is not None or parts.query or parts.fragment:
        # The address stands in messages and manifests, so it is not shown here.
        raise EndpointError(
            "--base-url holds a user name, password or query, and would be shown in messages; "
            "leave them out and put the key into the environment"
        )
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise EndpointError(
            f"--base-url {base_url!r} is no address of a server; write it like "
            "http://localhost:8000/v1"
        )
