"""Recipes: what is refused, what a fingerprint depends on, and that the schema says the same."""

from __future__ import annotations

import re
import typing
from collections.abc import Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from pathlib import Path
from typing import Any

import pytest

from streamit import resources
from streamit.config import read_yaml, to_data
from streamit.errors import RecipeError, ResourceError
from streamit.recipe import Questions, Recipe, fingerprint, load_recipe, to_yaml
from streamit.schema import check_document, load_schema

# Overrides that must be refused, by the recipe itself and by its schema.
WRONG = [
    ("name", "a/b"),
    ("name", ""),
    ("task", "dense-caption"),
    ("seed", 1.5),
    ("sampling.fps", 0),
    ("sampling.fps", float("inf")),
    ("sampling.fps", float("nan")),
    ("sampling.fps", "1"),
    ("sampling.max_frames", 0),
    ("sampling.max_frames", 2.5),
    ("sampling.short_side", -1),
    ("sampling.jpeg_quality", 96),
    ("sampling.jpeg_quality", 0),
    ("video.decoder", "opencv"),
    ("video.timeout_s", 0),
    ("layout.proactive", 1.01),
    ("layout.proactive", -0.01),
    ("layout.proactive", True),
    ("sources.vitt.layout.proactive", 2),
    ("sources.vitt.question_delay", -1),
    ("question_delay", 2),
    ("question_delay_max_s", -1),
    ("shard.records", 0),
    ("shard.max_bytes", 0),
    ("split.validation", 1.5),
    ("limits.max_reject_rate", -0.5),
    ("media.hash", "md5"),
    ("streams.min_clips", 1),
    ("streams.max_length_s", 0),
    ("streams.max_similarity", 1.5),
    ("streams.order", "best"),
    ("streams.method", "guess"),
    ("streams.bucket", 0),
    ("similarity.threshold", 2),
    ("similarity.keep", 0),
    ("similarity.batch_size", 0),
    ("augment.drop", 1.1),
    ("quality.blind.min_overlap", 0),
    ("quality.blind.temperature", -1),
    ("quality.blind.max_tokens", 0),
    ("quality.blind.max_tokens_key", "tokens"),
    ("quality.duplicates.min_similarity", 1.5),
    ("quality.duplicates.drop", "all"),
    ("quality.task_mix", {"OP": 2.0}),
    ("augment.shift", -0.1),
    ("sources.vitt.formats", "vitt"),
    ("streams.clips", 1),
    ("questions.now", "What?"),
    ("questions.now", [1]),
    ("sampling.fp", 1),
    ("sampel", 1),
    ("sources.vitt.layouts", {}),
]


@pytest.mark.parametrize("name", resources.names("recipes"))
def test_every_shipped_recipe_loads_and_fits_the_schema(name: str) -> None:
    assert load_recipe(name).name == name
    assert check_document("recipe", read_yaml(resources.find("recipes", name))) == []
    assert check_document("recipe", to_data(load_recipe(name))) == []


@pytest.mark.parametrize(("key", "value"), WRONG)
def test_what_the_recipe_refuses_the_schema_refuses_too(key: str, value: object) -> None:
    with pytest.raises(RecipeError) as caught:
        load_recipe("dense_caption", {key: value})
    assert "dense_caption.yaml" in str(caught.value)
    data = to_data(load_recipe("dense_caption"))
    *parents, last = key.split(".")
    at = data
    for parent in parents:
        at = at[parent]
    at[last] = value
    assert check_document("recipe", data) != []


@pytest.mark.parametrize(
    ("key", "message"),
    [
        ("sampling.fsp=1", "unknown key 'fsp'; did you mean 'fps'?"),
        ("sampel.fps=1", "unknown key 'sampel'; did you mean 'sampling'?"),
        ("video.decoder=pyva", "'pyva'; did you mean 'pyav'?"),
        ("sampling.fps", "write it as key=value"),
        ("=1", "write it as key=value"),
        ("questions.now=[", "the value is no YAML"),
        ("seed.x=1", "'seed' is a value"),
    ],
)
def test_a_wrong_override_says_what_is_right(key: str, message: str) -> None:
    with pytest.raises(RecipeError) as caught:
        load_recipe("dense_caption", [key])
    assert message in str(caught.value)


def test_overrides_are_yaml_values() -> None:
    recipe = load_recipe(
        "dense_caption",
        ["sampling.max_frames=null", "sampling.fps=2", "questions.now=[What now]", "seed = 7"],
    )
    assert recipe.sampling.max_frames is None
    assert recipe.sampling.fps == 2.0
    assert recipe.questions.now == ("What now",)
    assert recipe.seed == 7


def test_a_source_may_differ_from_its_recipe() -> None:
    recipe = load_recipe("dense_caption", {"sources.demo.question_delay": 0.5})
    assert [recipe.proactive_share(name) for name in ("vitt", "activitynet", "own")] == [
        1,
        0.2,
        0.2,
    ]
    assert [recipe.delay_share(name) for name in ("demo", "vitt", "own")] == [0.5, 0.0, 0.0]


def test_an_unknown_recipe_brings_the_nearest() -> None:
    with pytest.raises(ResourceError, match="did you mean 'dense_caption'"):
        load_recipe("dense_captions")


