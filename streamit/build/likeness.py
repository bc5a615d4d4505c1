"""What is known of clips under one embedder: rows, and how well captions fit; kept in Parquet.

Files are only ever added, each whole, under a name that says whose rows it holds. Rows are kept as
16-bit floats and scores with four decimals: finer digits are noise of the hardware.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from streamit.errors import StorageError
from streamit.quality.similarity import Rows
from streamit.storage import Folder

if TYPE_CHECKING:
    import pyarrow as pa

FOLDER = "streamit/similarity"
KEY_BYTES = 16
_VERSION = 1  # raised when another frame is taken of a clip, so that old rows are read no more
_TAG_BYTES, _NAME_BYTES = 4, 10
_DECIMALS = 4


@dataclass(frozen=True, slots=True)
class Measure:
    """One clip: its row, and how well its caption fits (None where the embedder knows no words).

    A clip that cannot be measured has a reason and a message instead of a row.
    """

    key: bytes
    uri: str
    start_s: float
    end_s: float
    caption: str
    row: NDArray[np.float32] | None = None
    score: float | None = None
    reason: str | None = None
    message: str | None = None


class Likeness:
    """The measures of one embedder in a build's folder, by the keys of clips.

    `problems` has the reason and message of every clip that could not be measured.
    """

    def __init__(self, out: Folder, embedder: str) -> None:
        self.problems: dict[bytes, tuple[str, str]] = {}
        self._out, self._embedder = out, embedder
        self._tag = blake2b(f"{_VERSION} {embedder}".encode(), digest_size=_TAG_BYTES).hexdigest()
        self._files: list[str] = []
        self._keys: list[pa.Array[Any]] = []
        for name in out.list(f"{FOLDER}/{self._tag}-*.parquet"):
            self._note(name, self._read(name, ["key", "reason", "message"]))

    def list_keys(self) -> set[bytes]:
        """The clips that are measured, or cannot be."""
        return {key for keys in self._keys for key in keys.to_pylist() if key is not None}

    def add(self, measures: Sequence[Measure], dim: int) -> None:
        """Keep measures, as one file; `dim` is the length of a row.

        Raises StorageError when it cannot be written.
        """
        import pyarrow.parquet as pq

        digest = blake2b(b"".join(one.key for one in measures), digest_size=_NAME_BYTES)
        name = f"{FOLDER}/{self._tag}-{digest.hexdigest()}.parquet"
        table = _make_table(measures, dim, self._embedder)
        with self._out.open_write(name) as file:
            pq.write_table(table, file, compression="zstd")
        self._note(name, table)

    def read_scores(self, keys: Sequence[bytes]) -> NDArray[np.float32]:
        """How well the caption of each clip fits, [N]; NaN where that is not known."""
        scores = np.full(len(keys), np.nan, np.float32)
        for places, column in self._take(keys, "score"):
            scores[places] = column.to_numpy(zero_copy_only=False)
        return scores

    def read_rows(self, keys: Sequence[bytes]) -> Rows:
        """The rows of clips, float32 [N, dim]; one file after the other is read for them.

        Raises KeyError for a clip that was not measured or could not be.
        """
        import pyarrow.compute as pc

        rows: Rows | None = None
        n_found = 0
        for places, column in self._take(keys, "row"):
            lists = column.drop_null()
            if rows is None:
                rows = np.zeros((len(keys), column.type.list_size), np.float32)
            n_found += len(lists)
            if len(lists) == len(places):
                rows[places] = pc.list_flatten(lists).to_numpy().reshape(len(places), -1)
        if n_found < len(keys):
            raise KeyError(f"{len(keys) - n_found} of {len(keys)} clips have no row")
        return np.zeros((0, 0), np.float32) if rows is None else rows

    def _take(
        self, keys: Sequence[bytes], column: str
    ) -> Iterator[tuple[NDArray[np.int64], pa.Array[Any]]]:
        """For each file the places of the keys that it holds, and their values in a column."""
        import pyarrow as pa
        import pyarrow.compute as pc

        if not keys or not self._keys:
            return
        found = pc.index_in(pa.array(keys, pa.binary(KEY_BYTES)), pa.concat_arrays(self._keys))
        at = found.fill_null(-1).to_numpy()
        first = 0
        for name, held in zip(self._files, self._keys, strict=True):
            places = np.flatnonzero((at >= first) & (at < first + len(held)))
            if len(places):
                values = self._read(name, [column])[column].combine_chunks()
                yield places, values.take(pa.array(at[places] - first))
            first += len(held)

    def _note(self, name: str, table: pa.Table) -> None:
        self._files.append(name)
        self._keys.append(table["key"].combine_chunks())
        failed = table.select(["key", "reason", "message"]).filter(table["reason"].is_valid())
        for row in failed.to_pylist():
            self.problems[row["key"]] = (row["reason"], row["message"])

    def _read(self, name: str, columns: list[str]) -> pa.Table:
        import pyarrow as pa
        import pyarrow.parquet as pq

        try:
            with self._out.open_read(name) as file:
                return pq.read_table(file, columns=columns)
        except (pa.ArrowException, KeyError) as exc:
            path = self._out.path(name)
            raise StorageError(f"{path}: holds no similarities ({exc}); delete it") from exc


def _make_table(measures: Sequence[Measure], dim: int, embedder: str) -> pa.Table:
    import pyarrow as pa

    missing = [one.row is None for one in measures]
    rows = np.zeros((len(measures), dim), np.float16)
    for row, one in zip(rows, measures, strict=True):
        if one.row is not None:
            row[:] = one.row
    scores = [None if one.score is None else round(one.score, _DECIMALS) for one in measures]
    columns: dict[str, pa.Array[Any]] = {
        "key": pa.array([one.key for one in measures], pa.binary(KEY_BYTES)),
        "uri": pa.array([one.uri for one in measures], pa.string()),
        "start_s": pa.array([one.start_s for one in measures], pa.float64()),
        "end_s": pa.array([one.end_s for one in measures], pa.float64()),
        "caption": pa.array([one.caption for one in measures], pa.string()),
        "score": pa.array(scores, pa.float32()),
        "row": pa.FixedSizeListArray.from_arrays(
            pa.array(rows.ravel()), dim, mask=pa.array(missing)
        ),
        "reason": pa.array([one.reason for one in measures], pa.string()),
        "message": pa.array([one.message for one in measures], pa.string()),
    }
    return pa.table(columns).replace_schema_metadata({"embedder": embedder})
