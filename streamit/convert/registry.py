"""Which converter makes the records of a task."""

from __future__ import annotations

from importlib import import_module

from streamit.config import nearest
from streamit.convert.base import Converter
from streamit.errors import RecipeError

CONVERTERS = {
    "action_detection": "streamit.convert.action_detection",
    "dense_caption": "streamit.convert.dense_caption",
    "grounded_qa": "streamit.convert.grounded_qa",
    "offline_qa": "streamit.convert.offline_qa",
    "step_recognition": "streamit.convert.step_recognition",
    "streaming_qa": "streamit.convert.streaming_qa",
    "temporal_grounding": "streamit.convert.temporal_grounding",
}
# These may make a record of every annotation, the others one of every annotation set.
_PER_ANNOTATION = frozenset({"action_detection", "grounded_qa", "offline_qa", "temporal_grounding"})


def load_converter(task: str) -> Converter:
    """The converter of a task. Raises RecipeError with the nearest task."""
    if task not in CONVERTERS:
        raise RecipeError(f"task: {task!r} has no converter; {nearest(task, list(CONVERTERS))}")
    converter: Converter = import_module(CONVERTERS[task]).convert
    return converter


def count_numbers(task: str, n_events: int) -> int:
    """How many record numbers an item of so many annotations takes."""
    return n_events if task in _PER_ANNOTATION else 1
