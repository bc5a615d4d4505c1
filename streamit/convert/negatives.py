"""Questions that have no answer in the video, so that being asked does not mean being answered.

The question is another video's: of the same source, the same wordings and about the same length, so
that nothing but the picture tells it from one that has an answer. It is drawn from the videos
between the same two cuts of the plan, whatever media are taken; they are part of a partition's plan
entry, so that it stays a pure function of that.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from streamit.convert.events import SettledEvent
from streamit.convert.layout import Question
from streamit.convert.scene import PROACTIVE, Scene
from streamit.draws import draw_bits
from streamit.item import Event, Item
from streamit.timeline import length_bucket

QUESTION, INSTRUCTION = "question", "instruction"
MOST = 0.5
_TRIES = 16
# Words of up to three letters (a, the, is, who, ...) are in every sentence and tell nothing.
_SHORT = 3
_WORD = re.compile(r"\w+")

Bucket = tuple[str, str, int | None]


class Donors:
    """What can be asked about the videos around a partition, by source, kind and length bucket."""

    def __init__(self, items: Iterable[tuple[Item, float | None]]) -> None:
        """All items there, with the length of each one's video, None if unknown."""
        self._asked: dict[Bucket, list[tuple[str, str]]] = {}
        self._events: dict[str, list[Event]] = {}
        self._unread: set[str] = set()
        for item, duration_s in items:
            self._events.setdefault(item.source_video, []).extend(item.events)
            if item.n_refused:
                self._unread.add(item.source_video)
            for kind, text in _list_asked(item):
                bucket = (item.source, kind, length_bucket(duration_s))
                self._asked.setdefault(bucket, []).append((item.source_video, text))

    def draw(
        self, item: Item, kind: str, duration_s: float | None, seed: int, subject: str
    ) -> str | None:
        """What is asked about another video, a `question` or an event; None where nothing fits.

        Nothing fits that has most of its words in an annotation of the item's video, whatever set
        or corpus that is from, and nothing at all where a reader refused one: its words are gone.
        """
        asked = self._asked.get((item.source, kind, length_bucket(duration_s)), ())
        if item.source_video in self._unread:
            return None
        for attempt in range(_TRIES if asked else 0):
            place = draw_bits(seed, subject, f"negative {attempt}") * len(asked) >> 64
            source_video, text = asked[place]
            if source_video == item.source_video:
                continue
            if not is_told(text, self._events[item.source_video]):
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
    text = donors.draw(scene.item, kind, scene.length_s, scene.context.recipe.seed, identity)
    if text is None:
        scene.out.adjusted["no_negative"] += 1
        return False
    asked = scene.word(pool, identity, event=text, question=text)
    origin = "annotation" if asked == text else "template"
    question = Question(0.0, asked, kind, "none", (), origin)
    scene.add_record(identity, PROACTIVE, [question], (), knows_all=True)
    scene.out.set_aside["negative"] += len(held)
    return True


def _list_asked(item: Item) -> Iterator[tuple[str, str]]:
    """(kind, text) of all that may be asked about the item; an event with many hits counts once."""
    for text in {event.text.casefold(): event.text for event in item.events}.values():
        yield INSTRUCTION, text
    for event in item.events:
        if event.question is not None:
            yield QUESTION, event.question
