"""The mix of question types is compared with the wanted one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamit.quality.task_mix import compare_mix

NAMES = st.sampled_from(["OP", "AR", "SA", "EU"])


def test_every_type_has_its_share_and_deviation():
    assert compare_mix({"OP": 3, "AR": 1}, {"OP": 0.5, "EU": 0.5}) == {
        "types": {
            "AR": {"n": 1, "share": 0.25, "target": 0.0, "deviation": 0.25},
            "EU": {"n": 0, "share": 0.0, "target": 0.5, "deviation": -0.5},
            "OP": {"n": 3, "share": 0.75, "target": 0.5, "deviation": 0.25},
        },
        "distance": 0.5,
    }


def test_without_questions_all_shares_are_zero():
    assert compare_mix({}, {"OP": 1.0})["types"]["OP"]["share"] == 0.0


@given(st.dictionaries(NAMES, st.integers(0, 1000)), st.dictionaries(NAMES, st.integers(1, 9)))
def test_the_distance_is_a_share(counts, weights):
    target = {name: weight / sum(weights.values()) for name, weight in weights.items()}
    found = compare_mix(counts, target)
    assert 0 <= found["distance"] <= 1.00001


@given(st.dictionaries(NAMES, st.integers(1, 1000), min_size=1))
def test_the_wanted_mix_is_no_distance_away(counts):
    target = {name: n / sum(counts.values()) for name, n in counts.items()}
    assert compare_mix(counts, target)["distance"] == pytest.approx(0, abs=1e-5)
