"""Asks for one pair until an answer passes or the attempts are used up."""

from __future__ import annotations

from streamit.llm.check import read_pair
from streamit.llm.exchange import Exchange
from streamit.llm.question import ClipQuestion, QuestionAnswer, Refused
from streamit.llm.render import Prompts, render_request
from streamit.llm.reply import Reply
from streamit.llm_settings import LlmSettings


class Dialogue(Exchange[QuestionAnswer]):
    """One question on its way. `problem` says why the last reply was refused."""

    def __init__(self, question: ClipQuestion, settings: LlmSettings, prompts: Prompts) -> None:
        super().__init__(question.key)
        self.problem: Refused | None = None
        self._question = question
        self._settings = settings
        self._prompts = prompts
        self._ask(attempt=1)

    def take(self, reply: Reply) -> None:
        """Judge the reply to the current request; refuse for good, or go on to the next attempt."""
        pair = read_pair(reply, self._question, self._settings)
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
            self._ask(self.attempt + 1)

    def _ask(self, attempt: int) -> None:
        problem = None if self.problem is None else self.problem.message
        request = render_request(self._question, self._settings, self._prompts, attempt, problem)
        self._send(request, attempt)
