"""The similarity stage: every clip is measured once, whatever happens in between."""

import os
import signal
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from streamit.build.likeness import FOLDER, Likeness
from streamit.build.similarity import ClipRef, measure_clips
from streamit.build.types import MediaRef
from streamit.errors import StorageError
from streamit.quality.pixels import PixelEmbedder
from streamit.storage import Folder
from streamit.video.cuts import keep_cuts
from streamit.video.jobs import Cut, CutJob
from tests.rendered import Style, even_ticks, read_number, render


class Reader:
    """An embedder that reads the number in a picture and remembers every one it is shown."""

    name, dim, batch_size = "reader", 4, 3

    def __init__(self):
        self.shown = []

    def embed(self, pictures):
        numbers = [read_number(picture) for picture in pictures]
        self.shown.append(numbers)
        return np.array([unit(number) for number in numbers], np.float32)

    def score(self, rows, captions):
        return np.array([len(caption) / 100 for caption in captions], np.float32)


def unit(number):
    angle = number / 1000
    return [np.cos(angle), np.sin(angle), 0, 0]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Three files of 4, 6 and 2 s at 30 frames per second, frames numbered."""
    folder = tmp_path_factory.mktemp("videos")
    for name, seconds in (("a", 4), ("b", 6), ("c", 2)):
        render(folder / f"{name}.mp4", even_ticks(30 * seconds, Style().rate))
    return folder


def clip(folder, name, start_s, end_s, caption="a caption"):
    path = folder / f"{name}.mp4"
    size = path.stat().st_size if path.exists() else 1
    return ClipRef(MediaRef(str(folder), path.name, size), start_s, end_s, caption)


def clips_of(folder):
    return [
        clip(folder, "a", 0.0, 2.0, "one"),
        clip(folder, "a", 2.0, 4.0, "three"),
        clip(folder, "b", 1.0, 1.5, "a"),
        clip(folder, "b", 0.0, 6.0, "seventeen letters"),
        clip(folder, "c", 0.0, 2.0, "four"),
    ]


def measure(clips, out, embedder=None, **options):
    settings = {"timeout_s": 60, "n_workers": 2, **options}
    return measure_clips(iter(clips), embedder or Reader(), Folder(out), **settings)


def keys_of(clips):
    return [clip.key for clip in clips]


def test_the_middle_frame_of_each_clip_is_embedded(folder, tmp_path):
    clips, embedder = clips_of(folder), Reader()

    known = measure(clips, tmp_path, embedder)

    middles = [30, 90, 37, 90, 30]
    assert embedder.shown == [[30, 90, 37], [90, 30]]
    assert known.read_rows(keys_of(clips)) == pytest.approx(
        np.array([unit(number) for number in middles]), abs=1e-3
    )
    assert known.read_scores(keys_of(clips)).round(4).tolist() == pytest.approx(
        [0.03, 0.05, 0.01, 0.17, 0.04]
    )
    assert known.problems == {}


def test_the_middle_frame_lies_within_the_clip(folder, tmp_path):
    """From 1.99 to 2.03 s, at 2.01 s frame 60 shows; the frame before it is another scene's."""
    embedder = Reader()
    measure([clip(folder, "a", 1.99, 2.03), clip(folder, "a", 2.005, 2.06)], tmp_path, embedder)
    assert embedder.shown == [[60, 61]]


def test_measures_come_back_in_the_order_asked_for(folder, tmp_path):
    clips = clips_of(folder)
    known = measure(clips, tmp_path)
    order = [3, 0, 4, 0]
    chosen = [clips[i].key for i in order]
    assert known.read_rows(chosen).tolist() == known.read_rows(keys_of(clips))[order].tolist()
    assert known.read_scores(chosen).tolist() == known.read_scores(keys_of(clips))[order].tolist()
    assert known.read_rows([]).shape[0] == 0


def test_nothing_is_measured_twice(folder, tmp_path):
    clips, second, third = clips_of(folder), Reader(), Reader()
    first = measure([*clips[:3], *clips[:3]], tmp_path)
    known = measure(clips, tmp_path, second)
    again = measure(clips, tmp_path, third)
    assert second.shown == [[90, 30]]
    assert third.shown == []
    keys = keys_of(clips)
    assert again.read_rows(keys).tolist() == known.read_rows(keys).tolist()
    assert first.read_rows(keys[:3]).tolist() == known.read_rows(keys[:3]).tolist()


