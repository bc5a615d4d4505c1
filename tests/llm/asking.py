"""What the tests of the language-model side share: questions, settings, and a run over them."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from streamit.llm.ask import ask_all
from streamit.llm.question import ClipQuestion, QuestionAnswer, Refused
from streamit.llm_settings import LlmSettings

CAPTIONS = ("A man fills a kettle at the sink.", "The man pours boiling water into a green cup.")
QUESTION = ClipQuestion("stream/1", CAPTIONS)
SETTINGS = LlmSettings(
    base_url="http://127.0.0.1:9/v1",
    model="gpt-4o",
    api_key_env="STREAMIT_TEST_KEY",
    concurrency=4,
    retries=2,
    backoff_s=0.001,
    timeout_s=5.0,
)
"""Nobody listens at port 9, so a test that forgets its server fails at once."""


def settings(url: str, **changes: Any) -> LlmSettings:
    """Settings for a server, quick to give up."""
    return replace(SETTINGS, base_url=url, **changes)


def make_questions(n: int) -> list[ClipQuestion]:
    """Questions that all differ."""
    return [ClipQuestion(f"stream/{i}", (*CAPTIONS, f"Guest {i} comes in.")) for i in range(n)]


def make_pair(
    question: str = "What is the man making just now?",
    answer: str = "He prepares himself some tea.",
    question_type: str = "AR",
    **more: Any,
) -> str:
    """A reply that passes, or what a test makes of it."""
    pair = {"question_type": question_type, "question": question, "answer": answer}
    return json.dumps({**pair, **more})


def run(
    questions: list[ClipQuestion], llm: LlmSettings, cache: Path, *args: Any, **options: Any
) -> dict[str, QuestionAnswer | Refused]:
    """All results by key; every question has come back just once."""
    results = list(ask_all(questions, llm, cache, *args, **options))
    assert sorted(key for key, _ in results) == sorted(q.key for q in questions)
    return dict(results)


def count_reasons(results: dict[str, QuestionAnswer | Refused]) -> dict[str, int]:
    """How often each reason of refusal came up."""
    reasons = [result.reason for result in results.values() if isinstance(result, Refused)]
    return {reason: reasons.count(reason) for reason in sorted(set(reasons))}
