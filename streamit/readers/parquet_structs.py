"""Reads one struct column of a Parquet file without touching what stands beside it."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import PurePosixPath
from typing import Any

from streamit.errors import SourceError
from streamit.readers.files import READ_FAULTS, open_bytes


def is_parquet(path: str) -> bool:
    """Whether the file is Parquet, by its ending."""
    return PurePosixPath(path).suffix.lower() in (".parquet", ".pq")


def read_structs(
    path: str, column: str, wanted: Collection[str], chunk_rows: int
) -> Iterator[dict[str, Any] | None]:
    """The values of a struct column, each with the wanted fields (`a.b` for inner ones) it has.

    Bytes of other columns and fields are never read: a row may hold a whole video. Raises
    SourceError when the file is no Parquet file, is damaged, or has no such column of structs.
    """
    import pyarrow as pa
    from pyarrow import parquet

    n_rows = 0
    with open_bytes(path) as binary:
        try:
            table = parquet.ParquetFile(binary)
            _check_column(path, table.schema_arrow, column)
            columns = [f"{column}.{field}" for field in wanted]
            for batch in table.iter_batches(batch_size=chunk_rows, columns=columns):
                values = batch.to_pylist()
                yield from (row.get(column) for row in values)
                n_rows += len(values)
        except (*READ_FAULTS, pa.ArrowException) as exc:
            raise SourceError(
                f"{path}: is no Parquet file, or damaged behind row {n_rows}: {exc}; get it again"
            ) from exc


def _check_column(path: str, schema: Any, column: str) -> None:
    import pyarrow as pa

    if column not in schema.names:
        raise SourceError(
            f"{path}: has the columns {', '.join(schema.names)}; expected {column!r} with structs"
        )
    kind = schema.field(column).type
    if not pa.types.is_struct(kind):
        raise SourceError(f"{path}: column {column!r} holds {kind}; expected structs")
