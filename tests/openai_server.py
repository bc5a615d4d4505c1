"""A server on loopback that speaks the OpenAI chat protocol, and misbehaves on order.

`serve_openai()` writes a good answer to every request. What goes wrong is said in `steps`, one for
each request in the order of arrival; after the last step all is well again.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import blake2b
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

INPUT_TOKENS = 100
OUTPUT_TOKENS = 20

Body = dict[str, Any]


@dataclass(frozen=True)
class Step:
    """What one request gets: a status with a body, late, or not at all."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: Any = None
    text: str | None = None
    finish_reason: str = "stop"
    usage: bool = True
    delay_s: float = 0.0
    cut: bool = False


GOOD = Step()


def error(status: int, message: str = "no", code: str | None = None, **headers: str) -> Step:
    """An error as OpenAI words it; `retry_after="1"` becomes a header."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Step(status, named, {"error": {"message": message, "type": "error", "code": code}})


def write_answer(request: Body) -> str:
    """A pair that passes every check, and that differs from request to request."""
    asked = request["messages"][-1]["content"]
    word = blake2b(asked.encode(), digest_size=4).hexdigest()
    if '"absent_thing"' in asked:
        thing = f"zeppelin{word}"
        pair = {"question": f"Where is the {thing} now?", "answer": f"There is no {thing} here."}
        return json.dumps({"question_type": "OP", **pair, "absent_thing": thing})
    pair = {"question": "What is going on now?", "answer": f"Somebody has brought {word} along."}
    return json.dumps({"question_type": "EU", **pair})


@dataclass
class Server:
    """A running server: its address, and what it was sent so far."""

    url: str
    requests: list[Body] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    most_at_once: int = 0


@contextmanager
def serve_openai(
    steps: Iterable[Step] = (), answer: Callable[[Body], str] = write_answer
) -> Iterator[Server]:
    """The server until the block ends; `answer` writes the text of a good reply."""
    state = _State(iter(steps), answer)
    handler = type("Handler", (_Handler,), {"state": state})
    with _QuietServer(("127.0.0.1", 0), handler) as server:
        state.server.url = f"http://127.0.0.1:{server.server_port}/v1"
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield state.server
        finally:
            server.shutdown()
            thread.join()


class _QuietServer(ThreadingHTTPServer):
    request_queue_size = 128
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away in the middle is what some tests are about."""


class _State:
    def __init__(self, steps: Iterator[Step], answer: Callable[[Body], str]) -> None:
        self.server = Server("")
        self.answer = answer
        self._steps = steps
        self._lock = threading.Lock()
        self._n_open = 0

    def enter(self, request: Body, headers: dict[str, str]) -> Step:
        with self._lock:
            self.server.requests.append(request)
            self.server.headers.append(headers)
            self._n_open += 1
            self.server.most_at_once = max(self.server.most_at_once, self._n_open)
            return next(self._steps, GOOD)

    def leave(self) -> None:
        with self._lock:
            self._n_open -= 1


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    state: _State

    def do_POST(self) -> None:
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path != "/v1/chat/completions":
            self._send(error(404, f"no route {self.path}"), request)
            return
        step = self.state.enter(request, {k.lower(): v for k, v in self.headers.items()})
        try:
            time.sleep(step.delay_s)
            self._send(step, request)
        finally:
            self.state.leave()

    def log_message(self, format: str, *args: object) -> None:
        """Keep the log of the tests clean."""

    def _send(self, step: Step, request: Body) -> None:
        body = step.body if step.body is not None else self._complete(step, request)
        data = body.encode() if isinstance(body, str) else json.dumps(body).encode()
        self.send_response(step.status)
        for name, value in step.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data[: len(data) // 2] if step.cut else data)
        self.close_connection = step.cut

    def _complete(self, step: Step, request: Body) -> Body:
        text = self.state.answer(request) if step.text is None else step.text
        message = {"role": "assistant", "content": text}
        choice = {"index": 0, "message": message, "finish_reason": step.finish_reason}
        completion = {
            "id": "chatcmpl-1",
            "object": "chat.completion",
            "created": 0,
            "model": request["model"],
            "choices": [choice],
        }
        if step.usage:
            completion["usage"] = {
                "prompt_tokens": INPUT_TOKENS,
                "completion_tokens": OUTPUT_TOKENS,
                "total_tokens": INPUT_TOKENS + OUTPUT_TOKENS,
            }
        return completion
