"""All classes of entity that the journal tells of, wired to one hub and one journal; knows no socket."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Final

from console.api import Alarm
from console.node.access.steady import machine_mark
from console.node.acts import hazards, incidents, seats, walls
from console.node.acts.hazards import Hazards
from console.node.acts.incidents import Incidents
from console.node.acts.lapsed_rules import Barred, LapsedRules, anybody
from console.node.acts.published import Published
from console.node.acts.report_watch import ReportWatch
from console.node.acts.room_clock import RoomClock
from console.node.acts.seats import Seats
from console.node.acts.walls import Walls
from console.node.hub import Hub
from console.node.intents import Intents
from console.rules.elapsed import Mark
from console.rules.report_clock import DEFAULT_LIMITS, ReportLimits
from console.tasks import Tasks

if TYPE_CHECKING:
    from console.node.journal.fold import View
    from console.node.journal.journal import Growth, Journal


TICK_S: Final = 2.0


class Journalled:
    """See the module.

    Args:
        node: this node's id.
        simulated: whether its city is.
        read: both clocks now.
        has_file: whether a file that somebody attached is here.
        limits: of reports, by grade.
        belongs: told of an alarm and the open incident that came of it, "" when that is over.
        barred: from setting scene rules.
    """

    def __init__(
        self,
        hub: Hub,
        intents: Intents,
        tasks: Tasks,
        *,
        node: str,
        simulated: Callable[[], bool] = lambda: False,
        read: Callable[[], Mark] = machine_mark,
        has_file: Callable[[str], bool] = lambda _sha256: False,
        belongs: Callable[[str, str], None] = lambda _alarm, _incident: None,
        limits: Mapping[int, ReportLimits] = DEFAULT_LIMITS,
        barred: Barred = anybody,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._tasks, self._sleep = tasks, sleep
        self.published = Published(hub)
        self.clock = RoomClock(node, intents, read=read)  # first: what is published needs the boots
        has = partial(_has, hub, has_file)
        self.incidents = Incidents(
            self.published,
            intents,
            simulated=simulated,
            has_file=has,
            read=read,
            boots=lambda: self.clock.boots,
            belongs=belongs,
            limits=limits,
            barred=barred,
        )
        self.watch = ReportWatch(self.incidents, on_notice=hub.notice, on_clear=hub.clear_notice)
        self.hazards = Hazards(self.published, intents, simulated=simulated, has_file=has)
        self.seats = Seats(self.published, intents, simulated=simulated)
        self.walls = Walls(self.published, intents, simulated=simulated)
        self.lapsed = LapsedRules(hub, barred)
        self._publish = {
            incidents.CLS: self.incidents.publish,
            hazards.CLS: self.hazards.publish,
            seats.CLS: self.seats.publish,
            walls.CLS: self.walls.publish,
        }

        intents.when_open(self._opened)

    async def _opened(self, journal: Journal) -> None:
        for view in await journal.views(Alarm.CLS):
            self._alarm(view)

    def _alarm(self, view: View) -> None:
        """Alarms are told of by limits; what the journal has of them is only what was seen."""
        self.published.hub.head(Alarm.CLS, view.id, tuple(head.hex() for head in view.heads))

    def start(self) -> None:
        """Look at limits and at what is open from now on, now and then."""
        self._tasks.start("journalled", self._run(), owner=self)

    async def close(self) -> None:
        """The end of this run stands in the journal."""
        self._tasks.cancel(self)
        await self.clock.mark()

    async def _run(self) -> None:
        while True:
            await self._sleep(TICK_S)
            await self.tick()

    async def tick(self) -> None:
        """Time passed: warn of reports, mark the clocks, count what is open."""
        now = self.clock.read()
        running = self.watch.tick(now)
        self.incidents.tick(now)
        self.seats.tick()
        self.lapsed.tick()
        await self.clock.tick(running=running)

    def grown(self, growth: Growth) -> None:
        """The journal has grown, by whomever: what it says of entities is published anew."""
        for view in growth.views:
            if view.cls == Alarm.CLS:
                self._alarm(view)
            if (publish := self._publish.get(view.cls)) is not None:
                publish(view)


def _has(hub: Hub, attached: Callable[[str], bool], sha256: str) -> bool:
    return sha256 in hub.files or attached(sha256)
