"""A node with people over a real socket: hub, alarms, journal, access with cheap hashes and a clock moved by hand."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from console.api import (
    Alarm,
    AlarmState,
    Area,
    Camera,
    ChannelKind,
    Columns,
    Limit,
    Notice,
    Selector,
    Sensor,
    Span,
    Text,
)
from console.client.desk import Desk
from console.client.media import Media
from console.node.access.gate import AccessSettings
from console.node.access.steady import Steady
from console.node.acknowledging import Acknowledging
from console.node.acts.journalled import Journalled
from console.node.alarms import Alarms
from console.node.gateway import Gateway
from console.node.house import House
from console.node.hub import Hub
from console.node.intents import Intents
from console.node.journal.entry import Entry
from console.node.journal.journal import Journal
from console.node.journal.store import Store
from console.tasks import Tasks
from tests.flow.nodes import SECRET, until
from tests.unit.node.access.site import CHEAP, Clocks

ADMIN = "nine quiet otters upstream"
OFFICER = "seven blue herons at dawn"
OWN = "eleven slow trams uphill"
AREAS = (Area(id="city"), Area(id="north", parent="city"), Area(id="south", parent="city"))
LIMITS = (Limit(priority=1, value=10.0, hysteresis=1.0),)
SENSORS = (
    Sensor(id="gas-n", kind="gas", area="north", limits=LIMITS),
    Sensor(id="calm-n", kind="gas", area="north"),
    Sensor(id="gas-s", kind="gas", area="south", limits=LIMITS),
)
CAMERAS = (Camera(id="cam-n", area="north"), Camera(id="cam-s", area="south"))


class GuardedNode:
    """`await open()`, feed it, `await close()`. `local`: who sits at it needs no log-in until people are named."""

    def __init__(self, folder: Path, *, local: bool = False) -> None:
        self.folder, self.clocks = folder, Clocks()
        self.tasks = Tasks()
        self.hub = Hub()
        self.alarms = Alarms(self.hub)
        self.hub.on_samples = self.alarms.observe
        self.notices: list[Notice] = []
        self.intents = Intents(self._journal, on_notice=self.hub.notice, on_clear=self.hub.clear_notice)
        self.acknowledging = Acknowledging(self.alarms, self.intents, self.tasks)
        settings = AccessSettings(local=local, cost=CHEAP)
        steady = Steady(self.clocks.read)
        self.house = House(folder / "access", settings, self.hub, self.intents, self.tasks, steady=steady)
        self.gate = self.house.gate
        self.told: list[dict[str, Any]] = []
        self.gateway = Gateway(
            self.hub,
            self.tasks,
            node="test",
            name=Text("测试节点", "Test node"),
            secret=SECRET,
            simulated=lambda: True,
            query=self._query,
            act=self.intents.act,
            refuse=self.intents.act,
            guard=self.house.guard,
            revealing=self.house.revealing,
        )
        self.port = 0
        self.hub.put("s", [*AREAS, *SENSORS, *CAMERAS])
        self.hub.camera_urls |= {(camera.id, "main"): f"rtsp://x/{camera.id}" for camera in CAMERAS}
        self.alarms.learn()

    async def _journal(self) -> Journal:
        return Journal(self.folder / "journal", "test", on_notice=self.hub.notice, on_clear=self.hub.clear_notice)

    async def _query(self, span: Span) -> Columns:
        return Columns(t_ns=np.array([1]), v=np.array([2.0]), q=np.zeros(1, np.uint8))

    @property
    def code(self) -> str:
        """What the node printed."""
        return str(self.told[0]["first_code"])

    @property
    def url(self) -> str:
        return f"ws://127.0.0.1:{self.port}"

    async def open(self, port: int = 0) -> None:
        self.tasks.start("journal", self.intents.run())
        self.house.open(self.gateway.attendance)
        self.port = await self.gateway.open(port)
        self.house.say_code(self.told.append)
        self.gateway.tick()

    async def close(self) -> None:
        await self.gateway.close()
        await self.house.close()
        await self.intents.close()
        await self.tasks.close()

    def feed(self, t_ns: int, **values: float) -> None:
        """One scalar sample of each sensor ("gas_n" is gas-n), flushed."""
        ids = np.array([self.hub.handles[name.replace("_", "-")] for name in values], np.uint32)
        n = len(values)
        columns = Columns(t_ns=np.full(n, t_ns), v=np.array(list(values.values())), q=np.zeros(n, np.uint8), ids=ids)
        self.hub.samples(ChannelKind.SCALAR, columns)
        self.hub.flush()

    def go(self, seconds: float) -> None:
        """Time passes, second by second as the gateway's tick sees it."""
        self.clocks.go(seconds)
        self.gateway.tick()

    def entries(self) -> list[Entry]:
        """All entries but the journal's own, once the node has ended."""
        store = Store(self.folder / "journal" / "journal.db")
        store.open()
        found = [entry for entry in store.entries(0, 1 << 30) if entry.header.cls != "journal"]
        store.close()
        return found


