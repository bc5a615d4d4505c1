"""What a record says of its video: from the annotation, the media index and what was decoded."""

from __future__ import annotations

from streamit.build.studio import Footage
from streamit.build.types import Media, MediaRef
from streamit.convert.base import VideoKnown
from streamit.item import Item
from streamit.record import Clip, Video


def describe_video(item: Item, media: Media, footage: Footage | None) -> Video:
    """The column `video`. A video that was not found is referred to by its bare id."""
    duration_s = length_of(item, media)
    if footage is not None and footage.clip_uri is not None:
        clip = Clip(footage.clip_uri, footage.clip_sha256, False, 0.0, duration_s, 0.0)
        return Video(item.video_id, duration_s, footage.width, footage.height, (clip,))
    if item.clips:
        clips = tuple(
            _describe_clip(file, clip.media_id, clip.start_s, clip.end_s, clip.offset_s)
            for clip, file in zip(item.clips, media, strict=True)
        )
    else:
        media_id = item.media_id or item.video_id
        clips = (_describe_clip(media[0], media_id, 0.0, duration_s, 0.0),)
    return Video(item.video_id, duration_s, *_find_size(media), clips)


def length_of(item: Item, media: Media) -> float | None:
    """Seconds as the annotation says or, where it is silent, the probe."""
    if item.duration_s is None and media[0] is not None:
        return media[0].duration_s
    return item.duration_s


def know_video(item: Item, media: Media, footage: Footage | None) -> VideoKnown:
    """What converting may use. A joined stream has no rate of its own, and its times need none."""
    decoded_end_s = footage.decoded_end_s if footage else None
    file = media[0]
    if item.clips or file is None:
        return VideoKnown(decoded_end_s=decoded_end_s)
    return VideoKnown(file.duration_s, file.fps, file.bends, decoded_end_s)


def _describe_clip(
    file: MediaRef | None, media_id: str, start_s: float, end_s: float | None, offset_s: float
) -> Clip:
    if file is None:
        return Clip(media_id, None, None, start_s, end_s, offset_s)
    return Clip(file.uri, file.sha256, file.has_audio, start_s, end_s, offset_s)


def _find_size(media: Media) -> tuple[int | None, int | None]:
    """Width and height where all files have the same, else nothing."""
    sizes = {(file.width, file.height) if file else (None, None) for file in media}
    return sizes.pop() if len(sizes) == 1 else (None, None)
