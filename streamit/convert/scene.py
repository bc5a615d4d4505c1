"""An item as every converter finds it: events settled inside the stream, and how it is sampled.

What all tasks share stands here, so that a converter only decides who says what, and when.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from streamit.convert.base import (
    Context,
    Conversion,
    VideoKnown,
    count_turns,
    make_provenance,
    shorten_video,
)
from streamit.convert.events import Settled, SettledEvent, find_short_end, settle_events
from streamit.convert.layout import Question, build_timeline, list_known
from streamit.convert.wordings import choose_wording
from streamit.draws import draw_uniform
from streamit.ids import record_id
from streamit.item import Item
from streamit.record import Entry, Record, Span, Video
from streamit.timeline import holds_sample, step_of

PROACTIVE, MULTI_TURN = "proactive", "multi_turn"


@dataclass(slots=True)
class Scene:
    """One item, ready to become records.

    `events` are settled and in (end, start) order; the stream lasts [0, `end_s`), which is less
    than `length_s`, the length as annotated or probed, where the file holds less. `out` collects
    the outcome. `identity` is the id of the item's first record, on which its draws depend.
    """

    item: Item
    n: int
    item_hash: str
    video: Video
    context: Context
    events: Sequence[SettledEvent]
    step_s: float
    end_s: float
    length_s: float | None
    knows_silence: bool
    identity: str
    out: Conversion

    def draw(self, purpose: str, identity: str | None = None) -> float:
        """A number in [0, 1) for this item, or for one of its records."""
        return draw_uniform(self.context.recipe.seed, identity or self.identity, purpose)

    def word(
        self, pool: Sequence[str], subject: str, purpose: str = "question", **values: str
    ) -> str:
        """A wording of the pool, filled in; in training never one held out for validation."""
        seed = self.context.recipe.seed
        return choose_wording(pool, self.item.split, seed, subject, purpose, **values)

    def name_record(self, held: Sequence[SettledEvent]) -> str:
        """The id of a record that holds these events, in tasks that make several of an item.

        It is numbered by the place of its first event, so that it does not depend on the others.
        """
        first = min(event.index for event in held)
        place = next(k for k, event in enumerate(self.item.events) if event.index == first)
        name, item = self.context.recipe.name, self.item
        return record_id(name, item.source, item.video_id, self.n + place)

    def add_record(
        self,
        identity: str,
        layout: str,
        questions: Sequence[Question],
        events: Collection[SettledEvent],
        known: Sequence[Span] = (),
        knows_all: bool | None = None,
    ) -> None:
        """Add a record that holds these events, with its questions and answers laid out in time.

        What happens is known all over the stream where the source is exhaustive (`knows_all` may
        say otherwise), else where its questions and answers tell, and in the `known` stretches.
        """
        if knows_all is None:
            knows_all = self.knows_silence
        sampling, end_s = self.context.recipe.sampling, self.end_s
        timeline = build_timeline(
            questions,
            end_s,
            None if knows_all else [*list_known(questions), *known],
            lambda span: holds_sample(span, end_s, sampling.fps, sampling.max_frames),
        )
        self._count_unseen(questions, timeline)
        self.out.recorded += len(events)
        self.out.records.append(
            Record(
                id=identity,
                recipe=self.context.recipe.name,
                source=self.item.source,
                split=self.item.split,
                task=self.context.task,
                layout=layout,
                language=self.item.language or self.context.source.language,
                video=self.video,
                timeline=timeline,
                provenance=make_provenance(self.item, self.item_hash, self.context),
                n_turns=count_turns(timeline),
            )
        )

    def _count_unseen(self, questions: Sequence[Question], timeline: Sequence[Entry]) -> None:
        wanted = sum(answer.learned for question in questions for answer in question.answers)
        learned = sum(entry.type == "assistant" and entry.loss for entry in timeline)
        if wanted > learned:
            self.out.adjusted["evidence_between_frames"] += wanted - learned


def open_scene(
    item: Item, n: int, item_hash: str, video: Video, known: VideoKnown, context: Context
) -> Scene:
    """Settle the item's events and the end of its stream.

    `video.duration_s` is the stream's length as the annotation or the probe knows it. The step is
    taken from it, so that the timeline is the same whatever was decoded. Where nobody knows the
    length, the stream ends with its last evidence.
    """
    sampling = context.recipe.sampling
    step_s = step_of(video.duration_s, sampling.fps, sampling.max_frames)
    tolerance_s = max(step_s, context.source.tolerance_s)
    settled = settle_events(item, video.duration_s, known, tolerance_s, step_s)
    out = Conversion(rejects=settled.rejects, adjusted=settled.adjusted)
    length_s = video.duration_s
    end_s = length_s or (settled.events[-1].span.end_s if settled.events else 0.0)
    short_end_s = find_short_end(length_s, known, tolerance_s)
    if short_end_s is not None and settled.events:
        video, end_s = shorten_video(video, short_end_s), short_end_s
        out.adjusted["shortened_stream"] += 1
    return Scene(
        item=item,
        n=n,
        item_hash=item_hash,
        video=video,
        context=context,
        events=settled.events,
        step_s=step_s,
        end_s=end_s,
        length_s=length_s,
        knows_silence=_knows_silence(item, settled, context),
        identity=record_id(context.recipe.name, item.source, item.video_id, n),
        out=out,
    )


def _knows_silence(item: Item, settled: Settled, context: Context) -> bool:
    """Whether a stretch without an event is known to be silent.

    The source's annotation must be exhaustive, and no annotation of this set refused: one that
    cannot be used still says that something happened.
    """
    return context.source.exhaustive and not item.n_refused and not settled.rejects
