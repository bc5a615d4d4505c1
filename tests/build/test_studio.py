"""What a worker takes from the files of a joined stream."""

import io

import numpy as np
import pytest
from PIL import Image

from streamit.build.studio import open_studio
from streamit.build.types import Job, MediaRef
from streamit.errors import VideoError
from streamit.item import Event, Item, ItemClip
from streamit.recipe import load_recipe
from streamit.video.frames import sample_frames
from tests.rendered import Style, even_ticks, read_number, render

# In an order that is not the files'; the second file serves twice.
STRETCHES = [("b", 1.0, 3.5), ("a", 0.4, 2.0), ("b", 4.0, 5.4)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Two files whose frames carry their number: `a` of 2 s, `b` of 6 s, upright."""
    folder = tmp_path_factory.mktemp("videos")
    render(folder / "a.mp4", even_ticks(60, Style().rate))
    render(folder / "b.mp4", even_ticks(180, Style().rate), Style(size=(128, 192)))
    return folder


def joined(stretches=STRETCHES):
    clips, events, offset_s = [], [], 0.0
    for n, (name, start_s, end_s) in enumerate(stretches):
        clips.append(ItemClip("x.csv", name, n, name, name, name, start_s, end_s, offset_s))
        events.append(Event(n, offset_s, round(offset_s + end_s - start_s, 6), "a caption"))
        offset_s = events[-1].end_s
    name = "stream-0123456789abcdef"
    return Item("table", "train", "x.csv", 0, "k", name, name, offset_s, tuple(events), clips=clips)


def files(folder, item, **facts):
    sizes = {"a": (192, 128), "b": (128, 192)}
    found = []
    for clip in item.clips:
        width, height = sizes[clip.media_id]
        uri = f"{clip.media_id}.mp4"
        n_bytes = (folder / uri).stat().st_size
        known = {"sha256": "ab", "width": width, "height": height, **facts}
        found.append(MediaRef(str(folder), uri, n_bytes, **known))
    return tuple(found)


def make_job(out, media):
    return Job(load_recipe("dense_caption"), "f", {}, media, str(out), "0", "1")


def shoot(folder, out, media, item=None, found=None):
    item = item or joined()
    with open_studio(make_job(out, media)) as studio:
        return studio.shoot(item, files(folder, item) if found is None else found)


def test_frames_of_a_stream_are_those_of_its_clips(folder, tmp_path):
    footage = shoot(folder, tmp_path, "frames")

    images = [Image.open(io.BytesIO(frame.bytes)) for frame in footage.frames]
    assert [read_number(np.asarray(image)) for image in images] == [30, 60, 90, 27, 57, 147]
    assert footage.times_s == (0.0, 1.0, 2.0, 3.0, 4.0, 5.0)
    assert [image.size for image in images] == [(128, 192)] * 3 + [(192, 128)] * 2 + [(128, 192)]
    assert (footage.width, footage.height) == (None, None)
    assert (footage.decoded_end_s, footage.decoder) == (5.5, "pyav")


def test_a_clip_of_a_stream_is_one_video(folder, tmp_path):
    footage = shoot(folder, tmp_path, "clips")

    frames = sample_frames(tmp_path / footage.clip_uri, short_side=None)
    assert frames.images.shape == (6, 192, 128, 3)
    upright = [read_number(frames.images[i]) for i in (0, 1, 2, 5)]
    assert upright == [30, 60, 90, 147]
    assert read_number(frames.images[3, 54:138]) == 27
    assert frames.images[3, :50].max() < 40
    assert (footage.width, footage.height) == (128, 192)
    assert footage.frames is None
    assert footage.clip_bytes == (tmp_path / footage.clip_uri).stat().st_size


def test_the_clip_is_named_after_what_it_is_made_of(folder, tmp_path):
    names = [
        shoot(folder, tmp_path, "clips", item).clip_uri
        for item in (joined(), joined(), joined(STRETCHES[:2]), joined(STRETCHES[1::-1]))
    ]
    assert names[0] == names[1]
    assert len(set(names)) == 3


def test_a_stream_with_a_missing_file_is_refused_whole(folder, tmp_path):
    item = joined()
    found = (*files(folder, item)[:2], None)
    with pytest.raises(VideoError, match="no file named 'b'") as caught:
        shoot(folder, tmp_path, "frames", item, found)
    assert caught.value.reason == "video_missing"


def test_a_stream_with_a_file_that_cannot_be_used_is_refused_whole(folder, tmp_path):
    item = joined()
    found = files(folder, item, problem=("video_unreadable", "a.mp4: is no video"))
    with pytest.raises(VideoError, match="is no video") as caught:
        shoot(folder, tmp_path, "frames", item, found)
    assert caught.value.reason == "video_unreadable"


def test_files_of_a_remote_store_serve_as_well(folder, tmp_path):
    item = joined()
    copies = tuple(
        MediaRef(f"memory://studio-{tmp_path.name}", file.uri, file.n_bytes)
        for file in files(folder, item)
    )
    import fsspec

    for name in ("a.mp4", "b.mp4"):
        with fsspec.open(f"{copies[0].root}/{name}", "wb") as remote:
            remote.write((folder / name).read_bytes())
    here, there = (
        shoot(folder, tmp_path, "frames", item, found) for found in (files(folder, item), copies)
    )
    assert here == there
