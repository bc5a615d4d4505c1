"""Questions that have no answer in the video, so that being asked does not mean being answered.

The question is another video's: of the same source, the same wordings and about the same length, so
that nothing but the picture tells it from one that has an answer. It is drawn from the videos of
the same partition, which keeps a partition a pure function of its plan entry.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from streamit.convert.events import SettledEvent
from streamit.convert.layout import Question
from streamit.convert.scene import PROACTIVE, Scene
from streamit.draws import draw_bits
from streamit.item import Event, Item
from streamit.timeline import length_bucket

MOST = 0.5
_TRIES = 16
# Words of up to three letters (a, the, is, who, ...) are in every sentence and tell nothing.
_SHORT = 3
_WORD = re.compile(r"\w+")

Bucket = tuple[str, int | None]


class Donors:
    """What is asked about the videos of a partition, by source and length bucket."""

    def __init__(self, items: Iterable[tuple[Item, float | None]]) -> None:
        """`items` with the length of each one's video, None where nobody knows it."""
        self._texts: dict[Bucket, list[tuple[str, str]]] = {}
        for item, duration_s in items:
            texts = self._texts.setdefault((item.source, length_bucket(duration_s)), [])
            texts += [(item.source_video, _asked(event)) for event in item.events]

    def draw(self, item: Item, duration_s: float | None, seed: int, subject: str) -> str | None:
        """What another video's annotation asks about; None where nothing fits.

        Nothing fits that has most of its words in an annotation of the item.
        """
        texts = self._texts.get((item.source, length_bucket(duration_s)), ())
        for attempt in range(_TRIES if texts else 0):
            place = draw_bits(seed, subject, f"negative {attempt}") * len(texts) >> 64
            source_video, text = texts[place]
            if source_video != item.source_video and not is_told(text, item.events):
                return text
        return None


def is_told(text: str, events: Iterable[Event]) -> bool:
    """Whether most words of the text, or most of its longer ones, are in one of the events."""
    words = split_words(text)
    longer = {word for word in words if len(word) > _SHORT}
    for event in events:
        there = split_words(f"{event.text} {event.question or ''}")
        for wanted in (words, longer):
            if len(wanted & there) > MOST * len(wanted):
                return True
    return False


def split_words(text: str) -> set[str]:
    """The words of a text, without regard to case."""
    return set(_WORD.findall(text.casefold()))


def ask_in_vain(
    scene: Scene, identity: str, pool: Sequence[str], kind: str, held: Sequence[SettledEvent]
) -> bool:
    """Add a negative in place of the record of `held`, where one is drawn; whether it was.

    The annotations it takes the place of are set aside. Where no question fits, that is counted.
    """
    rate = scene.context.recipe.negatives.rate
    donors = scene.context.donors
    if not rate or donors is None or scene.draw("negative", identity) >= rate:
        return False
    seed, duration_s = scene.context.recipe.seed, scene.video.duration_s
    text = donors.draw(scene.item, duration_s, seed, identity)
    if text is None:
        scene.out.adjusted["no_negative"] += 1
        return False
    asked = scene.word(pool, identity, event=text, question=text)
    question = Question(0.0, asked, kind, "none", ())
    scene.add_record(identity, PROACTIVE, [question], (), is_silence=lambda stretch: True)
    scene.out.set_aside["negative"] += len(held)
    return True


def _asked(event: Event) -> str:
    return event.question or event.text
