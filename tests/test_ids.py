"""Record ids survive every video id; one source video has one name in all corpora."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamit.errors import SchemaError
from streamit.ids import normalise_video_id, record_id, split_record_id

YOUTUBE = st.text("abcXYZ019_-", min_size=11, max_size=11)
ANY_TEXT = st.text(st.characters(), min_size=1)


def test_record_id_encodes_every_part() -> None:
    assert record_id("dense_caption", "table", "cam 1/a:é.mp4", 2) == (
        "dense_caption/table/cam%201%2Fa%3A%C3%A9.mp4/2"
    )


@given(ANY_TEXT, ANY_TEXT, ANY_TEXT, st.integers(0, 10**6))
def test_record_id_can_be_split_again(recipe: str, source: str, video_id: str, n: int) -> None:
    assert split_record_id(record_id(recipe, source, video_id, n)) == (recipe, source, video_id, n)


@pytest.mark.parametrize(
    "identity",
    [
        "",
        "a/b/c",
        "a/b/c/d",
        "a/b/c/1/2",
        "a//c/1",
        "a/b/c/01",
        "a/b/c/1\n",
        "a/b/c d/1",
        "a/b/%2f/1",
    ],
)
def test_other_strings_are_no_record_ids(identity: str) -> None:
    with pytest.raises(SchemaError, match="is no record id"):
        split_record_id(identity)


@pytest.mark.parametrize(
    ("video_id", "name"),
    [
        ("v_--0edUL8zmA", "--0edUL8zmA"),
        ("v_--0edUL8zmA.mp4", "--0edUL8zmA"),
        ("NUsG9BgSes0_360.0_510.0", "NUsG9BgSes0"),
        ("v_-EIsT868Trw_0_1373.mp4", "-EIsT868Trw"),
        ("dSwPbDXhSfw.49_0_162.mp4", "dSwPbDXhSfw"),
        ("0123_5_78_9_000010_000020", "0123_5_78_9"),
        ("how_to_step/PJi8ZEHAFcI.mp4", "PJi8ZEHAFcI"),
        ("youtube_video_2024/ytb_ls8tmkfD7S0.mp4", "ls8tmkfD7S0"),
        ("ytb_short", "ytb_short"),
        ("v_abcdefghi", "v_abcdefghi"),
        ("AbCd_12_345", "AbCd_12_345"),
        ("FmTp", "FmTp"),
        ("v_00000007.webm", "00000007"),
        ("lecture_0_30", "lecture"),
        ("lecture_30.5_60.MKV", "lecture"),
        ("cam1/001.mp4", "cam1/001"),
        ("cam1\\001.mp4", "cam1/001"),
        ("VID_20240105_110250", "VID_20240105_110250"),
        ("pump_01_03", "pump_01_03"),
        ("take_3_2", "take_3_2"),
        ("talk.final", "talk.final"),
        ("v_", "v_"),
        (".mp4", ".mp4"),
    ],
)
def test_one_name_per_source_video(video_id: str, name: str) -> None:
    assert normalise_video_id(video_id) == name


@given(YOUTUBE)
def test_youtube_ids_survive_in_every_dress(youtube: str) -> None:
    dresses = ["{}", "v_{}", "{}.mp4", "v_{}.MKV", "{}_0_1373", "{}_60.0_210.0", "a/b/v_{}.webm"]
    assert {normalise_video_id(dress.format(youtube)) for dress in dresses} == {youtube}


@given(st.text(st.sampled_from("v_./0123456789aZ- mp4"), min_size=1) | ANY_TEXT)
def test_normalising_twice_changes_nothing_and_never_empties(video_id: str) -> None:
    name = normalise_video_id(video_id)
    assert name != ""
    assert normalise_video_id(name) == name