def test_measures_do_not_depend_on_workers_or_company(folder, tmp_path):
    clips = clips_of(folder)
    rows = []
    for n, (order, n_workers) in enumerate(((1, 1), (1, 4), (-1, 2))):
        known = measure(clips[::order], tmp_path / str(n), PixelEmbedder(), n_workers=n_workers)
        rows.append(known.read_rows(keys_of(clips)).tolist())
    assert rows[0] == rows[1] == rows[2]


def test_the_same_input_makes_the_same_files(folder, tmp_path):
    made = []
    for name in ("one", "two"):
        measure(clips_of(folder), tmp_path / name)
        files = sorted((tmp_path / name / FOLDER).iterdir())
        made.append([(file.name, file.read_bytes()) for file in files])
    assert made[0] == made[1]
    assert len(made[0]) == 1


def test_another_embedder_measures_for_itself(folder, tmp_path):
    clips = clips_of(folder)
    measure(clips, tmp_path, PixelEmbedder())
    other = Reader()
    other.name = "reader@2"
    embedders = [Reader(), other]
    rows = [measure(clips, tmp_path, one).read_rows(keys_of(clips)) for one in embedders]
    assert [len(one.shown) for one in embedders] == [2, 2]
    assert rows[0].tolist() == rows[1].tolist()


def test_an_embedder_without_words_gives_no_scores(folder, tmp_path):
    clips = clips_of(folder)
    known = measure(clips, tmp_path, PixelEmbedder())
    assert np.isnan(known.read_scores(keys_of(clips))).all()
    assert known.read_rows(keys_of(clips)).shape == (5, PixelEmbedder.dim)


def test_another_caption_is_another_clip(folder, tmp_path):
    one = clip(folder, "a", 0.0, 2.0, "a dog")
    other = replace(one, caption="a cat on a mat")
    known = measure([one, other], tmp_path)
    assert known.read_scores([one.key, other.key]).tolist() == pytest.approx([0.05, 0.14])


def test_a_video_that_cannot_be_used_costs_its_clips(folder, tmp_path):
    (tmp_path / "empty.mp4").touch()
    bad = [
        clip(tmp_path, "empty", 0.0, 2.0),
        clip(folder, "missing", 0.0, 2.0),
        ClipRef(MediaRef("/x", "y.mp4", 9, problem=("no_frames", "y.mp4: no frame")), 0.0, 1.0, ""),
        clip(folder, "a", 5.0, 6.0),
    ]
    good = clips_of(folder)
    embedder = Reader()

    known = measure([*good[:2], *bad, *good[2:]], tmp_path / "out", embedder)

    reasons = [known.problems[one.key][0] for one in bad]
    assert reasons == ["video_empty", "video_missing", "no_frames", "past_decoded_end"]
    assert sum(map(len, embedder.shown)) == len(good)
    assert np.isnan(known.read_scores([bad[0].key])).all()
    with pytest.raises(KeyError, match="1 of 2 clips have no row"):
        known.read_rows([good[0].key, bad[0].key])
    later = Reader()
    assert measure(bad, tmp_path / "out", later).problems == known.problems
    assert later.shown == []


def test_what_may_pass_is_tried_again(folder, tmp_path):
    one = clip(folder, "a", 0.0, 2.0)
    slow = ClipRef(replace(one.media, problem=("timeout", "took long")), 0.0, 2.0, "a caption")
    known = measure([slow], tmp_path)
    assert known.problems == {slow.key: ("timeout", "took long")}
    assert Likeness(Folder(tmp_path), "reader").list_keys() == set()
    assert measure([one], tmp_path).problems == {}


def test_files_of_a_remote_store_serve_as_well(folder, tmp_path):
    import fsspec

    root = f"memory://similarity-{tmp_path.name}"
    with fsspec.open(f"{root}/a.mp4", "wb") as remote:
        remote.write((folder / "a.mp4").read_bytes())
    here = clip(folder, "a", 0.0, 2.0)
    there = replace(here, media=replace(here.media, root=root))
    gone = replace(there, media=replace(there.media, uri="gone.mp4"))
    embedder = Reader()
    known = measure([there, gone], f"{root}/out", embedder)
    assert embedder.shown == [[30]]
    assert known.read_rows([here.key]).shape == (1, 4)
    assert known.problems[gone.key][0] == "not_copied"


