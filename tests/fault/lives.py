"""The life of an act in memory: console, its disk, the wire, node, its disk; one thing goes wrong at a chosen step.

Everything of ours is real (acts, outbox, codec, answers, intents, journal, what they publish); disks and wire are not.
A step is an operation of either disk, or a message on the wire.
"""

from __future__ import annotations

import asyncio
import enum
import random
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import apsw
import msgspec
import numpy as np

from console.api import (
    Alarm,
    AlarmState,
    ChannelKind,
    Columns,
    Incident,
    IncidentPhase,
    IntentState,
    Limit,
    LinkError,
    LinkStatus,
    Notice,
    RefusedError,
    ResourceError,
    Sensor,
    Text,
)
from console.client.acts import UNUSABLE, Acts
from console.client.outbox import Outbox
from console.node.acknowledging import Acknowledging
from console.node.acts.journalled import Journalled
from console.node.alarms import Alarms
from console.node.answers import Answers, no_past
from console.node.hub import Hub
from console.node.intents import Intents
from console.node.journal.entry import Entry
from console.node.journal.journal import Journal
from console.node.journal.store import FILE
from console.node.journal.verify import Report, read_witnesses, verify
from console.node.outbox import Outbox as WayOut
from console.tasks import Tasks
from console.wire.codec import decode_down, decode_up, encode
from console.wire.frames import Intent, IntentAnswer
from tests.fault.power_vfs import Cut, Disk

NODE, OFFICER = "n1", "李卫国"
SENSORS = 3
LIMITS = (Limit(priority=1, value=10.0, hysteresis=1.0),)
PHONE = {"title": "燃气泄漏", "place": "天元路 8 号", "nature": "燃气", "reported_by": "群众", "verified_by": "张三"}
WITHIN_S = 20.0


class Fault(enum.StrEnum):
    """What goes wrong. `power`: writes since a sync are there, gone or torn; `kill`: they stay."""

    NODE_POWER = "node power"
    NODE_KILL = "node kill"
    CONSOLE_POWER = "console power"
    CONSOLE_KILL = "console kill"
    BOTH_POWER = "both power"
    BOTH_KILL = "both kill"
    NODE_EIO_ONCE = "node EIO once"
    NODE_EIO = "node EIO"
    NODE_EIO_KILL = "node EIO, then kill"
    NODE_EIO_POWER = "node EIO, then power"
    NODE_FULL = "node ENOSPC"
    CONSOLE_EIO_ONCE = "console EIO once"
    CONSOLE_EIO = "console EIO"
    CONSOLE_EIO_KILL = "console EIO, then kill"
    CONSOLE_EIO_POWER = "console EIO, then power"
    CONSOLE_FULL = "console ENOSPC"
    WIRE = "wire cut"


class Wish(msgspec.Struct, frozen=True):
    """What the officer wants to have done, and the kinds of the entries that it makes."""

    name: str
    entity: str
    arguments: dict[str, Any]
    kinds: tuple[str, ...]


def wishes() -> list[Wish]:
    """A phone report in one form, alarms, and what becomes of the incident."""
    chain = ("incident.report", "incident.verify", "incident.grade")
    respond = {"response_level": 3, "leader": "赵队"}
    return [
        Wish("alarm.acknowledge", "alarm:s0", {}, ("alarm.acknowledge",)),
        Wish("incident.report", "inc-1", PHONE | {"grade": 3}, chain),
        Wish("alarm.acknowledge", "alarm:s1", {}, ("alarm.acknowledge",)),
        Wish("incident.respond", "inc-1", respond, ("incident.respond",)),
        Wish("incident.control", "inc-1", {"measures": "关阀"}, ("incident.control",)),
        Wish("alarm.acknowledge", "alarm:s2", {}, ("alarm.acknowledge",)),
    ]


