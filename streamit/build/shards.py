"""Writes one Parquet shard as the Hub and its viewer want it, with the same bytes every time.

Content-defined chunking and a page index as `datasets` 5 writes them, bounded row groups (readers
fetch whole ones), dictionary and snappy for text, nothing for media.
"""

from __future__ import annotations

import json
from typing import IO, Any

import pyarrow as pa
import pyarrow.parquet as pq

from streamit.columns import build_schema, leaf_paths

CDC = {"min_chunk_size": 262144, "max_chunk_size": 1048576, "norm_level": 0}
ROW_GROUP_BYTES = 64 << 20
ROW_GROUP_ROWS = 1000
_ROW_BYTES_WITHOUT_MEDIA = 4096


class ShardWriter:
    """Takes rows one by one inside a `with` block; holds at most one row group in memory."""

    def __init__(self, file: IO[bytes], with_frames: bool) -> None:
        self._schema = build_schema(with_frames)
        media = [path for path in leaf_paths(self._schema) if path.startswith("frames.")]
        text = [path for path in leaf_paths(self._schema) if not path.startswith("frames.")]
        self._writer = pq.ParquetWriter(
            file,
            self._schema,
            compression={path: "none" if path in media else "snappy" for path in media + text},
            use_dictionary=text,  # type: ignore[arg-type]  # the stubs know only bool
            column_encoding={path: "PLAIN" for path in media} or None,
            use_content_defined_chunking=CDC,
            write_page_index=True,
        )
        self._writer.add_key_value_metadata({"content_defined_chunking": json.dumps(CDC)})
        self._rows: list[dict[str, Any]] = []
        self._n_bytes = 0
        self.n_rows = 0

    def write(self, row: dict[str, Any]) -> None:
        """Add a row (`record.to_dict`)."""
        self._rows.append(row)
        self.n_rows += 1
        self._n_bytes += estimate_row_bytes(row)
        if len(self._rows) >= ROW_GROUP_ROWS or self._n_bytes >= ROW_GROUP_BYTES:
            self._flush()

    def write_rows(self, table: pa.Table) -> None:
        """Add rows of other shards as a row group of their own; `write` must not come before."""
        self._writer.write_table(table.cast(self._schema), row_group_size=table.num_rows)
        self.n_rows += table.num_rows

    def __enter__(self) -> ShardWriter:
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        """Write the last row group and the footer; after an error the file is not worth it."""
        if self._rows and error is None:
            self._flush()
        try:
            self._writer.close()
        except OSError:
            if error is None:
                raise

    def _flush(self) -> None:
        table = pa.Table.from_pylist(self._rows, schema=self._schema)
        self._writer.write_table(table, row_group_size=len(self._rows))
        self._rows, self._n_bytes = [], 0


def estimate_row_bytes(row: dict[str, Any]) -> int:
    """Bytes of a row that matter for bounds: its frames, and a flat sum for the text."""
    return _ROW_BYTES_WITHOUT_MEDIA + sum(len(f["bytes"]) for f in row.get("frames") or ())
