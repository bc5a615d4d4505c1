"""What every converter takes and gives."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from streamit.item import Item, Reject
from streamit.recipe import Questions, Recipe
from streamit.record import Clip, Entry, Provenance, Record, Video
from streamit.source import SourceInfo
from streamit.timeline import Bend, bent_frames_to_s, frames_to_s, round_s

if TYPE_CHECKING:
    from streamit.convert.negatives import Donors


@dataclass(frozen=True, slots=True)
class VideoKnown:
    """What is known of the item's video at conversion; all None where no video was read.

    `duration_s`, `fps` (on average) and `bends` (where the rate is not constant) come from probing,
    `decoded_end_s` from decoding to the end.
    """

    duration_s: float | None = None
    fps: float | None = None
    bends: tuple[Bend, ...] = ()
    decoded_end_s: float | None = None

    def time_of_frame(self, frame: float) -> float | None:
        """Seconds at which a frame of the video starts; None where its rate is not known."""
        if self.bends:
            return bent_frames_to_s(frame, self.bends)
        return None if self.fps is None else frames_to_s(frame, self.fps)


@dataclass(frozen=True, slots=True)
class Context:
    """The settings of one build for one source, the same for all its items.

    `task` and `questions` are those of the source: a recipe may have several tasks. `donors` are
    the videos around it, about which negative questions ask.
    """

    recipe: Recipe
    fingerprint: str
    source: SourceInfo
    streamit_version: str
    task: str
    questions: Questions
    donors: Donors | None = None


@dataclass(slots=True)
class Conversion:
    """The outcome for one item.

    `recorded` counts the annotations that stand in `records`; with `rejects` and `set_aside` they
    add up to the item's annotations. `adjusted` counts what was changed on the way, by code.
    """

    records: list[Record] = field(default_factory=list)
    recorded: int = 0
    rejects: list[Reject] = field(default_factory=list)
    set_aside: Counter[str] = field(default_factory=Counter)
    adjusted: Counter[str] = field(default_factory=Counter)


Converter = Callable[[Item, int, str, Video, VideoKnown, Context], Conversion]
"""(item, n, item_hash, video, known, context) -> Conversion; `n` numbers a video's records."""


def make_provenance(item: Item, item_hash: str, context: Context) -> Provenance:
    """The provenance of a record without model-made text; the partition adds the decoder."""
    sampling = context.recipe.sampling
    return Provenance(
        licence=context.source.licence.annotations,
        annotation_file=item.file,
        annotation_key=item.key,
        item_hash=item_hash,
        recipe_fingerprint=context.fingerprint,
        streamit_version=context.streamit_version,
        seed=context.recipe.seed,
        sampling_fps=sampling.fps,
        sampling_max_frames=sampling.max_frames,
    )


def shorten_video(video: Video, end_s: float) -> Video:
    """The same video as a stream that ends at `end_s`; its clips add up to that (rule J1)."""
    clips = tuple(
        replace(clip, end_s=round_s(clip.start_s + min(length_of(clip), end_s - clip.offset_s)))
        for clip in video.clips
        if clip.offset_s < end_s
    )
    return replace(video, duration_s=end_s, clips=clips)


def length_of(clip: Clip) -> float:
    """Seconds of a clip; endless while nobody knows."""
    return float("inf") if clip.end_s is None else clip.end_s - clip.start_s


def reject_event(item: Item, index: int, reason: str, message: str) -> Reject:
    """A reject of one annotation of the item; of a joined stream that of the clip's own video."""
    if item.clips:
        clip = item.clips[index]
        return Reject(item.source, clip.file, clip.key, clip.video_id, clip.index, reason, message)
    return Reject(item.source, item.file, item.key, item.video_id, index, reason, message)


def count_turns(timeline: tuple[Entry, ...]) -> int:
    """User and assistant entries."""
    return sum(entry.type in ("user", "assistant") for entry in timeline)
