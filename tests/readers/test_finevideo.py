"""FineVideo: rows written from the fields of the dataset card."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import parquet

from streamit.errors import SourceError
from streamit.item import Event, Item, Reject
from tests.readers.reading import (
    count_annotations,
    list_reasons,
    list_spans,
    make_file,
    read_all,
    write_json,
)

NAME = "-a_bcdefghi.mp4"


def times(start: object, end: object) -> dict[str, Any]:
    return {"start_timestamp": start, "end_timestamp": end}


def scene(title: str, activity: str, start: object, end: object, **more: Any) -> dict[str, Any]:
    """A scene whose activity leaves it, as a model may write it."""
    return {
        "sceneId": 1,
        "title": title,
        "timestamps": times(start, end),
        "cast": ["Sara"],
        "activities": [{"description": activity, "timestamp": times("00:59:00", "01:59:00")}],
        "props": [],
        "thematicElements": "Training, trucks, cranes and growth.",
        **more,
    }


CRANE = scene("A crane", "Sara lifts a red pipe.", "00:00:00.000", "00:00:28.779")
TRUCK = scene("A truck", "Sara drives a yellow truck.", "00:28", "1:05")


def ask(question: object, answer: object) -> dict[str, object]:
    return {"question": question, "answer": answer}


WHO = ask("What does Sara drive?", "A yellow truck.")


def video(
    questions: object, scenes: object = (CRANE, TRUCK), name: object = NAME, **more: Any
) -> dict[str, Any]:
    return {
        "original_video_filename": name,
        "duration_seconds": 65,
        "content_metadata": {"title": "T", "fps": 24.0, "qAndA": questions, "scenes": scenes},
        "timecoded_text_to_speech": [{"start": "0", "end": "1", "text": "Hello."}],
        **more,
    }


def read(folder: Path, document: object, **options: object) -> tuple[list[Item], list[Reject]]:
    path = write_json(folder / "sample_0.json", document)
    return read_all("finevideo", make_file(path, options=options))


def test_a_question_has_the_bounds_of_the_scene_that_its_words_lead_to(tmp_path: Path) -> None:
    items, rejects = read(tmp_path, [video([WHO, ask("What is red and lifted?", "A pipe.")])])
    assert rejects == []
    assert items == [
        Item(
            source="mine",
            split="train",
            file="sample_0.json",
            ordinal=0,
            key=NAME,
            video_id=NAME,
            source_video="-a_bcdefghi",
            duration_s=65.0,
            events=(
                Event(0, 28.0, 65.0, "A yellow truck.", "What does Sara drive?"),
                Event(1, 0.0, 28.779, "A pipe.", "What is red and lifted?"),
            ),
            media_id="-a_bcdefghi",
        )
    ]


def test_what_a_scene_may_mean_and_when_is_no_description(tmp_path: Path) -> None:
    alone = scene("A", "B", "0", "9", thematicElements="A yellow truck to drive")
    items, rejects = read(tmp_path, [video([WHO], [alone])])
    assert items == []
    assert list_reasons(rejects) == [(0, "untied")]


def test_a_question_that_fits_several_scenes_or_none_is_untied(tmp_path: Path) -> None:
    both = ask("What does Sara drive?", "A crane")
    items, rejects = read(tmp_path, [video([both, WHO, ask("Which mood?", "Joy")])])
    assert list_reasons(rejects) == [(0, "untied"), (2, "untied")]
    assert [event.index for event in items[0].events] == [1]
    assert items[0].n_refused == 2


def test_the_share_that_a_tie_needs_is_an_option(tmp_path: Path) -> None:
    question = ask("Which colour has the truck that Sara steers?", "Yellow")
    assert list_reasons(read(tmp_path, [video([question])], min_share=0.75)[1]) == [(0, "untied")]
    assert list_spans(read(tmp_path, [video([question])])[0][0].events) == [(28.0, 65.0, "Yellow")]


@pytest.mark.parametrize("share", [0, 1.5, "half", True])
def test_a_share_that_is_none_is_an_error(tmp_path: Path, share: object) -> None:
    with pytest.raises(SourceError, match=r"options\.min_share"):
        read(tmp_path, [video([WHO])], min_share=share)


@pytest.mark.parametrize("bounds", [times("", "1:05"), times("0", None), {}, times("end", "x")])
def test_a_scene_without_bounds_costs_its_questions(tmp_path: Path, bounds: object) -> None:
    items, rejects = read(tmp_path, [video([WHO], [CRANE, {**TRUCK, "timestamps": bounds}])])
    assert items == []
    assert list_reasons(rejects) == [(0, "bad_time")]


def test_a_scene_that_is_none_is_never_tied_to(tmp_path: Path) -> None:
    items, rejects = read(tmp_path, [video([WHO], [None, TRUCK, "truck"])])
    assert rejects == []
    assert list_spans(items[0].events) == [(28.0, 65.0, "A yellow truck.")]


def test_reversed_scenes_are_left_to_the_converter(tmp_path: Path) -> None:
    items, _ = read(tmp_path, [video([WHO], [{**TRUCK, "timestamps": times("0:09", "0:02")}])])
    assert list_spans(items[0].events) == [(9.0, 2.0, "A yellow truck.")]


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        (video([]), "no_events"),
        (video(None), "no_events"),
        (video(3), "bad_item"),
        (video([WHO], name=None), "bad_id"),
        (video([WHO], duration_seconds=-1), "bad_duration"),
        (video([WHO], scenes="all"), "bad_item"),
        (video([WHO], content_metadata=None), "bad_item"),
        (None, "bad_item"),
        (video([WHO], scenes=None), "untied"),
        (video([ask(None, "A yellow truck.")]), "not_text"),
        (video([ask("What does Sara drive?", " ")]), "empty_text"),
        (video(["Why?"]), "bad_item"),
    ],
)
def test_a_fault_costs_what_it_spoils(tmp_path: Path, entry: object, reason: str) -> None:
    good = video([WHO], name="good.mp4")
    items, rejects = read(tmp_path, [good, entry])
    assert [reject.reason for reject in rejects] == [reason]
    assert [item.key for item in items] == ["good.mp4"]
    assert count_annotations(items, rejects) == 2


def test_of_two_entries_of_one_video_the_first_wins(tmp_path: Path) -> None:
    items, rejects = read(tmp_path, [video([WHO]), video([WHO, WHO])])
    assert len(items) == 1
    assert list_reasons(rejects) == [(0, "duplicate_key"), (1, "duplicate_key")]


def test_a_file_of_one_video_may_give_it_its_name(tmp_path: Path) -> None:
    document = video([WHO])
    del document["original_video_filename"]
    assert read(tmp_path, document)[0][0].video_id == "sample_0"
    assert read(tmp_path, {**document, "original_json_filename": "x.json"})[0][0].video_id == "x"


def test_lines_of_rows_as_in_the_parquet_file(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text(json.dumps({"json": video([WHO])}) + "\n{\n")
    items, rejects = read_all("finevideo", make_file(path))
    assert [item.key for item in items] == [NAME]
    assert [(reject.key, reject.reason) for reject in rejects] == [("line 2", "bad_json")]


@pytest.mark.parametrize("document", [{"v_a": {"duration": 3}}, [{"video_id": "x"}]])
def test_another_format_is_an_error(tmp_path: Path, document: object) -> None:
    with pytest.raises(SourceError, match="FineVideo file is Parquet with a column 'json'"):
        read(tmp_path, document)


def test_parquet_is_read_like_json_and_its_videos_are_not(tmp_path: Path) -> None:
    rows = [video([WHO], name=f"{n}.mp4") for n in range(70)]
    path = tmp_path / "train-00000-of-00001.parquet"
    table = pa.table({"mp4": [b"\0" * 100_000] * 70, "json": pa.array(rows)})
    parquet.write_table(table, path, row_group_size=8, compression="none")
    _spoil_column(path, "mp4")
    items, rejects = read_all("finevideo", make_file(path))
    assert rejects == []
    assert [item.ordinal for item in items] == list(range(70))
    path = write_json(tmp_path / "train-00000-of-00001.json", rows)
    from_json, _ = read_all("finevideo", make_file(path))
    assert [item.events for item in items] == [item.events for item in from_json]


def _spoil_column(path: Path, column: str) -> None:
    """Overwrite the pages of a column: whoever reads them fails."""
    groups = parquet.ParquetFile(path).metadata
    content = bytearray(path.read_bytes())
    for i in range(groups.num_row_groups):
        for j in range(groups.num_columns):
            chunk = groups.row_group(i).column(j)
            if chunk.path_in_schema == column:
                start = chunk.dictionary_page_offset or chunk.data_page_offset
                content[start : start + chunk.total_compressed_size] = (
                    b"\xff" * chunk.total_compressed_size
                )
    path.write_bytes(content)
