"""Fetches again what a link lost, newest first, one hole at a time; what cannot be had stays a known hole."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable
from typing import Final, NamedTuple

from console.api import NS, BadInput, LinkError, RefusedError, WireError
from console.client.replica import Replica
from console.tasks import Tasks
from console.wire.frames import Past

log = logging.getLogger(__name__)
HOLES: Final = 64
"""Most holes that wait; the oldest are left to the history, which charts ask for anyway."""
STEP_NS: Final = 60 * NS
REACH_NS: Final = 1200 * NS
"""Older than this is not in the rings of any sensor that sends once a second."""
LATE_REACH_NS: Final = 23 * 3600 * NS
"""Of what arrived late so much is asked for: a node answers at most 24 h at once."""


class Hole(NamedTuple):
    """What a subscription did not bring of [from_ns, to_ns]; where `since_ns` is, of what arrived since then."""

    to_ns: int
    from_ns: int
    sub: int
    replica: Replica
    since_ns: int = 0


class Filling:
    """Args:
    backfill: asks the node for (subscription, start_ns, end_ns, since_ns).

    Attributes:
        filled: samples fetched again.
    """

    def __init__(self, backfill: Callable[[int, int, int, int], AsyncIterator[Past]], tasks: Tasks) -> None:
        self._backfill, self._tasks = backfill, tasks
        self._holes: list[Hole] = []
        self._busy = False
        self.filled = 0

    def hole(self, sub: int, replica: Replica, from_ns: int, to_ns: int) -> None:
        """Something is missing; it is fetched as soon as those before are."""
        from_ns = max(from_ns, to_ns - REACH_NS)
        mine = [h for h in self._holes if h.sub == sub and not h.since_ns]
        for known in [h for h in mine if h.from_ns <= to_ns and from_ns <= h.to_ns]:
            self._holes.remove(known)
            from_ns, to_ns = min(from_ns, known.from_ns), max(to_ns, known.to_ns)
        self._wait(Hole(to_ns, from_ns, sub, replica))

    def late(self, sub: int, replica: Replica, since_ns: int) -> None:
        """What arrived since then with times of before may be missing; it is fetched when its turn comes."""
        to_ns = since_ns
        for known in [h for h in self._holes if h.sub == sub and h.since_ns]:
            self._holes.remove(known)
            since_ns, to_ns = min(since_ns, known.since_ns), max(to_ns, known.to_ns)
        self._wait(Hole(to_ns, to_ns - LATE_REACH_NS, sub, replica, since_ns))

    def _wait(self, hole: Hole) -> None:
        self._holes.append(hole)
        self._holes.sort(key=lambda h: h.to_ns)
        del self._holes[:-HOLES]
        self.go_on()

    def go_on(self) -> None:
        """Fetch what waits; call it when the link is up again, and now and then while it is."""
        if self._holes and not self._busy:
            self._busy = True
            self._tasks.start("link.fill", self._fill(), owner=self)

    async def _fill(self) -> None:
        try:
            while self._holes:
                hole = self._holes.pop()
                start_ns = hole.from_ns if hole.since_ns else max(hole.from_ns, hole.to_ns - STEP_NS)
                try:
                    await self._fetch(hole, start_ns)
                except LinkError:
                    self._holes.append(hole)
                    return
                except (RefusedError, BadInput, WireError) as error:
                    log.info("a hole stays: %s", error)
                    continue
                if start_ns > hole.from_ns:
                    self._holes.append(hole._replace(to_ns=start_ns))
        finally:
            self._busy = False

    async def _fetch(self, hole: Hole, start_ns: int) -> None:
        async for past in self._backfill(hole.sub, start_ns, hole.to_ns + 1, hole.since_ns):
            hole.replica.take_past(past)
            self.filled += past.n
        hole.replica.filled(hole.sub, start_ns, hole.to_ns, late=hole.since_ns > 0)