def test_a_recipe_may_be_a_file_of_ones_own(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(
        'name: mine\ntask: offline_qa\nseed: 3\nquestions: {whole: ["What is it?"]}\n', "utf-8"
    )
    pools = Questions(whole=("What is it?",))
    assert load_recipe(str(path)) == Recipe("mine", "offline_qa", seed=3, questions=pools)


@pytest.mark.parametrize(
    ("recipe", "change", "message"),
    [
        ("dense_caption", {"questions.now": []}, "questions.now: dense_caption needs at least one"),
        ("dense_caption", {"one_event": 0.5}, "questions.one_event: dense_caption needs"),
        ("step_recognition", {"steps.forecast": True}, "questions.forecast: step_recognition"),
        ("activation", {"tasks.grounded_qa.questions.proactive": []}, "tasks.grounded_qa.questi"),
        ("grounded_qa", {"questions.proactive": ["Well?"]}, "'Well?': must hold {question}"),
        ("dense_caption", {"questions.now": ["{evnt}?"]}, "{evnt} is not filled in here"),
        ("activation", {"negatives.rate": 1.5}, "negatives.rate: 1.5 is not a share"),
        ("streaming_qa", {"sources.demo.task": "offline_qa"}, "here are offline_qa, streaming_qa"),
        ("streaming_qa", {"similarity.keep": 0.5}, "nothing is compared without an embedder"),
        (
            "streaming_qa",
            {"similarity": {"embedder": "pixels", "keep": 0.5, "threshold": 0.2}},
            "give threshold or keep, not both",
        ),
        ("streaming_qa", {"streams.min_clips": 11}, "and at most streams.clips (10)"),
    ],
)
def test_wordings_that_a_task_cannot_use_are_refused(
    recipe: str, change: dict[str, Any], message: str
) -> None:
    with pytest.raises(RecipeError, match=re.escape(message)):
        load_recipe(recipe, change)


def test_a_source_has_its_own_task_in_a_recipe_of_several() -> None:
    recipe = load_recipe("activation")
    assert [recipe.task_of(name) for name in ("hacs", "coin", "unheard_of")] == [
        "action_detection",
        "step_recognition",
        "dense_caption",
    ]
    assert recipe.questions_of("grounded_qa") == load_recipe("grounded_qa").questions


@pytest.mark.parametrize("name", resources.names("recipes"))
def test_every_pool_has_as_many_wordings_as_the_paper_and_holds_one_in_five_out(name: str) -> None:
    recipe = load_recipe(name)
    for pools in (recipe.questions, *(task.questions for task in recipe.tasks.values())):
        sizes = {len(getattr(pools, f.name)) for f in fields(Questions)} - {0}
        assert sizes <= {5}


def test_a_resolved_recipe_loads_as_the_same(tmp_path: Path) -> None:
    recipe = load_recipe("dense_caption", {"sources.demo.question_delay": 0.5})
    path = tmp_path / "resolved.yaml"
    path.write_text(to_yaml(recipe), encoding="utf-8")
    assert load_recipe(str(path)) == recipe


@pytest.mark.parametrize(
    "change",
    [
        {"seed": 1},
        {"sampling.fps": 2.0},
        {"layout.proactive": 0.3},
        {"sources.vitt.layout.proactive": 0.9},
        {"questions.now": ["What now?"]},
        {"shard.records": 100},
        {"media.hash": "none"},
    ],
)
def test_what_can_change_a_shard_changes_the_fingerprint(change: dict[str, Any]) -> None:
    recipe = load_recipe("dense_caption")
    assert fingerprint(load_recipe("dense_caption", change)) != fingerprint(recipe)


@pytest.mark.parametrize(
    "change",
    [{"description": "other"}, {"limits.max_reject_rate": 1.0}, {"video.timeout_s": 5.0}],
)
def test_what_changes_no_shard_keeps_the_fingerprint(change: dict[str, Any]) -> None:
    recipe = load_recipe("dense_caption")
    assert fingerprint(load_recipe("dense_caption", change)) == fingerprint(recipe)


def test_the_schema_lists_the_fields_and_defaults_of_the_dataclasses() -> None:
    schema = load_schema("recipe")
    assert describe_schema(schema, schema["$defs"]) == describe_class(Recipe)


def describe_class(cls: Any) -> dict[str, Any]:
    """Field names with their defaults, nested; `...` where there is none."""
    hints = typing.get_type_hints(cls)
    return {f.name: describe_hint(hints[f.name], f) for f in fields(cls)}


def describe_hint(hint: Any, f: Field[Any] | None) -> Any:
    if typing.get_origin(hint) is not None and issubclass(typing.get_origin(hint), Mapping):
        return {"*": describe_hint(typing.get_args(hint)[1], None)}
    inner = [arg for arg in (hint, *typing.get_args(hint)) if is_dataclass(arg)]
    if inner:
        return describe_class(inner[0])
    if f is None or (f.default is MISSING and f.default_factory is MISSING):
        return ...
    return to_data(f.default)


def describe_schema(node: dict[str, Any], definitions: dict[str, Any]) -> Any:
    """The same of a JSON Schema."""
    for choice in node.get("anyOf", [node]):
        if "$ref" in choice:
            return describe_schema(definitions[choice["$ref"].rpartition("/")[2]], definitions)
    if "properties" in node:
        assert node["additionalProperties"] is False
        below = node["properties"].items()
        return {name: describe_schema(inner, definitions) for name, inner in below}
    if node.get("type") == "object":
        return {"*": describe_schema(node["additionalProperties"], definitions)}
    return node.get("default", ...)
