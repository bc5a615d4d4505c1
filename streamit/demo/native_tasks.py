"""Writes the demo's known events for tasks beside captions, in the layouts of five real corpora.

COIN (steps from a fixed list, with the task they belong to), FineAction (classes of actions, each
with several hits; test labels hidden), Charades-STA (queries as text lines, lengths in a table),
QaEgo4D (questions with the frames that answer them) and LLaVA-Video (talks about whole videos).
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from typing import Any

from streamit.demo.captions import (
    list_actions,
    list_steps,
    name_actions,
    name_steps,
    write_plainly,
)
from streamit.demo.dice import Dice
from streamit.demo.questions import ask_about_all, ask_about_events, ask_for_description
from streamit.demo.videos import TEST, TRAIN, VALIDATION, DemoVideo
from streamit.timeline import first_frame_from

# QaEgo4D counts 30 frames per second, whatever the rate of the video.
_QAEGO4D_FPS = 30
# LLaVA-Video keeps shorter videos apart from longer ones.
_SHORT_S = 30.0
_TASK = "PlayWithShapes"
_SUBSETS: Mapping[str, str] = {TRAIN: "training", VALIDATION: "validation", TEST: "testing"}
_CHARADES_COLUMNS = (
    *("id", "subject", "scene", "quality", "relevance", "verified", "script", "objects"),
    *("descriptions", "actions", "length"),
)


def write_coin(videos: Sequence[DemoVideo], seed: int) -> dict[str, str]:
    """One file; all videos show the same task."""
    return {"COIN.json": _wrap({video.video_id: _describe_steps(video) for video in videos})}


def _describe_steps(video: DemoVideo) -> dict[str, Any]:
    events, known = video.scene.events, list_steps()
    return {
        "recipe_type": 0,
        "annotation": [
            {
                "segment": [event.span.start_s, event.span.end_s],
                "id": str(1 + known.index(label)),
                "label": label,
            }
            for event, label in zip(events, name_steps(events), strict=True)
        ],
        "video_url": "",
        "start": events[0].span.start_s,
        "end": events[-1].span.end_s,
        "duration": round(video.scene.duration_s, 2),
        "subset": _SUBSETS[video.split],
        "class": _TASK,
    }


def write_fineaction(videos: Sequence[DemoVideo], seed: int) -> dict[str, str]:
    """One file; test videos are listed without their labels, which serve a challenge."""
    return {
        "annotations_gt.json": _wrap({video.video_id: _list_actions(video) for video in videos})
    }


def _list_actions(video: DemoVideo) -> dict[str, Any]:
    events, known = video.scene.events, list_actions()
    labelled = [] if video.split == TEST else zip(events, name_actions(events), strict=True)
    return {
        "subset": _SUBSETS[video.split],
        "duration": round(video.scene.duration_s, 2),
        "annotations": [
            {
                "label": label,
                "segment": [event.span.start_s, event.span.end_s],
                "label_id": known.index(label),
            }
            for event, label in labelled
        ],
    }


def write_charades_sta(videos: Sequence[DemoVideo], seed: int) -> dict[str, str]:
    """Queries and lengths, a file per split of each."""
    files = {}
    for split in (TRAIN, TEST):
        chosen = [video for video in videos if video.split == split]
        files[f"charades_sta_{split}.txt"] = "".join(map(_write_queries, chosen))
        files[f"Charades_v1_{split}.csv"] = _write_lengths(chosen)
    return files


def _write_queries(video: DemoVideo) -> str:
    events = video.scene.events
    return "".join(
        f"{video.video_id} {event.span.start_s} {event.span.end_s}##{clause}.\n"
        for event, clause in zip(events, write_plainly(events), strict=True)
    )


def _write_lengths(videos: Sequence[DemoVideo]) -> str:
    text = io.StringIO()
    table = csv.DictWriter(text, _CHARADES_COLUMNS, restval="", lineterminator="\n")
    table.writeheader()
    table.writerows(
        {"id": video.video_id, "length": f"{video.scene.duration_s:.2f}"} for video in videos
    )
    return text.getvalue()


def write_qaego4d(videos: Sequence[DemoVideo], seed: int) -> dict[str, str]:
    """A file per split, of questions about events that are the only ones of their kind."""
    files = {"train": TRAIN, "val": VALIDATION, "test": TEST}
    return {
        f"annotations.QaEgo4D_{name}.json": json.dumps(
            [row for video in videos if video.split == split for row in _ask(video)]
        )
        for name, split in files.items()
    }


def _ask(video: DemoVideo) -> list[dict[str, Any]]:
    return [
        {
            "video_id": video.video_id,
            "sample_id": f"{video.video_id}_{number}",
            "question": question.text,
            "answer": question.answer,
            "moment_start_frame": first_frame_from(question.span.start_s, _QAEGO4D_FPS),
            "moment_end_frame": first_frame_from(question.span.end_s, _QAEGO4D_FPS),
        }
        for number, question in enumerate(ask_about_events(video.scene.events))
    ]


def write_llava_video(videos: Sequence[DemoVideo], seed: int) -> dict[str, str]:
    """A folder per length of video, with a file of descriptions and one of talks."""
    files: dict[str, list[dict[str, Any]]] = {}
    for video in videos:
        events, bucket = video.scene.events, _name_bucket(video)
        described = ask_for_description(events, Dice(seed, video.video_id, "words"))
        for name, rounds in (
            (f"{bucket}_cap_v0_1_processed.json", [described]),
            (f"{bucket}_oe_v0_1_qa_processed.json", ask_about_all(events)),
        ):
            rows = files.setdefault(f"{bucket}_v0_1/{name}", [])
            rows.append(_converse(video, f"{bucket}_v0_1", rounds))
    return {name: json.dumps(rows) for name, rows in files.items()}


def _name_bucket(video: DemoVideo) -> str:
    return "0_30_s_youtube" if video.scene.duration_s <= _SHORT_S else "30_60_s_youtube"


def _converse(
    video: DemoVideo, data_source: str, rounds: Sequence[tuple[str, str]]
) -> dict[str, Any]:
    turns = []
    for number, (question, answer) in enumerate(rounds):
        asked = f"<image>\n{question}" if number == 0 else question
        turns += [{"from": "human", "value": asked}, {"from": "gpt", "value": answer}]
    return {
        "id": video.video_id,
        "conversations": turns,
        "data_source": data_source,
        "video": f"{video.source}/videos/{video.file_name}",
    }


def _wrap(entries: Mapping[str, Mapping[str, Any]]) -> str:
    return json.dumps({"database": entries})