class Console:
    """A console without windows; `said` is every byte that the node sent it."""

    def __init__(self, *, role: str = "desk") -> None:
        self.tasks = Tasks()
        self.desk = Desk(self.tasks, media=Media(self.tasks), role=role)
        self.said = bytearray()
        read: Callable[[bytes | str], None] = self.desk.link._read

        def spied(data: bytes | str) -> None:
            self.said.extend(data if isinstance(data, bytes) else data.encode())
            read(data)

        pytest.MonkeyPatch().setattr(self.desk.link, "_read", spied)
        self.tasks.start("link", self.desk.link.run())

    async def come(self, node: GuardedNode) -> None:
        """Connect, and be told who is logged in."""
        told = len(self.said)
        self.desk.link.address(node.url, SECRET)
        self.desk.link.retry()
        await until(lambda: self.desk.link.status.up and len(self.said) > told)

    def value(self, sensor: str) -> float:
        """The last value shown, NaN for none."""
        self.desk.drain()
        return float(self.desk.latest([sensor]).v[0])

    def alarm(self, sensor: str) -> AlarmState | None:
        """How the sensor's alarm stands here."""
        self.desk.drain()
        alarm = next((a for a in self.desk.entities(Alarm).values() if a.sensor == sensor), None)
        return alarm.state if alarm is not None else None

    async def watch(self, *sensors: str) -> None:
        """Subscribe to everything, and wait until these are shown."""
        self.desk.watch(self, Selector())
        await until(lambda: all(self.value(sensor) == self.value(sensor) for sensor in sensors))

    async def end(self) -> None:
        await self.desk.close()
        await self.tasks.close()


@asynccontextmanager
async def guarded(folder: Path, *, local: bool = False) -> AsyncIterator[GuardedNode]:
    """A node with people."""
    node = GuardedNode(folder, local=local)
    await node.open()
    try:
        yield node
    finally:
        await node.close()


@asynccontextmanager
async def recording(folder: Path) -> AsyncIterator[GuardedNode]:
    """A node with people that keeps incidents, seats and walls."""
    node = GuardedNode(folder)
    journalled = Journalled(node.hub, node.intents, node.tasks, node="test")
    await node.open()
    try:
        yield node
    finally:
        await journalled.close()
        await node.close()


@asynccontextmanager
async def console(node: GuardedNode, *, role: str = "desk") -> AsyncIterator[Console]:
    """A console at it."""
    made = Console(role=role)
    try:
        await made.come(node)
        yield made
    finally:
        await made.end()


async def staffed(node: GuardedNode) -> None:
    """The first administrator names an officer of the north and a wall; the officer has changed the password."""
    async with console(node) as desk:
        await administrated(node, desk)
    async with console(node) as desk:
        assert await desk.desk.login("north", OFFICER) == Text("")
        assert await desk.desk.change_password(OFFICER, OWN) == Text("")
    for session in node.gate.sessions.all():
        node.gate.logout(session)


async def administrated(node: GuardedNode, at: Console) -> None:
    """The first administrator, the officer, the wall."""
    desk = at.desk
    assert await desk.first_administrator(node.code, "test", "chief", Text("主管", "Chief"), ADMIN) == Text("")
    put = {"name_zh": "北区值班员", "name_en": "North", "roles": [["duty_officer", "north"]]}
    assert await desk.administer("person.put", id="north", **put) == Text("")
    wall: dict[str, Any] = {"name_zh": "大屏", "roles": [["wall", ""]], "wall": True}
    assert await desk.administer("person.put", id="wall-1", **wall) == Text("")
    assert await desk.administer("account.add", id="north", account="north", password=OFFICER) == Text("")
