"""`streamit media index`."""

from __future__ import annotations

import os
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from tests.cli.conftest import Cli
from tests.rendered import even_ticks, render


@pytest.fixture
def videos(tmp_path: Path) -> Path:
    """Two seconds of video in a folder, and a file that only has the name of one."""
    root = tmp_path / "videos"
    (root / "a").mkdir(parents=True)
    render(root / "a" / "good.mp4", even_ticks(20, Fraction(10)))
    (root / "empty.mp4").touch()
    return root


def test_files_are_looked_at_once(cli: Cli, videos: Path, tmp_path: Path) -> None:
    command = ["media", "index", videos, "--out", tmp_path / "index.parquet", "--json"]
    first, second = cli(*command).json, cli(*command).json
    assert (first["files"], first["probed"], first["hashed"]) == (2, 2, 0)
    assert (second["files"], second["probed"]) == (2, 0)
    assert pq.read_table(tmp_path / "index.parquet").column("uri").to_pylist() == [
        "a/good.mp4",
        "empty.mp4",
    ]


def test_unusable_files_are_counted_by_reason_and_named(
    cli: Cli, videos: Path, tmp_path: Path
) -> None:
    done = cli("media", "index", videos, "--out", tmp_path / "index.parquet", "--json")
    assert (done.code, done.json["unusable"]) == (0, {"video_empty": 1})
    [problem] = done.json["problems"]
    assert (problem["uri"], problem["reason"]) == ("empty.mp4", "video_empty")
    assert done.json["duration_s"] == pytest.approx(2.0, abs=0.1)


def test_the_text_tells_the_same(cli: Cli, videos: Path, tmp_path: Path) -> None:
    index = tmp_path / "index.parquet"
    lines = cli("media", "index", videos, "--out", index).out.splitlines()
    assert lines[0].startswith("empty.mp4: video_empty: ")
    assert lines[1:] == [
        f"{videos}: 2 videos, 0.00 hours; 2 looked at now, 0 hashed, 0 gone",
        "  unusable: video_empty 1",
        f"  kept in {index}",
    ]


def test_hashes_are_taken_on_request(cli: Cli, videos: Path, tmp_path: Path) -> None:
    index = tmp_path / "index.parquet"
    done = cli("media", "index", videos / "a", "--out", index, "--hash", "full", "--json")
    assert done.json["hashed"] == 1
    assert len(pq.read_table(index).column("sha256")[0].as_py()) == 64


def test_an_unknown_kind_of_hash_is_wrong_usage(cli: Cli, videos: Path) -> None:
    done = cli("media", "index", videos, "--hash", "ful")
    assert (done.code, done.out) == (2, "")
    assert "did you mean 'full'?" in done.err


def test_a_folder_that_is_not_there_is_1(cli: Cli, tmp_path: Path) -> None:
    done = cli("media", "index", tmp_path / "nowhere")
    assert (done.code, done.out) == (1, "")
    assert "there is no such folder" in done.err


def test_without_out_the_index_is_kept_in_the_users_cache(videos: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "streamit", "media", "index", str(videos / "a")],
        env=os.environ | {"XDG_CACHE_HOME": str(tmp_path / "cache")},
        capture_output=True,
        text=True,
        check=True,
    )
    [index] = (tmp_path / "cache").rglob("*.parquet")
    assert done.stdout.endswith(f"\n  kept in {index}\n")
