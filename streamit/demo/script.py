"""Writes the scene of a demo video: what happens, when, and what moves without meaning anything.

Events come at irregular times, with silence before the first and after the last. Some overlap,
and some pairs end within a second of each other. Cuts come in the silence, inside events and
between them, and dots drift all the time, so that a change in the picture is not yet an event.
At one frame per second every event is long enough to be caught by two frames or more.
"""

from __future__ import annotations

from dataclasses import dataclass

from streamit.demo.acts import Act, Stage
from streamit.demo.dice import Dice
from streamit.demo.scene import BACKDROPS, Backdrop, Dot, Scene, SceneEvent
from streamit.record import Span
from streamit.timeline import cut_stretches, first_frame_from, frames_to_s, lay_out, point_in

SINGLE = "single"
STAGGERED = "staggered"
TOGETHER = "together"

_N_DOTS = 24
_N_CUTS_ANYWHERE = 2
_DOT_SPEED = 0.06


@dataclass(frozen=True, slots=True)
class Script:
    """The make-up of a scene.

    `beats`: `single` is one event; `staggered` two that overlap and end 1.5 s apart or more;
    `together` two that overlap and end within a second. With `one_shot_per_event` the backdrop
    changes in the middle of every silence and nowhere else; otherwise anywhere.
    """

    fps: int
    beats: tuple[str, ...]
    one_shot_per_event: bool = False


@dataclass(frozen=True, slots=True)
class _Slot:
    """Room for an event: its gap after the end of the event before, negative in a pair."""

    gap_s: float
    length_s: float

    @property
    def is_second(self) -> bool:
        """Whether it overlaps the event before."""
        return self.gap_s < 0


def write_scene(script: Script, dice: Dice) -> Scene:
    """A scene of this make-up."""
    slots = _draw_slots(script, dice)
    tail = _Slot(0.0, dice.between(3.0, 5.5))
    *spans, silence = lay_out([(slot.gap_s, slot.length_s) for slot in (*slots, tail)])
    stage = Stage(dice)
    opening = tuple(stage.looks.values())
    acts = _draw_acts(stage, slots)
    n_frames = first_frame_from(silence.end_s, script.fps)
    end_s = frames_to_s(n_frames, script.fps)
    cut_frames = _draw_cuts(script, spans, end_s, dice)
    stretches = cut_stretches((frames_to_s(frame, script.fps) for frame in cut_frames), end_s)
    return Scene(
        fps=script.fps,
        n_frames=n_frames,
        opening=opening,
        events=tuple(
            SceneEvent(act.kind, span, act.changes, act.words)
            for act, span in zip(acts, spans, strict=True)
        ),
        cut_frames=cut_frames,
        backdrops=_draw_backdrops(stretches, dice),
    )


def _draw_slots(script: Script, dice: Dice) -> list[_Slot]:
    slots: list[_Slot] = []
    for beat in dice.shuffle(script.beats):
        gap_s = dice.between(1.2, 2.8) if slots else dice.between(3.0, 5.0)
        slots.append(_Slot(gap_s, dice.between(2.6, 4.2)))
        if beat != SINGLE:
            overlap_s = dice.between(2.1, 2.5)
            later_s = dice.between(0.3, 0.75) if beat == TOGETHER else dice.between(1.5, 2.2)
            slots.append(_Slot(-overlap_s, overlap_s + later_s))
    return slots


def _draw_acts(stage: Stage, slots: list[_Slot]) -> list[Act]:
    acts: list[Act] = []
    for slot in slots:
        acts.append(stage.draw_act(acts[-1].shapes if slot.is_second else frozenset()))
    return acts


def _draw_cuts(script: Script, spans: list[Span], end_s: float, dice: Dice) -> tuple[int, ...]:
    ends_s = [0.0, *(span.end_s for span in spans)]
    starts_s = [*(span.start_s for span in spans), end_s]
    silences = [Span(a, b) for a, b in zip(ends_s, starts_s, strict=True) if a < b]
    if script.one_shot_per_event:
        times_s = [point_in(silence, 0.5) for silence in silences]
    else:
        anywhere = dice.shuffle([*spans, *silences[1:-1]])[:_N_CUTS_ANYWHERE]
        shown_in = [silences[0], silences[-1], *anywhere]
        times_s = [point_in(span, dice.between(0.3, 0.7)) for span in shown_in]
    return tuple(sorted({first_frame_from(time_s, script.fps) for time_s in times_s}))


def _draw_backdrops(stretches: list[Span], dice: Dice) -> tuple[Backdrop, ...]:
    """A backdrop per stretch, never the same colour twice in a row."""
    colours = dice.shuffle(BACKDROPS)
    return tuple(
        Backdrop(span, colours[i % len(colours)], tuple(_draw_dot(dice) for _ in range(_N_DOTS)))
        for i, span in enumerate(stretches)
    )


def _draw_dot(dice: Dice) -> Dot:
    return Dot(
        x=dice.fraction(),
        y=dice.fraction(),
        x_per_s=dice.between(-_DOT_SPEED, _DOT_SPEED),
        y_per_s=dice.between(-_DOT_SPEED, _DOT_SPEED),
        radius=0.006 + 0.012 * dice.fraction(),
        grey=int(dice.between(110, 170)),
    )