class Ailing:
    """A disk, its owner's end, and what it holds after it."""

    def __init__(self, files: dict[str, bytes] | None, step: Callable[[], None]) -> None:
        self.disk, self._step = Disk(files), step
        self.dead = False
        self.image: dict[str, bytes] = {}
        self.error: Callable[[], apsw.Error] | None = None
        self.once = False
        self.disk.fails = self._operation

    def _operation(self, what: str, _number: int) -> None:
        self._step()
        if self.disk.off:
            raise Cut("the power is off")
        if (error := self.error) is not None and what in ("write", "sync"):
            if self.once:
                self.error = None
            # SQLite's own unix VFS calls every failed sync an I/O error, also one for want of room
            raise apsw.IOError("sync failed") if what == "sync" else error()

    def end(self, chance: random.Random | None) -> None:
        """Power cut (with what chance leaves), or killed."""
        if self.dead:
            return
        self.dead = True
        if chance is not None:
            self.image = self.disk.cut(chance)
        else:
            self.disk.off = True
            self.image = {name: bytes(file.seen) for name, file in list(self.disk.files.items())}

    def ails(self, error: Callable[[], apsw.Error], *, once: bool) -> None:
        """Writes and syncs fail from now on."""
        self.once, self.error = once, error

    def heal(self) -> None:
        """The disk works again."""
        self.error = None


class NodeRun:
    """One run of the node on a disk."""

    def __init__(self, place: Ailing, folder: Path) -> None:
        self.place, self._folder = place, folder
        self.hub, self.tasks = Hub(), Tasks()
        self.alarms = Alarms(self.hub)
        self.hub.on_samples = self.alarms.observe
        self.intents = Intents(
            self._make, on_notice=self.hub.notice, on_clear=self.hub.clear_notice, sleep=lambda _s: asyncio.sleep(0.005)
        )
        self.acknowledging = Acknowledging(self.alarms, self.intents, self.tasks, sleep=lambda _s: asyncio.sleep(0.005))
        self.journalled = Journalled(self.hub, self.intents, self.tasks, node=NODE, simulated=lambda: True)
        self.answers = Answers(self.hub, _no_history, self.intents.act, no_past, self.intents.act)
        self.hub.put("plant", [Sensor(id=f"s{i}", limits=LIMITS) for i in range(SENSORS)])
        self.alarms.learn()
        self.journal: Journal | None = None

    async def _make(self) -> Journal:
        self.journal = Journal(
            self._folder, NODE, on_growth=self.journalled.grown, vfs=self.place.disk.name, exclusive=True
        )
        return self.journal

    async def open(self) -> None:
        """From here on the journal is open, or tried again; every sensor is beyond its limit."""
        self.tasks.start("journal", self.intents.run())
        await self.intents.tried(WITHIN_S)
        ids = np.arange(SENSORS, dtype=np.uint32)
        t_ns, v, q = np.full(SENSORS, time.time_ns()), np.full(SENSORS, 20.0), np.zeros(SENSORS, np.uint8)
        self.hub.samples(ChannelKind.SCALAR, Columns(t_ns=t_ns, v=v, q=q, ids=ids))

    async def close(self) -> None:
        """End; of one that is dead nothing reaches its disk any more."""
        await self.intents.close()
        await self.tasks.close()

    def shows(self, wish: Wish) -> bool:
        """Whether the officer sees on a screen that it is done."""
        if wish.name == "alarm.acknowledge":
            alarm = self.hub.entities.get(Alarm.CLS, {}).get(wish.entity)
            return isinstance(alarm, Alarm) and alarm.state is AlarmState.ACKNOWLEDGED
        incident = self.hub.entities.get(Incident.CLS, {}).get(wish.entity)
        phases = list(IncidentPhase)
        last = {"incident.report": IncidentPhase.GRADED, "incident.respond": IncidentPhase.RESPONDING}
        due = last.get(wish.name, IncidentPhase.CONTROLLED)
        found = incident.phase if isinstance(incident, Incident) else None
        return found is not None and phases.index(found) >= phases.index(due)


