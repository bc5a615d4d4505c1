"""The columns of a shard: Arrow types, the `datasets` features in the footer, leaf encodings.

Written out instead of asking `datasets`, which takes 1.5 s to import in every worker; a test
compares both. Media leaves are stored plain and uncompressed, so that a remote reader can seek into
them; JPEG does not shrink further under any codec.
"""

from __future__ import annotations

import json
from typing import Any

import pyarrow as pa

SPAN = {"start_s": "float64", "end_s": "float64"}
ENTRY: dict[str, Any] = {
    "type": "string",
    "id": "int32",
    "start_s": "float64",
    "end_s": "float64",
    "text": "string",
    "words": [SPAN | {"text": "string"}],
    "kind": "string",
    "question_type": "string",
    "reply_to": "int32",
    "expects": "string",
    "evidence": [SPAN],
    "window": {"earliest_s": "float64", "latest_s": "float64"},
    "origin": "string",
    "loss": "bool",
}
CLIP = {
    "uri": "string",
    "sha256": "string",
    "has_audio": "bool",
    "start_s": "float64",
    "end_s": "float64",
    "offset_s": "float64",
}
COLUMNS: dict[str, Any] = {
    "id": "string",
    "schema_version": "string",
    "recipe": "string",
    "source": "string",
    "split": "string",
    "task": "string",
    "layout": "string",
    "language": "string",
    "n_frames": "int32",
    "n_turns": "int32",
    "video": {
        "id": "string",
        "duration_s": "float64",
        "width": "int32",
        "height": "int32",
        "clips": [CLIP],
    },
    "timeline": [ENTRY],
    "frame_times_s": ["float64"],
    "scores": [{"name": "string", "value": "float64"}],
    "provenance": {
        "licence": "string",
        "annotation_file": "string",
        "annotation_key": "string",
        "item_hash": "string",
        "recipe_fingerprint": "string",
        "streamit_version": "string",
        "seed": "int64",
        "sampling_fps": "float64",
        "sampling_max_frames": "int32",
        "decoder": "string",
        "model": "string",
        "prompt_sha256": "string",
    },
}
_ARROW: dict[str, pa.DataType] = {
    "string": pa.string(),
    "int32": pa.int32(),
    "int64": pa.int64(),
    "float64": pa.float64(),
    "bool": pa.bool_(),
}
_FRAMES = pa.list_(pa.struct([("bytes", pa.binary()), ("path", pa.string())]))
_FRAMES_FEATURE = {"feature": {"_type": "Image"}, "_type": "List"}


def build_schema(with_frames: bool) -> pa.Schema:
    """The Arrow schema of a shard, its footer metadata for `datasets` included."""
    columns = [(name, _arrow_type(spec)) for name, spec in COLUMNS.items()]
    features = {name: _feature(spec) for name, spec in COLUMNS.items()}
    if with_frames:
        columns.append(("frames", _FRAMES))
        features["frames"] = _FRAMES_FEATURE
    metadata: dict[bytes | str, bytes | str] = {
        "huggingface": json.dumps({"info": {"features": features}})
    }
    return pa.schema(columns, metadata=metadata)


def features_json(with_frames: bool) -> dict[str, Any]:
    """The `datasets` features of a shard as plain data, for the card."""
    schema = build_schema(with_frames)
    features: dict[str, Any] = json.loads(schema.metadata[b"huggingface"])["info"]["features"]
    return features


def leaf_paths(schema: pa.Schema) -> list[str]:
    """Parquet's names of all leaf columns, such as `timeline.list.element.text`."""
    return [path for field in schema for path in _leaves(field.name, field.type)]


def _leaves(name: str, kind: pa.DataType) -> list[str]:
    if pa.types.is_struct(kind):
        return [path for field in kind for path in _leaves(f"{name}.{field.name}", field.type)]
    if pa.types.is_list(kind):
        return _leaves(f"{name}.list.element", kind.value_type)
    return [name]


def _arrow_type(spec: Any) -> pa.DataType:
    if isinstance(spec, dict):
        return pa.struct([(name, _arrow_type(inner)) for name, inner in spec.items()])
    if isinstance(spec, list):
        return pa.list_(_arrow_type(spec[0]))
    return _ARROW[spec]


def _feature(spec: Any) -> Any:
    if isinstance(spec, dict):
        return {name: _feature(inner) for name, inner in spec.items()}
    if isinstance(spec, list):
        return {"feature": _feature(spec[0]), "_type": "List"}
    return {"dtype": spec, "_type": "Value"}
