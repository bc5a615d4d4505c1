"""The formats in which the demo tells its known events, and which videos each of them tells.

The videos are dealt to the first three, whose folders hold them; the others tell the same videos
once more, for the tasks that captions do not serve.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise

from streamit.demo.native_captions import write_activitynet, write_shot2story, write_vitt
from streamit.demo.native_tasks import (
    write_charades_sta,
    write_coin,
    write_fineaction,
    write_llava_video,
    write_qaego4d,
)
from streamit.demo.videos import SOURCES, TRAIN, VALIDATION, DemoVideo

Writer = Callable[[Sequence[DemoVideo], int], dict[str, str]]

_WRITERS: Mapping[str, Writer] = {
    "activitynet": write_activitynet,
    "shot2story": write_shot2story,
    "vitt": write_vitt,
    "coin": write_coin,
    "fineaction": write_fineaction,
    "charades_sta": write_charades_sta,
    "qaego4d": write_qaego4d,
    "llava_video_178k": write_llava_video,
}
FORMATS = tuple(_WRITERS)
"""Names of the formats, which are those of the sources that are read so, and of the folders."""


def write_annotations(form: str, videos: Sequence[DemoVideo], seed: int) -> dict[str, str]:
    """Annotation files of one format: their names and contents. `videos` are all of the demo."""
    return _WRITERS[form](choose_videos(form, videos), seed)


def choose_videos(form: str, videos: Sequence[DemoVideo]) -> list[DemoVideo]:
    """The videos that a format can tell, so that each stays in its own split."""
    if form in SOURCES:
        return [video for video in videos if video.source == form]
    return [video for video in videos if _SUITS[form](video)]


def _has_no_overlap(video: DemoVideo) -> bool:
    spans = [event.span for event in video.scene.events]
    return all(one.end_s <= other.start_s for one, other in pairwise(spans))


_SUITS: Mapping[str, Callable[[DemoVideo], bool]] = {
    # One step of COIN follows the other.
    "coin": _has_no_overlap,
    "fineaction": lambda video: True,
    # Charades has no validation split, LLaVA-Video nothing but training files.
    "charades_sta": lambda video: video.split != VALIDATION,
    "qaego4d": lambda video: True,
    "llava_video_178k": lambda video: video.split == TRAIN,
}
