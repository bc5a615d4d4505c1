"""One run at a time writes to a folder; a dead run's lock is taken over.

On disk the kernel holds the lock and lets go when the process dies, however it dies. On an object
store an object with a heartbeat does; it counts as dead after some missed beats.
"""

from __future__ import annotations

import fcntl
import json
import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from streamit.errors import LockedError, StorageError
from streamit.storage import Folder

NAME = "streamit/lock"
BEAT_S = 30.0
DEAD_AFTER_S = 5 * BEAT_S


@contextmanager
def hold_lock(out: Folder) -> Iterator[None]:
    """Hold the lock of a build folder. Raises LockedError when a live run holds it."""
    held = _hold_file(out) if out.is_local else _hold_object(out)
    with held:
        yield


@contextmanager
def _hold_file(out: Folder) -> Iterator[None]:
    path = out.path(NAME)
    handle = _open_locked(out, path)
    try:
        yield
    finally:
        os.unlink(path)
        os.close(handle)


def _open_locked(out: Folder, path: str) -> int:
    """A handle on the lock file, locked; the file is made anew if its last owner removed it."""
    while True:
        try:
            os.makedirs(os.path.dirname(path), exist_ok=True)
            handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
        except OSError as exc:
            raise StorageError(
                f"{path}: cannot be locked: {exc.strerror}; check the permissions of the folder, "
                "or choose another one with --out"
            ) from exc
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as exc:
            os.close(handle)
            raise LockedError(
                f"{out.url}: another run is writing here; wait for it, or choose another --out"
            ) from exc
        # Between opening and locking, the owner before may have removed the file.
        with suppress(FileNotFoundError):
            if os.path.samestat(os.fstat(handle), os.stat(path)):
                return handle
        os.close(handle)


@contextmanager
def _hold_object(out: Folder) -> Iterator[None]:
    owner = f"{socket.gethostname()}/{os.getpid()}/{time.time_ns()}"
    if out.exists(NAME):
        beat = out.read_json(NAME)
        if time.time() - beat["time"] < DEAD_AFTER_S:
            raise LockedError(
                f"{out.url}: a run ({beat['owner']}) is writing here; wait for it, or, if it is "
                f"dead, try again in {DEAD_AFTER_S:.0f} s"
            )
    stop = threading.Event()

    def beat_on() -> None:
        while True:
            row = {"owner": owner, "time": time.time()}
            out.write_bytes(NAME, json.dumps(row).encode())
            if stop.wait(BEAT_S):
                return

    beat_on_thread = threading.Thread(target=beat_on, daemon=True)
    out.write_bytes(NAME, json.dumps({"owner": owner, "time": time.time()}).encode())
    if out.read_json(NAME)["owner"] != owner:
        raise LockedError(f"{out.url}: another run took the lock at the same moment; try again")
    beat_on_thread.start()
    try:
        yield
    finally:
        stop.set()
        beat_on_thread.join()
        out.remove(NAME)
