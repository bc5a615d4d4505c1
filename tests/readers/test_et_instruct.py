"""E.T. Instruct: rows of temporal grounding alone; the query is quoted in the prompt.

The real slice has the one published record, of another task. The rows here are written from the
description in the authors' repository.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from streamit.errors import SourceError
from streamit.item import Event, Item
from streamit.readers.et_instruct import find_query
from streamit.readers.parse import Refusal
from tests.readers.reading import (
    count_annotations,
    list_reasons,
    list_spans,
    make_file,
    read_all,
    write_json,
)

FORM = "The format of your response should be: 'The event happens in <start> - <end> seconds'."


def row(*times: object, video: object = "coin/-Oc6gSWB_HA.mp4", **more: object) -> dict[str, Any]:
    prompt = f"<image>\nFind the event described by the sentence: 'a man waves'. {FORM}"
    turns = [
        {"from": "human", "value": prompt},
        {"from": "gpt", "value": "The event happens in <vid> - <vid>."},
    ]
    return {
        "task": "tvg",
        "source": "coin",
        "video": video,
        "duration": 34.5,
        "tgt": list(times),
        "conversations": turns,
        **more,
    }


def read(folder: Path, *rows: object) -> tuple[list[Item], list[Any]]:
    path = write_json(folder / "et_instruct_164k_vid.json", list(rows))
    return read_all("et_instruct", make_file(path))


@pytest.mark.shared
def test_the_real_record_is_of_another_task(shared: Path) -> None:
    path = shared / "corpora" / "et_instruct" / "et_instruct_164k_vid.json"
    assert read_all("et_instruct", make_file(path)) == ([], [])


def test_an_item_holds_the_stretches_of_all_queries_of_its_video(tmp_path: Path) -> None:
    other = [{"from": "human", "value": 'Where is "the dog\'s ball"?'}]
    items, rejects = read(
        tmp_path, row(15.0, 31, 31.4, 34.9), row(0, 2, conversations=other), row(1, task="slc")
    )
    assert rejects == []
    assert items == [
        Item(
            source="mine",
            split="train",
            file="et_instruct_164k_vid.json",
            ordinal=0,
            key="coin/-Oc6gSWB_HA.mp4",
            video_id="coin/-Oc6gSWB_HA.mp4",
            source_video="-Oc6gSWB_HA",
            duration_s=34.5,
            events=(
                Event(0, 15.0, 31.0, "a man waves"),
                Event(1, 31.4, 34.9, "a man waves"),
                Event(2, 0.0, 2.0, "the dog's ball"),
            ),
            media_id="coin/-Oc6gSWB_HA",
        )
    ]


@pytest.mark.parametrize(
    ("video", "name"),
    [
        ("vitt/FmTp.mp4", "FmTp"),
        ("how_to_step/PJi8ZEHAFcI.mp4", "PJi8ZEHAFcI"),
        ("activitynet/v_PJi8ZEHAFcI.mp4", "PJi8ZEHAFcI"),
        ("tacos/s13-d21.avi", "s13-d21"),
        ("mine/001.mp4", "mine/001"),
    ],
)
def test_a_video_has_the_name_of_the_corpus_it_is_from(
    tmp_path: Path, video: str, name: str
) -> None:
    items, _ = read(tmp_path, row(0, 1, video=video))
    assert (items[0].video_id, items[0].source_video) == (video, name)


@pytest.mark.parametrize(
    ("prompt", "query"),
    [
        (
            f"Find: 'the girls' team wins the boys' cup'. {FORM}",
            "the girls' team wins the boys' cup",
        ),
        ("It's 'he isn't there.' When does it occur?", "he isn't there."),
        ("the query 'she says \"hi\" to him' in the video", 'she says "hi" to him'),
        ('Query: "a  man\nruns".', "a man runs"),
    ],
)
def test_the_query_is_what_the_prompt_quotes_first(prompt: str, query: str) -> None:
    assert find_query(" ".join(prompt.split())) == query


@pytest.mark.parametrize(
    "prompt",
    ["When does a man run?", "It's the man's turn.", "Find ''.", "Find 'this", f"When? {FORM}"],
)
def test_a_prompt_without_a_quoted_query_is_refused(tmp_path: Path, prompt: str) -> None:
    turns = [{"from": "human", "value": prompt}]
    items, rejects = read(tmp_path, row(0, 1, 4, 5, conversations=turns))
    assert (items, list_reasons(rejects)) == ([], [(0, "no_query"), (1, "no_query")])


WORDS = st.lists(st.text("abcde", min_size=1, max_size=6), min_size=1, max_size=6).map(" ".join)


@given(WORDS, st.sampled_from("'\""), st.sampled_from((FORM, "in the video.", "")))
def test_a_quoted_query_comes_out_whole(query: str, quote: str, rest: str) -> None:
    assert find_query(f"Find {quote}{query}{quote} {rest}") == query


@given(st.text("ab '\".,:", max_size=30))
def test_no_prompt_breaks_the_search(prompt: str) -> None:
    try:
        query = find_query(prompt)
    except Refusal:
        return
    assert query in " ".join(prompt.split())


@pytest.mark.parametrize(
    ("times", "reason"),
    [((5,), "bad_time"), (("5", 6), "bad_time"), (([5, 6],), "bad_time"), ((5, None), "bad_time")],
)
def test_a_stretch_that_is_none_costs_itself(
    tmp_path: Path, times: tuple[object, ...], reason: str
) -> None:
    items, rejects = read(tmp_path, row(0, 1, *times))
    assert list_spans(items[0].events) == [(0.0, 1.0, "a man waves")]
    assert list_reasons(rejects) == [(1, reason)]


@pytest.mark.parametrize(
    ("changes", "reasons"),
    [
        ({"tgt": []}, [(None, "no_events")]),
        ({"tgt": None}, [(None, "no_events")]),
        ({"tgt": "0-1"}, [(None, "bad_item")]),
        ({"task": 3}, [(None, "bad_item")]),
        ({"video": "/coin/a.mp4"}, [(0, "bad_id")]),
        ({"duration": -1}, [(0, "bad_duration")]),
        ({"conversations": []}, [(0, "bad_item")]),
        ({"conversations": [{"from": "gpt", "value": "'a'"}]}, [(0, "bad_item")]),
        ({"conversations": [{"from": "human"}]}, [(0, "not_text")]),
    ],
)
def test_a_fault_of_the_row_costs_its_stretches(
    tmp_path: Path, changes: dict[str, Any], reasons: list[tuple[int | None, str]]
) -> None:
    items, rejects = read(tmp_path, row(0, 1) | changes)
    assert (items, list_reasons(rejects)) == ([], reasons)


@pytest.mark.parametrize("document", [{"a": row(0, 1)}, [{"query": "A", "vid": "b"}]])
def test_another_format_is_an_error(tmp_path: Path, document: object) -> None:
    path = write_json(tmp_path / "et.json", document)
    with pytest.raises(SourceError, match=r"an E\.T\. Instruct file is a list of"):
        read_all("et_instruct", make_file(path))


JUNK = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.fixed_dictionaries(
            {"task": st.sampled_from(("tvg", "tal"))},
            optional={
                "video": JUNK | st.sampled_from("abc"),
                "duration": JUNK,
                "tgt": JUNK | st.lists(JUNK, max_size=5),
                "conversations": JUNK | st.just(row()["conversations"]) | st.lists(JUNK),
            },
        ),
        max_size=4,
    )
)
def test_nothing_in_the_json_breaks_the_reader_or_is_lost(
    tmp_path: Path, rows: list[dict[str, Any]]
) -> None:
    items, rejects = read(tmp_path, *rows)
    times = [one.get("tgt") for one in rows if one["task"] == "tvg"]
    expected = [max(1, (len(t) + 1) // 2) if isinstance(t, list) else 1 for t in times]
    assert count_annotations(items, rejects) == sum(expected)
