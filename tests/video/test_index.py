"""The media index: what is probed, kept, probed again, and where it lies."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from streamit.errors import StorageError
from streamit.video.hashing import hash_file
from streamit.video.index import IndexReport, MediaIndex
from streamit.video.locate import MediaRoot
from tests.rendered import Rendered

Catalog = Callable[[str], Rendered]


@pytest.fixture
def root(rendered: Catalog, tmp_path: Path) -> Path:
    """Two good videos, an empty one, and a text."""
    folder = tmp_path / "videos"
    (folder / "deep").mkdir(parents=True)
    shutil.copy(rendered("short_groups").path, folder / "groups.mp4")
    shutil.copy(rendered("sound_first").path, folder / "deep" / "sound.mkv")
    (folder / "empty.mp4").touch()
    (folder / "notes.txt").write_text("no video")
    return folder


def update(root: Path, index: Path, **options: object) -> IndexReport:
    return MediaIndex.open(root, index).update(MediaRoot(root), **options)  # type: ignore[arg-type]


def test_every_video_gets_a_row(root: Path, tmp_path: Path) -> None:
    index = MediaIndex.open(root, tmp_path / "index.parquet")

    report = index.update(MediaRoot(root), hash_kind="full")

    assert report == IndexReport(3, 3, 2, 0, 1, is_saved=True)
    sound, empty, groups = index.entries()
    assert (groups.id, groups.uri, groups.size) == (
        "groups",
        "groups.mp4",
        (root / "groups.mp4").stat().st_size,
    )
    assert (groups.duration_s, groups.width, groups.height, groups.fps) == (10.0, 192, 128, 30.0)
    assert (groups.codec, groups.has_audio, groups.n_frames) == ("h264", False, 300)
    assert (groups.sha256, groups.hash_kind) == (hash_file(str(root / "groups.mp4")), "full")
    assert (sound.uri, sound.has_audio, sound.reason) == ("deep/sound.mkv", True, None)
    assert (empty.reason, empty.duration_s) == ("video_empty", None)


def test_what_did_not_change_is_not_opened_again(root: Path, tmp_path: Path) -> None:
    path = tmp_path / "index.parquet"
    update(root, path, hash_kind="full")
    written = path.stat().st_mtime_ns

    report = update(root, path, hash_kind="full")

    assert report == IndexReport(3, 0, 0, 0, 1, is_saved=True)
    assert path.stat().st_mtime_ns == written


def test_a_changed_file_is_opened_again(root: Path, tmp_path: Path, rendered: Catalog) -> None:
    path = tmp_path / "index.parquet"
    update(root, path)
    shutil.copy(rendered("odd_size").path, root / "groups.mp4")

    assert update(root, path).n_probed == 1
    entry = MediaIndex.open(root, path).facts("groups.mp4")
    assert entry is not None
    assert (entry.codec, entry.width) == ("vp9", 193)


def test_a_hash_is_added_without_probing(root: Path, tmp_path: Path) -> None:
    path = tmp_path / "index.parquet"
    update(root, path)

    report = update(root, path, hash_kind="head_tail")

    assert (report.n_probed, report.n_hashed) == (0, 3)
    assert update(root, path).n_probed == 0


def test_a_file_that_is_gone_loses_its_row(root: Path, tmp_path: Path) -> None:
    path = tmp_path / "index.parquet"
    update(root, path)
    (root / "groups.mp4").unlink()

    assert update(root, path).n_removed == 1
    assert MediaIndex.open(root, path).facts("groups.mp4") is None


def test_only_the_files_asked_for_are_opened(root: Path, tmp_path: Path) -> None:
    index, media = MediaIndex.open(root, tmp_path / "index.parquet"), MediaRoot(root)

    report = index.update(media, [media.file("groups.mp4")])

    assert (report.n_files, report.n_probed) == (1, 1)
    assert index.facts("deep/sound.mkv") is None


def test_several_children_give_the_same_rows(root: Path, tmp_path: Path) -> None:
    update(root, tmp_path / "one.parquet", workers=1)
    update(root, tmp_path / "two.parquet", workers=2)

    assert (tmp_path / "one.parquet").read_bytes() == (tmp_path / "two.parquet").read_bytes()


def test_progress_is_told_file_by_file(root: Path, tmp_path: Path) -> None:
    told: list[int] = []

    update(root, tmp_path / "index.parquet", note=told.append)

    assert told == [1, 2, 3]


def test_a_time_out_is_tried_again(root: Path, tmp_path: Path) -> None:
    path = tmp_path / "index.parquet"
    first = update(root, path, timeout_s=1e-6)

    assert (first.n_problems, MediaIndex.open(root, path).entries()[0].reason) == (3, "timeout")
    assert update(root, path) == IndexReport(3, 3, 0, 0, 1, is_saved=True)


def test_rows_of_another_release_are_not_believed(root: Path, tmp_path: Path) -> None:
    path = tmp_path / "index.parquet"
    update(root, path)
    table = pq.read_table(path)
    pq.write_table(table.replace_schema_metadata({b"streamit.probe": b"0 av 1.0"}), path)

    assert MediaIndex.open(root, path).entries() == []


def test_a_file_that_is_no_index_is_named(root: Path, tmp_path: Path) -> None:
    (tmp_path / "index.parquet").write_text("not parquet")

    with pytest.raises(StorageError, match=r"index\.parquet: is no media index .* delete it"):
        MediaIndex.open(root, tmp_path / "index.parquet")


def test_a_path_that_cannot_be_written_is_an_error(root: Path, tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(StorageError, match="the media index cannot be written"):
        update(root, tmp_path / "file" / "index.parquet")


SCRIPT = (
    "import sys\n"
    "from streamit.video.index import MediaIndex\n"
    "from streamit.video.locate import MediaRoot\n"
    "index = MediaIndex.open(sys.argv[1])\n"
    "print(index.path, index.update(MediaRoot(sys.argv[1])).is_saved)\n"
)


def run_with_cache(root: Path, cache: Path) -> tuple[str, str]:
    environment = os.environ | {"XDG_CACHE_HOME": str(cache)}
    command = [sys.executable, "-c", SCRIPT, str(root)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    path, is_saved = done.stdout.split()
    return path, is_saved


def test_by_default_it_lies_in_the_users_cache(root: Path, tmp_path: Path) -> None:
    """So that a media root that cannot be written is no obstacle; nothing is left in it."""
    before = sorted(root.rglob("*"))

    path, is_saved = run_with_cache(root, tmp_path / "cache")

    assert Path(path).parent == tmp_path / "cache" / "streamit" / "media"
    assert (Path(path).exists(), is_saved) == (True, "True")
    assert sorted(root.rglob("*")) == before


def test_a_cache_that_cannot_be_written_is_said_not_raised(root: Path, tmp_path: Path) -> None:
    (tmp_path / "cache").touch()

    assert run_with_cache(root, tmp_path / "cache")[1] == "False"


def test_each_root_has_an_index_of_its_own(root: Path, tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(root)

    assert MediaIndex.open(root).path == MediaIndex.open(link).path
    assert MediaIndex.open(root).path != MediaIndex.open(root / "deep").path


def test_a_changing_rate_is_kept_as_its_bends(
    root: Path, tmp_path: Path, rendered: Catalog
) -> None:
    shutil.copy(rendered("variable_rate").path, root / "variable.mp4")
    index = MediaIndex.open(root, tmp_path / "index.parquet")
    index.update(MediaRoot(root))
    facts, even = index.facts("variable.mp4"), index.facts("groups.mp4")
    assert facts is not None
    assert even is not None
    assert even.bends == ()
    assert facts.bends[0] == (0, 0.0)
    assert facts.bends[-1] == (facts.n_frames, facts.duration_s)
    assert MediaIndex.open(root, tmp_path / "index.parquet").facts("variable.mp4") == facts
