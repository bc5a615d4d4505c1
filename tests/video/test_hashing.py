"""Hashes of files, on disk and behind fsspec."""

from __future__ import annotations

import hashlib
from pathlib import Path

import fsspec
import pytest

from streamit.errors import StorageError, UsageError
from streamit.video.hashing import hash_file

MIB = 1 << 20
DATA = bytes(range(256)) * (3 * MIB // 256) + b"end"


@pytest.fixture
def path(tmp_path: Path) -> str:
    (tmp_path / "a.mp4").write_bytes(DATA)
    return str(tmp_path / "a.mp4")


def test_full_is_the_plain_sha256(path: str) -> None:
    assert hash_file(path, "full") == hashlib.sha256(DATA).hexdigest()


def test_head_tail_takes_the_size_and_both_ends(path: str) -> None:
    expected = hashlib.sha256(f"{len(DATA)}\n".encode() + DATA[:MIB] + DATA[-MIB:]).hexdigest()

    assert hash_file(path, "head_tail") == expected


@pytest.mark.parametrize("size", [0, 10, MIB, MIB + 5, 2 * MIB])
def test_head_tail_takes_no_byte_of_a_small_file_twice(tmp_path: Path, size: int) -> None:
    data = DATA[:size]
    (tmp_path / "small").write_bytes(data)

    expected = hashlib.sha256(f"{size}\n".encode() + data).hexdigest()

    assert hash_file(str(tmp_path / "small"), "head_tail") == expected


def test_head_tail_does_not_see_the_middle(path: str) -> None:
    before = hash_file(path, "head_tail")
    changed = bytearray(DATA)
    changed[MIB + 10] ^= 1
    Path(path).write_bytes(changed)

    assert hash_file(path, "head_tail") == before
    assert hash_file(path, "full") != hashlib.sha256(DATA).hexdigest()


def test_none_opens_nothing() -> None:
    assert hash_file("/no/such/file", "none") is None


def test_remote_files_hash_like_local_ones(path: str) -> None:
    with fsspec.open("memory://hash/a.mp4", "wb") as file:
        file.write(DATA)

    assert hash_file("memory://hash/a.mp4") == hash_file(path)
    assert hash_file("memory://hash/a.mp4", "head_tail") == hash_file(path, "head_tail")


def test_two_colons_are_part_of_a_name(tmp_path: Path) -> None:
    (tmp_path / "a::b.mp4").write_bytes(b"x")

    assert hash_file(str(tmp_path / "a::b.mp4")) == hashlib.sha256(b"x").hexdigest()


def test_another_kind_is_refused(path: str) -> None:
    with pytest.raises(UsageError, match=r"media\.hash is 'md5'; one of none, head_tail, full"):
        hash_file(path, "md5")


def test_a_missing_file_is_a_storage_error(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="cannot be read for its hash"):
        hash_file(str(tmp_path / "none.mp4"))
