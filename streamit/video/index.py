"""The media index: what every video file under a root turned out to be, kept between runs.

One Parquet file in the user's cache, so that a root that cannot be written is no obstacle. Files
that did not change are not opened again. Probing runs in children: a file that kills its demuxer
costs one row.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, fields
from importlib.metadata import version
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from streamit.errors import StorageError
from streamit.storage import Folder
from streamit.video.hashing import NONE
from streamit.video.locate import MediaFile, MediaRoot
from streamit.video.survey import MediaEntry, look_at_all
from streamit.video.worker import DEFAULT_TIMEOUT_S

if TYPE_CHECKING:
    import pyarrow as pa

_PROBE_VERSION = "2"  # raised when a fact gets another meaning, so that old rows are read no more
_FOOTER_KEY = b"streamit.probe"
_SAVE_EVERY = 500
_TRIED_AGAIN = frozenset({"timeout", "video_missing"})


@dataclass(frozen=True, slots=True)
class IndexReport:
    """What an update did, in files. `is_saved` is false where the cache cannot be written."""

    n_files: int
    n_probed: int
    n_hashed: int
    n_removed: int
    n_problems: int
    is_saved: bool


class MediaIndex:
    """Rows by uri, of one media root."""

    def __init__(self, entries: Iterable[MediaEntry], path: Path, is_own_cache: bool) -> None:
        self.path = path
        self._entries = {entry.uri: entry for entry in entries}
        self._is_own_cache = is_own_cache

    @classmethod
    def open(cls, root: str | os.PathLike[str], path: str | Path | None = None) -> MediaIndex:
        """The index of a root, empty where there is none yet or another release wrote it.

        `path` None takes the user's cache folder. Raises StorageError for a file that is no index.
        """
        at = _cache_path(os.fspath(root)) if path is None else Path(path)
        return cls(_load(at), at, is_own_cache=path is None)

    def facts(self, uri: str) -> MediaEntry | None:
        """What is known of a file; None where it was never looked at."""
        return self._entries.get(uri)

    def entries(self) -> list[MediaEntry]:
        """All rows, by uri."""
        return [self._entries[uri] for uri in sorted(self._entries)]

    def update(
        self,
        root: MediaRoot,
        files: Sequence[MediaFile] | None = None,
        *,
        hash_kind: str = NONE,
        timeout_s: float = DEFAULT_TIMEOUT_S,
        workers: int = 1,
        note: Callable[[int], None] = lambda _n_done: None,
    ) -> IndexReport:
        """Look at the files (None: all videos of the root) that are new, changed or lack the hash.

        `note` is told after every file how many are done. Rows of files that have gone are removed.
        Saves at the end, and now and then before it.
        """
        chosen = root.videos() if files is None else list(files)
        gone = [uri for uri in self._entries if uri not in root.files]
        for uri in gone:
            del self._entries[uri]
        stale = [file for file in chosen if not self._is_fresh(file, hash_kind)]
        known = {file.uri: self._known(file) for file in stale}
        looked = look_at_all(root, stale, known, hash_kind, timeout_s, workers)
        n_hashed = 0
        for n_done, entry in enumerate(looked, 1):
            self._entries[entry.uri] = entry
            n_hashed += hash_kind != NONE and entry.sha256 is not None
            note(n_done)
            if n_done % _SAVE_EVERY == 0:
                self.save()
        is_saved = self.save() if stale or gone else True
        return IndexReport(
            n_files=len(chosen),
            n_probed=sum(entry is None for entry in known.values()),
            n_hashed=n_hashed,
            n_removed=len(gone),
            n_problems=sum(self._entries[file.uri].reason is not None for file in chosen),
            is_saved=is_saved,
        )

    def save(self) -> bool:
        """Write the index whole or not at all; whether that worked.

        The user's cache is a convenience: where it cannot be written the answer is False. Raises
        StorageError when a path that was asked for cannot be written.
        """
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with Folder(self.path.parent).open_write(self.path.name) as file:
                _write(self.entries(), file)
        except (StorageError, OSError) as exc:
            if self._is_own_cache:
                return False
            raise StorageError(f"{self.path}: the media index cannot be written: {exc}") from exc
        return True

    def _is_fresh(self, file: MediaFile, hash_kind: str) -> bool:
        entry = self._known(file)
        return entry is not None and (hash_kind == NONE or entry.hash_kind == hash_kind)

    def _known(self, file: MediaFile) -> MediaEntry | None:
        """The row of a file that did not change, unless what went wrong may go right next time."""
        entry = self._entries.get(file.uri)
        if entry is None or not entry.is_of(file) or entry.reason in _TRIED_AGAIN:
            return None
        return entry


def _cache_path(root: str) -> Path:
    """Named after the root, which stays as it is: it may be read-only, or another's."""
    cache = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    whole = root if "://" in root else os.path.realpath(root)
    name = hashlib.sha256(whole.encode()).hexdigest()[:32]
    return Path(cache, "streamit", "media", f"{name}.parquet")


def _prober() -> bytes:
    """What made the facts: another PyAV may count packets differently."""
    return f"{_PROBE_VERSION} av {version('av')}".encode()


def _schema() -> pa.Schema:
    import pyarrow as pa

    kinds = {"str": pa.string(), "int": pa.int64(), "float": pa.float64(), "bool": pa.bool_()}
    kinds["tuple[Bend, ...]"] = pa.list_(pa.list_(pa.float64()))
    columns = [
        pa.field(f.name, kinds[str(f.type).split(" |")[0]], nullable="None" in str(f.type))
        for f in fields(MediaEntry)
    ]
    return pa.schema(columns, metadata={_FOOTER_KEY: _prober()})


def _write(entries: Sequence[MediaEntry], file: IO[bytes]) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    pq.write_table(pa.Table.from_pylist([asdict(e) for e in entries], schema=_schema()), file)


def _load(path: Path) -> list[MediaEntry]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.read_table(path)
    except FileNotFoundError:
        return []
    except (OSError, pa.ArrowException) as exc:
        raise StorageError(f"{path}: is no media index ({exc}); delete it") from exc
    if (table.schema.metadata or {}).get(_FOOTER_KEY) != _prober():
        return []
    return [_read_row(row) for row in table.to_pylist()]


def _read_row(row: dict[str, Any]) -> MediaEntry:
    bends = tuple((int(frame), start_s) for frame, start_s in row["bends"])
    return MediaEntry(**{**row, "bends": bends})
