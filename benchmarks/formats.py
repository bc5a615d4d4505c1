"""A generated file of every format that has a reader, about as large as the published one.

Small corpora come in their published number of videos; of the huge ones a part is written. The
same call gives the same bytes. Every annotation can be used, so that what is read can be counted
exactly.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import tarfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.corpus import write_corpus
from benchmarks.made_up import Video, draw_videos, write_jsonl, write_list
from benchmarks.web_clips import CLIPS_PER_VIDEO, write_internvid, write_panda

FPS = 30
_FINEVIDEO_GROUP = 500
_SCENES = ("crane", "truck", "harbour", "kitchen", "garden")


@dataclass(frozen=True, slots=True)
class Format:
    """A format of a source: `write(folder, n_videos)` returns the number of annotations.

    The reader makes an item of each video.
    """

    source: str
    n_videos: int
    write: Callable[[Path, int], int]


def write_shot2story(folder: Path, n_videos: int) -> int:
    """Clips of four shots."""
    videos = draw_videos(n_videos, 4)
    return write_list(folder / "20k_train.json", (_describe_shots(v) for v in videos), 4)


def _describe_shots(video: Video) -> dict[str, Any]:
    frames = [(int(start_s * FPS), int(end_s * FPS)) for start_s, end_s, _ in video.events]
    return {
        "video": f"{video.id}.mp4",
        "image_id": f"{video.id}.mp4",
        "id": video.number,
        "whole_caption": " ".join(video.sentences),
        "whole_ASR": "",
        "nvid": f"{video.id}.mp4",
        "video_names": [f"{video.id}_{first}_{last}.mp4" for first, last in frames],
        "audio_captions": [""] * len(frames),
        "captions": video.sentences,
        "ASR": [""] * len(frames),
    }


def write_vitt(folder: Path, n_videos: int) -> int:
    """Videos of seven tags, all for training."""
    ids: list[str] = []

    def describe(video: Video) -> dict[str, Any]:
        ids.append(video.id)
        tags = [
            {"timestamp": int(start_s * 1000), "tag": text} for start_s, _, text in video.events
        ]
        return {"id": video.id, "annotations": tags}

    path = folder / "ViTT-annotations.json"
    n_tags = write_list(path, map(describe, draw_videos(n_videos, 7)), 7)
    lists = {"train_id.txt": ids, "dev_id.txt": [], "test_id.txt": []}
    for name, listed in lists.items():
        (folder / name).write_text("".join(f"{video_id}\n" for video_id in listed))
    return n_tags


def write_youcook2(folder: Path, n_videos: int) -> int:
    """Recipes of eight steps."""
    name = "youcookii_annotations_trainval.json"
    return _write_database(folder / name, n_videos, 8, "annotations", "sentence")


def write_coin(folder: Path, n_videos: int) -> int:
    """Tasks of four steps."""
    return _write_database(folder / "COIN.json", n_videos, 4, "annotation", "label")


def write_fineaction(folder: Path, n_videos: int) -> int:
    """Videos of six actions."""
    return _write_database(folder / "annotations_gt.json", n_videos, 6, "annotations", "label")


def write_hacs(folder: Path, n_videos: int) -> int:
    """Videos of three actions."""
    name = "HACS_segments_v1.1.1.json"
    return _write_database(folder / name, n_videos, 3, "annotations", "label")


def write_charades_sta(folder: Path, n_videos: int) -> int:
    """Videos of two queries, and their lengths."""
    with (
        (folder / "charades_sta_train.txt").open("w") as lines,
        (folder / "Charades_v1_train.csv").open("w") as lengths,
    ):
        lengths.write("id,length\n")
        for video in draw_videos(n_videos, 2):
            lengths.write(f"{video.id},{video.duration_s}\n")
            lines.writelines(f"{video.id} {s} {e}##{text}\n" for s, e, text in video.events)
    return 2 * n_videos


def write_qvhighlights(folder: Path, n_videos: int) -> int:
    """A query per video, with two windows."""
    rows = (
        {
            "qid": video.number,
            "query": video.sentences[0],
            "duration": 150,
            "vid": f"{video.id}_60.0_210.0",
            "relevant_windows": [[2, 10], [40, 60 + video.number % 40 * 2]],
            "relevant_clip_ids": [1, 2, 3, 4],
            "saliency_scores": [[1, 2, 3]] * 4,
        }
        for video in draw_videos(n_videos, 1)
    )
    return write_jsonl(folder / "highlight_train_release.jsonl", rows, 2)


def write_egotimeqa(folder: Path, n_videos: int) -> int:
    """Clips of fifty questions, in frames that are no whole numbers."""
    rows = (
        {
            "video_id": f"{video.number:08x}-0000-4000-8000-{video.number:012x}",
            "sample_id": f"{video.number}_{index}",
            "question": f"{text[:-1]}?",
            "answer": text,
            "moment_start_frame": start_s * FPS + 0.25,
            "moment_end_frame": end_s * FPS + 0.75,
            "wrong_answers": [text, text, text],
        }
        for video in draw_videos(n_videos, 50)
        for index, (start_s, end_s, text) in enumerate(video.events)
    )
    return write_list(folder / "annotations.EgoTimeQA.json", rows, 1)


def write_et_instruct(folder: Path, n_videos: int) -> int:
    """A row of temporal grounding per video, between two of other tasks."""
    rows = (
        _describe_grounding(video, task)
        for video in draw_videos(n_videos, 1)
        for task in ("slc", "tvg", "dvc")
    )
    write_list(folder / "et_instruct_164k_txt.json", rows, 1)
    return n_videos


def _describe_grounding(video: Video, task: str) -> dict[str, Any]:
    ((start_s, end_s, text),) = video.events
    asked = f"<image>\nFind the event described by the sentence: '{text}'."
    return {
        "task": task,
        "source": "coin",
        "video": f"coin/{video.id}.mp4",
        "duration": video.duration_s,
        "tgt": [start_s, end_s],
        "conversations": _talk([(asked, f"The event happens in {start_s} - {end_s}.")]),
    }


def write_moviechat(folder: Path, n_videos: int) -> int:
    """A file per video, with three questions about all of it and ten about moments."""
    (folder / "jsons").mkdir()
    for video in draw_videos(n_videos, 13):
        asked = [{"question": f"{text[:-1]}?", "answer": text} for text in video.sentences]
        moments = zip(asked[3:], video.events[3:], strict=True)
        document = {
            "info": {"video_path": f"{video.id}.mp4", "fps": 25, "num_frame": 10_000},
            "caption": video.sentences[0],
            "global": asked[:3],
            "breakpoint": [{"time": int(event[1] * 25), **one} for one, event in moments],
        }
        (folder / "jsons" / f"{video.id}.json").write_text(json.dumps(document))
    return 13 * n_videos


def write_multihop_egoqa(folder: Path, n_videos: int) -> int:
    """Segments of four questions, each with two stretches."""
    rows = (
        {
            "segment_id": f"{video.number:08x}-0000-4000-8000-{video.number:012x}_180_360",
            "annotated_QA": [
                {
                    "Q": f"{text[:-1]}?",
                    "A": f"<T1>{text[:9]}</T1> and <T2>{text[9:]}</T2>",
                    "T": [[int(start_s), int(end_s)], [60 + int(start_s), 60 + int(end_s)]],
                    "Evidence": {
                        "one": [[int(start_s), int(end_s)]],
                        "two": [[60 + int(start_s), 60 + int(end_s)]],
                    },
                }
                for start_s, end_s, text in video.events
            ],
        }
        for video in draw_videos(n_videos, 4)
    )
    return write_list(folder / "train_annotations.json", rows, 4)


def write_finevideo(folder: Path, n_videos: int) -> int:
    """Parquet with a question about each of five scenes; the videos themselves are left out."""
    import pyarrow as pa
    from pyarrow import parquet

    rows = [_describe_scenes(video) for video in draw_videos(n_videos, len(_SCENES))]
    (folder / "data").mkdir()
    table = pa.table({"json": rows, "mp4": [b""] * len(rows)})
    path = folder / "data" / "train-00000-of-00001.parquet"
    parquet.write_table(table, path, row_group_size=_FINEVIDEO_GROUP)
    return len(_SCENES) * n_videos


def _describe_scenes(video: Video) -> dict[str, Any]:
    scenes = [
        {
            "sceneId": number,
            "title": f"{name} at noon",
            "timestamps": _clock(start_s, end_s),
            "cast": ["Sara"],
            "activities": [{"description": text, "timestamp": _clock(start_s, end_s)}],
            "props": [{"name": f"yellow {name}", "timestamp": _clock(start_s, end_s)}],
        }
        for number, (name, (start_s, end_s, text)) in enumerate(
            zip(_SCENES, video.events, strict=True)
        )
    ]
    asked = [{"question": f"Which {name}?", "answer": f"The {name} at noon."} for name in _SCENES]
    return {
        "original_video_filename": f"{video.id}.mp4",
        "duration_seconds": int(video.duration_s),
        "content_metadata": {"qAndA": asked, "scenes": scenes},
    }


def _clock(start_s: float, end_s: float) -> dict[str, str]:
    return {"start_timestamp": f"00:00:{start_s:06.3f}", "end_timestamp": f"00:00:{end_s:06.3f}"}


def write_howtostep(folder: Path, n_videos: int) -> int:
    """A packed archive with a file of ten steps per video."""
    # `w:gz` would write the time of day into the file.
    with (
        gzip.GzipFile(folder / "HowToStep.tar.gz", "wb", mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w") as archive,
    ):
        for video in draw_videos(n_videos, 10):
            starts_s, ends_s, texts = zip(*video.events, strict=True)
            data = json.dumps({"start": starts_s, "end": ends_s, "text": texts}).encode()
            entry = tarfile.TarInfo(f"HowToStep/{video.id}.json")
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return 10 * n_videos


def write_llava_video(folder: Path, n_videos: int) -> int:
    """Conversations of five rounds."""
    (folder / "0_30_s_youtube_v0_1").mkdir()
    path = folder / "0_30_s_youtube_v0_1" / "0_30_s_youtube_oe_v0_1_qa_processed.json"
    return write_list(path, (_converse(v, "ytb_") for v in draw_videos(n_videos, 5)), 5)


def write_vcg_plus(folder: Path, n_videos: int) -> int:
    """Conversations of eight rounds, about as many as ActivityNet has videos."""
    path = folder / "vcg-plus_112K.json"
    return write_list(path, (_converse(v, "v_") for v in draw_videos(n_videos, 8)), 8)


def _converse(video: Video, prefix: str) -> dict[str, Any]:
    name = f"{prefix}{video.id}"
    rounds = [(f"{text[:-1]}?", text) for text in video.sentences]
    return {"id": name, "video": f"videos/{name}.mp4", "conversations": _talk(rounds)}


def _talk(rounds: Iterable[tuple[str, str]]) -> list[dict[str, str]]:
    pairs = [
        ({"from": "human", "value": asked}, {"from": "gpt", "value": told})
        for asked, told in rounds
    ]
    return [turn for pair in pairs for turn in pair]


def write_sharegpt4video(folder: Path, n_videos: int) -> int:
    """A line per video, with captions of eight key frames and of the whole."""
    rows = (
        {
            "video_id": video.id,
            "video_path": f"panda/{video.id}.mp4",
            "timestamp": [str(start_s) for start_s, _, _ in video.events],
            "keyframe": [int(start_s * FPS) for start_s, _, _ in video.events],
            "captions": [
                *({"idx": str(i), "content": text} for i, text in enumerate(video.sentences)),
                {"idx": "-1", "content": " ".join(video.sentences)},
            ],
        }
        for video in draw_videos(n_videos, 8)
    )
    return write_jsonl(folder / "sharegpt4video_40k.jsonl", rows, 1)


def write_webvid(folder: Path, n_videos: int) -> int:
    """Clips with a caption each."""
    with (folder / "results_10M_train.csv").open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(["videoid", "contentUrl", "duration", "page_dir", "name"])
        for video in draw_videos(n_videos, 1):
            url = f"https://stock.example/{video.number}.mp4"
            row = [video.number, url, "PT00H00M15S", "027701_027750", video.sentences[0]]
            table.writerow(row)
    return n_videos


def write_table(folder: Path, n_videos: int) -> int:
    """A user's own CSV, with a row per event."""
    with (folder / "events.csv").open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(["video", "start", "end", "text"])
        for video in draw_videos(n_videos, 5):
            table.writerows([video.id, *event] for event in video.events)
    return 5 * n_videos


