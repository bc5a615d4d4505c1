"""What a record says of its video, plain or joined."""

from streamit.build.describe import describe_video, know_video, length_of
from streamit.build.studio import Footage
from streamit.build.types import MediaRef
from streamit.convert.base import VideoKnown, reject_event
from streamit.item import Event, Item, ItemClip
from streamit.record import Clip, Video
from streamit.timeline import clip_end

PLAIN = Item("table", "train", "a.csv", 0, "one", "one", "one", None, (Event(0, 1.0, 2.0, "x"),))
CLIPS = (
    ItemClip("a.csv", "one", 3, "one", "web/one", "one", 2.5, 7.0, 0.0),
    ItemClip("b.csv", "two", 0, "two", "web/two", "two", 0.0, 6.25, 4.5),
)
JOINED = Item(
    "table",
    "train",
    "a.csv, b.csv",
    0,
    "one#3, two#0",
    "stream-0123456789abcdef",
    "stream-0123456789abcdef",
    10.75,
    (Event(0, 0.0, 4.5, "first"), Event(1, 4.5, 10.75, "second")),
    clips=CLIPS,
)


def file(uri: str, **facts: object) -> MediaRef:
    return MediaRef("/videos", uri, 100, **facts)


def test_a_plain_video_is_one_clip_of_its_whole_length():
    found = file("one.mp4", sha256="ab", duration_s=9.5, width=64, height=48, has_audio=True)
    clip = Clip("one.mp4", "ab", True, 0.0, 9.5, 0.0)
    assert describe_video(PLAIN, (found,), None) == Video("one", 9.5, 64, 48, (clip,))


def test_a_video_that_was_not_found_has_its_bare_id():
    clip = Clip("one", None, None, 0.0, None, 0.0)
    assert describe_video(PLAIN, (None,), None) == Video("one", None, None, None, (clip,))


def test_the_clips_of_a_stream_lead_to_their_files():
    video = describe_video(JOINED, (file("web/one.mp4", width=64, height=48), None), None)
    assert video.clips == (
        Clip("web/one.mp4", None, None, 2.5, 7.0, 0.0),
        Clip("web/two", None, None, 0.0, 6.25, 4.5),
    )
    assert [clip_end(clip) for clip in video.clips] == [4.5, 10.75]
    assert (video.id, video.duration_s) == ("stream-0123456789abcdef", 10.75)


def test_a_stream_has_a_size_where_its_files_agree():
    same = (file("a.mp4", width=64, height=48), file("b.mp4", width=64, height=48))
    other = (same[0], file("b.mp4", width=32, height=48))
    sizes = [describe_video(JOINED, files, None) for files in (same, other, (None, same[1]))]
    assert [(v.width, v.height) for v in sizes] == [(64, 48), (None, None), (None, None)]


def test_a_joined_file_is_one_clip():
    footage = Footage((0.0,), None, 64, 48, 10.75, "pyav", "r/clips/ab.mp4", "cd", 9)
    video = describe_video(JOINED, (None, None), footage)
    assert video.clips == (Clip("r/clips/ab.mp4", "cd", False, 0.0, 10.75, 0.0),)


def test_a_stream_has_no_frame_rate_of_its_own():
    files = (file("a.mp4", fps=25.0, duration_s=7.0), file("b.mp4", fps=10.0, duration_s=6.25))
    assert know_video(JOINED, files, None) == VideoKnown()
    assert know_video(PLAIN, files[:1], None) == VideoKnown(7.0, 25.0)
    assert length_of(JOINED, files) == 10.75


def test_a_reject_of_a_stream_names_the_annotation_of_the_clip():
    reject = reject_event(JOINED, 1, "leaks", "says so")
    assert (reject.file, reject.key, reject.video_id, reject.index) == ("b.csv", "two", "two", 0)
    assert reject_event(JOINED, 0, "leaks", "says so").index == 3
