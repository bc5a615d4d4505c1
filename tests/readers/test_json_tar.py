"""The JSON files of an archive are members, one at a time and without unpacking."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

import pytest

from streamit.errors import SourceError
from streamit.readers.json_tar import is_tar, stream_tar


def write_tar(path: Path, files: dict[str, bytes], mode: str = "w:gz") -> str:
    with tarfile.open(path, mode) as archive:  # type: ignore[call-overload]
        for name, data in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return str(path)


@pytest.mark.parametrize(
    ("name", "mode"), [("a.tar", "w"), ("a.tar.gz", "w:gz"), ("a.tar.xz", "w:xz")]
)
def test_files_are_read_in_order_whatever_packs_them(tmp_path: Path, name: str, mode: str) -> None:
    files = {"x/b.json": b'{"n": 1}', "x/-a.b.json": b"[2, NaN]", "x/notes.txt": b"hello"}
    found = list(stream_tar(write_tar(tmp_path / name, files, mode)))
    assert [(m.ordinal, m.key, m.problem) for m in found] == [(0, "b", None), (1, "-a.b", None)]
    assert found[0].value == {"n": 1}


def test_folders_and_what_macs_add_are_no_files(tmp_path: Path) -> None:
    path = tmp_path / "a.tar"
    with tarfile.open(path, "w") as archive:
        folder = tarfile.TarInfo("x.json")
        folder.type = tarfile.DIRTYPE
        link = tarfile.TarInfo("y.json")
        link.type, link.linkname = tarfile.SYMTYPE, "nowhere.json"
        archive.addfile(folder)
        archive.addfile(link)
        for name in ("._b.json", "b.json"):
            entry = tarfile.TarInfo(name)
            entry.size = 1
            archive.addfile(entry, io.BytesIO(b"1"))
    assert [member.key for member in stream_tar(str(path))] == ["b"]


def test_a_broken_file_is_a_member_with_a_problem(tmp_path: Path) -> None:
    path = write_tar(tmp_path / "a.tar.gz", {"a.json": b"{oops", "b.json": b"\xff", "c.json": b"3"})
    first, second, third = stream_tar(path)
    assert (first.problem or "").startswith("a.json is no JSON: ")
    assert (second.problem or "").startswith("b.json is no JSON: ")
    assert (third.value, third.problem) == (3, None)


def test_an_archive_without_json_is_an_error(tmp_path: Path) -> None:
    path = write_tar(tmp_path / "a.tar.gz", {"a.txt": b"1", "b.txt": b"2"})
    with pytest.raises(SourceError, match="holds 2 files, but none"):
        list(stream_tar(path))


def test_an_archive_that_is_cut_off_is_an_error(tmp_path: Path) -> None:
    path = write_tar(tmp_path / "a.tar.gz", {"a.json": bytes(range(32, 127)) * 400})
    data = Path(path).read_bytes()
    Path(path).write_bytes(data[: len(data) // 2])
    with pytest.raises(SourceError, match="get the file again"):
        list(stream_tar(path))


def test_what_is_no_archive_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "a.tar").write_text('{"a": 1}' * 200)
    with pytest.raises(SourceError, match=r"a\.tar: cannot be read"):
        list(stream_tar(str(tmp_path / "a.tar")))


@pytest.mark.parametrize(
    ("name", "is_one"),
    [
        ("a.tar", True),
        ("x/A.TAR.GZ", True),
        ("a.tgz", True),
        ("a.tar.json", False),
        ("tar", False),
        ("a.json.gz", False),
    ],
)
def test_an_archive_is_known_by_its_name(name: str, is_one: bool) -> None:
    assert is_tar(name) is is_one
