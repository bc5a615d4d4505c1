"""Every reader is measured, on a file of which it reads every annotation."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.formats import FORMATS
from streamit.item import Item
from streamit.readers.discover import discover
from streamit.readers.registry import SHIPPED, load_reader
from streamit.source import load_source

N_VIDEOS = 12


def list_files(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def test_every_reader_is_measured() -> None:
    assert {load_source(name).reader for name in FORMATS} == set(SHIPPED)


@pytest.mark.parametrize("name", FORMATS)
def test_the_reader_reads_every_annotation(tmp_path: Path, name: str) -> None:
    n_annotations = FORMATS[name].write(tmp_path, N_VIDEOS)
    found = discover(name, str(tmp_path))
    entries = [entry for file in found.files for entry in load_reader(found.info.reader)(file)]
    items = [entry for entry in entries if isinstance(entry, Item)]
    assert len(items) == len(entries) == N_VIDEOS
    assert sum(len(item.events) for item in items) == n_annotations


@pytest.mark.parametrize("name", FORMATS)
def test_two_runs_write_the_same_bytes(tmp_path: Path, name: str) -> None:
    for run in ("one", "two"):
        (tmp_path / run).mkdir()
        FORMATS[name].write(tmp_path / run, N_VIDEOS)
    assert list_files(tmp_path / "one") == list_files(tmp_path / "two")
