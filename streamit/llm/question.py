"""What is asked of the language model for one clip, and what comes back."""

from __future__ import annotations

from dataclasses import dataclass

TASK_TYPES = ("OP", "AR", "SA", "SR", "CR", "OCR", "UEH", "EU")
"""The paper's eight types of questions (section 5); prompts/task_types.txt defines them."""

AFTER = "after"
BEFORE = "before"


@dataclass(frozen=True, slots=True)
class ClipQuestion:
    """One question to be written about one clip of a stream.

    `captions` are those of the stream up to and with this clip's own, which is the last: a later
    one would let the text tell what is not seen yet. `place` is `after` (V Q A) or `before`
    (Q V A, the shifted pair): then the question is said before the clip is seen. With
    `hallucination` it is about something that no clip shows, and the answer says so.
    """

    key: str
    captions: tuple[str, ...]
    place: str = AFTER
    task_types: tuple[str, ...] = TASK_TYPES
    hallucination: bool = False


@dataclass(frozen=True, slots=True)
class QuestionAnswer:
    """A pair that passed every check. `model` is the one asked for, as the recipe names it."""

    question: str
    answer: str
    question_type: str
    model: str
    prompt_sha256: str


@dataclass(frozen=True, slots=True)
class Refused:
    """No pair: `reason` is a code of streamit/reasons.py, and the message says what was wrong."""

    reason: str
    message: str
