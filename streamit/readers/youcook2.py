"""YouCook2: the steps of cooking videos, with sentences; times are whole seconds.

Two shapes. The official file (`youcookii_annotations_trainval.json`, also known under the name
`yc2_annotations_trainval.json`) has the shape of readers/database.py with a `sentence` per segment.
Copies for dense captioning (`yc2_train.json`, `yc2_val_anet_format.json`) have the shape of
ActivityNet Captions, some with `v_` before the ids. Test labels are hidden: those copies hold the
sentence "None" in [0, 1] instead, the official test file has segments without sentences. Zhou et
al., Towards Automatic Learning of Procedures from Web Instructional Videos, AAAI 2018.

What a video cooks stands in `label_foodtype.csv` of the official archive (`id,name` without a
header), read where it is beside the annotations.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from streamit.errors import SourceError
from streamit.item import Item, Reject
from streamit.readers import activitynet
from streamit.readers.base import SourceFile
from streamit.readers.database import WRAPPER, Corpus, read_entry
from streamit.readers.files import exists, read_lines
from streamit.readers.json_stream import Member, stream_json
from streamit.readers.parse import Place, clean_text, show
from streamit.source import BY_RECORD

DISHES = "label_foodtype.csv"
_PLACEHOLDER = {"sentences": ["None"], "timestamps": [[0, 1]]}


def read(file: SourceFile) -> Iterator[Item | Reject]:
    """One item per video, in either shape.

    Raises SourceError when the file is a list, or the list of dishes beside it cannot be read.
    """
    dishes = _read_dishes(f"{file.folder}/{DISHES}")
    corpus = Corpus(
        "YouCook2", "sentence", read_goal=lambda entry: _find_goal(entry, dishes), hides_test=True
    )
    seen: set[str] = set()
    for member in stream_json(file.path, inside=WRAPPER):
        if member.key is None:
            raise SourceError(
                f"{file.path}: its members have no keys; a YouCook2 file is an object {WRAPPER!r} "
                "keyed by video id, or such an object in the shape of ActivityNet Captions"
            )
        repeated = member.key in seen
        seen.add(member.key)
        if member.parent == WRAPPER:
            yield from read_entry(file, corpus, member, repeated)
        else:
            yield from _read_captions(file, member, repeated)


def _read_captions(file: SourceFile, member: Member, repeated: bool) -> Iterator[Item | Reject]:
    """A video in the shape of ActivityNet Captions, whose files say nothing of a split."""
    file = replace(file, split="train") if file.split == BY_RECORD else file
    if _is_placeholder(member.value):
        message = f"{show(_PLACEHOLDER)} stands where the labels of test videos are hidden"
        yield Place(file, member.key or "", member.key).reject(0, "hidden_label", message)
    else:
        yield from activitynet.read_video(file, member, repeated)


def _is_placeholder(entry: object) -> bool:
    return isinstance(entry, Mapping) and all(
        entry.get(key) == value for key, value in _PLACEHOLDER.items()
    )


def _find_goal(entry: Mapping[str, Any], dishes: Mapping[str, str]) -> str | None:
    """What the video is for; None where no list of dishes names its `recipe_type`."""
    dish = dishes.get(str(entry.get("recipe_type")))
    return None if dish is None else f"make {dish}"


def _read_dishes(path: str) -> dict[str, str]:
    """The names of dishes by the number of the recipe; none where there is no such file."""
    if not exists(path):
        return {}
    lines = (line.decode("utf-8", "replace") for line in read_lines(path))
    dishes: dict[str, str] = {}
    for number, row in enumerate(csv.reader(lines), start=1):
        if len(row) == 2 and all(cell.strip() for cell in row):
            dishes[row[0].strip()] = clean_text(row[1])
        elif any(cell.strip() for cell in row):
            raise SourceError(
                f"{path}: line {number} is {show(row)}, not the number and the name of a dish; "
                "get the file again, or take it away to go without the names"
            )
    return dishes
