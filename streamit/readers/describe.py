"""Writes the YAML that makes a source of a table of the user's own."""

from __future__ import annotations

import json
import re
from glob import escape
from pathlib import Path, PurePosixPath
from string import Template

from streamit import resources
from streamit.readers.files import unpacked_name
from streamit.readers.guess import Guess

_TEMPLATE = Path(__file__).with_name("new_source.yaml")
_REQUIRED = ("video", "start", "text")
_MEANINGS = {
    "video": "id or file name of the video, relative to the media root",
    "start": "when it starts",
    "end": "when it ends; null: when the next one of the video starts",
    "text": "what happened",
    "question": "a question; `answer`, or else `text`, answers it",
    "answer": "the answer to the question",
    "duration": "length of the video; null where nobody knows",
    "split": "train, validation, test, hash (of the video), or {column: NAME}",
    "language": "language code of the row",
    "id": "the row's own name, for messages",
}


def describe_table(path: str, guess: Guess, command: str) -> str:
    """The text of a source YAML for the table at `path`. `command` is NAME=PATH for `--source`."""
    file_name = PurePosixPath(path).name
    options = {} if guess.delimiter is None else {"delimiter": guess.delimiter}
    return Template(_TEMPLATE.read_text(encoding="utf-8")).substitute(
        path=file_name,
        command=command,
        name=make_source_name(file_name),
        title=json.dumps(unpacked_name(file_name), ensure_ascii=False),
        glob=escape(file_name).replace("\\", "\\\\").replace('"', '\\"'),
        columns="\n".join(_describe_column(key, guess) for key in _MEANINGS),
        options=json.dumps(options),
    )


def make_source_name(file_name: str) -> str:
    """A name for records, made of the file's: `My clips.csv` becomes `my_clips`."""
    stem = PurePosixPath(unpacked_name(file_name)).stem
    name = re.sub(r"[^a-z0-9]+", "_", stem.lower()).strip("_") or "my_table"
    return f"{name}_table" if name in resources.names("sources") else name


def _describe_column(key: str, guess: Guess) -> str:
    column = guess.columns.get(key)
    meaning = _MEANINGS[key]
    if key == "split":
        value = "train" if column is None else f"{{column: {_quote(column)}}}"
    elif column is None:
        needed = key in _REQUIRED and not (key == "text" and "answer" in guess.columns)
        value = key if needed else "null"
        meaning = f"{meaning}: no column looks like it, name one" if needed else meaning
    else:
        value = _quote(column)
        unit = guess.units.get(column, "seconds")
        if unit != "seconds":
            value = f"{{column: {value}, unit: {unit}}}"
        if unit == "frames":
            meaning = f"{meaning}; frames of the video itself, or of a fixed rate: add fps: 30"
    return f"  {key}: {value}".ljust(28) + f" # {meaning}"


def _quote(name: str) -> str:
    """A column's name as YAML reads it back: plain words as they are, all else in quotes."""
    plain = re.fullmatch(r"[A-Za-z_][A-Za-z0-9_ ]*[A-Za-z0-9_]|[A-Za-z_]", name)
    reserved = name.lower() in ("null", "true", "false", "yes", "no", "on", "off", "y", "n")
    return name if plain and not reserved else json.dumps(name, ensure_ascii=False)
