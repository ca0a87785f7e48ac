"""The hybrid clock: never behind what was seen, never led by a peer whose clock is wrong; knows no entry."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from console.api import NS
from console.node.journal.entry import Stamp

AHEAD_NS: Final = 60 * NS
"""A remote stamp further ahead than this is flagged and moves nothing."""


class HybridClock:
    """Stamps that rise, and follow what was seen of others.

    Args:
        now_ns: the machine's clock, UTC ns; it may jump either way.
        ahead_ns: how far ahead of it a stamp may be and still be believed.
    """

    def __init__(self, now_ns: Callable[[], int], ahead_ns: int = AHEAD_NS) -> None:
        self.now_ns, self.ahead_ns = now_ns, ahead_ns
        self._last = Stamp(0, 0)

    def tick(self) -> Stamp:
        """The stamp of what happens here now: higher than all before.

        Unless our own clock was put back from a future it should not have been in: then time goes on from the right
        one, and the order of chain and parents carries what was stamped before.
        """
        now_ns, last = self.now_ns(), self._last
        if now_ns > last.wall_ns or last.wall_ns - now_ns > self.ahead_ns:
            self._last = Stamp(now_ns, 0)
        else:
            self._last = Stamp(last.wall_ns, last.counter + 1)
        return self._last

    def believes(self, stamp: Stamp) -> bool:
        """Whether `stamp` is at most `ahead_ns` ahead of the machine's clock."""
        return stamp.wall_ns - self.now_ns() <= self.ahead_ns

    def meet(self, stamp: Stamp) -> bool:
        """Follow a stamp made elsewhere; False, and nothing moved, where it is too far ahead."""
        if not self.believes(stamp):
            return False
        self._last = max(self._last, stamp)
        return True
