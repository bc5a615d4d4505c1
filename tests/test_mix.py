"""Mixes: what is refused, what a fingerprint depends on, and that the schema says the same."""

from __future__ import annotations

from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any

import pytest
import yaml

from streamit import resources
from streamit.config import read_yaml
from streamit.errors import RecipeError, ResourceError
from streamit.mix import Mix, MixPart, fingerprint, load_mix, to_data, to_yaml
from streamit.schema import check_document, load_schema

# The table of PAPER section 5, in thousands of samples.
PAPER = {
    "activitynet": 10,
    "shot2story": 36,
    "vitt": 8,
    "youcook2": 1.3,
    "coin": 11,
    "howtostep": 10,
    "moviechat": 0.8,
    "egotimeqa": 10,
    "qaego4d": 15,
    "finevideo": 43,
    "webvid+panda70m+internvid": 120,
}
OFFLINE = {"llava_video_178k+vcg_plus+sharegpt4video": 600}
SMALL: dict[str, Any] = {
    "name": "small",
    "builds": {"one": "a", "two": "b"},
    "parts": [{"build": "one", "count": 3}, {"build": "two", "source": ["x", "y"]}],
}
WRONG: list[tuple[dict[str, Any], str]] = [
    ({"name": "a/b"}, "name: 'a/b' must look like"),
    ({"sed": 1}, "unknown key 'sed'; did you mean 'seed'?"),
    ({"parts": []}, "parts: is empty"),
    ({"parts": [{"build": "on"}]}, "build 'on' is not among `builds`; did you mean 'one'?"),
    ({"parts": [{"build": "one", "sourc": "x"}]}, "unknown key 'sourc'; did you mean 'source'?"),
    ({"parts": [{"build": "one", "count": 0}]}, "0 records: must be a number greater than 0"),
    ({"parts": [{"build": "one", "count": 1.5}]}, "1.5 is not of type int"),
    ({"parts": [{"build": "one", "weight": float("nan")}]}, "must be a number greater than 0"),
    ({"parts": [{"build": "one", "count": 1, "weight": 1}]}, "has a count and a weight"),
    ({"parts": [{"build": "one", "split": "valid"}]}, "did you mean 'validation'?"),
    ({"parts": [{"build": "one", "split": "test", "count": 1}]}, "about training records"),
    ({"parts": [{"build": "one", "weight": 1}, {"build": "two"}]}, "two: has no weight"),
    ({"size": 5}, "goes with weights"),
    ({"when_short": "scal"}, "did you mean 'scale'?"),
    ({"when_short": "scale"}, "a part without count or weight has none"),
    ({"when_missing": "ignore"}, "when_missing: 'ignore'"),
    ({"held_out": "some"}, "held_out: 'some'"),
    ({"shard": {"records": 0}}, "shard.records: 0 is not a number greater than 0"),
]


def write(folder: Path, data: Any) -> str:
    path = folder / "small.yaml"
    path.write_text(yaml.safe_dump(data))
    return str(path)


def numbers_of(name: str) -> dict[str, float]:
    return {"+".join(p.sources): (p.count or 0) / 1000 for p in load_mix(name).parts}


@pytest.mark.parametrize("name", resources.names("mixes"))
def test_every_shipped_mix_loads_and_fits_the_schema(name: str) -> None:
    assert load_mix(name).name == name
    assert check_document("mix", read_yaml(resources.find("mixes", name))) == []
    assert check_document("mix", to_data(load_mix(name))) == []


def test_stream_it_is_the_table_of_the_paper_and_nothing_else() -> None:
    assert numbers_of("stream_it") == PAPER
    assert numbers_of("training") == PAPER | OFFLINE


def test_each_ablation_lacks_one_thing() -> None:
    whole = numbers_of("training")
    without = {k: n for k, n in whole.items() if k != "webvid+panda70m+internvid"}
    assert numbers_of("without_streaming_qa") == without
    assert numbers_of("without_offline") == PAPER


def test_the_activation_mix_has_180_thousand_samples_of_ten_sources() -> None:
    found = numbers_of("activation")
    assert len(found) == 10
    assert sum(part.count or 0 for part in load_mix("activation").parts) == 180_000


def test_mixes_are_no_recipes() -> None:
    assert "stream_it" not in resources.names("recipes")
    with pytest.raises(ResourceError, match="no mix named 'stream_i'; did you mean 'stream_it'"):
        load_mix("stream_i")


@pytest.mark.parametrize(("changes", "message"), WRONG)
def test_what_is_wrong_is_refused_with_a_hint(
    tmp_path: Path, changes: dict[str, Any], message: str
) -> None:
    with pytest.raises(RecipeError) as caught:
        load_mix(write(tmp_path, SMALL | changes))
    assert message in str(caught.value)


def test_builds_and_keys_are_set_from_outside(tmp_path: Path) -> None:
    mix = load_mix(write(tmp_path, SMALL), ["seed=7", "held_out=none"], {"two": "elsewhere"})
    assert (mix.seed, mix.held_out) == (7, "none")
    assert mix.builds == {"one": "a", "two": "elsewhere"}


def test_a_place_for_a_build_that_the_mix_lacks_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="has no build 'tow'; did you mean 'two'"):
        load_mix(write(tmp_path, SMALL), (), {"tow": "elsewhere"})


def test_what_is_printed_with_defaults_is_the_same_mix(tmp_path: Path) -> None:
    mix = load_mix(write(tmp_path, SMALL))
    again = tmp_path / "again.yaml"
    again.write_text(to_yaml(mix))
    assert load_mix(str(again)) == mix


def test_a_fingerprint_does_not_depend_on_words_and_places(tmp_path: Path) -> None:
    path = write(tmp_path, SMALL)
    moved = load_mix(path, ["description=other"], {"one": "elsewhere"})
    assert fingerprint(moved) == fingerprint(load_mix(path))
    assert fingerprint(load_mix(path, ["seed=1"])) != fingerprint(moved)


@pytest.mark.parametrize(("cls", "where"), [(Mix, ()), (MixPart, ("$defs", "MixPart"))])
def test_the_schema_has_the_same_keys_and_defaults(cls: type, where: tuple[str, ...]) -> None:
    schema: Any = load_schema("mix")
    for key in where:
        schema = schema[key]
    assert set(schema["properties"]) == {f.name for f in fields(cls)}
    plain = {f.name: f.default for f in fields(cls) if f.default is not MISSING}
    plain.pop("shard", None)
    assert {k: schema["properties"][k]["default"] for k in plain} == plain
    assert set(schema["required"]) == {
        f.name for f in fields(cls) if f.default is MISSING and f.default_factory is MISSING
    }
