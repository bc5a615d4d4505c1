from collections import Counter

import pytest

from streamit.build.counts import Counts, Ledger, check_conservation, read_ledger
from streamit.errors import ConservationError


def test_a_complete_account_passes():
    ledger = Ledger(a=Counts(10, 7, Counter(reversed=1), Counter(limit=2), Counter(merged=4)))
    check_conservation(ledger, "here")


def test_a_lost_annotation_is_named_with_its_source():
    ledger = Ledger(a=Counts(10, 10), b=Counts(10, 7, Counter(reversed=1)))
    with pytest.raises(ConservationError, match="b: read 10, recorded 7, rejected 1"):
        check_conservation(ledger, "here")


def test_an_account_survives_its_manifest():
    ledger = Ledger(a=Counts(10, 7, Counter(reversed=1), Counter(limit=2), Counter(merged=4)))
    assert read_ledger(ledger.to_dict()) == ledger


def test_reject_rate_is_rejected_by_read():
    assert Counts(10, 7, Counter(reversed=1), Counter(limit=2)).reject_rate == 0.1
    assert Counts().reject_rate == 0.0
