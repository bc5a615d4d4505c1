"""What a corpus is stands in its YAML; a mistake there is an error, never a default."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
import yaml

from streamit import resources
from streamit.config import read_yaml
from streamit.errors import RecipeError, ResourceError
from streamit.readers.column_map import ColumnMap, SplitColumn, TimeColumn
from streamit.readers.registry import SHIPPED
from streamit.schema import check_document, load_schema
from streamit.source import (
    ExpectedFile,
    Licence,
    SourceInfo,
    find_source,
    folder_names,
    load_source,
)

NAMES = resources.names("sources")
PLAIN: dict[str, Any] = {
    "name": "cooking",
    "title": "Cooking",
    "reader": "table",
    "licence": {"annotations": "mine", "media": "mine"},
    "files": [{"glob": "*.csv"}],
}


def load(folder: Path, **changes: Any) -> SourceInfo:
    path = folder / "cooking.yaml"
    path.write_text(yaml.safe_dump({**PLAIN, **changes}))
    return load_source(str(path))


@pytest.mark.parametrize("name", NAMES)
def test_every_shipped_source_obeys_the_schema(name: str) -> None:
    assert check_document("source", read_yaml(find_source(name))) == []


@pytest.mark.parametrize("name", NAMES)
def test_every_shipped_source_can_be_read(name: str) -> None:
    info = load_source(name)
    assert info.name == name
    assert info.reader in SHIPPED or info.parts
    assert all(load_source(part).reader in SHIPPED for part in info.parts)


@pytest.mark.parametrize("name", [n for n in NAMES if n not in ("demo", "table")])
def test_every_corpus_says_where_it_comes_from(name: str) -> None:
    info = load_source(name)
    assert info.citation.startswith(("@inproceedings{", "@article{", "@misc{"))
    assert {"homepage", "paper"} <= set(info.links)
    assert info.defects
    assert info.licence.republish_media == "no"
    assert all(file.obtain for file in info.files if file.required)


@pytest.mark.parametrize(
    ("cls", "definition"),
    [
        (SourceInfo, None),
        (Licence, "Licence"),
        (ExpectedFile, "ExpectedFile"),
        (ColumnMap, "ColumnMap"),
        (TimeColumn, "TimeColumn"),
        (SplitColumn, "SplitColumn"),
    ],
)
def test_the_schema_has_the_keys_that_are_read(cls: Any, definition: str | None) -> None:
    schema = load_schema("source")
    node = schema if definition is None else schema["$defs"][definition]
    assert set(node["properties"]) == {field.name for field in fields(cls)}
    assert node["additionalProperties"] is False


@pytest.mark.parametrize("key", ["pieces", "licens"])
def test_schema_and_reader_refuse_the_same_keys(tmp_path: Path, key: str) -> None:
    assert check_document("source", {**PLAIN, key: 1})
    with pytest.raises(RecipeError, match=f"unknown key '{key}'"):
        load(tmp_path, **{key: 1})


def test_schema_checks_the_column_map_of_tables_alone() -> None:
    columns = {"vido": "clip"}
    assert check_document("source", {**PLAIN, "columns": columns})
    assert not check_document("source", {**PLAIN, "columns": columns, "reader": "my.module:read"})


def test_aliases_lead_to_the_source() -> None:
    assert load_source("anet_captions") == load_source("activitynet")
    assert "activitynet_captions" in folder_names(load_source("activitynet"))


def test_no_two_sources_share_a_name_or_alias() -> None:
    names = [name for source in NAMES for name in folder_names(load_source(source))]
    assert len(names) == len(set(names))


def test_an_unknown_source_has_a_nearest_one() -> None:
    with pytest.raises(ResourceError, match="did you mean 'vitt'"):
        load_source("vit")


@pytest.mark.parametrize(
    ("written", "read"), [(True, "yes"), (False, "no"), ("unknown", "unknown")]
)
def test_an_unquoted_yes_is_a_word(tmp_path: Path, written: object, read: str) -> None:
    licence = {**PLAIN["licence"], "republish_annotations": written}
    assert load(tmp_path, licence=licence).licence.republish_annotations == read


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"splits": "some"}, "splits: 'some' is none of its values"),
        ({"files": [{"glob": "*", "split": "dev"}]}, r"files\[0\]\.split: 'dev' is none"),
        ({"tolerance_s": -1}, "tolerance_s: -1.0 must not be negative"),
        ({"name": "a/b"}, "name: 'a/b' must be a plain word"),
        ({"licence": {"annotations": "x"}}, "licence: key 'media' is missing"),
        ({"exhaustive": "yes"}, "exhaustive: 'yes' is not of type bool"),
    ],
)
def test_a_value_that_cannot_be(tmp_path: Path, changes: dict[str, Any], message: str) -> None:
    with pytest.raises(RecipeError, match=message):
        load(tmp_path, **changes)


@pytest.mark.parametrize(("page", "cls"), [("sources.md", SourceInfo), ("own-data.md", ColumnMap)])
def test_the_pages_explain_every_key(page: str, cls: Any) -> None:
    text = (Path(__file__).resolve().parents[1] / "docs" / page).read_text()
    first_cells = [line.split("|")[1] for line in text.splitlines() if line.startswith("| `")]
    explained = set(re.findall(r"`(\w+)`", " ".join(first_cells)))
    assert {field.name for field in fields(cls)} <= explained
