"""Ids of records, and the one name under which a source video is known to every corpus.

Rule P1 (no video in two splits) compares normalised names, so that `v_dSwPbDXhSfw` of one corpus,
`dSwPbDXhSfw_60.0_210.0` of another and `how_to_step/dSwPbDXhSfw.mp4` of a third are one video.
"""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import quote, unquote

from streamit.errors import SchemaError

VIDEO_ENDINGS = (
    *(".3gp", ".avi", ".flv", ".m2ts", ".m4v", ".mkv", ".mov", ".mp4"),
    *(".mpeg", ".mpg", ".mts", ".ogv", ".ts", ".vob", ".webm", ".wmv"),
)
"""Endings of video files, in lower case."""

_NUMBER = r"(?:0|[1-9]\d{0,6})(?:\.\d+)?"
_YOUTUBE = re.compile(r"[A-Za-z0-9_-]{11}")
# HD-VILA (Shot2Story) numbers the clips of a video `.<n>`; Kinetics pads bounds with zeros;
# LLaVA-Video puts `ytb_` before the id.
_YOUTUBE_CLIP = re.compile(
    r"(?:v_|ytb_)?([A-Za-z0-9_-]{11})(?:\.\d+)?(?:_\d+(?:\.\d+)?_\d+(?:\.\d+)?)*", re.ASCII
)
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_CLIP = re.compile(rf"(.+)_({_NUMBER})_({_NUMBER})", re.ASCII | re.DOTALL)


def record_id(recipe: str, source: str, video_id: str, n: int) -> str:
    """`<recipe>/<source>/<video id>/<n>`, every part percent-encoded."""
    return f"{_quote(recipe)}/{_quote(source)}/{_quote(video_id)}/{n}"


@lru_cache(maxsize=256)
def _quote(part: str) -> str:
    return quote(part, "", errors="surrogatepass")


def split_record_id(identity: str) -> tuple[str, str, str, int]:
    """Recipe, source, video id and number of a record id.

    Raises SchemaError on anything that `record_id` does not write.
    """
    parts = [unquote(part, errors="surrogatepass") for part in identity.split("/")]
    if len(parts) == 4 and all(parts) and parts[3].isdecimal():
        recipe, source, video_id, n = parts
        if record_id(recipe, source, video_id, int(n)) == identity:
            return recipe, source, video_id, int(n)
    raise SchemaError(
        f"{identity!r} is no record id; it is <recipe>/<source>/<video id>/<n>, percent-encoded"
    )


def normalise_video_id(video_id: str) -> str:
    """The name of the original video behind an annotation's key, file name or path.

    Video endings, a leading `v_` (before YouTube ids also `ytb_`) and trailing clip bounds
    (`_<start>_<end>`, start below end) are taken off. YouTube ids (11 characters, `-`, `_` and even
    `v_` among them) come out whole. They and UUIDs are unique in the world, so folders before them
    go as well; other names keep their folders, because `cam1/001` and `cam2/001` are two videos. A
    name never becomes empty.
    """
    name = video_id.replace("\\", "/")
    while (shorter := _shorten(name)) != name:
        name = shorter
    return name


def _shorten(name: str) -> str:
    folder, slash, base = name.rpartition("/")
    if _YOUTUBE.fullmatch(base) or _UUID.fullmatch(base):
        return base
    stem, dot, ending = base.rpartition(".")
    if stem and dot + ending.lower() in VIDEO_ENDINGS:
        return folder + slash + stem
    youtube = _YOUTUBE_CLIP.fullmatch(base)
    if youtube:
        return youtube[1]
    clip = _CLIP.fullmatch(base)
    if clip and float(clip[2]) < float(clip[3]):
        return folder + slash + clip[1]
    if base.startswith("v_") and len(base) > 2:
        return folder + slash + base[2:]
    return name
