"""A survey counts what every file holds, and goes on behind a broken one."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from streamit.readers.discover import discover
from streamit.readers.survey import survey_source
from tests.readers.reading import write_json


def test_every_file_is_counted(tmp_path: Path) -> None:
    video = {"timestamps": [[0, 1], [2, "x"]], "sentences": ["One.", "Two."]}
    write_json(tmp_path / "train.json", {"v_a": video, "v_b": video, "v_c": None})
    (tmp_path / "val_1.json").write_text('{"v_d": {"timestamps": [[0, 1]]')
    train, validation = survey_source(discover("activitynet", str(tmp_path)))
    assert (train.name, train.n_items, train.n_events) == ("train.json", 2, 2)
    assert train.splits == Counter(train=2)
    assert train.rejects == Counter(bad_time=2, bad_item=1)
    assert train.example is not None
    assert (train.example.key, train.example.index) == ("v_a", 1)
    assert train.problem is None
    assert validation.problem is not None
    assert "val_1.json: broken JSON at line 1" in validation.problem
