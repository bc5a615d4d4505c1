"""Files of clips of web videos, of any number of rows and always the same: InternVid, Panda-70M.

Rows are written one by one, so that a file may be far larger than memory. A video has three clips,
as in Panda-70M's training set of 2 million; in InternVid they lie far from each other.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from benchmarks.corpus import ID_LETTERS, VOCABULARY

CLIPS_PER_VIDEO = 3
_SHUFFLE = 0x9E3779B97F4A7C15
_SHORTEST_S, _LONGEST_S = 2, 10
_CAPTION_WORDS = 12


def write_internvid(folder: Path, n_rows: int) -> int:
    """Write a JSONL with a clip per line; returns the number of clips."""
    return _write(folder / "InternVid-10M-flt.jsonl", _list_internvid(n_rows), n_rows)


def write_panda(folder: Path, n_rows: int) -> int:
    """Write a CSV with a video per row; returns the number of clips."""
    lines = _list_panda(n_rows)
    return _write(folder / "panda70m_training_2m.csv", lines, n_rows * CLIPS_PER_VIDEO)


def _list_internvid(n_rows: int) -> Iterator[str]:
    words = VOCABULARY.split()
    n_videos = -(-n_rows // CLIPS_PER_VIDEO)
    for row in range(n_rows):
        clip, video = divmod(row, n_videos)
        start, end = _draw_times(video, clip)
        yield (
            f'{{"YoutubeID": "{_name_video(video)}", "Start_timestamp": "{start}", '
            f'"End_timestamp": "{end}", "Caption": "{_caption(words, row)}", '
            f'"Aesthetic_Score": 4.53125, "UMT_Score": 0.4140625}}\n'
        )


def _list_panda(n_rows: int) -> Iterator[str]:
    words = VOCABULARY.split()
    yield "videoID,url,timestamp,caption,matching_score\n"
    for row in range(n_rows):
        video_id = _name_video(row)
        times = [list(_draw_times(row, clip)) for clip in range(CLIPS_PER_VIDEO)]
        texts = [_caption(words, row * CLIPS_PER_VIDEO + clip) for clip in range(CLIPS_PER_VIDEO)]
        scores = [0.4296875] * CLIPS_PER_VIDEO
        url = f"https://www.youtube.com/watch?v={video_id}"
        yield f'{video_id},{url},"{times}","{texts}","{scores}"\n'


def _write(path: Path, lines: Iterator[str], n_clips: int) -> int:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8") as file:
        file.writelines(lines)
    return n_clips


def _name_video(number: int) -> str:
    """An id like those of YouTube, another one for each number below 2 to the 64th."""
    bits = number * _SHUFFLE % 2**64
    return "".join(ID_LETTERS[bits >> shift & 63] for shift in range(0, 66, 6))


def _draw_times(video: int, clip: int) -> tuple[str, str]:
    """Start and end of a clip, which begins when the one before it has ended."""
    start_s = clip * _LONGEST_S + video % 60
    length_s = _SHORTEST_S + video % (_LONGEST_S - _SHORTEST_S + 1)
    return _write_clock(start_s), _write_clock(start_s + length_s)


def _write_clock(seconds: int) -> str:
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.000"


def _caption(words: list[str], number: int) -> str:
    bits = number * _SHUFFLE % 2**64
    return " ".join(words[(bits >> 5 * i) % len(words)] for i in range(_CAPTION_WORDS))
