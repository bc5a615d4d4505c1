"""The order in which clips are joined, and which of them are left out on the way."""

from collections import Counter
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

import streamit
from streamit.build.chains import is_measured, order_by_hash, order_by_likeness
from streamit.build.check import check_build
from streamit.build.clip_table import ClipTable
from streamit.build.likeness import FOLDER, Likeness, Measure
from streamit.build.progress import Lines
from streamit.build.similarity import ClipRef
from streamit.build.types import MediaRef
from streamit.convert.chain import order_clips
from streamit.errors import UsageError
from streamit.recipe import load_recipe
from streamit.storage import Folder
from tests.checkpoints import write_clip
from tests.clips import make_panda, write_panda
from tests.convert.streams import make_clip

N_CLIPS = 12
ANGLES = np.random.default_rng(0).permutation(np.linspace(0.0, 2.0, N_CLIPS))
ROWS = np.stack([np.cos(ANGLES), np.sin(ANGLES)], axis=1).astype(np.float32)


def find(one):
    """Every clip has a file, but that of `video99`."""
    if one.clip.video_id == "video99":
        return None
    media = MediaRef("/videos", f"{one.clip.media_id}.mp4", 100)
    return ClipRef(media, one.clip.start_s, one.clip.end_s, one.text)


def measure(out, clips, scores=None, problems=()):
    """What a similarity stage would have kept of these clips; their rows are those of ROWS."""
    likeness = Likeness(Folder(out), "test")
    measures = [
        Measure(find(one).key, "x.mp4", 0.0, 1.0, one.text, reason="no_frames", message="none")
        if n in problems
        else Measure(find(one).key, "x.mp4", 0.0, 1.0, one.text, ROWS[n], scores and scores[n])
        for n, one in enumerate(clips)
    ]
    likeness.add(measures, 2)
    return likeness


class Left:
    """Remembers what is set aside or refused, by the place of the clip."""

    def __init__(self):
        self.aside, self.refused = [], []

    def set_aside(self, one, reason):
        self.aside.append((one.clip.index, reason))

    def refuse(self, one, reason, message):
        self.refused.append((one.clip.index, reason))


def order(out, clips, likeness, left=None, **keys):
    """The clips of each chain in their order."""
    left = left or Left()
    recipe = load_recipe("streaming_qa", {"similarity.embedder": "pixels", **keys})
    with ClipTable(seed=recipe.seed) as table:
        for one in clips:
            table.add(one)
        chains = order_by_likeness(table, likeness, recipe, find, left.set_aside, left.refuse)
        return [list(chain) for chain in chains]


def indices(chain):
    return [one.clip.index for one in chain]


CLIPS = [make_clip(n) for n in range(N_CLIPS)]


def hash_order(clips, seed=0):
    with ClipTable(seed) as table:
        for one in clips:
            table.add(one)
        return [indices(chain) for chain in order_by_hash(table)]


def test_clips_that_were_not_compared_are_shuffled_by_the_seed():
    (first,), (second,) = hash_order(CLIPS), hash_order(CLIPS, seed=1)
    assert sorted(first) == sorted(second) == list(range(N_CLIPS))
    assert first != second
    assert hash_order(CLIPS[::-1]) == [first]


def test_there_is_a_chain_for_each_source_split_and_language():
    other = [make_clip(n, split="test") for n in range(3)]
    third = [make_clip(n, language="de") for n in range(3)]
    fourth = [make_clip(n, source="else") for n in range(3)]
    sizes = sorted(len(chain) for chain in hash_order([*CLIPS, *other, *third, *fourth]))
    assert sizes == [3, 3, 3, N_CLIPS]


def test_the_most_similar_clip_comes_next(tmp_path):
    likeness = measure(tmp_path, CLIPS)
    (chain,) = order(tmp_path, CLIPS, likeness, **{"streams.max_similarity": 1.0})
    (shuffled,) = hash_order(CLIPS)
    rows = np.float32(np.float16(ROWS[shuffled]))
    assert indices(chain) == [shuffled[i] for i in order_clips(rows, 0)]


def test_every_clip_knows_how_alike_it_is_to_the_one_before(tmp_path):
    likeness = measure(tmp_path, CLIPS, scores=[n / 100 for n in range(N_CLIPS)])
    (chain,) = order(tmp_path, CLIPS, likeness, **{"streams.max_similarity": 1.0})
    places = indices(chain)
    wanted = [float(ROWS[a] @ ROWS[b]) for a, b in pairwise(places)]
    assert chain[0].clip.likeness is None
    assert [one.clip.likeness for one in chain[1:]] == pytest.approx(wanted, abs=1e-3)
    assert [one.clip.caption_score for one in chain] == [n / 100 for n in places]


def test_a_clip_that_repeats_the_one_before_is_set_aside(tmp_path):
    left = Left()
    limit = {"streams.max_similarity": 0.97}
    (chain,) = order(tmp_path, CLIPS, measure(tmp_path, CLIPS), left, **limit)
    assert {reason for _, reason in left.aside} == {"near_duplicate"}
    assert len(chain) + len(left.aside) == N_CLIPS > len(chain)
    assert max(one.clip.likeness for one in chain[1:]) <= 0.97


@pytest.mark.parametrize(
    ("keys", "kept"),
    [({"similarity.threshold": 0.08}, {8, 9, 10, 11}), ({"similarity.keep": 0.25}, {9, 10, 11})],
)
def test_a_clip_that_fits_its_caption_badly_is_set_aside(tmp_path, keys, kept):
    likeness, left = measure(tmp_path, CLIPS, scores=[n / 100 for n in range(N_CLIPS)]), Left()
    (chain,) = order(tmp_path, CLIPS, likeness, left, **keys, **{"streams.max_similarity": 1.0})
    assert set(indices(chain)) == kept
    assert Counter(reason for _, reason in left.aside) == {"low_similarity": N_CLIPS - len(kept)}


