"""A node's hub and journal without a socket, with two clocks that the test sets."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

from console.api import NS, Area, Entity, Text
from console.node.acts.journalled import Journalled
from console.node.hub import Hub
from console.node.intents import Intents
from console.node.journal.entry import Entry
from console.node.journal.journal import Journal
from console.rules.elapsed import Mark
from console.tasks import Tasks
from console.wire.frames import Intent, IntentAnswer

START_NS = 1_795_363_200 * NS
"""Midnight in Beijing at the beginning of 2026-11-23."""
MIN = 60 * NS
E = TypeVar("E", bound=Entity)


class Clocks:
    """Both clocks of a machine, as a test sets them: minutes since the start."""

    def __init__(self) -> None:
        self.boot, self.boot_min, self.wall_min = "first", 1000.0, 0.0

    def __call__(self) -> Mark:
        return Mark(boot=self.boot, boot_ns=round(self.boot_min * MIN), wall_ns=START_NS + round(self.wall_min * MIN))

    def pass_(self, minutes: float) -> None:
        """Time passes on both."""
        self.boot_min += minutes
        self.wall_min += minutes

    def reboot(self, name: str, off_min: float = 0.0) -> None:
        """The machine was off so long and has just started."""
        self.boot, self.boot_min = name, 0.0
        self.wall_min += off_min


class Room:
    """One run of a node."""

    def __init__(self, folder: Path, clocks: Clocks, node: str = "n1") -> None:
        self.node = node
        self.clocks, self.hub, self.tasks = clocks, Hub(), Tasks()
        self.hub.put("city", [Area(id="town"), Area(id="town.east", parent="town")])
        self._folder = folder
        self.journal: Journal | None = None
        self.intents = Intents(self._make, on_notice=self.hub.notice, on_clear=self.hub.clear_notice)
        self.belongs: dict[str, str] = {}
        """Incident by alarm, as alarms were told."""
        self.barred: dict[str, Text] = {}
        """Who may set no scene rules, and why."""
        self.journalled = Journalled(
            self.hub,
            self.intents,
            self.tasks,
            node=node,
            simulated=lambda: True,
            read=clocks,
            belongs=self.belongs.__setitem__,
            barred=lambda person, _area: self.barred.get(person),
        )

    async def _make(self) -> Journal:
        self.journal = Journal(
            self._folder, self.node, on_growth=self.journalled.grown, now_ns=lambda: self.clocks().wall_ns
        )
        return self.journal

    async def act(self, name: str, entity: str, actor: str = "李卫国", **arguments: Any) -> IntentAnswer:
        """An act as the gateway hands it over; `heads` and `id` are the intent's."""
        heads = arguments.pop("heads", ())
        id_ = arguments.pop("id", uuid.uuid4().hex)
        intent = Intent(id=id_, name=name, entity=entity, actor=actor, heads=heads, arguments=arguments)
        return await self.intents.act(intent)

    async def saved(self, name: str, entity: str, actor: str = "李卫国", **arguments: Any) -> IntentAnswer:
        """An act that has to be saved."""
        answer = await self.act(name, entity, actor, **arguments)
        assert answer.state == "saved", answer.reason
        return answer

    async def refused(self, name: str, entity: str, actor: str = "李卫国", **arguments: Any) -> str:
        """The reason, in both languages, of an act that has to be refused."""
        answer = await self.act(name, entity, actor, **arguments)
        assert answer.state == "refused", answer
        assert any("一" <= letter <= "鿿" for letter in answer.reason.zh), answer.reason
        assert answer.reason.zh != answer.reason.en
        return f"{answer.reason.zh} | {answer.reason.en}"

    def shown(self, cls: type[E], id_: str) -> E:
        """An entity as consoles are told of it."""
        found = self.hub.entities[cls.CLS][id_]
        assert isinstance(found, cls)
        return found

    async def gives(self, other: Room) -> None:
        """The other node takes what it lacks."""
        assert self.journal is not None
        assert other.journal is not None
        await other.journal.take(await self.journal.missing(await other.journal.have()))

    async def entries(self) -> list[Entry]:
        """What persons did."""
        assert self.journal is not None
        return [e for e in await self.journal.entries() if e.header.cls not in ("journal", "clock", "audit")]


@asynccontextmanager
async def room(folder: Path, clocks: Clocks | None = None, node: str = "n1") -> AsyncIterator[Room]:
    """A run of a node on a folder; the next run on the same folder is the same node."""
    made = Room(folder, clocks or Clocks(), node)
    await made.intents.run()
    try:
        yield made
    finally:
        async with asyncio.timeout(30):
            await made.journalled.close()
            await made.intents.close()
            await made.tasks.close()
