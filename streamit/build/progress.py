"""Progress on stderr: a bar on a terminal, a line every so often otherwise."""

from __future__ import annotations

import sys
import time

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

LINE_EVERY_S = 15.0


class Silent:
    """Says nothing: for use from Python."""

    def __enter__(self) -> Silent:
        return self

    def __exit__(self, *error: object) -> None:
        pass

    def say(self, message: str) -> None:
        """Something that the user should know."""

    def note(self, what: str, count: int) -> None:
        """Something is being counted (reading, surveying)."""

    def start(self, total: int, reused: int) -> None:
        """The plan stands: so many items to build, so many parts reused."""

    def advance(self, items: int, records: int, rejects: int) -> None:
        """A partition is done."""


class Lines(Silent):
    """A line every 15 s, for logs."""

    def __init__(self) -> None:
        self._total = self._items = self._records = self._rejects = 0
        self._last = time.monotonic()

    def say(self, message: str) -> None:
        self._line(message, force=True)

    def note(self, what: str, count: int) -> None:
        if count:
            self._line(f"{what}: {count}")

    def start(self, total: int, reused: int) -> None:
        self._total = total
        self._line(f"{total} items to build, {reused} parts reused", force=True)

    def advance(self, items: int, records: int, rejects: int) -> None:
        self._items += items
        self._records += records
        self._rejects += rejects
        done = self._items >= self._total
        line = (
            f"{self._items}/{self._total} items, {self._records} records, {self._rejects} rejected"
        )
        self._line(line, force=done)

    def _line(self, line: str, force: bool = False) -> None:
        now = time.monotonic()
        if force or now - self._last >= LINE_EVERY_S:
            self._last = now
            print(f"streamit: {line}", file=sys.stderr, flush=True)


class Bar(Silent):
    """A bar with counts and the time left, for people."""

    def __init__(self) -> None:
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[more]}"),
            TimeRemainingColumn(),
            console=Console(stderr=True),
            transient=True,
        )
        self._task = self._bar.add_task("reading", total=None, more="")
        self._records = self._rejects = 0

    def __enter__(self) -> Bar:
        self._bar.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._bar.stop()

    def say(self, message: str) -> None:
        self._bar.console.print(f"streamit: {message}", highlight=False, markup=False)

    def note(self, what: str, count: int) -> None:
        self._bar.update(self._task, description=what, completed=count)

    def start(self, total: int, reused: int) -> None:
        self._bar.update(self._task, description="building", total=total, completed=0)

    def advance(self, items: int, records: int, rejects: int) -> None:
        self._records += records
        self._rejects += rejects
        more = f"{self._records} records, {self._rejects} rejected"
        self._bar.update(self._task, advance=items, more=more)


def choose_progress() -> Silent:
    """A bar when stderr is a terminal, lines otherwise."""
    return Bar() if sys.stderr.isatty() else Lines()
