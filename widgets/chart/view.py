"""Which part of time the chart shows, and how it moves: following now, or held by a person; Qt-free."""

from __future__ import annotations

from typing import Final

from console.api import NS

SHORTEST_NS: Final = 10 * NS
_HOUR_NS: Final = 3600 * NS
LONGEST_NS: Final = 366 * 24 * _HOUR_NS
SPANS_NS: Final = (
    SHORTEST_NS, 60 * NS, 600 * NS, _HOUR_NS, 6 * _HOUR_NS, 24 * _HOUR_NS, 7 * 24 * _HOUR_NS, 30 * 24 * _HOUR_NS,
    365 * 24 * _HOUR_NS,
)  # fmt: skip
"""What keys go through, from seconds to a year."""


class TimeView:
    """A span of time. Following, its end moves on in whole columns; a person's move holds it until Home."""

    def __init__(self, span_ns: int) -> None:
        self.home_ns = max(SHORTEST_NS, span_ns)
        self.span_ns = self.home_ns
        self.ahead = 0.04
        self.following = True
        self.start_ns, self.end_ns = 0, self.span_ns

    def follow(self, now_ns: int, columns: int) -> None:
        """Move on with now, where following."""
        if self.following:
            width = max(1, self.span_ns // max(1, columns))
            self.end_ns = -(-(now_ns + int(self.span_ns * self.ahead)) // width) * width
            self.start_ns = self.end_ns - self.span_ns

    def home(self) -> None:
        """Back to live at the span of the settings."""
        self.following, self.span_ns = True, self.home_ns

    def hold(self, start_ns: int, end_ns: int, now_ns: int) -> None:
        """Show [start_ns, end_ns); goes on following where now lies in its right part."""
        span = min(max(end_ns - start_ns, SHORTEST_NS), LONGEST_NS)
        self.span_ns, self.start_ns, self.end_ns = span, start_ns, start_ns + span
        self.following = self.end_ns - span // 10 <= now_ns <= self.end_ns + span // 10 or self.start_ns > now_ns

    def longer(self, now_ns: int) -> None:
        """The next longer span."""
        self._take(next((span for span in SPANS_NS if span > self.span_ns), self.span_ns), now_ns)

    def shorter(self, now_ns: int) -> None:
        """The next shorter span."""
        self._take(next((span for span in reversed(SPANS_NS) if span < self.span_ns), self.span_ns), now_ns)

    def _take(self, span_ns: int, now_ns: int) -> None:
        """Keeps now at the right while following, else the middle, but shows no more of what is to come."""
        if self.following:
            self.span_ns = span_ns
            return
        end_ns = min((self.start_ns + self.end_ns + span_ns) // 2, max(self.end_ns, now_ns))
        self.hold(end_ns - span_ns, end_ns, now_ns)

    def pan(self, share: float, now_ns: int) -> None:
        """Move by a share of the span, never wholly into the future."""
        step = int(self.span_ns * share)
        start = min(self.start_ns + step, now_ns)
        self.hold(start, start + self.span_ns, now_ns)
