"""Reads from builds what a mix decides by: ids, videos and a few columns, never texts or frames."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from streamit.build.mix.builds import MixBuild
from streamit.build.mix.pool import Candidate, Pool
from streamit.build.spool import rank_video
from streamit.build.types import MEDIA_CLIPS
from streamit.dataset import Shard, open_shard
from streamit.dataset_rules import name_source_videos
from streamit.draws import draw_bits
from streamit.errors import StorageError
from streamit.mix import Mix, MixPart

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq

_PLAIN = ("id", "source", "task", "layout", "split", "n_frames")
_NESTED = ("video.id", "video.clips.list.element.uri", "provenance.decoder")
# A row without frames; frames are counted by the footer of their row group.
_TEXT_BYTES = 4096


def scan_builds(
    builds: Sequence[MixBuild], mix: Mix, pool: Pool, note: Callable[[str, int], None]
) -> None:
    """Put every record of every build into the pool.

    Raises StorageError when a build has other records than its manifest counts.
    """
    for number, one in enumerate(builds):
        parts = [(i, part) for i, part in enumerate(mix.parts) if part.build == one.name]
        n_records = 0
        for shard_number, shard in enumerate(one.build.shards):
            place = (number, shard_number)
            n_records += pool.add(_scan_shard(one, shard, place, parts, mix.seed))
            note(f"reading {one.name}", n_records)
        if n_records != one.n_records:
            raise StorageError(
                f"build {one.name!r}: {one.build.folder.url} holds {n_records} records, its "
                f"manifest says {one.n_records}; `streamit validate` says more"
            )


def _scan_shard(
    one: MixBuild,
    shard: Shard,
    place: tuple[int, int],
    parts: Sequence[tuple[int, MixPart]],
    seed: int,
) -> Iterator[tuple[Candidate, tuple[str, ...]]]:
    """Each record with its source videos; `place` is the number of the build and of the shard."""
    with open_shard(one.build.folder, shard) as file:
        for group in range(file.num_row_groups):
            rows = _read_rows(file.read_row_group(group, columns=[*_PLAIN, *_NESTED]))
            frame_bytes = _count_frame_bytes(file, group)
            n_frames = sum(row["n_frames"] for row in rows) or 1
            for number, row in enumerate(rows):
                row["part"] = next((i for i, part in parts if fits(part, row)), None)
                row["n_bytes"] = _TEXT_BYTES + frame_bytes * row["n_frames"] // n_frames
                if one.manifest["media"] == MEDIA_CLIPS:
                    row["clips"] = "\n".join(dict.fromkeys(row["uris"]))
                videos = name_source_videos(row["video_id"], row["uris"])
                yield _make_candidate((*place, group, number), row, videos[0], seed), videos


def _make_candidate(
    place: tuple[int, int, int, int], row: Mapping[str, Any], video: str, seed: int
) -> Candidate:
    return Candidate(
        *place,
        id=row["id"],
        source=row["source"],
        task=row["task"],
        layout=row["layout"],
        split=row["split"],
        part=row["part"],
        draw=draw_bits(seed, row["id"], "mix").to_bytes(8, "big"),
        rank=rank_video(video),
        video=video,
        n_frames=row["n_frames"],
        n_bytes=row["n_bytes"],
        decoder=row["decoder"],
        clips=row.get("clips"),
    )


def fits(part: MixPart, row: Mapping[str, Any]) -> bool:
    """Whether a record of the part's build belongs to the part."""
    return (
        (not part.sources or row["source"] in part.sources)
        and part.task in (None, row["task"])
        and part.layout in (None, row["layout"])
        and part.split in (None, row["split"])
    )


def _read_rows(table: pa.Table) -> list[dict[str, Any]]:
    columns = {name: table.column(name).to_pylist() for name in _PLAIN}
    videos: Any = table.column("video").combine_chunks()
    columns["video_id"] = videos.field("id").to_pylist()
    clips = videos.field("clips").to_pylist()
    columns["uris"] = [[clip["uri"] for clip in row or ()] for row in clips]
    provenance: Any = table.column("provenance").combine_chunks()
    columns["decoder"] = provenance.field("decoder").to_pylist()
    return [
        dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)
    ]


def _count_frame_bytes(file: pq.ParquetFile, group: int) -> int:
    found = file.metadata.row_group(group)
    columns = (found.column(i) for i in range(found.num_columns))
    return sum(c.total_uncompressed_size for c in columns if c.path_in_schema.startswith("frames."))
