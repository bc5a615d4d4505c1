"""Which packets are true entry points: nothing behind them leans on anything before them.

Containers mark more than that as key frames (H.264 recovery points, plain I frames of hardware
encoders), from which a decoder starts with pictures that differ from those of decoding in order.
"""

from __future__ import annotations

_H264_IDR = 5
_H264_LAST_PICTURE_TYPE = 5
_HEVC_ENTRY_TYPES = range(16, 22)  # BLA, IDR and CRA pictures
_HEVC_PICTURE_TYPES = range(32)
_SELF_CONTAINED = frozenset({"vp8", "vp9", "av1"})  # their key frames reset everything


def is_entry(codec: str, packet: bytes, extradata: bytes | None) -> bool:
    """Whether a packet that the container marks as a key frame is a true entry point.

    Codecs that are not known here have none, so that they are decoded in order.
    """
    if codec in _SELF_CONTAINED:
        return True
    if codec == "h264":
        types = (unit & 0x1F for unit in _unit_headers(packet, _length_size(extradata, 4)))
        return next((t for t in types if 1 <= t <= _H264_LAST_PICTURE_TYPE), None) == _H264_IDR
    if codec == "hevc":
        types = (unit >> 1 & 0x3F for unit in _unit_headers(packet, _length_size(extradata, 21)))
        return next((t for t in types if t in _HEVC_PICTURE_TYPES), None) in _HEVC_ENTRY_TYPES
    return False


def is_hidden(codec: str, packet: bytes) -> bool:
    """Whether the packet only updates a reference and is never shown (VP8's show_frame bit)."""
    return codec == "vp8" and len(packet) > 0 and not packet[0] & 0x10


def _length_size(extradata: bytes | None, at: int) -> int | None:
    """Bytes of the length before each unit (avcC, hvcC); None where start codes part them."""
    if not extradata or extradata[0] != 1 or len(extradata) <= at:
        return None
    return (extradata[at] & 3) + 1


def _unit_headers(packet: bytes, length_size: int | None) -> list[int]:
    """The first byte of each NAL unit."""
    if length_size is None:
        return _headers_by_start_code(packet)
    headers, at = [], 0
    while at + length_size < len(packet):
        headers.append(packet[at + length_size])
        at += length_size + int.from_bytes(packet[at : at + length_size], "big")
    return headers


def _headers_by_start_code(packet: bytes) -> list[int]:
    headers, at = [], packet.find(b"\0\0\1")
    while 0 <= at < len(packet) - 3:
        headers.append(packet[at + 3])
        at = packet.find(b"\0\0\1", at + 3)
    return headers
