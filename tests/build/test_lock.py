import json
import subprocess
import sys
import time

import pytest

from streamit.build.lock import DEAD_AFTER_S, NAME, hold_lock
from streamit.errors import LockedError, StorageError
from streamit.storage import Folder


def test_a_lock_on_disk_is_free_again_after_the_block(tmp_path):
    out = Folder(tmp_path)
    for _ in range(2):
        with hold_lock(out):
            assert out.exists(NAME)
        assert not out.exists(NAME)


def test_the_lock_of_a_killed_process_is_taken_over(tmp_path):
    script = (
        "import sys, time; from streamit.build.lock import hold_lock;"
        "from streamit.storage import Folder\n"
        "with hold_lock(Folder(sys.argv[1])): print('held', flush=True); time.sleep(60)"
    )
    command = [sys.executable, "-c", script, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(LockedError, match="another run"), hold_lock(Folder(tmp_path)):
            pass
        holder.kill()
        holder.wait()
        with hold_lock(Folder(tmp_path)):
            pass


def test_a_lock_that_cannot_be_opened_is_named(tmp_path):
    (tmp_path / NAME).mkdir(parents=True)
    with pytest.raises(StorageError, match="lock: cannot be locked"), hold_lock(Folder(tmp_path)):
        pass


@pytest.fixture
def store(tmp_path):
    return Folder(f"memory://{tmp_path.name}/lock")


def test_a_lock_on_an_object_store_is_removed_after_the_block(store):
    with hold_lock(store):
        assert store.exists(NAME)
    assert not store.exists(NAME)


def test_a_beating_lock_on_an_object_store_is_respected(store):
    store.write_bytes(NAME, json.dumps({"owner": "there/1/2", "time": time.time()}).encode())
    with pytest.raises(LockedError, match="there/1/2"), hold_lock(store):
        pass


def test_a_lock_that_beats_no_more_is_taken_over(store):
    last = time.time() - DEAD_AFTER_S - 1
    store.write_bytes(NAME, json.dumps({"owner": "there/1/2", "time": last}).encode())
    with hold_lock(store):
        assert store.read_json(NAME)["owner"] != "there/1/2"
