"""Clips in a row become streams: every clip once, as long as allowed, nothing lost."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from streamit.convert.joining import join_clips, make_stream
from streamit.stream_settings import Streams
from streamit.timeline import length_s, round_s
from tests.convert.streams import LENGTHS, make_clip, make_clips


def join(joined, **settings):
    """(streams, set aside) of these clips."""
    aside = []
    streams = list(join_clips(joined, Streams(**settings), lambda *left: aside.append(left)))
    return streams, [(one.clip.index, reason) for one, reason in aside]


def places(streams):
    return [[clip.index for clip in stream.clips] for stream in streams]


def test_ten_clips_are_a_stream_and_the_rest_is_another():
    streams, aside = join(make_clips(*[12.0] * 23))
    assert places(streams) == [[*range(10)], [*range(10, 20)], [20, 21, 22]]
    assert aside == []


def test_a_rest_that_is_too_small_is_set_aside():
    streams, aside = join(make_clips(*[12.0] * 13), min_clips=4)
    assert places(streams) == [[*range(10)]]
    assert aside == [(10, "short_stream"), (11, "short_stream"), (12, "short_stream")]


def test_a_stream_ends_before_it_is_too_long():
    streams, aside = join(make_clips(40, 40, 20, 60, 41, 59), max_length_s=100)
    assert places(streams) == [[0, 1, 2], [4, 5]]
    assert [stream.duration_s for stream in streams] == [100.0, 100.0]
    assert aside == [(3, "short_stream")]


def test_a_clip_that_is_too_long_by_itself_breaks_no_stream():
    streams, aside = join(make_clips(10, 300, 10))
    assert places(streams) == [[0, 2]]
    assert aside == [(1, "long_clip")]


def test_no_clips_make_no_stream():
    assert join([]) == ([], [])


def test_a_stream_has_an_event_for_each_clip_at_its_offset():
    clips = [make_clip(0, 4.5, 2.5), make_clip(7, 6.25, text="Second.")]
    stream = make_stream(clips)
    assert [(e.index, e.start_s, e.end_s, e.text) for e in stream.events] == [
        (0, 0.0, 4.5, "Caption zq0."),
        (1, 4.5, 10.75, "Second."),
    ]
    assert [(c.start_s, c.end_s, c.offset_s) for c in stream.clips] == [
        (2.5, 7.0, 0.0),
        (0.0, 6.25, 4.5),
    ]
    assert (stream.duration_s, stream.language, stream.split) == (10.75, "en", "train")
    assert (stream.file, stream.key) == ("clips.csv", "video0#0, video7#7")
    assert stream.video_id == stream.source_video


def test_the_id_of_a_stream_depends_on_its_clips_and_their_order():
    one, two, three = make_clips(5, 5, 5)
    assert make_stream([one, two]).video_id == "stream-3cf3266122e3fd50"
    others = [[two, one], [one, two, three], [one, three]]
    assert len({make_stream(clips).video_id for clips in [[one, two], *others]}) == 4


@given(st.lists(LENGTHS, max_size=40), st.integers(2, 6), st.integers(2, 9), st.floats(10.0, 300.0))
def test_every_clip_is_used_once_or_set_aside(lengths_s, min_clips, clips, max_length_s):
    settings = {"min_clips": min_clips, "clips": max(clips, min_clips)}
    streams, aside = join(make_clips(*lengths_s), max_length_s=max_length_s, **settings)
    used = [place for stream in places(streams) for place in stream]
    assert sorted(used + [place for place, _ in aside]) == list(range(len(lengths_s)))
    assert used == sorted(used)
    for stream in streams:
        assert min_clips <= len(stream.clips) <= settings["clips"]
        assert stream.duration_s <= max_length_s + 1e-6


@given(st.lists(LENGTHS, min_size=2, max_size=12))
def test_clips_follow_each_other_without_a_gap(lengths_s):
    stream = make_stream(make_clips(*lengths_s))
    for event, clip in zip(stream.events, stream.clips, strict=True):
        assert event.start_s == clip.offset_s
        assert event.end_s == round_s(clip.offset_s + (clip.end_s - clip.start_s))
        assert length_s(event.start_s, event.end_s) == length_s(clip.start_s, clip.end_s)
    assert all(one.end_s == other.start_s for one, other in pairwise(stream.events))
    assert stream.events[-1].end_s == stream.duration_s
