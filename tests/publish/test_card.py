"""The card is read by people, by the Hub and by `datasets`: each finds what it needs."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
import yaml
from datasets import load_dataset

from streamit.errors import ResourceError
from streamit.publish.card import fill_card, keep_blocks
from streamit.reasons import ADJUSTED, REJECTED
from tests.factories import multi_turn, proactive
from tests.publish.folders import load_infos, make_frames, make_manifest, write_build


@pytest.fixture
def cache(tmp_path_factory):
    return str(tmp_path_factory.mktemp("cache"))


def test_datasets_loads_the_folder_by_its_card(tmp_path, cache):
    write_build(tmp_path, [multi_turn(), proactive(), multi_turn(split="test")])
    loaded = load_dataset(str(tmp_path), cache_dir=cache)
    assert {split: len(rows) for split, rows in loaded.items()} == {"train": 2, "test": 1}
    assert loaded["train"].config_name == "dense_caption"
    assert loaded["train"][1]["timeline"][0]["text"] == "Tell me what happens."


def test_datasets_streams_the_folder_by_its_card(tmp_path, cache):
    write_build(tmp_path, [multi_turn(), proactive()])
    rows = load_dataset(str(tmp_path), split="train", streaming=True, cache_dir=cache)
    assert [row["layout"] for row in rows] == ["multi_turn", "proactive"]


@pytest.mark.parametrize("streaming", [False, True])
def test_datasets_decodes_the_frames(tmp_path, cache, streaming):
    seen = multi_turn(frames=make_frames(3), frame_times_s=(0.0, 1.0, 2.0), n_frames=3)
    write_build(tmp_path, [seen], media="frames")
    rows = load_dataset(str(tmp_path), split="train", streaming=streaming, cache_dir=cache)
    row = next(iter(rows))
    assert [image.getpixel((0, 0)) for image in row["frames"]] == [0, 10, 20]
    assert row["frame_times_s"] == [0.0, 1.0, 2.0]


def test_other_files_of_a_build_do_not_disturb_loading(tmp_path, cache):
    write_build(tmp_path, [multi_turn()])
    (tmp_path / "streamit").mkdir()
    (tmp_path / "streamit" / "manifest.json").write_text("{}")
    (tmp_path / "streamit" / "rejects.jsonl").write_text('{"source": "demo"}\n')
    (tmp_path / "_SUCCESS").write_text("")
    assert len(load_dataset(str(tmp_path), split="train", cache_dir=cache)) == 1


def test_card_depends_on_nothing_of_the_run():
    infos = load_infos(["demo"])
    manifest = make_manifest(["demo"])
    other = manifest | {"run": {"host": "elsewhere", "started": "2030-01-01"}}
    assert fill_card(manifest, infos) == fill_card(other, infos)


def test_no_placeholder_and_no_block_mark_is_left(tmp_path):
    write_build(tmp_path, [multi_turn()], sources=["activitynet", "demo"])
    card = (tmp_path / "README.md").read_text()
    assert "${" not in card
    assert "<!--" not in card


def test_records_are_counted_by_source_split_and_layout(tmp_path):
    other = multi_turn(split="validation", source="activitynet")
    write_build(tmp_path, [multi_turn(), proactive(), other], sources=["activitynet", "demo"])
    card = (tmp_path / "README.md").read_text()
    assert "| source | split | records | multi_turn | proactive |" in card
    assert "| `demo` | train | 2 | 1 | 1 |" in card
    assert "| `activitynet` | validation | 1 | 1 | 0 |" in card
    assert "| all | train | 2 | 1 | 1 |" in card


def test_realised_share_stands_beside_the_one_asked_for(tmp_path):
    write_build(tmp_path, [multi_turn(), multi_turn(), multi_turn(), proactive()])
    card = (tmp_path / "README.md").read_text()
    assert "| `demo` | 20.0% | 25.0% (1 of 4) |" in card


def test_accounts_and_reasons_are_told():
    card = fill_card(make_manifest(["activitynet"]), load_infos(["activitynet"]))
    assert "| `activitynet` | 2 | 1 | 1 | 0 | 50.00% |" in card
    reasons = {"rejected": ("reversed", REJECTED), "adjusted": ("merged", ADJUSTED)}
    for group, (code, meanings) in reasons.items():
        assert f"| `activitynet` | {group} | 1 | `{code}` | {meanings[code]} |" in card


def test_sources_come_with_licence_file_hash_defects_and_citation():
    info = load_infos(["activitynet"])["activitynet"]
    card = fill_card(make_manifest(["activitynet"]), {"activitynet": info})
    assert (
        "| `activitynet` | ActivityNet Captions | none stated | YouTube terms of service |" in card
    )
    assert f"| `activitynet` | `train.json` | 1,234 | `{'ab' * 32}` |" in card
    assert f"- `activitynet`: {info.defects[0]}" in card
    assert "@inproceedings{krishna2017dense," in card
    assert "@inproceedings{wang2025streambridge," in card


@pytest.mark.parametrize(("source", "told"), [("demo", True), ("activitynet", False)])
def test_demo_records_are_called_demo_records(source, told):
    card = fill_card(make_manifest([source]), load_infos([source]))
    assert ("**Demo data.**" in card) is told


@pytest.mark.parametrize(
    ("source", "media", "warned"),
    [("activitynet", "none", False), ("activitynet", "frames", True), ("demo", "frames", False)],
)
def test_pictures_that_may_not_be_passed_on_are_pointed_out(source, media, warned):
    card = fill_card(make_manifest([source], media), load_infos([source]))
    assert ("**Not to be published as it is.**" in card) is warned


@pytest.mark.parametrize(("source", "warned"), [("activitynet", True), ("demo", False)])
def test_annotations_on_unknown_terms_are_pointed_out(source, warned):
    card = fill_card(make_manifest([source]), load_infos([source]))
    assert ("**Check the terms before you publish.**" in card) is warned


@pytest.mark.parametrize(
    ("media", "words"),
    [("none", "no picture and no sound"), ("frames", "JPEG pictures"), ("clips", "small mp4 file")],
)
def test_only_the_kind_of_media_that_is_inside_is_described(media, words):
    card = fill_card(make_manifest(["demo"], media), load_infos(["demo"]))
    told = [w for w in ("no picture and no sound", "JPEG pictures", "small mp4 file") if w in card]
    assert told == [words]


def test_sources_that_are_not_exhaustive_are_named_under_limits():
    card = fill_card(make_manifest(["activitynet", "demo"]), load_infos(["activitynet", "demo"]))
    assert "- `activitynet`: what is not annotated may have happened all the same." in card


def test_recipe_in_the_card_rebuilds_the_same_recipe(tmp_path):
    from streamit.recipe import fingerprint, load_recipe

    manifest = make_manifest(["activitynet"])
    card = fill_card(manifest, load_infos(["activitynet"]))
    block = re.search(r"```yaml\n(.*?)```", card, re.DOTALL)
    path = tmp_path / "dense_caption.yaml"
    path.write_text(block[1])
    assert fingerprint(load_recipe(str(path))) == manifest["recipe_fingerprint"]
    assert "streamit build --recipe dense_caption.yaml --source activitynet=PATH" in card


def test_a_bar_in_a_title_does_not_break_the_table():
    info = replace(load_infos(["demo"])["demo"], title="One | two\nthree")
    card = fill_card(make_manifest(["demo"]), {"demo": info})
    assert "| `demo` | One \\| two three |" in card


def test_card_head_is_yaml_between_two_lines():
    card = fill_card(make_manifest(["demo"]), load_infos(["demo"]))
    _, head, _ = card.split("---\n", 2)
    assert yaml.safe_load(head)["pretty_name"] == "Stream-IT dense caption (demo)"


def test_a_block_about_an_unknown_fact_is_refused():
    with pytest.raises(ResourceError, match="asks for 'moon'"):
        keep_blocks("<!-- only moon -->\nx\n<!-- end -->\n", {"demo": True})


def test_a_card_says_who_wrote_the_questions():
    manifest = make_manifest(["demo"])
    recipe = manifest["recipe"]
    by_model = fill_card(
        manifest | {"recipe": recipe | {"writer": "model", "llm": {"model": "tiny"}}},
        load_infos(["demo"]),
    )
    by_template = fill_card(
        manifest | {"recipe": recipe | {"writer": "template"}}, load_infos(["demo"])
    )
    assert "by a language model (`tiny`)" in by_model
    assert "template-made" not in by_model
    assert "are template-made" in by_template
    assert "language model" not in fill_card(manifest, load_infos(["demo"]))
