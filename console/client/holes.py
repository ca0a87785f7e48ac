"""What a link lost: counted, a known hole in the replica, and fetched where each sample is wanted; knows no socket."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from console.api import LIVE
from console.client.fill import REACH_NS, Filling
from console.client.replica import Replica
from console.wire.frames import Gap
from console.wire.session.console import ConsoleSession

LATE_NS: Final = 5_000_000_000
"""What was made before a cut may have been under way so long."""


class Holes:
    """Args:
    replicas: of the link, by context.

    Attributes:
        heard_ns: node time up to which all came that was wanted, 0 never: only a pong says so, it comes after all that
            was asked for before; a link that was lost before it may have brought nothing.
        lost: samples, or batches of which no more is known, that never came.
        conflated: samples left out for newer ones of the same sensors.
    """

    def __init__(self, session: ConsoleSession, replicas: Mapping[str, Replica], filling: Filling) -> None:
        self._session, self._replicas, self._filling = session, replicas, filling
        self.heard_ns = self.lost = self.conflated = 0

    def gap(self, gap: Gap, now_ns: int) -> None:
        """The node tells what it left out; `now_ns`: node time."""
        if gap.conflated:
            self.conflated += gap.samples
        else:
            self.lost += gap.samples
        for sub in self._session.subs_of(gap.feed):
            if gap.from_ns == gap.to_ns == 0:
                self.missed(sub, now_ns)  # the node does not know when
            else:
                self._hole(sub, gap.from_ns, gap.to_ns, conflated=gap.conflated)

    def missed(self, sub: int, now_ns: int) -> None:
        """A subscription goes on with a hole since we last heard of it, of a size that nobody knows."""
        since_ns = (self.heard_ns or now_ns) - LATE_NS
        self._hole(sub, since_ns, now_ns)
        self._late(sub, since_ns)

    def _late(self, sub: int, since_ns: int) -> None:
        """What arrived since then may bear any time before: where it could be missing is known until it is here."""
        wanted = self._session.wanted[sub]
        replica = self._replicas.get(LIVE)
        if replica is None or wanted.context != LIVE or wanted.strategy != "every":
            return
        replica.lost(sub, since_ns - REACH_NS, since_ns, late=True)
        if "late" in self._session.can:
            self._filling.late(sub, replica, since_ns)

    def _hole(self, sub: int, from_ns: int, to_ns: int, *, conflated: bool = False) -> None:
        """Something is missing: it is known from now on, and fetched where each sample is wanted."""
        wanted = self._session.wanted[sub]
        replica = self._replicas.get(wanted.context)
        if replica is None:
            return
        replica.lost(sub, from_ns, to_ns, conflated=conflated or wanted.strategy != "every")
        if wanted.strategy == "every" and not conflated:
            self._filling.hole(sub, replica, from_ns, to_ns)
