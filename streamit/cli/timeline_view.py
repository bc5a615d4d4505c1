"""Draws a record in the terminal: a head, lanes over time, the texts, the rules it breaks.

Eighty columns are enough; without a terminal there are no colours, and where the encoding has no
block characters, plain ones stand in.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table
from rich.text import Text

from streamit.cli.output import format_number, printable
from streamit.record import Entry, Record, Span
from streamit.schema import validate
from streamit.timeline import cells_touched, format_clock, point_in

LABEL_WIDTH = 12
MIN_LANE, MAX_LANE = 20, 140
N_TICKS = 5


@dataclass(frozen=True, slots=True)
class Marks:
    """The characters of the lanes."""

    silence: str
    other: str
    evidence: str
    window: str
    learned: str
    unlearned: str


BLOCKS = Marks("█", "░", "━", "╌", "●", "○")
ASCII = Marks("#", ".", "=", "-", "A", "a")
STYLES = {"user": "cyan", "assistant": "green", "system": "magenta", "speech": "yellow"}


def print_record(record: Record) -> None:
    """Print a record to stdout."""
    console = Console(highlight=False)
    marks = ASCII if console.options.ascii_only else BLOCKS
    console.print(_head(record))
    end_s = _end_of(record)
    if end_s > 0:
        console.print()
        n_cells = min(max(console.width - LABEL_WIDTH, MIN_LANE), MAX_LANE)
        for lane in _draw_lanes(record, Span(0.0, end_s), n_cells, marks):
            console.print(lane, no_wrap=True, overflow="crop")
        console.print(_legend(marks), style="dim")
    console.print()
    console.print(_texts(record))
    problems = validate(record)
    for problem in problems:
        console.print(Text(printable(f"{problem.rule} {problem.where}: {problem.message}"), "red"))
    if not problems:
        console.print(Text("breaks no rule", "dim"))


def _end_of(record: Record) -> float:
    ends_s = [entry.end_s for entry in record.timeline]
    return record.video.duration_s or max(ends_s, default=0.0)


def _head(record: Record) -> Table:
    video, origin = record.video, record.provenance
    length = "unknown"
    if video.duration_s is not None:
        length = f"{format_clock(video.duration_s)} ({format_number(video.duration_s)} s)"
    size = f", {video.width}x{video.height}" if video.width and video.height else ""
    frames = f"{record.n_frames} by {origin.decoder}" if record.n_frames else "none"
    cap = "" if origin.sampling_max_frames is None else f", at most {origin.sampling_max_frames}"
    rows = [
        ("record", record.id),
        ("source", f"{record.source}, licence {origin.licence}"),
        ("from", f"{origin.annotation_file}, {origin.annotation_key}"),
        ("task", f"{record.task}, {record.layout}, split {record.split}"),
        ("language", record.language or "not stated"),
        ("video", ", ".join(clip.uri for clip in video.clips) + size),
        ("duration", length),
        ("frames", f"{frames} (sampling {format_number(origin.sampling_fps)} per s{cap})"),
    ]
    if record.scores:
        rows.append(("scores", ", ".join(f"{s.name} {s.value:g}" for s in record.scores)))
    table = Table.grid(padding=(0, 1))
    table.add_column(width=LABEL_WIDTH - 1, style="dim")
    table.add_column(overflow="fold")
    for label, text in rows:
        table.add_row(label, Text(printable(text)))
    return table


def _draw_lanes(record: Record, whole: Span, n_cells: int, marks: Marks) -> list[Text]:
    lanes = [_label("") + Text(_axis(whole, n_cells), "dim")]
    video = [" "] * n_cells
    asked = [" "] * n_cells
    answers = []
    for entry in record.timeline:
        cells = cells_touched(entry.start_s, entry.end_s, whole, n_cells)
        if entry.type == "video":
            for cell in cells:
                video[cell] = marks.silence if entry.loss else marks.other
        elif entry.type == "user":
            asked[cells[0]] = "?"
        elif entry.type == "assistant":
            answers.append(entry)
    lanes.append(_label("video") + Text("".join(video), "blue"))
    lanes.append(_label("user") + Text("".join(asked), STYLES["user"]))
    lanes += [
        _label(f"answer {number}") + _draw_answer(entry, whole, n_cells, marks)
        for number, entry in enumerate(answers, start=1)
    ]
    return lanes


def _draw_answer(entry: Entry, whole: Span, n_cells: int, marks: Marks) -> Text:
    lane = [(" ", "")] * n_cells
    if entry.window is not None:
        window = entry.window
        for cell in cells_touched(window.earliest_s, window.latest_s, whole, n_cells):
            lane[cell] = (marks.window, "yellow")
    for span in entry.evidence:
        for cell in cells_touched(span.start_s, span.end_s, whole, n_cells):
            lane[cell] = (marks.evidence, "green")
    at = cells_touched(entry.start_s, entry.start_s, whole, n_cells)[0]
    lane[at] = (marks.learned if entry.loss else marks.unlearned, "bold")
    return Text.assemble(*lane)


def _axis(whole: Span, n_cells: int) -> str:
    """Clock times over the lanes, each beginning at its cell; the last ends at the last."""
    line = [" "] * n_cells
    taken = n_cells + 1
    for tick in reversed(range(N_TICKS)):
        time_s = point_in(whole, tick / (N_TICKS - 1))
        label = format_clock(time_s)
        cell = cells_touched(time_s, time_s, whole, n_cells)[0]
        start = min(cell, n_cells - len(label))
        if start >= 0 and start + len(label) < taken:
            line[start : start + len(label)] = label
            taken = start
    return "".join(line)


def _legend(marks: Marks) -> Text:
    return _label("") + Text(
        f"{marks.silence} silence is learned  {marks.other} not learned  "
        f"{marks.evidence} evidence  {marks.window} reply window\n{'':{LABEL_WIDTH}}"
        f"? question  {marks.learned} answer, learned  {marks.unlearned} not learned"
    )


def _texts(record: Record) -> Table:
    table = Table.grid(padding=(0, 1))
    table.add_column(justify="right", no_wrap=True, style="dim")
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    numbers: Counter[str] = Counter()
    asked: dict[int, str] = {}
    for entry in record.timeline:
        if entry.type == "video":
            continue
        numbers[entry.type] += 1
        name = f"{'answer' if entry.type == 'assistant' else entry.type} {numbers[entry.type]}"
        if entry.type == "user":
            asked.setdefault(entry.id, name)
        table.add_row(
            format_clock(entry.start_s),
            Text(printable(name), STYLES.get(entry.type, "")),
            Text(printable(entry.text or "")),
        )
        table.add_row("", "", Text(_describe(entry, asked), "dim"))
    return table


def _describe(entry: Entry, asked: dict[int, str]) -> str:
    words = [entry.kind, entry.question_type, entry.origin and f"from {entry.origin}"]
    if entry.expects is not None:
        words.append(f"expects {entry.expects}")
    if entry.reply_to is not None:
        words.append(f"to {asked.get(entry.reply_to, f'entry {entry.reply_to}')}")
    if entry.evidence:
        spans = ", ".join(_format_stretch(span.start_s, span.end_s) for span in entry.evidence)
        words.append(f"evidence {spans}")
    if entry.window is not None:
        words.append(f"window {_format_stretch(entry.window.earliest_s, entry.window.latest_s)}")
    if entry.type == "assistant":
        words.append("learned" if entry.loss else "not learned")
    return printable("; ".join(word for word in words if word))


def _format_stretch(start_s: float, end_s: float) -> str:
    return f"{format_number(start_s)} to {format_number(end_s)} s"


def _label(text: str) -> Text:
    return Text(f"{text:<{LABEL_WIDTH}}")
