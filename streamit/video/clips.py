"""Writes a small re-timed mp4 of a stream: one frame per sampling time, through ffmpeg-python.

The frames are those that `sample_frames` picks; ffmpeg only encodes. Its own filter would pick them
too (`fps=1:round=up:start_time=0`, a test compares), but it decodes everything, and goes its own
way in damaged files.
"""

from __future__ import annotations

import os
import tempfile

from streamit.timeline import even_times, index_shown, sample_times, step_of, to_microseconds
from streamit.video.encode import encode_video
from streamit.video.frames import keep_frames, length_of
from streamit.video.hashing import hash_file
from streamit.video.jobs import ClipFile, SampleJob
from streamit.video.raw import append_picture, read_pictures

_IN_MEMORY_BYTES = 64 << 20


def write_clip(path: str, out_path: str, job: SampleJob) -> ClipFile:
    """Write the sampled stream as an mp4 at `out_path`, complete or not at all.

    H.264, yuv420p, even sides, no sound, frame i shown from i x step on: where two sampling times
    show the same frame it is repeated. One thread and bit-exact flags: the same bytes for the same
    video and ffmpeg.

    Raises VideoError as `sample_frames` does, StorageError when the file cannot be written,
    EngineError when there is no ffmpeg that encodes H.264.
    """
    with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY_BYTES) as spool:
        kept = keep_frames(path, job, lambda picture: append_picture(spool, picture), even=True)
        length_s = length_of(kept.facts, job)
        times_s = sample_times(length_s, job.fps, job.max_frames)
        offsets = [kept.items[index_shown(kept.times_s, time_s)] for time_s in times_s]
        step_us = to_microseconds(step_of(length_s, job.fps, job.max_frames))
        pictures = read_pictures(spool, offsets, kept.size)
        encode_video(out_path, kept.size, step_us, pictures)
    *starts_s, end_s = even_times(len(times_s) + 1, step_us)
    return ClipFile(
        path=out_path,
        size=os.path.getsize(out_path),
        sha256=str(hash_file(out_path)),
        duration_s=end_s,
        width=kept.size[0],
        height=kept.size[1],
        times_s=tuple(starts_s),
        decoded_end_s=kept.decoded_end_s,
        decoder=kept.decoder,
        facts=kept.facts,
    )
