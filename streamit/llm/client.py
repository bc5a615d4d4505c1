"""One chat request over the network, through the `openai` package, and what can become of it.

Retries are not the package's: it drops a Retry-After above two minutes, and knows nothing of a
budget or of the other requests. Its exceptions quote what a server sent, which may quote the key,
so none of them is chained.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import openai

from streamit.errors import EndpointError
from streamit.llm.endpoint import Endpoint
from streamit.llm.render import Request
from streamit.llm.reply import FILTERED, Reply, read_reply
from streamit.llm.retry_after import read_retry_after

_SHOWN = 300
_PASSING = frozenset({408, 409, 425})
_STANDARD = frozenset(
    {
        "model",
        "messages",
        "max_tokens",
        "max_completion_tokens",
        "temperature",
        "seed",
        "response_format",
    }
)
_ADVICE = {
    401: "check the key in {key}",
    402: "the account has no money left",
    403: "the key may not use this model, or this server is not for you",
    404: "check --base-url (it mostly ends in /v1) and --model",
}


@dataclass(frozen=True, slots=True)
class Failure:
    """A request without a reply.

    `throttled` (try again after the pause, at no cost), `passing` (try again), or `refused` (this
    request will never work). `may_cost` when the server may have answered all the same.
    """

    kind: str
    message: str
    retry_after_s: float | None = None
    may_cost: bool = False


class Client:
    """Sends requests to one server; an asynchronous context manager."""

    def __init__(self, endpoint: Endpoint, timeout_s: float, key_name: str) -> None:
        self._endpoint = endpoint
        self._key_name = key_name
        self._timeout_s = timeout_s

    async def __aenter__(self) -> Client:
        self._openai = openai.AsyncOpenAI(
            api_key=self._endpoint.api_key,
            base_url=self._endpoint.base_url,
            timeout=self._timeout_s,
            max_retries=0,
        )
        return self

    async def __aexit__(self, *error: object) -> None:
        await self._openai.close()

    async def complete(self, request: Request) -> Reply | Failure:
        """The reply to a chat request. Raises EndpointError when no request can ever succeed."""
        standard: dict[str, Any] = {k: v for k, v in request.items() if k in _STANDARD}
        extra = {k: v for k, v in request.items() if k not in _STANDARD}
        try:
            response = await self._openai.chat.completions.with_raw_response.create(
                **standard, extra_body=extra or None
            )
            body = response.http_response.text
        except openai.APIStatusError as exc:
            return self._judge_status(exc)
        except openai.APITimeoutError:
            message = f"no reply within {self._timeout_s:g} s (llm.timeout_s)"
            return Failure("passing", message, may_cost=True)
        except openai.OpenAIError as exc:
            cause = exc.__cause__ or exc
            message = self._clean(f"{type(cause).__name__}: {cause}")
            refused = isinstance(cause, OSError) or "Connect" in type(cause).__name__
            return Failure("passing", f"no connection: {message}", may_cost=not refused)
        return self._read(body)

    def _read(self, body: str) -> Reply | Failure:
        try:
            reply = read_reply(json.loads(self._endpoint.redact(body)))
        except (ValueError, RecursionError):
            reply = None
        if reply is None:
            message = f"the server sent no chat completion: {self._clean(body)}"
            return Failure("passing", message, may_cost=True)
        return reply

    def _judge_status(self, error: openai.APIStatusError) -> Reply | Failure:
        status, headers = error.status_code, error.response.headers
        message = self._clean(f"{self._endpoint.base_url} answers {status}: {_quote(error)}")
        if error.code == "insufficient_quota" or status in _ADVICE:
            advice = _ADVICE.get(status, _ADVICE[402]).format(key=self._key_name)
            raise EndpointError(f"{message}; {advice}") from None
        if status == 429:
            return Failure("throttled", message, read_retry_after(headers))
        if status >= 500 or status in _PASSING:
            return Failure("passing", message, read_retry_after(headers))
        if error.code == FILTERED:
            return Reply(None, FILTERED, input_tokens=0, output_tokens=0)
        return Failure("refused", message)

    def _clean(self, text: str) -> str:
        return " ".join(self._endpoint.redact(text).split())[:_SHOWN]


def _quote(error: openai.APIStatusError) -> str:
    """What the server said, without the wrapping of the package."""
    body = error.body
    said = body.get("message") if isinstance(body, dict) else body
    return str(said or error.message)
