"""HowToStep, from its description: the shapes that are taken, and what is said of the rest."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from streamit.errors import SourceError
from streamit.item import Item
from streamit.readers.discover import discover
from tests.readers.reading import (
    count_annotations,
    list_reasons,
    list_spans,
    make_file,
    read_all,
    write_json,
)
from tests.readers.test_json_tar import write_tar

YT = "-3CEg4y7mQM"
TRIPLES = [[3, 9, "chop the onion"], [12.5, 20.25, " fry it"]]
OBJECTS = [{"start": start, "end": end, "text": text} for start, end, text in TRIPLES]
PARALLEL = {"start": [3, 12.5], "end": [9, 20.25], "text": ["chop the onion", " fry it"]}
SPANS = [(3.0, 9.0, "chop the onion"), (12.5, 20.25, "fry it")]


def read(folder: Path, document: object) -> tuple[list[Item], list[Any]]:
    return read_all("howtostep", make_file(write_json(folder / "HowToStep.json", document)))


@pytest.mark.parametrize(
    "steps",
    [
        TRIPLES,
        OBJECTS,
        PARALLEL,
        {"pos_anno": TRIPLES},
        {"steps": OBJECTS, "duration": 190.5},
        {"vid": YT, **PARALLEL},
    ],
)
def test_steps_may_have_any_of_the_shapes(tmp_path: Path, steps: object) -> None:
    (item,), rejects = read(tmp_path, {YT: steps})
    assert rejects == []
    assert (item.key, item.video_id, item.source_video) == (YT, YT, YT)
    assert list_spans(item.events) == SPANS


@pytest.mark.parametrize("key", ["vid", "video_id", "video", "id"])
def test_videos_of_a_list_say_their_id(tmp_path: Path, key: str) -> None:
    (item,), rejects = read(tmp_path, [{key: YT, "duration": 190.5, **PARALLEL}])
    assert (item.video_id, item.duration_s, rejects) == (YT, 190.5, [])


def test_a_path_is_an_id_and_leads_to_the_youtube_video(tmp_path: Path) -> None:
    (item,), _ = read(tmp_path, [{"video": f"how_to_step/{YT}.mp4", "steps": TRIPLES}])
    assert (item.video_id, item.source_video) == (f"how_to_step/{YT}.mp4", YT)
    assert item.media_id == f"how_to_step/{YT}"


def test_a_line_per_video_is_read_too_and_a_broken_one_is_counted(tmp_path: Path) -> None:
    path = tmp_path / "HowToStep.jsonl"
    path.write_text(f"{{oops\n{json.dumps({'vid': YT, **PARALLEL})}\n")
    items, rejects = read_all("howtostep", make_file(path))
    assert [item.video_id for item in items] == [YT]
    assert [(r.key, r.reason) for r in rejects] == [("line 1", "bad_json")]


def test_the_archive_is_read_packed(tmp_path: Path) -> None:
    files = {
        f"HowToStep/{YT}.json": json.dumps(PARALLEL).encode(),
        "HowToStep/AAAAAAAAAAA.json": b"{oops",
        "HowToStep/BBBBBBBBBBB.json": json.dumps(TRIPLES).encode(),
    }
    items, rejects = read_all(
        "howtostep", make_file(Path(write_tar(tmp_path / "HowToStep.tar.gz", files)))
    )
    assert [item.video_id for item in items] == [YT, "BBBBBBBBBBB"]
    assert [(r.video_id, r.index, r.reason) for r in rejects] == [("AAAAAAAAAAA", None, "bad_json")]


@pytest.mark.parametrize(
    ("step", "reason"),
    [
        ([1, 2], "bad_item"),
        ([1, 10.7, 17.5, "four"], "bad_item"),
        ("text", "bad_item"),
        ({"start": 1, "text": "no end"}, "bad_time"),
        ({"start": 1, "end": 2}, "not_text"),
        (["1", 2, "a"], "bad_time"),
        ([1, float("nan"), "a"], "not_finite"),
        ([1, 2, " "], "empty_text"),
    ],
)
def test_a_faulty_step_costs_itself(tmp_path: Path, step: object, reason: str) -> None:
    (item,), rejects = read(tmp_path, {YT: [TRIPLES[0], step, TRIPLES[1]]})
    assert list_reasons(rejects) == [(1, reason)]
    assert (list_spans(item.events), item.n_refused) == (SPANS, 1)


def test_lists_of_different_lengths_cost_the_longest(tmp_path: Path) -> None:
    uneven = {**PARALLEL, "text": ["one", "two", "three"]}
    items, rejects = read(tmp_path, {YT: uneven})
    assert items == []
    assert list_reasons(rejects) == [(i, "length_mismatch") for i in range(3)]


@pytest.mark.parametrize(
    ("video", "reasons"),
    [
        ([], [(None, "no_events")]),
        ({"start": [], "end": [], "text": []}, [(None, "no_events")]),
        (None, [(None, "bad_item")]),
        ({"start": [1]}, [(None, "bad_item")]),
        ({**PARALLEL, "duration": -1}, [(0, "bad_duration"), (1, "bad_duration")]),
    ],
)
def test_a_faulty_video_behind_a_good_one_is_counted(
    tmp_path: Path, video: object, reasons: list[Any]
) -> None:
    items, rejects = read(tmp_path, {YT: TRIPLES, "AAAAAAAAAAA": video})
    assert (len(items), list_reasons(rejects)) == (1, reasons)


@pytest.mark.parametrize("id", ["short", "", "../AAAAAAAAAAA", "video_0001"])
def test_an_id_that_is_none_of_youtube_costs_each_step(tmp_path: Path, id: str) -> None:
    _, rejects = read(tmp_path, {YT: TRIPLES, id: TRIPLES})
    assert list_reasons(rejects) == [(0, "bad_id"), (1, "bad_id")]


def test_of_two_videos_with_one_id_the_first_wins(tmp_path: Path) -> None:
    items, rejects = read(tmp_path, [{"vid": YT, "steps": TRIPLES}, {"vid": YT, "steps": OBJECTS}])
    assert len(items) == 1
    assert list_reasons(rejects) == [(0, "duplicate_key"), (1, "duplicate_key")]


@pytest.mark.parametrize(
    ("document", "found"),
    [
        ({"database": {YT: TRIPLES}}, "under 'database' is {'-3CEg4y7mQM': [[3, 9"),
        ({YT: [[1, 3, 9, "chop"]]}, "[1, 3, 9, 'chop'] is no step"),
        ({YT: {"timestamps": [[3, 9]], "sentences": ["chop"]}}, "'sentences': ['chop']} holds no"),
        ([TRIPLES], "the video id None is not a text"),
        ({"start": [1], "end": [2], "text": ["a"]}, "'start' is not the id of a YouTube video"),
    ],
)
def test_another_shape_is_refused_with_a_look_at_it(
    tmp_path: Path, document: object, found: str
) -> None:
    with pytest.raises(SourceError) as error:
        read(tmp_path, document)
    assert found in str(error.value)
    assert "expected a file, key or object" in str(error.value)


def test_an_empty_first_video_leaves_the_shape_open(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="under 'AAAAAAAAAAA' is 7"):
        read(tmp_path, {YT: [], "AAAAAAAAAAA": 7})


@pytest.mark.parametrize("name", ["HowToStep.tar.gz", "howtostep_train.json"])
def test_the_files_are_found_by_name(tmp_path: Path, name: str) -> None:
    (tmp_path / name).touch()
    found = discover("howtostep", str(tmp_path))
    assert [(file.name, file.split) for file in found.files] == [(name, "train")]


JUNK = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3)
STEPS = (
    JUNK
    | st.lists(JUNK, max_size=4)
    | st.fixed_dictionaries({}, optional={"start": JUNK, "end": JUNK, "text": JUNK})
)
VIDEOS = (
    st.lists(STEPS, max_size=4)
    | JUNK
    | st.fixed_dictionaries(
        {}, optional={key: st.lists(JUNK, max_size=3) | JUNK for key in ("start", "end", "text")}
    )
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(st.text("ab", min_size=10, max_size=11), VIDEOS, max_size=4))
def test_nothing_behind_a_good_video_breaks_the_reader_or_is_lost(
    tmp_path: Path, videos: dict[str, Any]
) -> None:
    items, rejects = read(tmp_path, {YT: TRIPLES, **videos})
    expected = len(TRIPLES)
    for video in videos.values():
        rows = [video] if isinstance(video, list) else []
        if isinstance(video, dict):
            lists = [video.get(key) for key in ("start", "end", "text")]
            rows = [row for row in lists if isinstance(row, list)]
            rows = rows if len(rows) == 3 else []
        expected += max(1, *map(len, rows)) if rows else 1
    assert count_annotations(items, rejects) == expected
