"""Cutting videos into captioned clips: settled like any event, and none twice."""

from streamit.convert.base import VideoKnown
from streamit.convert.clips import ClipCutter, CutItem
from tests.convert.scenes import make_item


def cut(item, *others, known=VideoKnown()) -> CutItem:  # noqa: B008
    """What comes of the last of several items, cut one after the other."""
    cutter = ClipCutter()
    found = [cutter.cut(one, "train", one.duration_s, known, 1.0, 1.0) for one in (item, *others)]
    return found[-1]


def bounds(found: CutItem) -> list[tuple[int, float, float]]:
    return [(one.clip.index, one.clip.start_s, one.clip.end_s) for one in found.clips]


def test_every_event_is_a_clip_in_the_order_of_the_corpus():
    item = make_item([(8, 12, "late"), (0, 9, "early")], media_id="web/x", language="en")
    found = cut(item)
    assert bounds(found) == [(0, 8.0, 12.0), (1, 0.0, 9.0)]
    assert [one.text for one in found.clips] == ["late", "early"]
    first = found.clips[0]
    assert (first.source, first.split, first.language) == ("corpus", "train", "en")
    assert (first.clip.media_id, first.clip.video_id, first.clip.key) == ("web/x", "v_x", "v_x")
    assert found.adjusted == {}


def test_a_clip_without_end_lasts_as_long_as_its_video():
    assert bounds(cut(make_item([(0, None, "whole")], duration_s=17.0))) == [(0, 0.0, 17.0)]
    unknown = cut(make_item([(0, None, "whole")], duration_s=None))
    assert [reject.reason for reject in unknown.rejects] == ["needs_video"]


def test_faults_are_rejected_and_small_ones_clamped():
    found = cut(make_item([(5, 3, "reversed"), (28, 30.5, "over"), (40, 50, "outside")]))
    assert bounds(found) == [(1, 28.0, 30.0)]
    assert [reject.reason for reject in found.rejects] == ["reversed", "past_end"]
    assert found.adjusted == {"clamped_end": 1}


def test_an_answer_is_no_caption():
    found = cut(make_item([(0, 5, "A dog.", "What is it?"), (5, 9, "A dog runs.")]))
    assert bounds(found) == [(1, 5.0, 9.0)]
    assert [(r.index, r.reason) for r in found.rejects] == [(0, "not_caption")]


def test_a_stretch_comes_out_once_however_often_it_is_captioned():
    first = make_item([(0, 5, "one"), (5, 9, "two"), (0, 5, "one again")])
    second = make_item([(5, 9, "two once more"), (9, 12, "three")], key="v_x#2")
    found = cut(first, second)
    assert bounds(found) == [(1, 9.0, 12.0)]
    assert [one.text for one in found.repeated] == ["two once more"]
    assert [one.text for one in cut(first).repeated] == ["one again"]


def test_another_video_may_have_the_same_times():
    other = make_item([(0, 5, "one")], video_id="v_y", source_video="y")
    assert bounds(cut(make_item([(0, 5, "one")]), other)) == [(0, 0.0, 5.0)]


def test_frame_numbers_need_the_rate_of_the_video():
    item = make_item([(0, 50, "shot")], time_unit="video_frames")
    assert bounds(cut(item, known=VideoKnown(fps=25.0))) == [(0, 0.0, 2.0)]
    assert [reject.reason for reject in cut(item).rejects] == ["needs_video"]
