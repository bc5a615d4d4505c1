"""Replies survive, the first one stays, and a file of another kind is refused."""

from __future__ import annotations

import sqlite3

import pytest

from streamit.errors import StorageError
from streamit.llm.cache import Cache
from streamit.llm.reply import Reply

FULL = Reply("text \u2603 \0", "stop", "m", 1, 2)


@pytest.mark.parametrize("reply", [FULL, Reply(None)])
def test_a_reply_comes_back_as_it_was(tmp_path, reply):
    with Cache(tmp_path / "deep" / "cache.sqlite") as cache:
        assert cache.get("k") is None
        assert cache.put("k", reply)
    with Cache(tmp_path / "deep" / "cache.sqlite") as cache:
        assert cache.get("k") == reply


def test_the_first_reply_under_a_key_stays(tmp_path):
    with Cache(tmp_path / "cache.sqlite") as cache:
        cache.put("k", FULL)
        assert not cache.put("k", Reply("other"))
        assert cache.get("k") == FULL


def test_a_reply_is_there_for_others_as_soon_as_it_is_put(tmp_path):
    with Cache(tmp_path / "c.sqlite") as cache, Cache(tmp_path / "c.sqlite") as other:
        cache.put("k", FULL)
        assert other.get("k") == FULL


def test_a_file_that_is_no_cache_is_left_alone(tmp_path):
    path = tmp_path / "notes.txt"
    path.write_text("not a database, and quite long enough to be one" * 50)
    with pytest.raises(StorageError, match=r"notes\.txt: the request cache cannot be used"):
        Cache(path)
    assert path.read_text().startswith("not a database")


def test_a_cache_of_another_release_is_refused(tmp_path):
    path = tmp_path / "cache.sqlite"
    database = sqlite3.connect(path)
    database.execute("pragma user_version = 99")
    database.close()
    with pytest.raises(StorageError, match="has version 99"):
        Cache(path)
