"""Writes the demo's known events as captions, in the layouts of three real corpora.

Layouts and habits are those of the published files: ActivityNet Captions (seconds, a second
annotator for the validation videos, sentences that begin with a blank, events out of order),
Shot2Story (shots bounded by frame numbers in their file names) and ViTT (starts alone, in
milliseconds, some videos annotated twice).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from streamit.demo.captions import write_clauses, write_sentences, write_summary, write_tags
from streamit.demo.dice import Dice
from streamit.demo.videos import TEST, TRAIN, VALIDATION, DemoVideo
from streamit.record import Span
from streamit.timeline import s_to_milliseconds, widen

# A second annotator of the same events marks them this much more loosely, in seconds.
_LOOSE_S = 0.3


def write_activitynet(videos: Sequence[DemoVideo], seed: int) -> dict[str, str]:
    """A file per split; the validation videos have two, of different annotators."""
    train = [video for video in videos if video.split == TRAIN]
    validation = [video for video in videos if video.split == VALIDATION]
    files = {"train.json": (train, 1), "val_1.json": (validation, 1), "val_2.json": (validation, 2)}
    return {
        name: json.dumps({v.video_id: _describe_events(v, seed, annotator) for v in chosen})
        for name, (chosen, annotator) in files.items()
    }


def _describe_events(video: DemoVideo, seed: int, annotator: int) -> dict[str, Any]:
    """The first annotator noticed one of the events last, and wrote it last."""
    events = video.scene.events
    clauses = write_clauses(events, Dice(seed, video.video_id, "words"), annotator)
    rows = list(zip(_mark(video, seed, annotator), write_sentences(clauses), strict=True))
    if annotator == 1:
        late = Dice(seed, video.video_id, "late").pick(range(len(rows) - 1))
        rows.append(rows.pop(late))
    return {
        "duration": round(video.scene.duration_s, 2),
        "timestamps": [[span.start_s, span.end_s] for span, _ in rows],
        "sentences": [text if i == 0 else f" {text}" for i, (_, text) in enumerate(rows)],
    }


def write_shot2story(videos: Sequence[DemoVideo], seed: int) -> dict[str, str]:
    """A file per split; the videos are those of one shot per event."""
    files = {"20k_train.json": TRAIN, "20k_val.json": VALIDATION}
    entries = [(video.split, _describe_shots(video, i, seed)) for i, video in enumerate(videos)]
    return {
        name: json.dumps([entry for of, entry in entries if of == split])
        for name, split in files.items()
    }


def _describe_shots(video: DemoVideo, number: int, seed: int) -> dict[str, Any]:
    """The stretches before the first cut and after the last show no event: they are no shots."""
    dice = Dice(seed, video.video_id, "words")
    cuts = video.scene.cut_frames
    clauses = write_clauses(video.scene.events, dice, annotator=1)
    shots = pairwise(cuts)
    silent = [""] * len(clauses)
    return {
        "video": video.file_name,
        "image_id": video.file_name,
        "id": number,
        "whole_caption": write_summary(clauses, dice),
        "whole_ASR": "",
        "nvid": video.file_name,
        "video_names": [f"{video.video_id}_{start}_{end}.mp4" for start, end in shots],
        "audio_captions": silent,
        "captions": write_sentences(clauses),
        "ASR": silent,
    }


def write_vitt(videos: Sequence[DemoVideo], seed: int) -> dict[str, str]:
    """One file with the tags of all videos, and the list of ids of each split."""
    twice = videos[:1]
    sets = [*((video, 1) for video in videos), *((video, 2) for video in twice)]
    annotations = [_tag_events(video, seed, annotator) for video, annotator in sets]
    lists = {"train_id.txt": TRAIN, "dev_id.txt": VALIDATION, "test_id.txt": TEST}
    ids = {
        name: "".join(f"{video.video_id}\n" for video in videos if video.split == split)
        for name, split in lists.items()
    }
    return {"ViTT-annotations.json": json.dumps(annotations), **ids}


def _tag_events(video: DemoVideo, seed: int, annotator: int) -> dict[str, Any]:
    spans = _mark(video, seed, annotator)
    tags = write_tags(video.scene.events, Dice(seed, video.video_id, "words"), annotator)
    return {
        "id": video.video_id,
        "annotations": [
            {"timestamp": s_to_milliseconds(span.start_s), "tag": tag}
            for span, tag in zip(spans, tags, strict=True)
        ],
    }


def _mark(video: DemoVideo, seed: int, annotator: int) -> list[Span]:
    spans = [event.span for event in video.scene.events]
    if annotator == 1:
        return spans
    dice = Dice(seed, video.video_id, "marks", annotator)
    return [widen(span, dice.between(0, _LOOSE_S), dice.between(0, _LOOSE_S)) for span in spans]
