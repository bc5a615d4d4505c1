"""Asks one question until an answer passes or the attempts are used up, without any network.

Whoever has replies (a server, the cache, a batch) hands them in; the same replies lead to the
same end, which is what makes a replay exact.
"""

from __future__ import annotations

from streamit.llm.cache import Cache
from streamit.llm.check import read_pair
from streamit.llm.question import ClipQuestion, QuestionAnswer, Refused
from streamit.llm.render import Prompts, Request, render_request, request_key
from streamit.llm.reply import Reply
from streamit.llm_settings import LlmSettings


class Dialogue:
    """One question on its way. `request` and `key` belong to the current attempt (from 1).

    `result` is None until it is settled; `problem` says why the last reply was refused.
    """

    def __init__(self, question: ClipQuestion, settings: LlmSettings, prompts: Prompts) -> None:
        self.question = question
        self.result: QuestionAnswer | Refused | None = None
        self.problem: Refused | None = None
        self._settings = settings
        self._prompts = prompts
        self._begin(attempt=1)

    def take(self, reply: Reply) -> None:
        """Judge the reply to the current request; refuse for good, or go on to the next attempt."""
        pair = read_pair(reply, self.question, self._settings)
        if not isinstance(pair, Refused):
            model = self._settings.model or ""
            self.result = QuestionAnswer(
                pair.question, pair.answer, pair.question_type, model, self._prompts.sha256
            )
            return
        self.problem = pair
        if self.attempt >= self._settings.attempts:
            self.result = pair
        else:
            self._begin(self.attempt + 1)

    def read(self, cache: Cache) -> None:
        """Go as far as the replies in a cache lead."""
        while self.result is None:
            reply = cache.get(self.key)
            if reply is None:
                return
            self.take(reply)

    def _begin(self, attempt: int) -> None:
        problem = None if self.problem is None else self.problem.message
        self.attempt = attempt
        self.request: Request = render_request(
            self.question, self._settings, self._prompts, attempt, problem
        )
        self.key = request_key(self.request, attempt)
