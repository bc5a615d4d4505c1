"""Reads the demo's native files once more, to compare them with what became of them.

Of the package's readers nothing is used but the units of time and the words of class names.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from streamit.demo.corpus import DemoCorpus
from streamit.demo.videos import DemoVideo
from streamit.readers.labels import read_label
from streamit.timeline import ends_at_next, frames_to_s, milliseconds_to_s

Videos = dict[str, DemoVideo]


@dataclass(frozen=True)
class Row:
    """One event as its native file has it.

    `key` is that of its annotation set in the file, `video` the stem of the video's file.
    """

    file: str
    key: str
    video: str
    start_s: float
    end_s: float
    text: str
    question: str | None = None


def load(demo: DemoCorpus, form: str, pattern: str) -> Iterator[tuple[str, Any]]:
    for path in sorted(demo.folders[form].glob(pattern)):
        yield path.relative_to(demo.folders[form]).as_posix(), json.loads(path.read_text())


def read_activitynet(demo: DemoCorpus, videos: Videos) -> Iterator[Row]:
    for name, entries in load(demo, "activitynet", "*.json"):
        for key, entry in entries.items():
            for span, text in zip(entry["timestamps"], entry["sentences"], strict=True):
                yield Row(name, key, key, *span, text.strip())


def read_shot2story(demo: DemoCorpus, videos: Videos) -> Iterator[Row]:
    for name, entries in load(demo, "shot2story", "*.json"):
        for entry in entries:
            stem = entry["video"].removesuffix(".mp4")
            fps = videos[stem].scene.fps
            for shot, text in zip(entry["video_names"], entry["captions"], strict=True):
                frames = shot.removesuffix(".mp4").split("_")[-2:]
                start_s, end_s = (frames_to_s(int(frame), fps) for frame in frames)
                yield Row(name, entry["video"], stem, start_s, end_s, text)


def read_vitt(demo: DemoCorpus, videos: Videos) -> Iterator[Row]:
    for name, entries in load(demo, "vitt", "*.json"):
        n_sets: Counter[str] = Counter()
        for entry in entries:
            stem, tags = entry["id"], entry["annotations"]
            n_sets[stem] += 1
            key = stem if n_sets[stem] == 1 else f"{stem}#{n_sets[stem]}"
            starts_s = [milliseconds_to_s(tag["timestamp"]) for tag in tags]
            ends_s = [end_s or videos[stem].scene.duration_s for end_s in ends_at_next(starts_s)]
            for tag, start_s, end_s in zip(tags, starts_s, ends_s, strict=True):
                yield Row(name, key, stem, start_s, end_s, tag["tag"])


def read_coin(demo: DemoCorpus, videos: Videos) -> Iterator[Row]:
    for name, document in load(demo, "coin", "*.json"):
        for key, entry in document["database"].items():
            for step in entry["annotation"]:
                yield Row(name, key, key, *step["segment"], step["label"])


def read_fineaction(demo: DemoCorpus, videos: Videos) -> Iterator[Row]:
    for name, document in load(demo, "fineaction", "*.json"):
        for key, entry in document["database"].items():
            for action in entry["annotations"]:
                yield Row(name, key, key, *action["segment"], read_label(action["label"]))


def read_charades_sta(demo: DemoCorpus, videos: Videos) -> Iterator[Row]:
    for path in sorted(demo.folders["charades_sta"].glob("*.txt")):
        for line in path.read_text().splitlines():
            head, text = line.split("##")
            key, start, end = head.split()
            yield Row(path.name, key, key, float(start), float(end), text)


def read_qaego4d(demo: DemoCorpus, videos: Videos) -> Iterator[Row]:
    for name, rows in load(demo, "qaego4d", "*.json"):
        for row in rows:
            start_s, end_s = (frames_to_s(row[f"moment_{at}_frame"], 30) for at in ("start", "end"))
            key = row["video_id"]
            yield Row(name, key, key, start_s, end_s, row["answer"], row["question"])


def read_llava_video(demo: DemoCorpus, videos: Videos) -> Iterator[Row]:
    for name, rows in load(demo, "llava_video_178k", "*/*.json"):
        for row in rows:
            stem, values = row["id"], [turn["value"] for turn in row["conversations"]]
            end_s = videos[stem].scene.duration_s
            for asked, told in zip(values[::2], values[1::2], strict=True):
                question = asked.removeprefix("<image>\n")
                yield Row(name, row["video"], stem, 0.0, end_s, told, question)


READERS: Mapping[str, tuple[Callable[[DemoCorpus, Videos], Iterator[Row]], ...]] = {
    "dense_caption": (read_activitynet, read_shot2story, read_vitt),
    "step_recognition": (read_coin,),
    "step_coach": (read_coin,),
    "grounded_qa": (read_qaego4d,),
    "action_detection": (read_fineaction,),
    "temporal_grounding": (read_charades_sta,),
    "offline_qa": (read_llava_video,),
}
"""By recipe, what reads the files that the recipe's build of the demo reads."""
