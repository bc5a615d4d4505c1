"""Which converter makes the records of a task."""

from __future__ import annotations

from importlib import import_module

from streamit.config import nearest
from streamit.convert.base import Converter
from streamit.errors import RecipeError

CONVERTERS = {"dense_caption": "streamit.convert.dense_caption"}


def load_converter(task: str) -> Converter:
    """The converter of a recipe's task. Raises RecipeError with the nearest task."""
    if task not in CONVERTERS:
        raise RecipeError(f"task: {task!r} has no converter; {nearest(task, list(CONVERTERS))}")
    converter: Converter = import_module(CONVERTERS[task]).convert
    return converter
