"""ViTT, Video Timeline Tags: `{"id", "annotations": [{"timestamp": ms, "tag": str}]}`, a list of.

Only starts are given, in milliseconds; a section lasts until the next one begins, the last until
the video ends. An id occurs once per annotator, and every annotation set becomes an item of its
own. Huang et al., Multimodal Pretraining for Dense Video Captioning, AACL 2020.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from streamit.errors import SourceError
from streamit.item import Event, Item, Reject
from streamit.readers.base import SourceFile
from streamit.readers.files import exists, read_lines
from streamit.readers.json_stream import Member, stream_json
from streamit.readers.parse import (
    Place,
    Refusal,
    clean_text,
    read_events,
    read_line,
    read_object,
    read_video_id,
    show,
)
from streamit.source import BY_RECORD
from streamit.timeline import TimeFault, ends_at_next, milliseconds_to_s, read_number

ID_LISTS = {"train": "train_id.txt", "validation": "dev_id.txt", "test": "test_id.txt"}


def read(file: SourceFile) -> Iterator[Item | Reject]:
    """One item per annotation set; the second one of a video has the key `<id>#2`.

    Splits come from the corpus's lists of ids beside the file. Raises SourceError when the file is
    no list, or some of the id lists are there and others not.
    """
    splits = _read_splits(file) if file.split == BY_RECORD else {}
    default = "train" if file.split == BY_RECORD else file.split
    counts: Counter[str] = Counter()
    for member in stream_json(file.path):
        if member.key is not None:
            raise SourceError(
                f"{file.path}: is an object; a ViTT file is a list of annotation sets "
                "(or has one per line and is named .jsonl)"
            )
        if member.problem is not None:
            yield read_line(file, member)
        else:
            yield from _read_set(file, member, splits, default, counts)


def _read_splits(file: SourceFile) -> dict[str, str]:
    """The split of each listed id. An id in no list is the caller's to place.

    The 276 videos with more than three annotations are in none: the authors kept them out to
    measure how far annotators agree. Evaluation never sees them, so they can be trained on.
    """
    paths = {split: f"{file.folder}/{name}" for split, name in ID_LISTS.items()}
    there = [path for path in paths.values() if exists(path)]
    if there and len(there) < len(paths):
        absent = ", ".join(path for path in paths.values() if path not in there)
        raise SourceError(
            f"{absent}: is missing, but {there[0]} is there; without all id lists, evaluation "
            "videos would be trained on. Put all of them beside the annotations, or none"
        )
    return {
        line.decode("utf-8", "replace").strip(): split
        for split, path in paths.items()
        if there
        for line in read_lines(path)
    }


def _read_set(
    file: SourceFile, member: Member, splits: Mapping[str, str], default: str, counts: Counter[str]
) -> Iterator[Item | Reject]:
    given = member.value.get("id") if isinstance(member.value, Mapping) else None
    key = f"[{member.ordinal}]"
    if isinstance(given, str):
        counts[given] += 1
        key = given if counts[given] == 1 else f"{given}#{counts[given]}"
    place = Place(file, key, given if isinstance(given, str) else None)
    tags: Sequence[object] = ()
    try:
        tags = read_object(member.value, "annotations")["annotations"]
        video_id = read_video_id(given)
        if not tags:
            raise Refusal("no_events", "the annotation set is empty")
    except Refusal as fault:
        yield from place.reject_each(len(tags), fault.reason, str(fault))
        return
    starts_s = _read_starts(tags)
    ends_s = dict(zip(starts_s, ends_at_next(list(starts_s.values())), strict=True))
    events, rejects = read_events(place, len(tags), lambda i: _read_tag(tags[i], i, ends_s))
    yield from rejects
    if events:
        split = splits.get(video_id, default)
        yield place.make_item(member.ordinal, video_id, events, split=split, n_refused=len(rejects))


def _read_starts(tags: Sequence[object]) -> dict[int, float]:
    """The start of every tag whose time can be read: it ends the tag before, whatever its text."""
    starts_s: dict[int, float] = {}
    for index, tag in enumerate(tags):
        try:
            starts_s[index] = _read_start(tag)
        except (Refusal, TimeFault):
            continue
    return starts_s


def _read_start(tag: object) -> float:
    timestamp = read_object(tag).get("timestamp")
    return milliseconds_to_s(read_number(timestamp, "milliseconds"))


def _read_tag(tag: object, index: int, ends_s: Mapping[int, float | None]) -> Event:
    start_s = _read_start(tag)
    text = clean_text(read_object(tag).get("tag")).lstrip("# ")
    if not any(char.isalnum() for char in text):
        raise Refusal("empty_text", f"the tag {show(read_object(tag).get('tag'))} has no words")
    return Event(index, start_s, ends_s[index], text)
