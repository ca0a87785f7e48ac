"""How far the node's clock is from ours, from pings and answers; knows no socket, survives clocks being set."""

from __future__ import annotations

from typing import Final

KEPT: Final = 8
RTT_MOST_MS: Final = 2500.0
"""A longer round trip is none: our clock was set, or the machine slept, while the ping was under way."""
SLACK_MS: Final = 100.0
TIMES_END_NS: Final = 1 << 62
"""Year 2116: a clock beyond it is broken."""


class ClockOffset:
    """The offset of the node's clock, ms, from the shortest of the last round trips."""

    def __init__(self) -> None:
        self._trips: list[tuple[float, float]] = []

    def clear(self) -> None:
        """Forget all round trips."""
        self._trips.clear()

    def take(self, sent_ns: int, node_ns: int, now_ns: int) -> tuple[float, float] | None:
        """(round trip ms, best offset ms) after a pong, None when it tells nothing; all times UTC ns."""
        rtt_ms = (now_ns - sent_ns) / 1e6
        if not 0 <= rtt_ms <= RTT_MOST_MS or not 0 <= node_ns < TIMES_END_NS:
            self.clear()
            return None
        offset_ms = (2 * node_ns - sent_ns - now_ns) / 2e6
        # Two offsets differ by at most half of both round trips, unless a clock was set: then the older are void.
        known = [trip for trip in self._trips if abs(offset_ms - trip[1]) <= (rtt_ms + trip[0]) / 2 + SLACK_MS]
        # The shortest round trip has the least queueing in it, so its offset errs least (as NTP does).
        self._trips = [*known[1 - KEPT :], (rtt_ms, offset_ms)]
        return rtt_ms, min(self._trips)[1]