def _write_database(path: Path, n_videos: int, n_events: int, key: str, text_key: str) -> int:
    """Write the shape that ActivityNet's challenges gave to many corpora."""
    with path.open("w", encoding="utf-8") as file:
        file.write('{"database": {')
        for video in draw_videos(n_videos, n_events):
            entry = {
                "duration": video.duration_s,
                "subset": "training",
                "recipe_type": "113",
                "class": "ChangeTire",
                key: [
                    {"id": str(i), "segment": [start_s, end_s], text_key: text}
                    for i, (start_s, end_s, text) in enumerate(video.events)
                ],
            }
            file.write(("," if video.number else "") + f'"{video.id}": {json.dumps(entry)}\n')
        file.write("}}")
    return n_videos * n_events


FORMATS = {
    one.source: one
    for one in (
        Format("activitynet", 10_000, write_corpus),
        Format("shot2story", 20_000, write_shot2story),
        Format("vitt", 8_000, write_vitt),
        Format("youcook2", 1_790, write_youcook2),
        Format("coin", 11_800, write_coin),
        Format("howtostep", 20_000, write_howtostep),
        Format("moviechat", 1_000, write_moviechat),
        Format("egotimeqa", 5_400, write_egotimeqa),
        Format("multihop_egoqa", 3_000, write_multihop_egoqa),
        Format("finevideo", 5_000, write_finevideo),
        Format("fineaction", 17_000, write_fineaction),
        Format("hacs", 50_000, write_hacs),
        Format("charades_sta", 6_600, write_charades_sta),
        Format("et_instruct", 20_000, write_et_instruct),
        Format("qvhighlights", 7_200, write_qvhighlights),
        Format("llava_video_178k", 50_000, write_llava_video),
        Format("vcg_plus", 13_000, write_vcg_plus),
        Format("sharegpt4video", 40_000, write_sharegpt4video),
        Format(
            "internvid", 100_000, lambda folder, n: write_internvid(folder, CLIPS_PER_VIDEO * n)
        ),
        Format("panda70m", 100_000, write_panda),
        Format("webvid", 200_000, write_webvid),
        Format("table", 20_000, write_table),
    )
}
"""By source. QaEgo4D has the reader and the shape of EgoTimeQA, and so no format of its own."""
