"""The chain against its definition, and the quick way against the exact one."""

from __future__ import annotations

import hashlib
import itertools
import os
import subprocess
import sys
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamit.convert.chain import TEMPERATURE, bucket_clips, order_buckets, order_clips
from streamit.convert.neighbours import MOST_LOOKED_AT
from streamit.errors import EmbeddingError, UsageError
from tests.convert.embeddings import make_clusters, mean_similarity, normalise
from tests.pages import ROOT

STRATEGIES = ("argmax", "sample")
METHODS = ("exact", "approximate")
ANY = list(itertools.product(STRATEGIES, METHODS))


def chain_by_definition(embeddings, first):
    """From `first` on, the most similar unused row; of equal ones the lowest."""
    order, unused = [first], set(range(len(embeddings))) - {first}
    while unused:
        clip = embeddings[order[-1]].astype(np.float64)
        order.append(min(unused, key=lambda row: (-(embeddings[row] * clip).sum(), row)))
        unused.remove(order[-1])
    return order


@st.composite
def few_rows(draw):
    """Rows with small whole numbers before they are normalised: many are equal, or equally far."""
    size = draw(st.integers(1, 4))
    row = st.lists(st.integers(-2, 2), min_size=size, max_size=size).filter(any)
    return normalise(np.array(draw(st.lists(row, min_size=1, max_size=14))))


@given(few_rows(), st.integers(), st.sampled_from(METHODS))
def test_chain_is_its_definition(embeddings, seed, method):
    order = order_clips(embeddings, seed, method=method)
    assert order.tolist() == chain_by_definition(embeddings, order[0])


@given(few_rows(), st.integers(), st.sampled_from(ANY))
def test_every_clip_comes_once(embeddings, seed, way):
    order = order_clips(embeddings, seed, *way)
    assert order.dtype == np.int64
    assert sorted(order) == list(range(len(embeddings)))


def test_exact_chain_of_clusters_is_its_definition():
    embeddings = make_clusters(300, n_clusters=20)
    order = order_clips(embeddings, 3)
    assert order.tolist() == chain_by_definition(embeddings, order[0])


@pytest.mark.parametrize("way", ANY)
def test_few_clips_or_none(way):
    one = np.ones((1, 1), np.float32)
    assert order_clips(np.empty((0, 4), np.float32), 0, *way).tolist() == []
    assert order_clips(one, 0, *way).tolist() == [0]
    assert sorted(order_clips(np.repeat(one, 2, axis=0), 0, *way)) == [0, 1]


@pytest.mark.parametrize("method", METHODS)
def test_of_equal_clips_the_lowest_comes_first(method):
    embeddings = make_clusters(MOST_LOOKED_AT + 500, size=8)
    alike = np.arange(5, 8505, 300)
    embeddings[alike] = embeddings[5]
    place = np.argsort(order_clips(embeddings, 1, method=method))
    # The chain may begin inside the group.
    turns = (np.diff(place[alike]) < 0).sum()
    assert turns == 0


def test_first_clip_is_the_seeds_alone():
    embeddings = make_clusters(MOST_LOOKED_AT + 1, size=4)
    assert len({int(order_clips(embeddings, 5, *way)[0]) for way in ANY}) == 1


def test_first_clips_of_many_seeds_are_spread():
    embeddings = make_clusters(4, size=4)
    firsts = Counter(int(order_clips(embeddings, seed)[0]) for seed in range(400))
    assert sorted(firsts) == [0, 1, 2, 3]
    assert min(firsts.values()) > 70


def test_another_seed_draws_another_sample():
    embeddings = make_clusters(100)
    orders = {order_clips(embeddings, seed, "sample").tobytes() for seed in (1, 2, 2)}
    assert len(orders) == 2


def test_samples_follow_the_softmax_without_replacement():
    degrees = np.radians([0.0, 8.0, 14.0, -11.0])
    embeddings = normalise(np.stack([np.cos(degrees), np.sin(degrees)], axis=1))
    weights = np.exp(embeddings.astype(np.float64) @ embeddings.T / TEMPERATURE)
    seen = Counter(tuple(order_clips(embeddings, s, "sample").tolist()) for s in range(4000))
    statistic = 0.0
    for order in itertools.permutations(range(4)):
        chance = 1 / 4
        for place in (0, 1):
            row, rest = order[place], list(order[place + 1 :])
            chance *= weights[row, order[place + 1]] / weights[row, rest].sum()
        statistic += (seen[order] - 4000 * chance) ** 2 / (4000 * chance)
    # Chi-square with 23 degrees of freedom is over 50 once in a thousand times.
    assert statistic < 50


@pytest.mark.slow
@pytest.mark.parametrize("strategy", STRATEGIES)
def test_approximate_chain_is_nearly_as_similar(strategy):
    embeddings = make_clusters(2 * MOST_LOOKED_AT, n_clusters=500)
    exact, quick = (
        mean_similarity(embeddings, order_clips(embeddings, 0, strategy, way)) for way in METHODS
    )
    assert quick / exact >= 0.98


