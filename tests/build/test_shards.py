import io
import json

import datasets
import pyarrow.parquet as pq
import pytest
from PIL import Image

from streamit.build import shards
from streamit.build.shards import CDC, ShardWriter
from streamit.columns import build_schema, features_json


def make_jpeg(colour: str) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (8, 6), colour).save(buffer, "JPEG")
    return buffer.getvalue()


def make_row(n: int, frames: list[bytes] | None = None) -> dict:
    row = {name: None for name in build_schema(False).names}
    row |= {"id": f"r/s/v/{n}", "timeline": [], "frame_times_s": [], "scores": [], "split": "train"}
    if frames is not None:
        row["frames"] = [{"bytes": frame, "path": None} for frame in frames]
    return row


def write(path, rows, with_frames=False):
    with open(path, "wb") as file, ShardWriter(file, with_frames) as writer:
        for row in rows:
            writer.write(row)
    return pq.ParquetFile(path)


@pytest.mark.parametrize("with_frames", [False, True])
def test_the_footer_holds_the_features_that_datasets_would_write(with_frames):
    schema = build_schema(with_frames)
    features = datasets.Features.from_arrow_schema(schema)
    assert json.loads(features.arrow_schema.metadata[b"huggingface"])["info"]["features"] == (
        features_json(with_frames)
    )
    assert features.arrow_schema.equals(schema)


def test_text_leaves_have_a_dictionary_and_snappy_and_media_leaves_are_plain(tmp_path):
    group = write(tmp_path / "a.parquet", [make_row(0, [make_jpeg("red")])], True).metadata
    leaves = {
        group.row_group(0).column(i).path_in_schema: group.row_group(0).column(i)
        for i in range(group.num_columns)
    }
    media = leaves["frames.list.element.bytes"]
    assert (media.compression, "PLAIN" in media.encodings) == ("UNCOMPRESSED", True)
    assert "RLE_DICTIONARY" not in media.encodings
    text = leaves["timeline.list.element.text"]
    assert text.compression == "SNAPPY"


def test_chunking_is_content_defined_and_the_page_index_is_there(tmp_path):
    metadata = write(tmp_path / "a.parquet", [make_row(0)]).metadata
    assert json.loads(metadata.metadata[b"content_defined_chunking"]) == CDC
    assert metadata.row_group(0).column(0).has_offset_index


def test_row_groups_are_bounded_in_rows(tmp_path):
    rows = [make_row(n) for n in range(shards.ROW_GROUP_ROWS + 1)]
    metadata = write(tmp_path / "a.parquet", rows).metadata
    groups = [metadata.row_group(i).num_rows for i in range(metadata.num_row_groups)]
    assert groups == [shards.ROW_GROUP_ROWS, 1]


def test_row_groups_are_bounded_in_bytes(tmp_path):
    frame = bytes(shards.ROW_GROUP_BYTES // 4)
    rows = [make_row(n, [frame]) for n in range(5)]
    assert write(tmp_path / "a.parquet", rows, True).metadata.num_row_groups == 2


def test_the_same_rows_give_the_same_bytes(tmp_path):
    rows = [make_row(n, [make_jpeg("red"), make_jpeg("blue")]) for n in range(20)]
    write(tmp_path / "a.parquet", rows, True)
    write(tmp_path / "b.parquet", rows, True)
    assert (tmp_path / "a.parquet").read_bytes() == (tmp_path / "b.parquet").read_bytes()


def test_datasets_decodes_the_frames(tmp_path):
    write(tmp_path / "train-0.parquet", [make_row(0, [make_jpeg("red")])], True)
    loaded = datasets.load_dataset(
        "parquet", data_files=str(tmp_path / "*.parquet"), cache_dir=str(tmp_path / "cache")
    )
    assert loaded["train"][0]["frames"][0].size == (8, 6)
