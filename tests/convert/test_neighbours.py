"""What is held in memory, how many clips are compared, and what is proposed."""

from __future__ import annotations

import faiss
import numpy as np
import pytest

from streamit.convert.neighbours import MOST_LOOKED_AT, IndexedClips, ScannedClips
from streamit.errors import EngineError
from tests.convert.embeddings import make_clusters


def test_used_clips_are_at_most_an_eighth_of_those_held():
    clips = ScannedClips(make_clusters(500))
    for n_used, row in enumerate(np.random.default_rng(0).permutation(499), 1):
        clips.remove(int(row))
        assert (500 - n_used) * 8 >= clips.n_held * 7


@pytest.mark.parametrize("make", [ScannedClips, lambda rows: IndexedClips(rows, 8)])
def test_used_clips_are_not_proposed(make):
    embeddings = make_clusters(200, n_clusters=4)
    clips = make(embeddings)
    for row in range(199):
        rows, noise = clips.propose(embeddings[0], np.zeros)
        assert len(rows) == len(noise) > 0
        assert rows.min() >= row
        assert (np.diff(rows) > 0).all()
        clips.remove(row)


def test_scanned_clips_propose_the_best_and_what_float32_cannot_tell_from_it():
    embeddings = np.array([[1, 0], [0.8, 0.6], [0.6, 0.8], [0.8, -0.6]], np.float32)
    clips = ScannedClips(embeddings)
    clips.remove(0)
    assert clips.propose(embeddings[0], np.zeros)[0].tolist() == [1, 3]


def test_noise_is_drawn_for_every_clip_and_may_win():
    embeddings = np.array([[1, 0], [0.8, 0.6], [0, 1]], np.float32)
    rows, noise = ScannedClips(embeddings).propose(embeddings[0], lambda n: np.arange(n) / 1.0)
    assert (rows.tolist(), noise.tolist()) == ([2], [2.0])


def test_index_compares_a_bounded_number_of_clips():
    embeddings = make_clusters(3 * MOST_LOOKED_AT, size=8)
    clips = IndexedClips(embeddings, 8)
    for row in range(20):
        clips.remove(row)
        faiss.cvar.indexIVF_stats.reset()
        clips.propose(embeddings[row], np.zeros)
        assert faiss.cvar.indexIVF_stats.ndis == MOST_LOOKED_AT


def test_index_goes_on_where_a_neighbourhood_is_used_up():
    embeddings = make_clusters(2000, n_clusters=2, noise=0.1)
    near = embeddings @ embeddings[0] > 0.5
    clips = IndexedClips(embeddings, 8)
    for row in np.flatnonzero(near):
        clips.remove(int(row))
    rows, _ = clips.propose(embeddings[0], np.zeros)
    assert len(rows) == 8
    assert not near[rows].any()


def test_index_proposes_all_of_many_equal_clips():
    embeddings = make_clusters(1000)
    embeddings[100:200] = embeddings[0]
    rows, _ = IndexedClips(embeddings, 8).propose(embeddings[0], np.zeros)
    assert {0, *range(100, 200)} <= set(rows.tolist())


def test_index_refuses_a_clip_that_is_used_already():
    clips = IndexedClips(make_clusters(100), 8)
    clips.remove(3)
    with pytest.raises(EngineError, match="clip 3 is not in the faiss index"):
        clips.remove(3)
