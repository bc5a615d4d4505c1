import os
import stat

import pytest

from streamit.errors import StorageError
from streamit.storage import Folder, encode_jsonl


@pytest.fixture(params=["disk", "memory"])
def folder(request, tmp_path):
    if request.param == "disk":
        return Folder(tmp_path / "out")
    return Folder(f"memory://{tmp_path.name}/out")


def test_what_is_written_is_read(folder):
    folder.write_bytes("a/b.json", b"{}")
    assert folder.read_json("a/b.json") == {}
    assert folder.stamp("a/b.json")["bytes"] == 2


def test_a_file_appears_only_when_the_block_ends(folder):
    with folder.open_write("a.bin") as file:
        file.write(b"x")
        assert not folder.exists("a.bin")
    assert folder.exists("a.bin")


def test_an_error_leaves_neither_the_file_nor_a_temporary_one(folder):
    folder.write_bytes("other", b"")
    with pytest.raises(ZeroDivisionError), folder.open_write("a.bin") as file:
        file.write(bytes([1 // 0]))
    assert folder.list("*") == ["other"]


def test_writing_the_same_content_again_writes_nothing(folder):
    assert folder.write_if_changed("a", b"1") is True
    assert folder.write_if_changed("a", b"1") is False
    assert folder.write_if_changed("a", b"2") is True


def test_missing_files_have_no_stamp_and_may_be_removed(folder):
    assert folder.stamp("nothing") is None
    folder.remove("nothing")


def test_list_gives_sorted_relative_names(folder):
    for name in ("p/b.parquet", "p/a.parquet", "q/c.parquet"):
        folder.write_bytes(name, b"")
    assert folder.list("p/*.parquet") == ["p/a.parquet", "p/b.parquet"]


def test_broken_json_says_which_file_and_what_to_do(folder):
    folder.write_bytes("a.json", b"{")
    with pytest.raises(StorageError, match=r"a\.json: is no JSON.*delete it"):
        folder.read_json("a.json")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_permission_is_named(tmp_path):
    tmp_path.chmod(stat.S_IRUSR | stat.S_IXUSR)
    with pytest.raises(StorageError, match="check the permissions"):
        Folder(tmp_path).write_bytes("a", b"")


def test_a_path_that_is_a_file_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="cannot write it"):
        Folder(tmp_path / "file").write_bytes("a", b"")


def test_jsonl_is_sorted_and_keeps_other_alphabets():
    assert encode_jsonl([{"a": "é"}, {"a": "b"}], key=lambda row: row["a"]).decode() == (
        '{"a": "b"}\n{"a": "é"}\n'
    )
