"""What one context shows: its replica read at its own clock, and who wants which samples of it; knows no panel."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final, Protocol, TypeVar, cast

import msgspec

from console.api import (
    LIVE,
    NS,
    Area,
    Columns,
    Entity,
    Freshness,
    Latest,
    LinkStatus,
    Sensor,
    Value,
)
from console.client.interests import Interests, Subscriber
from console.client.replica import Replica

E = TypeVar("E", bound=Entity)
AHEAD_NS: Final = 60 * NS
"""History is asked for up to so long after now: our idea of the node's clock is not exact."""


class Drained(Value, frozen=True, kw_only=True):
    """What changed since the last drain. `sensors`: ids with new samples; `entities`: wire names of classes."""

    sensors: set[str]
    entities: set[str]
    seeked: bool = False
    link_changed: bool = False


class Upstream(Subscriber, Protocol):
    """What a view needs of the link."""

    status: LinkStatus

    async def query(self, sensor: str, start_ns: int, end_ns: int, max_points: int, context: str = LIVE) -> Columns: ...


class View:
    """See the module.

    Args:
        clock: gives the time of this context, UTC ns.
        slack_ns: how far the newest samples may lie behind that clock only because they are under way.
    """

    def __init__(
        self,
        link: Upstream,
        replica: Replica,
        context: str,
        clock: Callable[[], int],
        slack_ns: Callable[[], int] = int,
    ) -> None:
        self.context = context
        self.replica = replica
        self.newest_ns = 0
        """Time of the newest sample as of the last drain."""
        self.seeked = False
        """The time jumped, or these tiles showed another view before: the next drain says so."""
        self.interests = Interests(link, lambda: self.entities(Sensor), lambda: self.entities(Area), context)
        self._link, self._clock, self._slack_ns = link, clock, slack_ns

    @property
    def now_ns(self) -> int:
        """The time that is shown, UTC ns."""
        return self._clock()

    @property
    def status(self) -> LinkStatus:
        """The link's state with this context's streams counted."""
        known, live, newest = self.replica.counts(self.now_ns - self._slack_ns())
        return msgspec.structs.replace(
            self._link.status,
            streams_known=known,
            streams_live=live,
            streams_whole=self.interests.whole,
            last_data_ns=newest,
        )

    def drain(self, link_changed: bool = False) -> Drained:
        """All that changed since the last drain."""
        sensors, entities = self.replica.drain()
        if sensors and self.context != LIVE:
            self.newest_ns = self.replica.counts(self.now_ns + self._slack_ns())[2]
        if entities & {Sensor.CLS, Area.CLS}:
            self.interests.entities_changed()
        seeked, self.seeked = self.seeked, False
        return Drained(sensors=sensors, entities=entities, seeked=seeked, link_changed=link_changed)

    def matches(self, owner: object) -> frozenset[str]:
        """Ids of the known sensors that the owner is fed."""
        return self.interests.matches(owner)

    def entities(self, cls: type[E]) -> Mapping[str, E]:
        """All entities of the class, by id; a live view."""
        return cast("Mapping[str, E]", self.replica.all(cls))

    def latest(self, ids: Sequence[str]) -> Latest:
        """The last sample of each id."""
        return self.replica.latest(ids, self.now_ns)

    def freshness(self, id_: str) -> Freshness:
        """How a sensor's last value stands now."""
        return self.replica.freshness(id_, self.now_ns - self._slack_ns(), self._link.status.up)

    def window(self, id_: str, start_ns: int, end_ns: int) -> Columns:
        """What the ring holds."""
        return self.replica.window(id_, start_ns, end_ns)

    def gaps(self, id_: str) -> Sequence[tuple[int, int]]:
        """Known holes of the ring, [from_ns, to_ns], ascending."""
        return self.replica.gaps(id_)

    async def query(self, id_: str, start_ns: int, end_ns: int, max_points: int = 2000) -> Columns:
        """History from the node, never beyond now: a replay must not tell what came after.

        Raises LinkError or RefusedError.
        """
        latest_ns = self.now_ns + (AHEAD_NS if self.context == LIVE else 1)
        end_ns = max(start_ns, min(end_ns, latest_ns))
        return await self._link.query(id_, start_ns, end_ns, max_points, self.context)
