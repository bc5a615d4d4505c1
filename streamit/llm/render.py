"""Turns a question about a clip into the body of a chat request, from the prompt files.

The body is what the cache goes by, so it is the same on every machine and holds neither the
server's address nor the key.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from streamit.errors import ResourceError
from streamit.llm.question import ClipQuestion
from streamit.llm_settings import LlmSettings

Request = dict[str, Any]

_SHIPPED = Path(__file__).resolve().parent / "prompts"
_NAMES = ("system", "task_types", "after", "before", "absent", "again")
_PLACEHOLDER = re.compile(r"\{(\w+)\}")
_KEYS = ("question_type", "question", "answer")
ABSENT_KEY = "absent_thing"


@dataclass(frozen=True, slots=True)
class Prompts:
    """The prompt files, by name; `sha256` is over all of them, and stands in every record."""

    texts: Mapping[str, str]
    task_types: Mapping[str, str]
    sha256: str


def load_prompts(folder: str | None = None) -> Prompts:
    """The prompts of a folder, or the shipped ones. Raises ResourceError when one is missing."""
    root = Path(folder) if folder else _SHIPPED
    texts = {}
    for name in _NAMES:
        try:
            texts[name] = (root / f"{name}.txt").read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as exc:
            raise ResourceError(
                f"{root / name}.txt: this prompt cannot be read: {exc}; llm.prompts must be a "
                f"folder with {', '.join(_NAMES)} (.txt)"
            ) from exc
    types = {line.split()[0]: line for line in texts["task_types"].splitlines() if line.strip()}
    digest = hashlib.sha256(_canonical(texts)).hexdigest()
    return Prompts(texts, types, digest)


def render_request(
    question: ClipQuestion,
    settings: LlmSettings,
    prompts: Prompts,
    attempt: int = 1,
    problem: str | None = None,
) -> Request:
    """The body of the n-th request; `problem` says why the reply to the one before was refused.

    Raises ResourceError when the prompts do not define a task type.
    """
    keys = list_keys(question)
    request: Request = {
        "model": settings.model,
        "messages": [
            {"role": "system", "content": _write_system(question, settings, prompts, keys)},
            {"role": "user", "content": _write_user(question, prompts, problem)},
        ],
        settings.max_tokens_key: settings.max_tokens,
    }
    if settings.temperature is not None:
        request["temperature"] = settings.temperature
    if settings.seed is not None:
        # The same seed would bring the same refused reply again.
        request["seed"] = settings.seed + attempt - 1
    if settings.response_format != "none":
        request["response_format"] = _describe_format(question, settings, keys)
    return {**request, **settings.extra_body}


def list_keys(question: ClipQuestion) -> tuple[str, ...]:
    """The keys of the JSON object that the model replies with."""
    return (*_KEYS, ABSENT_KEY) if question.hallucination else _KEYS


def request_key(request: Request, attempt: int) -> str:
    """Sha256 by which the cache and the Batch API know the n-th attempt (from 1) at a request."""
    return hashlib.sha256(_canonical({"attempt": attempt, "request": request})).hexdigest()


def _write_system(
    question: ClipQuestion, settings: LlmSettings, prompts: Prompts, keys: tuple[str, ...]
) -> str:
    unknown = [name for name in question.task_types if name not in prompts.task_types]
    if unknown or not question.task_types:
        raise ResourceError(
            f"task type {unknown[0] if unknown else ''!r} is not defined in the prompt "
            f"task_types.txt, which has {', '.join(prompts.task_types)}"
        )
    return _fill(
        prompts.texts["system"],
        max_question_words=str(settings.max_question_words),
        max_answer_words=str(settings.max_answer_words),
        task_types="\n".join(prompts.task_types[name] for name in question.task_types),
        shape="{" + ", ".join(f'"{key}": "..."' for key in keys) + "}",
    )


def _write_user(question: ClipQuestion, prompts: Prompts, problem: str | None) -> str:
    captions = (" ".join(caption.split()) for caption in question.captions)
    numbered = "\n".join(f"{number}. {caption}" for number, caption in enumerate(captions, 1))
    parts = [_fill(prompts.texts[question.place], notes=numbered)]
    if question.hallucination:
        parts.append(prompts.texts["absent"])
    if problem is not None:
        parts.append(_fill(prompts.texts["again"], problem=problem))
    return "\n\n".join(parts)


def _describe_format(
    question: ClipQuestion, settings: LlmSettings, keys: tuple[str, ...]
) -> dict[str, Any]:
    if settings.response_format == "json_object":
        return {"type": "json_object"}
    properties: dict[str, Any] = {key: {"type": "string"} for key in keys}
    properties["question_type"]["enum"] = list(question.task_types)
    schema = {
        "type": "object",
        "properties": properties,
        "required": list(keys),
        "additionalProperties": False,
    }
    named = {"name": "question_answer", "strict": True, "schema": schema}
    return {"type": "json_schema", "json_schema": named}


def _fill(template: str, **values: str) -> str:
    """Braces that stand in a value, such as a caption, stay as they are."""
    return _PLACEHOLDER.sub(lambda found: values.get(found[1], found[0]), template)


def _canonical(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True, ensure_ascii=True, separators=(",", ":")).encode()
