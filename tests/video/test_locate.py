"""Videos by id under a media root."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import fsspec
import pytest

from streamit.errors import SourceError, StorageError
from streamit.video.locate import ENDINGS, MediaRoot, open_local


def make_root(root: Path, names: Iterable[str]) -> MediaRoot:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(name.encode())
    return MediaRoot(root)


def uri_of(root: MediaRoot, media_id: str) -> str | None:
    found = root.find(media_id)
    return None if found is None else found.uri


@pytest.mark.parametrize(
    ("name", "media_id"),
    [
        ("abc.mp4", "abc"),
        ("abc.mp4", "abc.mp4"),
        ("abc.MP4", "abc.mp4"),
        ("abc.MkV", "abc"),
        ("abc.webm", "abc.mp4"),
        ("deep/er/abc.avi", "abc"),
        ("deep/er/abc.avi", "deep/er/abc"),
        ("deep/er/abc.avi", "deep/er/abc.avi"),
        ("deep/er/abc.avi", "elsewhere/abc.avi"),
        ("v_abc.mp4", "abc"),
        ("abc.mp4", "v_abc"),
        ("train/v_abc.mp4", "train/abc"),
        ("--0edUL8zmA.mp4", "--0edUL8zmA"),
        ("a.b.c.mp4", "a.b.c"),
        ("a[1]*?.mp4", "a[1]*?"),
        ("cafe\u0301.mp4", "caf\u00e9"),
        ("odd.data", "odd.data"),
        *((f"x{ending}", "x") for ending in ENDINGS),
    ],
)
def test_a_video_is_found_by_its_id(tmp_path: Path, name: str, media_id: str) -> None:
    assert uri_of(make_root(tmp_path, [name]), media_id) == name


@pytest.mark.parametrize(
    ("name", "media_id"),
    [
        ("abc.mp4", "ABC"),  # ids of YouTube differ by case alone
        ("abc.mp4", "ab"),
        ("abc.txt", "abc"),
        ("._abc.mp4", "abc"),
        (".abc.mp4.Xk2f9", ".abc.mp4.Xk2f9"),
        (".cache/abc.mp4", "abc"),
        ("lost+found/abc.mp4", "abc"),
        ("abc.mp4", "../abc.mp4/.."),
        ("abc.mp4", ""),
    ],
)
def test_what_is_another_name_is_not_found(tmp_path: Path, name: str, media_id: str) -> None:
    assert uri_of(make_root(tmp_path, [name]), media_id) is None


def test_of_several_the_nearest_then_the_usual_ending_then_the_first(tmp_path: Path) -> None:
    names = ["b/abc.mp4", "a/abc.mp4", "abc.webm", "abc.mkv"]
    root = make_root(tmp_path, names)

    assert uri_of(root, "abc") == "abc.mkv"
    assert uri_of(make_root(tmp_path / "a", []), "abc") == "abc.mp4"
    for name in ("abc.mkv", "abc.webm"):
        (tmp_path / name).unlink()
    assert uri_of(MediaRoot(tmp_path), "abc") == "a/abc.mp4"


def test_the_exact_name_wins_over_one_with_a_prefix(tmp_path: Path) -> None:
    root = make_root(tmp_path, ["v_abc.mp4", "deep/abc.mp4"])

    assert uri_of(root, "abc") == "deep/abc.mp4"
    assert uri_of(root, "v_abc") == "v_abc.mp4"


def test_the_last_part_of_a_path_must_be_unique(tmp_path: Path) -> None:
    """Another folder's 001 is another video."""
    root = make_root(tmp_path, ["cats/001.mp4", "dogs/001.mp4"])

    assert uri_of(root, "dogs/001") == "dogs/001.mp4"
    assert uri_of(root, "birds/001") is None


def test_first_folders_that_are_not_there_are_left_out(tmp_path: Path) -> None:
    root = make_root(tmp_path, ["a/QA/1.mp4", "QA/1.mp4", "1.mp4"])

    assert uri_of(root, "a/QA/1") == "a/QA/1.mp4"
    assert uri_of(root, "c/b/QA/1") == "QA/1.mp4"
    assert uri_of(root, "b/QB/1") is None


def test_size_and_time_of_change_are_known(tmp_path: Path) -> None:
    found = make_root(tmp_path, ["abc.mp4"]).find("abc")

    assert found is not None
    assert found.size == 7
    assert found.stamp == str((tmp_path / "abc.mp4").stat().st_mtime_ns)


def test_videos_are_listed_by_path(tmp_path: Path) -> None:
    root = make_root(tmp_path, ["b.mp4", "a/x.MKV", "notes.txt"])

    assert [file.uri for file in root.videos()] == ["a/x.MKV", "b.mp4"]
    assert root.file("notes.txt").size == 9


def test_links_are_followed_and_a_circle_ends(tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    (tmp_path / "disk/abc.mp4").write_bytes(b"x")
    (tmp_path / "root").mkdir()
    (tmp_path / "root/linked").symlink_to(tmp_path / "disk")
    (tmp_path / "disk/circle").symlink_to(tmp_path / "root")
    (tmp_path / "root/dead.mp4").symlink_to(tmp_path / "gone.mp4")

    root = MediaRoot(tmp_path / "root")

    assert list(root.files) == ["linked/abc.mp4"]


@pytest.mark.parametrize("form", ["{}", "{}/", "file://{}"])
def test_a_root_may_be_written_in_several_ways(tmp_path: Path, form: str) -> None:
    make_root(tmp_path, ["abc.mp4"])

    root = MediaRoot(form.format(tmp_path))

    assert uri_of(root, "abc") == "abc.mp4"
    with open_local(root.url, "abc.mp4") as path:
        assert path == str(tmp_path / "abc.mp4")


def test_a_root_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"media root .*none: there is no such folder"):
        MediaRoot(tmp_path / "none")


def test_a_remote_root_that_is_not_there_is_named() -> None:
    with pytest.raises(SourceError, match=r"media root .*nowhere: cannot be listed"):
        MediaRoot("memory://nowhere")


def test_a_url_of_no_known_kind_is_named() -> None:
    with pytest.raises(SourceError, match=r"media root warp://x: cannot be opened"):
        MediaRoot("warp://x")


def test_remote_files_are_found_and_copied_while_they_are_read() -> None:
    with fsspec.open("memory://located/deep/abc.MP4", "wb") as file:
        file.write(b"video")
    root = MediaRoot("memory://located")

    assert uri_of(root, "abc") == "deep/abc.MP4"
    with open_local(root.url, "deep/abc.MP4") as path:
        assert Path(path).read_bytes() == b"video"
        assert Path(path).name == "abc.MP4"
    assert not Path(path).exists()


def test_a_remote_file_that_is_gone_is_a_storage_error() -> None:
    with (
        pytest.raises(StorageError, match=r"located/gone\.mp4: cannot be copied"),
        open_local("memory://located", "gone.mp4"),
    ):
        pass
