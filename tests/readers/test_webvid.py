"""WebVid, on files written from its description: columns by name, whole clips, odd rows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from streamit.errors import SourceError
from streamit.item import Event, Item
from tests.readers.reading import count_annotations, list_reasons, make_file, read_all

NAME = "results_10M_train.csv"
HEADER = "videoid,contentUrl,duration,page_dir,name\n"


def read(folder: Path, text: str) -> tuple[list[Item], list[Any]]:
    path = folder / NAME
    path.write_text(text, encoding="utf-8")
    return read_all("webvid", make_file(path))


@pytest.mark.parametrize(
    "text",
    [
        HEADER + '1024,https://x/y.mp4,PT00H01M17S,027701_027750,"A dog,\nrunning."\n',
        "videoid,name,page_idx,page_dir,duration,contentUrl\n"
        '1024,"A dog, running.",3,027701_027750,PT00H01M17S,https://x/y.mp4\n',
    ],
)
def test_a_clip_is_an_item_in_any_order_of_columns(tmp_path: Path, text: str) -> None:
    items, rejects = read(tmp_path, text)
    assert rejects == []
    assert items == [
        Item(
            source="mine",
            split="train",
            file=NAME,
            ordinal=0,
            key="1024",
            video_id="1024",
            source_video="1024",
            duration_s=77.0,
            events=(Event(0, 0.0, None, "A dog, running."),),
            media_id="027701_027750/1024",
        )
    ]


@pytest.mark.parametrize("text", ["videoid,name\n7,A dog.\n", HEADER + "7,,,,A dog.\n"])
def test_length_and_folder_may_be_missing(tmp_path: Path, text: str) -> None:
    items, rejects = read(tmp_path, text)
    assert rejects == []
    assert (items[0].duration_s, items[0].media_id) == (None, None)


@pytest.mark.parametrize(
    ("row", "index", "reason"),
    [
        ("7,u,17,p,A dog.", 0, "bad_duration"),
        ("7,u,PT00H00M00S,p,A dog.", 0, "bad_duration"),
        ("7,u,PT00H00M17S,p, ", 0, "empty_text"),
        ("7,u,PT00H00M17S,p", 0, "not_text"),
        ("7,u,PT00H00M17S,..,A dog.", 0, "bad_id"),
        (",u,PT00H00M17S,p,A dog.", None, "bad_id"),
        ("7,u,PT00H00M17S,p,A dog, running.", None, "bad_row"),
        ('7,u,PT00H00M17S,p,"A" dog.', None, "bad_row"),
    ],
)
def test_a_row_that_is_none_costs_itself(
    tmp_path: Path, row: str, index: int | None, reason: str
) -> None:
    items, rejects = read(tmp_path, f"{HEADER}6,u,,p,One.\n{row}\n8,u,,p,Two.\n")
    assert [item.key for item in items] == ["6", "8"]
    assert list_reasons(rejects) == [(index, reason)]
    assert rejects[0].message.startswith("row 2: ")


@pytest.mark.parametrize("text", ["id,caption\n7,A dog.\n", "videoID,url,timestamp,caption\n"])
def test_other_columns_are_an_error(tmp_path: Path, text: str) -> None:
    with pytest.raises(
        SourceError, match=r"its columns are .*; a WebVid file has videoid and name"
    ):
        read(tmp_path, text)


CELLS = st.text("ab1./PTHMS ", max_size=8)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(CELLS, CELLS, CELLS, CELLS), max_size=4))
def test_no_row_breaks_the_reader_or_is_lost(
    tmp_path: Path, rows: list[tuple[str, str, str, str]]
) -> None:
    text = "".join(f"{a},u,{b},{c},x{d}\n" for a, b, c, d in rows)
    items, rejects = read(tmp_path, HEADER + text)
    assert count_annotations(items, rejects) == len(rows)
