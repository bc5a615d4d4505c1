"""Which videos the demo corpus has: their ids, corpora, splits, scenes and files."""

from __future__ import annotations

import string
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from streamit.demo.dice import Dice
from streamit.demo.render import H264, VP9, Encoding
from streamit.demo.scene import Scene
from streamit.demo.script import SINGLE, STAGGERED, TOGETHER, Script, write_scene

SOURCES = ("activitynet", "shot2story", "vitt")
TRAIN, VALIDATION, TEST = "train", "validation", "test"

_SIGNS = string.ascii_letters + string.digits
_MAX_HOLD = 3
_SHOWN_SHARE = 0.6


@dataclass(frozen=True, slots=True)
class DemoVideo:
    """One video of the corpus.

    `video_id` is the key in its corpus, and the stem of its file. `shown` are the numbers of the
    scene's frames that the file holds; in one with a variable frame rate some are left out.
    """

    source: str
    video_id: str
    split: str
    scene: Scene
    shown: Sequence[int]
    encoding: Encoding

    @property
    def file_name(self) -> str:
        """Name of the video file."""
        return f"{self.video_id}{self.encoding.suffix}"


@dataclass(frozen=True, slots=True)
class _Variant:
    """How one video of a corpus differs from the others."""

    split: str = TRAIN
    dash: bool = False
    variable_rate: bool = False
    encoding: Encoding = H264
    fps: int = 12


# Real corpora hold ids that begin with a dash, several containers and frame rates that vary. What
# is not listed has the defaults.
_VARIANTS: Mapping[str, tuple[_Variant, ...]] = {
    "activitynet": (
        _Variant(),
        _Variant(VALIDATION, dash=True),
        _Variant(variable_rate=True),
    ),
    "shot2story": (_Variant(dash=True, fps=25), _Variant(VALIDATION)),
    "vitt": (_Variant(), _Variant(VALIDATION), _Variant(TEST, encoding=VP9)),
}
_BEATS: Mapping[str, tuple[str, ...]] = {
    "activitynet": (SINGLE, STAGGERED, SINGLE, TOGETHER, SINGLE),
    "shot2story": (SINGLE,) * 4,
    # A ViTT tag lasts until the next one, so its events come one after the other.
    "vitt": (SINGLE,) * 6,
}


def plan_videos(seed: int, n_videos: int) -> list[DemoVideo]:
    """The corpus's videos, dealt to the three sources in turn, before anything is rendered."""
    videos: list[DemoVideo] = []
    for number in range(n_videos):
        source = SOURCES[number % len(SOURCES)]
        taken = {video.video_id.casefold() for video in videos}
        videos.append(_plan_video(source, number // len(SOURCES), seed, taken))
    return videos


def _plan_video(source: str, place: int, seed: int, taken: set[str]) -> DemoVideo:
    variants = _VARIANTS[source]
    variant = variants[place] if place < len(variants) else _Variant()
    script = Script(variant.fps, _BEATS[source], one_shot_per_event=source == "shot2story")
    scene = write_scene(script, Dice(seed, source, place, "scene"))
    dice = Dice(seed, source, place, "file")
    shown = _leave_out(scene.n_frames, dice) if variant.variable_rate else range(scene.n_frames)
    video_id = _draw_id(source, variant.dash, dice)
    while video_id.casefold() in taken:
        video_id = _draw_id(source, variant.dash, dice)
    return DemoVideo(source, video_id, variant.split, scene, shown, variant.encoding)


def _draw_id(source: str, dash: bool, dice: Dice) -> str:
    """An id like those of YouTube (11 signs behind `v_`) or, for ViTT, of YouTube-8M (4 signs)."""
    if source == "vitt":
        return "".join(dice.pick(_SIGNS) for _ in range(4))
    word = "-demo" if dash else "demo"
    return f"v_{word}" + "".join(dice.pick(_SIGNS) for _ in range(11 - len(word)))


def _leave_out(n_frames: int, dice: Dice) -> list[int]:
    """Frames of a video with a variable rate: at most three in a row are left out.

    The last frames all stay: a container takes the last gap for the length of the last frame.
    """
    shown = [0]
    for number in range(1, n_frames):
        due = number - shown[-1] > _MAX_HOLD or number >= n_frames - _MAX_HOLD
        if due or dice.fraction() < _SHOWN_SHARE:
            shown.append(number)
    return shown
