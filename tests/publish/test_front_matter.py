"""The card's YAML says what `datasets` and the Hub need."""

from __future__ import annotations

from dataclasses import replace

import pytest
import yaml
from datasets import Features

from streamit.columns import features_json
from streamit.publish.front_matter import list_features, size_category, write_front_matter
from streamit.source import Licence
from tests.factories import multi_turn, proactive
from tests.publish.folders import load_infos, make_manifest, write_build


@pytest.mark.parametrize("with_frames", [False, True])
def test_features_are_spelled_as_datasets_spells_them(with_frames):
    theirs = Features.from_dict(features_json(with_frames))._to_yaml_list()
    assert list_features(with_frames) == theirs


@pytest.mark.parametrize(
    ("n_records", "word"),
    [
        (0, "n<1K"),
        (999, "n<1K"),
        (1000, "1K<n<10K"),
        (99_999, "10K<n<100K"),
        (9_999_999, "1M<n<10M"),
        (10_000_000, "n>10M"),
    ],
)
def test_size_category(n_records, word):
    assert size_category(n_records) == word


def test_one_default_config_with_the_splits_that_have_records(tmp_path):
    manifest = write_build(tmp_path, [multi_turn(), proactive(split="test")])
    head = yaml.safe_load(write_front_matter(manifest, load_infos(["demo"])))
    assert head["configs"] == [
        {
            "config_name": "dense_caption",
            "data_files": [
                {"split": "train", "path": "dense_caption/train-*.parquet"},
                {"split": "test", "path": "dense_caption/test-*.parquet"},
            ],
            "default": True,
        }
    ]
    sizes = {part["split"]: part["bytes"] for part in manifest["parts"]}
    assert head["dataset_info"]["splits"] == [
        {"name": "train", "num_bytes": sizes["train"], "num_examples": 1},
        {"name": "test", "num_bytes": sizes["test"], "num_examples": 1},
    ]


def test_a_build_without_records_names_no_config():
    head = yaml.safe_load(write_front_matter(make_manifest(["demo"]), load_infos(["demo"])))
    assert "configs" not in head
    assert head["dataset_info"]["splits"] == []


def test_words_of_a_demo_build():
    head = yaml.safe_load(write_front_matter(make_manifest(["demo"]), load_infos(["demo"])))
    assert head["pretty_name"] == "Stream-IT dense caption (demo)"
    assert head["license"] == "apache-2.0"
    assert head["language"] == ["en"]
    assert head["annotations_creators"] == ["machine-generated"]
    assert head["task_categories"] == ["video-text-to-text"]
    assert head["size_categories"] == ["n<1K"]
    assert "dense_caption" in head["tags"]


def test_words_of_a_real_build():
    head = yaml.safe_load(
        write_front_matter(make_manifest(["activitynet"]), load_infos(["activitynet"]))
    )
    assert head["pretty_name"] == "Stream-IT dense caption"
    assert head["annotations_creators"] == ["found", "machine-generated"]


@pytest.mark.parametrize(
    ("annotations", "media", "expected"),
    [
        (["CC BY 4.0", "cc-by-4.0"], "none", ("cc-by-4.0", None)),
        (["CC-BY-4.0", "CC-BY-NC-SA-4.0"], "none", ("other", "mixed-see-sources-in-card")),
        (["none stated"], "none", ("other", "unknown-see-sources-in-card")),
        (["CC-BY-4.0"], "frames", ("other", "mixed-see-sources-in-card")),
    ],
)
def test_licence_is_named_only_when_it_covers_all(annotations, media, expected):
    info = load_infos(["demo"])["demo"]
    infos = {
        f"source_{i}": replace(info, licence=Licence(terms, "YouTube terms of service"))
        for i, terms in enumerate(annotations)
    }
    head = yaml.safe_load(write_front_matter(make_manifest(["demo"], media), infos))
    assert (head["license"], head.get("license_name")) == expected
