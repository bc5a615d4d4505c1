"""Brings the questions of each video together, for corpora that have a row per question.

One video's questions can then share one stream. The rows of a video may stand anywhere in a file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from streamit.item import Event, Item, Reject
from streamit.readers.base import SourceFile
from streamit.readers.gather import RowsByVideo
from streamit.readers.parse import Place, Refusal, make_storable, read_video_id, show
from streamit.timeline import TimeFault


@dataclass(frozen=True, slots=True)
class _Row:
    """A question with its event, or the reason why it has none. `ordinal` is its place in the file.

    `own_id` is the corpus's name for it, which stands once.
    """

    ordinal: int
    own_id: str | None
    event: Event | None = None
    reason: str = ""
    message: str = ""

    @property
    def name(self) -> str:
        """How rejects call the row."""
        return f"[{self.ordinal}]" if self.own_id is None else self.own_id


class QuestionsByVideo:
    """Takes the questions of one file and gives an item per video.

    `duration_s` is the length of every video, for corpora whose videos are cut to one length.
    """

    def __init__(self, file: SourceFile, duration_s: float | None = None) -> None:
        self._file = file
        self._duration_s = duration_s
        self._rows = RowsByVideo[_Row]()

    def __enter__(self) -> QuestionsByVideo:
        return self

    def __exit__(self, *error: object) -> None:
        self._rows.__exit__(*error)

    def add(
        self, ordinal: int, own_id: object, video_id: object, read_event: Callable[[], Event]
    ) -> Iterator[Reject]:
        """Keep a question under its video; a reject where it names none.

        `read_event` makes its event, whose index is set later. What it raises costs the question.
        """
        row = _Row(ordinal, make_storable(own_id) if isinstance(own_id, str) else None)
        try:
            video = read_video_id(video_id)
        except Refusal as fault:
            yield Place(self._file, row.name).reject(None, fault.reason, str(fault))
            return
        try:
            row = replace(row, event=read_event())
        except (Refusal, TimeFault) as fault:
            row = replace(row, reason=fault.reason, message=make_storable(str(fault)))
        self._rows.add(video, row)

    def make_items(self) -> Iterator[Item | Reject]:
        """An item per video, by id. An event's index is its place among the video's questions."""
        for video_id, rows in self._rows.videos():
            yield from self._make_item(video_id, list(_refuse_repeated(rows)))

    def _make_item(self, video_id: str, rows: Sequence[_Row]) -> Iterator[Item | Reject]:
        events = []
        for index, row in enumerate(rows):
            if row.event is not None:
                events.append(replace(row.event, index=index))
            else:
                place = Place(self._file, row.name, video_id)
                yield place.reject(index, row.reason, row.message)
        if events:
            yield Place(self._file, video_id).make_item(
                rows[0].ordinal,
                video_id,
                tuple(events),
                duration_s=self._duration_s,
                n_refused=len(rows) - len(events),
            )


def _refuse_repeated(rows: Sequence[_Row]) -> Iterator[_Row]:
    seen: set[str] = set()
    for row in rows:
        if row.own_id in seen:
            message = f"{show(row.own_id)} is in the file already; that one is used"
            yield replace(row, event=None, reason="duplicate_key", message=message)
            continue
        if row.own_id is not None:
            seen.add(row.own_id)
        yield row
