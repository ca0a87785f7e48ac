"""A node as the program it is, with an alarm that holds, and consoles without windows at it."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from console.api import Alarm, AlarmState, IntentState, Notice
from console.client.desk import Desk
from console.client.media import Media
from console.node.journal.entry import Entry
from console.node.journal.store import Store
from console.tasks import Tasks
from tests.flow.nodes import until

ROOT = Path(__file__).parents[2]
SECRET = "test-secret"
NOWHERE = "ws://127.0.0.1:1"
ALARM = "alarm:plant.gas"
SOURCES = """
[[source]]
id = "plant"
kind = "csv"
file = "plant.csv"
time_format = "ms"
[[source.value]]
column = "v"
id = "gas"
limits = [{ priority = 1, value = 10.0, hysteresis = 1.0 }]
"""


def sources(folder: Path, value: float = 20.0) -> Path:
    """A replayed sensor that is beyond its limit all the time."""
    folder.mkdir(exist_ok=True)
    (folder / "plant.csv").write_text("time,v\n" + "".join(f"{n * 20},{value}\n" for n in range(9000)), "utf-8")
    (folder / "sources.toml").write_text(SOURCES, "utf-8")
    return folder / "sources.toml"


class Child:
    """A node process."""

    def __init__(self, process: asyncio.subprocess.Process, url: str) -> None:
        self.process, self.url = process, url

    async def kill(self) -> None:
        """kill -9."""
        self.process.kill()
        await self.process.wait()


@asynccontextmanager
async def child_node(
    state: Path, config: Path, *, program: Sequence[str] = ("-m", "console.node.serve")
) -> AsyncIterator[Child]:
    """The node as the program it is; one that ends before its door is open has the address NOWHERE."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, *program, cwd=ROOT,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    assert process.stdin is not None
    assert process.stdout is not None
    boot = {"secret": SECRET, "state": str(state), "sources": str(config)}
    try:
        process.stdin.write(json.dumps(boot).encode() + b"\n")
        async with asyncio.timeout(30):
            line = await process.stdout.readline()
        yield Child(process, json.loads(line)["ready"]["url"] if line else NOWHERE)
    finally:
        process.stdin.close()
        async with asyncio.timeout(60):
            await process.wait()


class Seat:
    """One console without windows: its desk, and what it was told."""

    def __init__(self, state: Path, actor: str) -> None:
        state.mkdir(exist_ok=True)
        self.tasks = Tasks()
        self.desk = Desk(self.tasks, media=Media(self.tasks), state=state)
        self.notices: dict[str, Notice] = {}
        self.desk.on_notice = lambda notice: self.notices.update({notice.key: notice})
        self.desk.on_clear = self.cleared
        self.desk.actor = actor
        self.tasks.start("link", self.desk.link.run())

    def cleared(self, key: str) -> None:
        self.notices.pop(key, None)

    def go_to(self, url: str) -> None:
        self.desk.link.address(url, SECRET)
        self.desk.link.retry()

    @property
    def alarm(self) -> Alarm:
        return self.desk.entities(Alarm).get(ALARM, Alarm(id=ALARM))

    async def sees(self, state: AlarmState) -> None:
        await until(lambda: self.desk.drain() is not None and self.alarm.state is state, 30)

    def shows(self) -> AlarmState | None:
        """How the alarm stands on the screen, None: it is not there."""
        self.desk.drain()
        found = self.desk.entities(Alarm).get(ALARM)
        return found.state if found is not None else None

    async def acknowledge(self) -> IntentState:
        answer = await self.desk.intent("alarm.acknowledge", ALARM, raised_ns=self.alarm.raised_ns)
        return answer.state

    async def end(self) -> None:
        await self.desk.close()
        await self.tasks.close()


@asynccontextmanager
async def seat(state: Path, url: str, actor: str = "李卫国") -> AsyncIterator[Seat]:
    made = Seat(state, actor)
    made.go_to(url)
    try:
        yield made
    finally:
        await made.end()


def journal(state: Path) -> list[Entry]:
    """All entries but the journal's own and the marks of clocks, of a node that has ended."""
    store = Store(state / "journal" / "journal.db")
    store.open()
    entries = [entry for entry in store.entries(0, 1 << 30) if entry.header.cls not in ("journal", "clock")]
    store.close()
    return entries


def kinds(state: Path) -> list[str]:
    return [entry.header.kind for entry in journal(state) if not entry.header.kind.startswith("access.")]