async def _no_history(_context: str, _span: object) -> Columns:
    raise RefusedError("no history here")


class Box(Outbox):
    """An outbox on a disk of the test, that says which acts were tried to be kept."""

    def __init__(self, place: Ailing, tried: list[str], path: Path) -> None:
        self._tried = tried
        super().__init__(path, vfs=place.disk.name, exclusive=True)

    def add(self, intent: Intent, *, node: str, at_ns: int) -> None:
        self._tried.append(intent.id)
        super().add(intent, node=node, at_ns=at_ns)


class Life:
    """See the module. `at`: the step at which `fault` strikes, None: at none."""

    def __init__(self, folder: Path, seed: int, fault: Fault | None = None, at: int | None = None) -> None:
        self._folder, self._fault, self._at = folder, fault, at
        self._chance = random.Random(seed)
        self._loop = asyncio.get_running_loop()
        self.steps = 0
        self.up = True
        self.told: list[str] = []
        """Errors that the officer was told, in words."""
        self.saved: dict[str, str] = {}
        """Hash of the entry by id of each act that was answered as saved to a console that lived."""
        self.unsaved: set[str] = set()
        """Acts of which the officer was told that they are not saved."""
        self.reopened_s = 0.0
        self._tried: list[str] = []
        self._died = asyncio.Event()
        self.notices: dict[str, Notice] = {}
        self.desk = Ailing(None, self._step)
        self.place = Ailing(None, self._step)

    async def begin(self) -> None:
        """Both programs run for the first time, and the link is up."""
        (self._folder / "desk").mkdir()
        self.node = NodeRun(self.place, self._folder / "node")
        await self.node.open()
        self.acts = self._console()

    def _console(self) -> Acts:
        made = Acts(
            self._send,
            lambda: LinkStatus(up=self.up, since_ns=0, node=NODE),
            self._folder / "desk",
            on_change=lambda _cls: None,
            on_notice=lambda notice: self.notices.update({notice.key: notice}),
            on_clear=lambda _key: None,
            box=partial(Box, self.desk, self._tried),
        )
        made.as_(OFFICER)
        return made

    # ------------------------------------------------------------------ the fault

    def _step(self) -> None:
        self.steps += 1
        if self.steps == self._at and self._fault is not None:
            self._strike(self._fault)

    def _strike(self, fault: Fault) -> None:
        power = self._chance if fault.value.endswith("power") else None
        where, _, what = fault.value.partition(" ")
        if where in ("node", "both") and what in ("power", "kill"):
            self.place.end(power)
        if where in ("console", "both") and what in ("power", "kill"):
            self.desk.end(power)
        if what.startswith(("EIO", "ENOSPC")):
            error = partial(apsw.FullError, "ENOSPC") if what == "ENOSPC" else partial(apsw.IOError, "EIO")
            (self.place if where == "node" else self.desk).ails(error, once=what.endswith("once"))
            return
        self.up = False
        self._loop.call_soon_threadsafe(self._cut)

    def _cut(self) -> None:
        if self.desk.dead:
            self._died.set()
        else:
            self.acts.down()

    # ------------------------------------------------------------------ the wire

    def _send(self, intent: Intent) -> None:
        if not self.up:
            raise LinkError("cut")
        data = encode(intent)
        self._step()
        if self.up:
            message = decode_up(data)
            assert isinstance(message, Intent)
            out = WayOut(partial(self._answered, self.node))
            self.node.tasks.start("act", self.node.answers.intent(message, out))

    def _answered(self, node: NodeRun, data: bytes) -> bool:
        """An answer goes out of a node, and comes to the console where both live and the wire holds."""
        if not node.place.dead and node is self.node:
            self._step()
            if self.up and not self.desk.dead:
                self._heard(data)
        return True

    def _heard(self, data: bytes) -> None:
        answer = decode_down(data)
        assert isinstance(answer, IntentAnswer)
        self.acts.answered(answer)
        if answer.state == "saved":
            self.saved[answer.id] = answer.head
        elif answer.reason.zh.startswith("未保存"):
            self.unsaved.add(answer.id)
        if answer.reason != Text(""):
            self.told.append(answer.reason.zh)

    # ------------------------------------------------------------------ the officer

    async def wants(self, wish: Wish) -> None:
        """Does it, and again where the screen does not show it once everything works again."""
        for _ in range(4):
            await self._does(wish)
            await self.recover()
            if self.node.shows(wish):
                return
        raise AssertionError(f"{wish.name} {wish.entity} cannot be done: {self.told}")

    async def _does(self, wish: Wish) -> None:
        tried = len(self._tried)
        doing = asyncio.ensure_future(self.acts.do(wish.name, wish.entity, wish.arguments))
        died = asyncio.ensure_future(self._died.wait())
        async with asyncio.timeout(WITHIN_S):
            await asyncio.wait({doing, died}, return_when=asyncio.FIRST_COMPLETED)
        died.cancel()
        if not doing.done():
            doing.cancel()
        try:
            answer = await doing
        except asyncio.CancelledError:
            return
        except ResourceError as error:
            if not self.desk.dead:
                self.told.append(str(error))
                if "may still be sent" not in str(error):
                    self.unsaved.update(self._tried[tried:])
            return
        if answer.state is IntentState.REFUSED and answer.reason == Text(""):
            raise AssertionError("a refusal without a word")

    async def recover(self) -> None:
        """Disks work, what died runs again from what its disk holds, the link is up, everything sent is answered."""
        async with asyncio.timeout(WITHIN_S):
            while not await self._recovered():
                await asyncio.sleep(0.002)

    async def _recovered(self) -> bool:
        """One try: what goes wrong may do so in the middle of it."""
        for place in (self.place, self.desk):
            if place.error is not None and self._fault is not None and "then" in self._fault.value:
                place.end(self._chance if self._fault.value.endswith("power") else None)
            place.heal()
        if self.place.dead:
            await self._restart_node()
        if self.node.intents._journal is None:
            return False
        if not self.desk.dead and self.acts._box is None:
            self.told.append(self.notices[UNUSABLE].detail)
            self.desk.end(None)  # it says that it is of no use: the officer starts it again
        self.up = True
        if self.desk.dead:
            self.acts.close()
            self.desk = Ailing(self.desk.image, self._step)
            self._died.clear()
            self.acts = self._console()
        elif self.acts._count():
            self.acts.up()
        return not (self.place.dead or self.desk.dead or self.acts._box is None or self.acts._count())

    async def _restart_node(self) -> None:
        await self.node.close()
        self.place = Ailing(self.place.image, self._step)
        began_s = time.perf_counter()
        self.node = NodeRun(self.place, self._folder / "node")
        await self.node.open()
        if self.node.intents._journal is not None:
            self.reopened_s = max(self.reopened_s, time.perf_counter() - began_s)

    # ------------------------------------------------------------------ the end

    async def end(self, power: bool = True) -> None:
        """The node's power is cut once more; what its disk holds is read by a last run."""
        await self.recover()
        self.place.end(self._chance if power else None)
        await self.recover()

    async def close(self) -> None:
        """Give everything back."""
        self.acts.close()
        await self.node.close()

    async def entries(self) -> list[Entry]:
        """What persons did, as the journal has it."""
        assert self.node.journal is not None
        return [e for e in await self.node.journal.entries(0, 1 << 30) if e.header.intent and e.header.cls != "audit"]

    def report(self, folder: Path) -> Report:
        """What the verifier says of the node's file, with what the console kept of it. After `close`."""
        for name, file in self.place.disk.files.items():
            (folder / Path(name).name).write_bytes(bytes(file.seen))
        witnesses = self._folder / "desk" / "witnesses.txt"
        return verify(folder / FILE, read_witnesses(witnesses) if witnesses.exists() else ())
