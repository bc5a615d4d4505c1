"""Stretches of a video: nothing outside them shows, by whatever way they are decoded."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from streamit.errors import VideoError
from streamit.video.cuts import keep_cuts
from streamit.video.jobs import Cut, CutJob, KeptCut
from streamit.video.picture import Picture
from tests.rendered import Rendered, damage_packets, read_number, render, run_ffmpeg
from tests.video.catalog import CATALOG

Catalog = Callable[[str], Rendered]


def cut(start_s: float, end_s: float, step_s: float = 1.0) -> Cut:
    """A stretch that is looked at once per step, from its start on."""
    times_s = np.arange(start_s, end_s, step_s).round(6).tolist()
    return Cut(start_s, end_s, tuple(times_s))


def keep(path: Path, *cuts: Cut, decoder: str = "auto") -> list[KeptCut[int]]:
    job = CutJob(cuts, short_side=None, decoder=decoder)
    return list(keep_cuts(str(path), job, read_number).cuts)


def expected(video: Rendered, wanted: Cut) -> list[tuple[int, float]]:
    """Number and start of the frames to see, worked out the slow way."""
    frames = list(zip(video.numbers, video.starts_s, strict=True))
    inside = [f for f in frames if wanted.start_s <= f[1] < wanted.end_s]
    if not inside:
        return [(video.shown_at(wanted.start_s)[0], wanted.start_s)]
    shown = [
        [inside[0], *(f for f in inside if f[1] <= time_s + 1e-6)][-1] for time_s in wanted.times_s
    ]
    return list(dict.fromkeys(shown))


def list_frames(kept: KeptCut[int]) -> list[tuple[int, float]]:
    return list(zip(kept.items, kept.times_s, strict=True))


@pytest.mark.parametrize("name", [name for name in CATALOG if name != "one_frame"])
def test_a_cut_shows_the_frames_that_start_within_it(rendered: Catalog, name: str) -> None:
    video = rendered(name)
    third = round(video.end_s / 3, 3)
    cuts = [cut(third, 2 * third, 0.3), cut(0.0, third, 0.7), cut(third / 2, 1.5 * third, 0.4)]

    kept = keep(video.path, *cuts)

    assert [list_frames(one) for one in kept] == [expected(video, one) for one in cuts]
    assert [one.seen_until_s for one in kept] == [one.end_s for one in cuts]


def test_a_frame_from_before_the_cut_is_not_shown(rendered: Catalog) -> None:
    """At 2.05 s frame 61 is on the screen, since 2.033 s; the first of the cut is frame 62."""
    (kept,) = keep(rendered("constant_rate").path, cut(2.05, 3.0))
    assert list_frames(kept) == [(62, 2.066667)]


def test_a_cut_ends_before_the_frame_at_its_end(rendered: Catalog) -> None:
    (kept,) = keep(rendered("constant_rate").path, Cut(2.0, 3.0, (2.0, 2.999999, 3.0, 5.0)))
    assert list_frames(kept) == [(60, 2.0), (89, 2.966667)]


def test_a_cut_between_two_frames_shows_the_one_on_the_screen(tmp_path: Path) -> None:
    video = render(tmp_path / "slow.mp4", [0, 450_000, 900_000])
    (kept,) = keep(video.path, cut(6.0, 9.0))
    assert list_frames(kept) == [(1, 6.0)]
    assert kept.seen_until_s == 9.0


def test_a_cut_that_nobody_looks_at_is_empty(rendered: Catalog) -> None:
    (kept,) = keep(rendered("constant_rate").path, Cut(2.0, 2.5, ()))
    assert list_frames(kept) == []


def test_cuts_that_overlap_share_pictures(rendered: Catalog) -> None:
    made = []

    def finish(picture: Picture) -> int:
        made.append(read_number(picture))
        return made[-1]

    path = str(rendered("constant_rate").path)
    kept = keep_cuts(path, CutJob((cut(0, 4), cut(2, 6)), short_side=None), finish)

    assert [one.items for one in kept.cuts] == [(0, 30, 60, 90), (60, 90, 120, 150)]
    assert made == [0, 30, 60, 90, 120, 150]


def test_decord_shows_the_same(rendered: Catalog) -> None:
    path = rendered("constant_rate").path
    cuts = [cut(2.05, 5.0, 0.5), cut(0.0, 1.0, 0.25)]
    assert keep(path, *cuts, decoder="decord") == keep(path, *cuts)


def test_a_file_that_holds_less_is_seen_until_there(rendered: Catalog) -> None:
    (kept,) = keep(rendered("constant_rate").path, cut(8.0, 14.0))
    assert kept.items == (240, 270, 299)
    assert kept.seen_until_s == 10.0


def test_damage_costs_only_what_it_hits(rendered: Catalog, tmp_path: Path) -> None:
    """Frames 125 to 149 are patched up from 124; the next group begins with frame 150."""
    path = damage_packets(rendered("short_groups").path, tmp_path / "bad.mp4", range(125, 148))
    before, struck, behind = keep(path, cut(1.0, 4.0), cut(3.0, 4.9, 0.6), cut(4.7, 6.0, 0.5))
    assert before.items == (30, 60, 90)
    assert struck.items == (90, 108, 124, 124)
    assert behind.items[-1] == 171
    assert behind.seen_until_s == 6.0


def test_a_file_without_a_whole_frame_is_refused(rendered: Catalog, tmp_path: Path) -> None:
    path = damage_packets(rendered("one_frame").path, tmp_path / "noise.mp4", range(1))
    with pytest.raises(VideoError, match="no frame of its clips decodes") as caught:
        keep(path, cut(0.0, 1.0))
    assert caught.value.reason == "nothing_decodes"


def test_what_lies_behind_the_last_cut_is_not_decoded(rendered: Catalog, tmp_path: Path) -> None:
    """Damage there would make the file be decoded in order, and be found."""
    path = damage_packets(rendered("constant_rate").path, tmp_path / "bad.mp4", range(200, 290))
    (kept,) = keep(path, cut(1.0, 3.0))
    assert kept.items == (30, 60)


def test_a_canvas_holds_the_whole_picture(rendered: Catalog, tmp_path: Path) -> None:
    run_ffmpeg(
        *("-i", rendered("constant_rate").path, "-frames:v", "30", "-vf", "scale=96:128"),
        tmp_path / "tall.mp4",
    )
    job = CutJob((cut(0.5, 1.0),), canvas=(192, 64))
    kept = keep_cuts(str(tmp_path / "tall.mp4"), job, lambda picture: picture)
    assert (kept.width, kept.height) == (192, 64)
    assert kept.cuts[0].items[0].shape == (64, 48, 3)
    assert read_number(kept.cuts[0].items[0]) == 15