def test_a_clip_without_a_file_or_a_frame_is_refused(tmp_path):
    clips = [*CLIPS, make_clip(99)]
    left = Left()
    likeness = measure(tmp_path, CLIPS, problems={3})
    (chain,) = order(tmp_path, clips, likeness, left, **{"streams.max_similarity": 1.0})
    assert sorted(left.refused) == [(3, "no_frames"), (99, "video_missing")]
    assert len(chain) == N_CLIPS - 1


def test_buckets_are_chains_of_their_own(tmp_path):
    keys = {"streams.bucket": 5, "streams.max_similarity": 1.0}
    chains = order(tmp_path, CLIPS, measure(tmp_path, CLIPS), **keys)
    assert [len(chain) for chain in chains] == [4, 4, 4]
    assert sorted(n for chain in chains for n in indices(chain)) == list(range(N_CLIPS))
    assert all(chain[0].clip.likeness is None for chain in chains)


def test_it_is_known_whether_all_were_measured(tmp_path):
    likeness = measure(tmp_path, CLIPS)
    with ClipTable(seed=0) as table:
        for one in [*CLIPS, make_clip(99)]:
            table.add(one)
        assert is_measured(table, likeness, find)
        table.add(make_clip(50))
        assert not is_measured(table, likeness, find)


def build(demo, out, **keys):
    return streamit.build("streaming_qa", {"demo": demo.root}, out, workers=1, **keys)


def load_scores(out):
    return [{s.name: s.value for s in record.scores} for record in streamit.load_records(out)]


def test_the_demo_is_ordered_by_its_pixels(demo, tmp_path):
    report = build(demo, tmp_path / "out")
    assert report.ledger["demo"].set_aside["near_duplicate"] > 0
    for scores in load_scores(tmp_path / "out"):
        assert (scores["similarity_filtered"], scores["ordered_by_similarity"]) == (0.0, 1.0)
        assert 0 < scores["neighbour_similarity"] <= 0.98
    assert check_build(str(tmp_path / "out")).n_problems == 0


def test_another_limit_measures_nothing_again(demo, tmp_path):
    build(demo, tmp_path / "out")
    files = {path: path.stat().st_mtime_ns for path in (tmp_path / "out" / FOLDER).iterdir()}
    report = build(demo, tmp_path / "out", **{"streams.max_similarity": 1.0})
    assert report.ledger["demo"].set_aside["near_duplicate"] == 0
    folder = tmp_path / "out" / FOLDER
    assert {path: path.stat().st_mtime_ns for path in folder.iterdir()} == files


def test_records_say_where_nothing_was_compared(tmp_path):
    corpus = write_panda(tmp_path / "panda70m", make_panda(20))
    streamit.build("streaming_qa", {"panda70m": corpus}, tmp_path / "out", workers=1)
    for scores in load_scores(tmp_path / "out"):
        assert (scores["similarity_filtered"], scores["ordered_by_similarity"]) == (0.0, 0.0)
        assert "neighbour_similarity" not in scores


def test_clips_whose_videos_are_missing_cannot_be_compared(tmp_path):
    corpus = write_panda(tmp_path / "panda70m", make_panda(20))
    options = {"workers": 1, "similarity.embedder": "pixels"}
    report = streamit.build("streaming_qa", {"panda70m": corpus}, tmp_path / "out", **options)
    counts = report.ledger["panda70m"]
    assert counts.rejected == {"video_missing": counts.read}


def test_a_dry_run_compares_nothing(demo, tmp_path):
    build(demo, tmp_path / "out", dry_run=True)
    assert not (tmp_path / "out").exists()
    real = build(demo, tmp_path / "out")
    again = build(demo, tmp_path / "out", dry_run=True)
    assert (again.n_built, again.n_reused) == (0, real.n_built)


def test_pixels_cannot_judge_captions(demo, tmp_path):
    with pytest.raises(UsageError, match="'pixels' knows no words"):
        build(demo, tmp_path / "out", similarity={"embedder": "pixels", "keep": 0.5})


def test_a_clip_model_filters_the_demo(demo, tmp_path):
    pytest.importorskip("torch", reason="needs torch: pip install 'streamit[train]'")
    pytest.importorskip("transformers", reason="needs transformers")
    folder: Path = write_clip(tmp_path / "tiny")
    keys = {"similarity": {"embedder": str(folder), "keep": 0.5}, "streams.max_similarity": 1.0}
    report = build(demo, tmp_path / "out", **keys)
    counts = report.ledger["demo"]
    # Half of the 41, 24 and 6 clips of each split, rounded up.
    assert counts.set_aside["low_similarity"] == 71 - (21 + 12 + 3)
    for scores in load_scores(tmp_path / "out"):
        assert (scores["similarity_filtered"], scores["ordered_by_similarity"]) == (1.0, 1.0)
        assert -1 <= scores["caption_similarity"] <= 1
    assert str(tmp_path) not in (tmp_path / "out/streamit/manifest.json").read_text()


def test_what_is_skipped_is_said(tmp_path, capsys):
    corpus = write_panda(tmp_path / "panda70m", make_panda(20))
    options = {"workers": 1, "progress": Lines()}
    streamit.build("streaming_qa", {"panda70m": corpus}, tmp_path / "out", **options)
    said = capsys.readouterr().err
    assert "clips are not compared" in said
    assert "no language model is asked" in said