def test_up_to_as_many_clips_as_are_looked_at_both_ways_are_the_same():
    embeddings = make_clusters(1000)
    orders = {order_clips(embeddings, 0, "argmax", way).tobytes() for way in METHODS}
    assert len(orders) == 1


SCRIPT = """
import itertools, sys
from streamit.convert.chain import order_clips
from tests.convert.embeddings import make_clusters
for way in itertools.product(("argmax", "sample"), ("exact", "approximate")):
    sys.stdout.buffer.write(order_clips(make_clusters(8500, size=16), 9, *way).tobytes())
"""


@pytest.mark.slow
def test_threads_change_nothing():
    digests = {
        hashlib.sha256(run_with_threads(SCRIPT, n_threads)).hexdigest() for n_threads in (1, 2)
    }
    assert len(digests) == 1


def run_with_threads(script: str, n_threads: int) -> bytes:
    names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
    environment = os.environ | dict.fromkeys(names, str(n_threads)) | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", script], env=environment, capture_output=True, check=True
    )
    return done.stdout


@pytest.mark.parametrize("way", ANY)
def test_other_floats_and_layouts_give_the_same_chain(way):
    embeddings = make_clusters(50)
    expected = order_clips(embeddings, 0, *way).tolist()
    assert order_clips(embeddings.astype(np.float64), 0, *way).tolist() == expected
    assert order_clips(np.asfortranarray(embeddings), 0, *way).tolist() == expected


def test_rows_normalised_in_16_bits_are_unit_rows():
    halves = make_clusters(20).astype(np.float16)
    assert sorted(order_clips(halves, 0)) == list(range(20))


def test_embeddings_are_not_changed():
    embeddings = make_clusters(200)
    before = embeddings.copy()
    order_clips(embeddings, 0)
    assert np.array_equal(embeddings, before)


@pytest.mark.parametrize(
    ("row", "length"),
    [([0, 0], "0"), ([3, 4], "5"), ([np.nan, 1], "nan"), ([np.inf, 0], "inf"), ([1e30, 0], "inf")],
)
def test_rows_that_are_not_unit_rows_are_refused(row, length):
    with pytest.raises(EmbeddingError, match=f"1 of 3 .* row 1 has length {length};"):
        order_clips(np.array([[1, 0], row, [0, 1]], np.float32), 0)


@pytest.mark.parametrize(
    "embeddings", [np.ones(3), np.ones((1, 1), np.int64), np.ones((1, 1, 1)), [["1.0"]]]
)
def test_what_is_no_matrix_of_floats_is_refused(embeddings):
    with pytest.raises(ValueError, match="give floats of shape"):
        order_clips(embeddings, 0)


def test_unknown_words_are_refused():
    with pytest.raises(UsageError, match="strategy is 'best'; it must be one of argmax, sample"):
        order_clips(make_clusters(3), 0, "best")
    with pytest.raises(UsageError, match="method is 'fast'; it must be one of exact, approximate"):
        order_clips(make_clusters(3), 0, method="fast")


@given(st.integers(0, 60), st.integers(), st.integers(1, 20))
def test_buckets_hold_every_clip_once_and_are_of_nearly_equal_size(n_clips, seed, limit):
    buckets = bucket_clips(n_clips, seed, limit)
    sizes = [len(bucket) for bucket in buckets]
    assert len(buckets) == -(-n_clips // limit)
    assert max(sizes, default=0) - min(sizes, default=0) <= 1
    assert sorted(np.concatenate([[], *buckets])) == list(range(n_clips))
    assert all((np.diff(bucket) > 0).all() for bucket in buckets)


def test_buckets_are_filled_by_the_seed():
    first, again, other = (bucket_clips(100, seed, 50)[0].tolist() for seed in (1, 1, 2))
    assert first == again != other


def test_a_bucket_without_room_is_refused():
    with pytest.raises(UsageError, match="at most 0 clips"):
        bucket_clips(10, 0, limit=0)


def test_chains_stay_inside_their_buckets():
    embeddings = make_clusters(100)
    chains = list(order_buckets(embeddings, 7, limit=40))
    buckets = bucket_clips(100, 7, limit=40)
    assert [sorted(chain) for chain in chains] == [bucket.tolist() for bucket in buckets]
    expected = buckets[1][order_clips(embeddings[buckets[1]], 7)]
    assert chains[1].tolist() == expected.tolist()


def test_one_bucket_is_the_whole_chain():
    embeddings = make_clusters(60)
    (chain,) = order_buckets(embeddings, 7)
    assert chain.tolist() == order_clips(embeddings, 7).tolist()


def test_buckets_are_read_from_a_mapped_file(tmp_path):
    embeddings = make_clusters(60)
    np.save(tmp_path / "embeddings.npy", embeddings)
    mapped = np.load(tmp_path / "embeddings.npy", mmap_mode="r")
    orders = [np.concatenate(list(order_buckets(e, 7, limit=25))) for e in (mapped, embeddings)]
    assert orders[0].tolist() == orders[1].tolist()
