"""What a reader hands on: one annotated video, or the annotations it had to refuse.

An item keeps its raw times as the corpus states them, already in seconds; deciding what to do with
a reversed or overrunning event is the job of `convert`, so that every corpus is treated alike.
"""

from __future__ import annotations

from streamit.frozen import frozen

SECONDS = "seconds"
VIDEO_FRAMES = "video_frames"


@frozen
class Event:
    """One annotation of a video: a caption, step or question with its stretch in seconds.

    `index` is its place in the corpus's own list. `end_s` None: it lasts until the video ends
    (the last tag of ViTT; a question about the whole video). `start_s` None: the corpus names a
    moment, and what shows it is the sampling step that ends at `end_s` (MovieChat's breakpoints).
    `earlier` are further stretches that the same annotation rests on (several hops), in any order.
    `question` is None for captions, steps and labels: the recipe asks.
    """

    index: int
    start_s: float | None
    end_s: float | None
    text: str
    question: str | None = None
    earlier: tuple[tuple[float, float], ...] = ()


@frozen
class Pair:
    """A question about one clip of a joined stream, and its answer.

    `origin` is `template` or `model`; then `model` and the sha256 of its prompts are known.
    """

    question: str
    answer: str
    question_type: str
    origin: str
    model: str | None = None
    prompt_sha256: str | None = None


@frozen
class NoPair:
    """Why a clip has no pair: nothing usable was written, or a quality check left it out.

    Its annotation is rejected or set aside for this reason (streamit/reasons.py).
    """

    reason: str
    message: str


@frozen
class ItemClip:
    """One clip of a joined stream: [start_s, end_s) of a video file, at `offset_s` of the stream.

    `file`, `key` and `index` name its annotation, `video_id` and `source_video` its video, as the
    item of that video had them; `media_id` is the stem of the video's file. `pair` is what was
    written about the clip, or `no_pair` why there is nothing; neither where none was wanted.
    `caption_score` is the similarity of the clip and its caption, `likeness` that of the clip and
    the one before it in the stream, where they were measured.
    """

    file: str
    key: str
    index: int
    video_id: str
    media_id: str
    source_video: str
    start_s: float
    end_s: float
    offset_s: float = 0.0
    pair: Pair | None = None
    no_pair: NoPair | None = None
    caption_score: float | None = None
    likeness: float | None = None


@frozen
class Item:
    """One annotation set of one video. `video_id` is the corpus's key, verbatim.

    `file` is the annotation file's name (not its path); `ordinal` the item's place in it. A corpus
    that annotates a video twice yields two items. `source_video` is the normalised id of the
    original video, by which no video stands in two splits (`v_`, clip bounds and ending removed).
    `media_id` is the stem of the video file where it differs from the key. `time_unit` is
    `video_frames` where the corpus counts in the video's own frames (Shot2Story): start_s and end_s
    are then frame numbers until the video's frame rate is known. `n_refused` counts the set's
    annotations that the reader refused: where there are any, silence cannot be told from them.
    `goal` is what all steps of the video are for, in words ("make a pancake"). `clips` are those of
    a joined stream, one for each event, in order and without a gap; a plain video has none.
    """

    source: str
    split: str
    file: str
    ordinal: int
    key: str
    video_id: str
    source_video: str
    duration_s: float | None
    events: tuple[Event, ...]
    language: str | None = None
    media_id: str | None = None
    time_unit: str = SECONDS
    n_refused: int = 0
    goal: str | None = None
    clips: tuple[ItemClip, ...] = ()


@frozen
class Reject:
    """One annotation that did not become part of a record, and why.

    `index` is None when the item itself cannot be understood; it then counts as one annotation.
    """

    source: str
    file: str
    key: str
    video_id: str | None
    index: int | None
    reason: str
    message: str