def test_a_file_of_something_else_is_refused(folder, tmp_path):
    measure(clips_of(folder), tmp_path)
    (file,) = (tmp_path / FOLDER).iterdir()
    file.write_bytes(b"not parquet")
    with pytest.raises(StorageError, match="holds no similarities"):
        measure(clips_of(folder), tmp_path)


def test_the_file_can_be_read_by_anyone(folder, tmp_path):
    measure(clips_of(folder), tmp_path)
    (file,) = (tmp_path / FOLDER).iterdir()
    table = pq.read_table(file)
    assert table.schema.field("row").type == pa.list_(pa.float16(), 4)
    assert table.schema.metadata[b"embedder"] == b"reader"
    assert table.select(["uri", "start_s", "end_s", "caption"]).to_pylist()[3] == {
        "uri": "b.mp4",
        "start_s": 0.0,
        "end_s": 6.0,
        "caption": "seventeen letters",
    }


def test_many_clips_fill_several_files(folder, tmp_path):
    """1,100 stretches of two files: in each request to a child few, and all the rows right."""
    lengths = [1.0 + n / 400 for n in range(550)]
    clips = [clip(folder, name, 0.0, end_s, "x") for name in "ab" for end_s in lengths]
    known = measure(clips, tmp_path, embedder := Reader())
    middles = [int(end_s / 2 * 30 + 1e-9) for end_s in lengths] * 2
    assert [number for batch in embedder.shown for number in batch] == middles
    assert len(list((tmp_path / FOLDER).iterdir())) == 2
    rows = known.read_rows(keys_of(clips[::-1]))
    assert rows == pytest.approx(np.array([unit(n) for n in middles[::-1]]), abs=1e-3)


_KILLED = """
import json, os, signal, sys
from pathlib import Path
from tests.build.test_similarity import Reader, clips_of, measure

class Killed(Reader):
    def embed(self, pictures):
        if len(self.shown) == int(sys.argv[3]):
            os.kill(os.getpid(), signal.SIGKILL)
        return super().embed(pictures)

embedder = Killed()
measure(clips_of(Path(sys.argv[1])), sys.argv[2], embedder, n_workers=1)
print(json.dumps(embedder.shown))
"""


@pytest.mark.parametrize("n_batches", [0, 1])
def test_a_killed_run_is_taken_up_again(folder, tmp_path, n_batches):
    arguments = [str(folder), str(tmp_path / "out"), str(n_batches)]
    killed = subprocess.run([sys.executable, "-c", _KILLED, *arguments], check=False)
    assert killed.returncode == -signal.SIGKILL
    clips = clips_of(folder)
    known = measure(clips, tmp_path / "out")
    whole = measure(clips, tmp_path / "whole")
    assert known.read_rows(keys_of(clips)).tolist() == whole.read_rows(keys_of(clips)).tolist()
    files = [sorted(os.listdir(tmp_path / name / FOLDER)) for name in ("out", "whole")]
    assert files[0] == files[1]


def test_an_interrupted_run_keeps_what_it_has(folder, tmp_path):
    class Interrupted(Reader):
        def embed(self, pictures):
            if self.shown:
                raise KeyboardInterrupt
            return super().embed(pictures)

    clips, embedder = clips_of(folder), Reader()
    with pytest.raises(KeyboardInterrupt):
        measure(clips, tmp_path, Interrupted())
    measure(clips, tmp_path, embedder)
    assert embedder.shown == [[90, 30]]


def test_the_frame_is_the_one_that_a_stream_would_show(folder, tmp_path):
    """The stage and the frames of a record go by the same rule."""
    one = clip(folder, "b", 1.01, 4.4)
    cut = Cut(1.01, 4.4, (2.705,))
    kept = keep_cuts(str(folder / "b.mp4"), CutJob((cut,), short_side=384), read_number)
    measure([one], tmp_path, embedder := Reader())
    assert embedder.shown == [list(kept.cuts[0].items)]
