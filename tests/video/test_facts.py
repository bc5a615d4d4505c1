"""Where to begin decoding, and when a frame ends."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from streamit.video.facts import PacketTable, VideoFacts


def table_of(ticks: list[int], numbers: list[int], entries: list[tuple[int, int]]) -> PacketTable:
    return PacketTable(
        time_base=(1, 10),
        zero_s=0.5,
        ticks=tuple(ticks),
        numbers=tuple(numbers),
        entry_ticks=tuple(tick for tick, _ in entries),
        entry_numbers=tuple(number for _, number in entries),
        n_packets=max(numbers) + 1,
    )


def facts_of(pts_s: tuple[float, ...], duration_s: float) -> VideoFacts:
    ticks = list(range(len(pts_s)))
    return VideoFacts(
        duration_s=duration_s,
        width=64,
        height=64,
        rotation_deg=0,
        has_audio=False,
        codec="h264",
        container="matroska,webm",
        stream_index=0,
        fps=1.0,
        pts_s=pts_s,
        is_progressive=True,
        is_cut_short=False,
        has_hidden_packets=False,
        has_open_groups=False,
        stores_pts=True,
        packets=table_of(ticks, ticks, [(0, 0)]),
    )


def test_decoding_begins_at_the_last_entry_that_is_shown_by_then() -> None:
    table = table_of([0, 1, 2, 3, 4, 5], [0, 2, 1, 3, 5, 4], [(0, 0), (3, 3)])

    assert [table.entry_of(i) for i in range(6)] == [0, 0, 0, 3, 3, 3]


def test_leading_pictures_need_the_entry_before_theirs() -> None:
    """Frame 2 follows the entry at packet 2 in the file but is shown before it."""
    table = table_of([0, 1, 2, 3], [0, 1, 3, 2], [(0, 0), (3, 2)])

    assert table.entry_of(2) == 0


def test_an_entry_that_comes_later_in_the_file_does_not_serve() -> None:
    table = table_of([0, 1, 2, 3], [0, 3, 2, 1], [(0, 0), (2, 2)])

    assert table.entry_of(3) == 0


def test_without_entries_decoding_begins_with_the_first_packet() -> None:
    assert table_of([5, 6], [0, 1], []).entry_of(1) == 0


@given(st.permutations(range(12)), st.sets(st.integers(0, 11)))
def test_decoding_never_begins_behind_the_frame(numbers: list[int], entries: set[int]) -> None:
    ticks = list(range(12))
    table = table_of(ticks, numbers, [(tick, numbers[tick]) for tick in sorted(entries)])

    assert all(table.entry_of(i) <= numbers[i] for i in range(12))


def test_times_count_from_time_zero_and_never_before_it() -> None:
    table = table_of([0], [0], [])

    assert (table.time_of(15), table.time_of(5), table.time_of(0)) == (1.0, 0.0, 0.0)


def test_a_frame_ends_where_the_next_begins_and_the_last_with_the_video() -> None:
    facts = facts_of((0.0, 0.5, 2.0), 2.5)

    assert [facts.end_of(start_s) for start_s in facts.pts_s] == [0.5, 2.0, 2.5]
