"""Every shipped recipe builds the demo, and what it builds is valid."""

from __future__ import annotations

from pathlib import Path

import pytest

import streamit
from streamit import resources
from streamit.build.check import check_build
from streamit.demo.corpus import DemoCorpus
from streamit.recipe import load_recipe


@pytest.mark.parametrize("recipe", resources.names("recipes"))
def test_a_recipe_builds_valid_records_of_the_demo(
    demo: DemoCorpus, tmp_path: Path, recipe: str
) -> None:
    report = streamit.build(recipe, {"demo": demo.root}, tmp_path, media="none", workers=1)
    counts = report.ledger["demo"]
    assert report.exit_code == 0
    assert counts.recorded == counts.read - counts.rejected.total() - counts.set_aside.total() > 0
    assert check_build(str(tmp_path)).problems == []
    for record in streamit.load_records(tmp_path):
        assert record.task == load_recipe(recipe).task_of("demo")
        # One root leads to the videos of all tasks.
        assert (demo.root / record.video.clips[0].uri).is_file()


def test_dense_captions_of_the_demo_are_those_of_three_formats(
    demo: DemoCorpus, tmp_path: Path
) -> None:
    report = streamit.build("dense_caption", {"demo": demo.root}, tmp_path, media="none", workers=1)
    assert report.n_records == {"train": 7, "validation": 4, "test": 1}
    assert report.ledger["demo"].recorded == 71
