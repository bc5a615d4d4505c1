"""What made a dataset, as its manifest tells it: one recipe, or a mix of several builds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from streamit.stream_settings import MODEL, TEMPLATE


def is_mix(manifest: Mapping[str, Any]) -> bool:
    """Whether the dataset was mixed of several builds."""
    return "mix" in manifest


def name_of(manifest: Mapping[str, Any]) -> str:
    """The name of the recipe or mix, which is that of the dataset's config and folder of shards."""
    name: str = manifest["mix" if is_mix(manifest) else "recipe"]["name"]
    return name


def recipes_of(manifest: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The recipes by which the records were made, as plain data."""
    if is_mix(manifest):
        return [build["recipe"] for build in manifest["builds"]]
    return [manifest["recipe"]]


def tasks_of(manifest: Mapping[str, Any]) -> list[str]:
    """The tasks of a mix's records, or the recipe's."""
    return sorted(manifest["tasks"]) if is_mix(manifest) else [manifest["recipe"]["task"]]


def describe(manifest: Mapping[str, Any]) -> str:
    """The one line that the recipe or mix says of itself."""
    own = manifest["mix" if is_mix(manifest) else "recipe"]["description"]
    word = "Task" if len(tasks_of(manifest)) == 1 else "Tasks"
    return own or f"{word}: {', '.join(tasks_of(manifest))}."


def list_models(manifest: Mapping[str, Any]) -> list[str]:
    """The language models that wrote questions and answers, by name."""
    written = [recipe for recipe in recipes_of(manifest) if recipe.get("writer") == MODEL]
    return sorted({recipe["llm"]["model"] for recipe in written})


def has_template_pairs(manifest: Mapping[str, Any]) -> bool:
    """Whether questions about joined clips were made without a language model."""
    return any(recipe.get("writer") == TEMPLATE for recipe in recipes_of(manifest))


def list_settings(manifest: Mapping[str, Any], key: str, otherwise: str) -> str:
    """A sampling key of all recipes in words: `1`, or `1 or 2`; `otherwise` where it is null."""
    found = [recipe["sampling"][key] for recipe in recipes_of(manifest)]
    return _join(otherwise if value is None else f"{value:g}" for value in found)


def _join(words: Iterable[str]) -> str:
    return " or ".join(dict.fromkeys(words))
