"""NAL unit headers, by hand and with anything that bytes can be."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamit.video.entry_points import is_entry, is_hidden

AVCC = bytes([1, 100, 0, 30, 0xFF])
HVCC = bytes([1, *[0] * 20, 0xFF])


def units(*headers: int, length_size: int = 4) -> bytes:
    body = [bytes([header, 1, 2, 3]) for header in headers]
    return b"".join(len(unit).to_bytes(length_size, "big") + unit for unit in body)


def start_coded(*headers: int) -> bytes:
    return b"".join(b"\0\0\1" + bytes([header, 7, 7, 7]) for header in headers)


@pytest.mark.parametrize(
    ("codec", "headers", "extradata", "expected"),
    [
        ("h264", [0x67, 0x68, 0x65], AVCC, True),  # parameter sets, then an IDR slice
        ("h264", [0x06, 0x41], AVCC, False),  # SEI, then a slice that is no IDR
        ("h264", [0x06], AVCC, False),
        ("hevc", [0x40, 0x26], HVCC, True),  # parameter set, then IDR_W_RADL (19)
        ("hevc", [0x2A], HVCC, True),  # CRA (21)
        ("hevc", [0x02], HVCC, False),  # TRAIL_R (1)
        ("mpeg2video", [0x00], None, False),
    ],
)
def test_entries_are_told_by_the_first_picture(
    codec: str, headers: list[int], extradata: bytes | None, expected: bool
) -> None:
    assert is_entry(codec, units(*headers), extradata) is expected


def test_start_codes_part_units_in_transport_streams() -> None:
    assert is_entry("h264", start_coded(0x09, 0x67, 0x68, 0x65), None)
    assert not is_entry("h264", start_coded(0x09, 0x06, 0x41), None)


def test_the_length_field_may_be_short() -> None:
    assert is_entry("h264", units(0x67, 0x65, length_size=2), bytes([1, 100, 0, 30, 0xFD]))


@pytest.mark.parametrize("codec", ["vp8", "vp9", "av1"])
def test_key_frames_of_these_codecs_reset_everything(codec: str) -> None:
    assert is_entry(codec, b"\x00", None)


@given(
    st.sampled_from(["h264", "hevc"]), st.binary(max_size=64), st.none() | st.binary(max_size=24)
)
def test_any_bytes_are_an_entry_or_not(codec: str, packet: bytes, extradata: bytes | None) -> None:
    assert is_entry(codec, packet, extradata) in (True, False)


@pytest.mark.parametrize(("first", "expected"), [(0x10, False), (0x00, True), (0x11, False)])
def test_vp8_says_itself_what_is_hidden(first: int, expected: bool) -> None:
    assert is_hidden("vp8", bytes([first, 0, 0])) is expected


def test_other_codecs_hide_nothing() -> None:
    assert not is_hidden("vp9", b"\0\0")
