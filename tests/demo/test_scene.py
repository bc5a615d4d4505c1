from __future__ import annotations

from streamit.demo.scene import (
    Backdrop,
    Change,
    Look,
    Repaint,
    Scene,
    SceneEvent,
    backdrop_at,
    look_at,
)
from streamit.record import Span

CIRCLE = Look("circle", "red", 0.2, 0.7, 0.1)
SQUARE = Look("square", "blue", 0.6, 0.7, 0.1)
NIGHT = Backdrop(Span(0, 5), (40, 40, 40), ())
DAY = Backdrop(Span(5, 10), (90, 90, 90), ())


def make_scene(*events: SceneEvent) -> Scene:
    return Scene(10, 100, (CIRCLE, SQUARE), events, (50,), (NIGHT, DAY))


def test_a_shape_keeps_its_look_until_its_event_starts() -> None:
    scene = make_scene(SceneEvent("grow", Span(2, 4), (Change("circle", "radius", 0.1, 0.2),), {}))
    assert look_at(scene, CIRCLE, 1.9) == look_at(scene, CIRCLE, 2.0) == CIRCLE


def test_a_number_goes_evenly_and_reaches_its_end_exactly() -> None:
    scene = make_scene(SceneEvent("grow", Span(2, 4), (Change("circle", "radius", 0.1, 0.38),), {}))
    assert round(look_at(scene, CIRCLE, 3.0).radius, 9) == 0.24
    assert look_at(scene, CIRCLE, 4.0).radius == look_at(scene, CIRCLE, 9.0).radius == 0.38


def test_an_event_leaves_the_other_shapes_alone() -> None:
    scene = make_scene(SceneEvent("grow", Span(2, 4), (Change("circle", "radius", 0.1, 0.2),), {}))
    assert look_at(scene, SQUARE, 3.0) == SQUARE


def test_paint_spreads_while_the_event_lasts_and_then_is_the_colour() -> None:
    scene = make_scene(SceneEvent("repaint", Span(2, 4), (Repaint("circle", "pink"),), {}))
    halfway = look_at(scene, CIRCLE, 3.0)
    assert (halfway.colour, halfway.new_colour, halfway.painted) == ("red", "pink", 0.5)
    after = look_at(scene, CIRCLE, 4.0)
    assert (after.colour, after.new_colour, after.painted) == ("pink", None, 0.0)


def test_later_events_go_on_from_earlier_ones() -> None:
    scene = make_scene(
        SceneEvent("repaint", Span(1, 2), (Repaint("circle", "pink"),), {}),
        SceneEvent("shrink", Span(3, 4), (Change("circle", "radius", 0.1, 0.05),), {}),
    )
    after = look_at(scene, CIRCLE, 5.0)
    assert (after.colour, after.radius) == ("pink", 0.05)


def test_the_backdrop_changes_at_the_cut_and_stays_after_the_end() -> None:
    scene = make_scene()
    assert [backdrop_at(scene, time_s) for time_s in (0, 4.9, 5, 10)] == [NIGHT, NIGHT, DAY, DAY]


def test_a_scene_lasts_until_the_end_of_its_last_frame() -> None:
    assert make_scene().duration_s == 10.0
