"""What is known of a video from its packets. Light: the parent of a decoding child imports this."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass

from streamit.timeline import ticks_to_s

PROGRESSIVE = 1
"""AVFieldOrder of a stream whose frames are not made of two fields each."""


@dataclass(frozen=True, slots=True)
class PacketTable:
    """Where the shown frames lie among the packets of the stream.

    Ticks are presentation time stamps in units of `time_base` (numerator, denominator) seconds, and
    time 0 stands at `zero_s` in the same count; numbers count the stream's packets
    in the order of the file, which is the order of decoding. `ticks` and `numbers` have one value
    per shown frame, in the order of presentation. An entry is a packet at which decoding can begin
    as if nothing had been before it. Packets from `n_packets` on are cut short by the file's end.
    """

    time_base: tuple[int, int]
    zero_s: float
    ticks: tuple[int, ...]
    numbers: tuple[int, ...]
    entry_ticks: tuple[int, ...]
    entry_numbers: tuple[int, ...]
    n_packets: int

    def time_of(self, tick: int) -> float:
        """Seconds since time 0; what starts before it counts from 0."""
        return max(ticks_to_s(tick, *self.time_base, self.zero_s), 0.0)

    def entry_of(self, shown: int) -> int:
        """The packet from which the shown frame of that index is to be decoded; 0 at worst.

        An entry that is presented later cannot serve: frames that follow it in the file but are
        presented before it may lean on what came earlier (open groups of pictures).
        """
        at = bisect_right(self.entry_ticks, self.ticks[shown]) - 1
        while at >= 0 and self.entry_numbers[at] > self.numbers[shown]:
            at -= 1
        return self.entry_numbers[at] if at >= 0 else 0


@dataclass(frozen=True, slots=True)
class VideoFacts:
    """One video stream, from its packets alone: docs/frames.md says how each value is defined.

    Times are seconds since time 0, where players begin to count. `width` and `height` are those of
    the picture as shown, after `rotation_deg` (counter-clockwise). `has_hidden_packets`: an edit
    list hides frames that must be decoded all the same. `stores_pts` is false where the container
    keeps no presentation times (AVI), so that the order of decoding's output is what counts.
    `has_open_groups`: some key frame of the container is followed by pictures that lean on earlier
    ones, so that decoders which begin there show something else.
    """

    duration_s: float
    width: int
    height: int
    rotation_deg: int
    has_audio: bool
    codec: str
    container: str
    stream_index: int
    fps: float
    pts_s: tuple[float, ...]
    is_progressive: bool
    is_cut_short: bool
    has_hidden_packets: bool
    has_open_groups: bool
    stores_pts: bool
    packets: PacketTable

    @property
    def n_shown(self) -> int:
        """How many frames a player shows."""
        return len(self.pts_s)

    @property
    def entry_pts_s(self) -> tuple[float, ...]:
        """Times of the shown frames at which decoding can begin."""
        entries = set(self.packets.entry_ticks)
        shown = zip(self.packets.ticks, self.pts_s, strict=True)
        return tuple(time_s for tick, time_s in shown if tick in entries)

    def end_of(self, start_s: float) -> float:
        """When the shown frame that starts at `start_s` gives way to the next one or the end."""
        after = bisect_right(self.pts_s, start_s)
        return self.pts_s[after] if after < len(self.pts_s) else self.duration_s
