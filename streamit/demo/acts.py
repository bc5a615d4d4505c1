"""What can happen on the demo's stage: each kind of event, when it is possible, what it changes.

The stage has four places in a row, so far apart that shapes never cover one another, and a lane
above them in which one shape crosses the picture.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass

from streamit.demo.dice import Dice
from streamit.demo.scene import COLOURS, SHAPES, Change, Look, Repaint

PLACES: Mapping[float, str] = {
    0.14: "on the far left",
    0.38: "left of the centre",
    0.62: "right of the centre",
    0.86: "on the far right",
}
RADII = (0.06, 0.1, 0.155)
# A bounce then lasts longer than the second between two sampled frames, or none would show it.
N_BOUNCES = 2

_GROUND_Y = 0.7
_LANE_Y = 0.15
_OUTSIDE = {"left": -0.15, "right": 1.15}
_N_OPENING = 3
_N_LEAST = 2
_TURNABLE = {"square", "triangle", "star"}


@dataclass(frozen=True, slots=True)
class Act:
    """What an event will change, and the words for it."""

    kind: str
    changes: tuple[Change | Repaint, ...]
    words: Mapping[str, str]

    @property
    def shapes(self) -> frozenset[str]:
        """The shapes that take part."""
        return frozenset(change.shape for change in self.changes)


class Stage:
    """The shapes as they look after the acts so far; draws the next act that is possible."""

    def __init__(self, dice: Dice) -> None:
        self._dice = dice
        shapes, self._spare_colours = dice.shuffle(SHAPES), dice.shuffle(list(COLOURS))
        *standing, crossing = shapes
        visible = set(dice.shuffle(standing)[:_N_OPENING])
        looks = [
            Look(shape, self._spare_colours.pop(), x, _GROUND_Y, RADII[1], float(shape in visible))
            for shape, x in zip(standing, PLACES, strict=True)
        ]
        side = dice.pick(list(_OUTSIDE))
        looks.append(Look(crossing, self._spare_colours.pop(), _OUTSIDE[side], _LANE_Y, 0.09))
        self.looks = {look.shape: look for look in looks}
        self._n_acts = dict.fromkeys(_ACTS, 0)

    def draw_act(self, busy: Set[str] = frozenset()) -> Act:
        """An act that touches none of the busy shapes, of a kind that was rare so far.

        The stage then looks as it does when the act is over. An act takes shapes from the places
        or the one in the lane, never both, so that next to one other act something is possible.
        """
        order = sorted(self._dice.shuffle(list(_ACTS)), key=lambda kind: self._n_acts[kind])
        acts = (_ACTS[kind](self, self._free(busy), self._dice) for kind in order)
        act = next(act for act in acts if act is not None)
        self._n_acts[act.kind] += 1
        for change in act.changes:
            self.looks[change.shape] = change.apply(self.looks[change.shape], 1.0)
        return act

    def take_colour(self) -> str | None:
        """A colour that no shape has had yet; None when all have been used."""
        return self._spare_colours.pop() if self._spare_colours else None

    def count_visible(self) -> int:
        """How many shapes are to be seen in the places."""
        return sum(look.opacity > 0 and look.y == _GROUND_Y for look in self.looks.values())

    def _free(self, busy: Set[str]) -> list[Look]:
        return self._dice.shuffle([k for k in self.looks.values() if k.shape not in busy])


def _appear(stage: Stage, free: list[Look], dice: Dice) -> Act | None:
    for look in free:
        if look.opacity == 0:
            return _make_act("appear", look, Change(look.shape, "opacity", 0, 1))
    return None


def _vanish(stage: Stage, free: list[Look], dice: Dice) -> Act | None:
    if stage.count_visible() <= _N_LEAST:
        return None
    return _change_one("vanish", _standing(free), "opacity", 1, 0)


def _repaint(stage: Stage, free: list[Look], dice: Dice) -> Act | None:
    standing = _standing(free)
    colour = stage.take_colour() if standing else None
    if colour is None:
        return None
    return _make_act("repaint", standing[0], Repaint(standing[0].shape, colour), colour=colour)


def _cross(stage: Stage, free: list[Look], dice: Dice) -> Act | None:
    for look in free:
        if look.y == _LANE_Y:
            origin, goal = ("left", "right") if look.x < 0 else ("right", "left")
            change = Change(look.shape, "x", _OUTSIDE[origin], _OUTSIDE[goal])
            return _make_act("cross", look, change, origin=origin, goal=goal)
    return None


def _swap(stage: Stage, free: list[Look], dice: Dice) -> Act | None:
    xs = list(PLACES)
    for one in _standing(free):
        for other in _standing(free):
            near = abs(xs.index(one.x) - xs.index(other.x)) == 1
            if near and one.radius + other.radius <= 2 * RADII[1]:
                changes = (
                    Change(one.shape, "x", one.x, other.x),
                    Change(one.shape, "hops", 0, 1),
                    Change(other.shape, "x", other.x, one.x),
                )
                return _make_act("swap", one, *changes, partner=_name(other))
    return None


def _grow(stage: Stage, free: list[Look], dice: Dice) -> Act | None:
    return _resize("grow", [k for k in _standing(free) if k.radius < RADII[-1]], 1)


def _shrink(stage: Stage, free: list[Look], dice: Dice) -> Act | None:
    return _resize("shrink", [k for k in _standing(free) if k.radius > RADII[0]], -1)


def _spin(stage: Stage, free: list[Look], dice: Dice) -> Act | None:
    turnable = [k for k in _standing(free) if k.shape in _TURNABLE]
    return _change_one("spin", turnable, "angle", 0, dice.pick((1, -1)))


def _bounce(stage: Stage, free: list[Look], dice: Dice) -> Act | None:
    return _change_one("bounce", _standing(free), "hops", 0, N_BOUNCES)


_ACTS: Mapping[str, Callable[[Stage, list[Look], Dice], Act | None]] = {
    "appear": _appear,
    "vanish": _vanish,
    "repaint": _repaint,
    "cross": _cross,
    "swap": _swap,
    "grow": _grow,
    "shrink": _shrink,
    "spin": _spin,
    "bounce": _bounce,
}
KINDS = tuple(_ACTS)


def _standing(free: list[Look]) -> list[Look]:
    return [look for look in free if look.y == _GROUND_Y and look.opacity == 1]


def _resize(kind: str, looks: list[Look], step: int) -> Act | None:
    if not looks:
        return None
    to = RADII[RADII.index(looks[0].radius) + step]
    return _change_one(kind, looks, "radius", looks[0].radius, to)


def _change_one(
    kind: str, looks: list[Look], attribute: str, start: float, end: float
) -> Act | None:
    if not looks:
        return None
    return _make_act(kind, looks[0], Change(looks[0].shape, attribute, start, end))


def _make_act(kind: str, look: Look, *changes: Change | Repaint, **words: str) -> Act:
    name = _name(look)
    article = "an" if name[0] in "aeiou" else "a"
    blanks = {
        "shape": name,
        "shape_colour": look.colour,
        "a_shape": f"{article} {name}",
        "place": PLACES.get(look.x, ""),
    }
    return Act(kind, changes, {**blanks, **words})


def _name(look: Look) -> str:
    return f"{look.colour} {look.shape}"
