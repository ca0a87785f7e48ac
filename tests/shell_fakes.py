"""A desk and a task starter for the shell's tests: everything put in by hand; knows no node and no socket."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar, cast

import msgspec
import numpy as np

from console.api import (
    LIVE,
    NS,
    ActStanding,
    Answer,
    Area,
    Board,
    Columns,
    Domain,
    Entity,
    Feed,
    Freshness,
    IntentState,
    Latest,
    Level,
    LinkError,
    LinkStatus,
    Selector,
    Sensor,
    Text,
    Value,
)
from console.client.replay import Playback
from console.shell.access.acts import AccessActs
from console.shell.alarm_acts import AlarmActs
from console.shell.commands import Commands
from console.shell.language import Language
from console.shell.notices import Notices
from console.shell.pacer import Pacer
from console.shell.replay_acts import ReplayActs
from console.shell.session import Session
from tests.seated import Seated

E_ = TypeVar("E_", bound=Entity)
NOW_NS = 1_784_315_667 * NS  # 2026-07-18 03:14:27 Beijing time


class FakeDrained(Value, frozen=True):
    """What changed, as a test says."""

    sensors: set[str] = msgspec.field(default_factory=set)
    entities: set[str] = msgspec.field(default_factory=set)
    seeked: bool = False
    link_changed: bool = False


class FakeView:
    """console.shell.ports.View from dictionaries: of a replay, and what FakeDesk is of live."""

    def __init__(self, context: str, now_ns: int) -> None:
        self.context = context
        self.now_ns = now_ns
        self.status = LinkStatus(up=True, since_ns=NOW_NS - 3600 * NS, node_name="西咸中心", simulated=True)
        self.store: dict[type[Entity], dict[str, Entity]] = {}
        self.samples: dict[str, tuple[int, float, float]] = {}
        self.stale: set[str] = set()
        self.interests: dict[object, tuple[Selector, ...]] = {}
        self.next = FakeDrained(seeked=True, entities={"alarm", "sensor", "area"})

    def put(self, *entities: Entity) -> None:
        for entity in entities:
            self.store.setdefault(type(entity), {})[entity.id] = entity
            self.next.entities.add(type(entity).CLS)

    def sample(self, sensor: str, v: float, rate_per_s: float = 0.0, age_s: float = 1.0) -> None:
        self.samples[sensor] = (self.now_ns - int(age_s * NS), v, rate_per_s)
        self.next.sensors.add(sensor)

    def drained(self) -> FakeDrained:
        drained, self.next = self.next, FakeDrained()
        return drained

    def entities(self, cls: type[E_]) -> Mapping[str, E_]:
        return cast("Mapping[str, E_]", self.store.setdefault(cls, {}))

    def latest(self, ids: Sequence[str]) -> Latest:
        rows = [self.samples.get(i, (0, np.nan, np.nan)) for i in ids]
        return Latest(
            t_ns=np.array([r[0] for r in rows], np.int64),
            v=np.array([r[1] for r in rows], np.float64),
            q=np.zeros(len(rows), np.uint8),
            rate_per_s=np.array([r[2] for r in rows], np.float64),
        )

    def freshness(self, sensor_id: str) -> Freshness:
        if not self.status.up:
            return Freshness.DISCONNECTED
        return Freshness.STALE if sensor_id in self.stale else Freshness.LIVE

    def window(self, sensor_id: str, start_ns: int, end_ns: int) -> Columns:
        rng = np.random.default_rng(abs(hash(sensor_id)) % 2**32)
        t = np.arange(max(start_ns, end_ns - 1000 * NS), end_ns, NS, dtype=np.int64)
        last = self.samples.get(sensor_id, (0, 1.0, 0.0))[1]
        v = last + np.cumsum(rng.normal(0, abs(last) * 0.002 + 1e-3, len(t)))[::-1]
        return Columns(t_ns=t, v=v, q=np.zeros(len(t), np.uint8))

    async def query(self, sensor_id: str, start_ns: int, end_ns: int, max_points: int = 2000) -> Columns:
        return self.window(sensor_id, start_ns, end_ns)

    def gaps(self, sensor_id: str) -> Sequence[tuple[int, int]]:
        return ()

    def matches(self, owner: object) -> frozenset[str]:
        ids = {i for selector in self.interests.get(owner, ()) for i in selector.ids}
        wide = any(not selector.ids for selector in self.interests.get(owner, ()))
        return frozenset(self.entities(Sensor)) if wide else frozenset(ids)


class FakeReplay:
    """console.shell.ports.Replay: keeps what it is asked, and does it at once."""

    def __init__(self, group: str, at_ns: int, desk: FakeDesk) -> None:
        self._desk = desk
        self.asked: list[tuple[str, int, float]] = []
        self.view = FakeView(f"replay:{group}", at_ns)
        self.playback = Playback(
            group=group,
            at_ns=at_ns,
            node_ns=desk.now_ns,
            playing=True,
            from_ns=desk.now_ns - 86_400 * NS,
            to_ns=desk.now_ns,
        )

    async def control(self, op: str, at_ns: int = 0, speed: float = 1.0) -> None:
        if self._desk.cut:
            raise LinkError("cut")
        self.asked.append((op, at_ns, speed))
        if op in ("play", "pause"):
            self.playback = msgspec.structs.replace(self.playback, playing=op == "play")
        elif op == "speed":
            self.playback = msgspec.structs.replace(self.playback, speed=speed)
        elif op == "seek":
            self.playback = msgspec.structs.replace(self.playback, at_ns=at_ns)
            self.view.now_ns = at_ns
            self.view.next = msgspec.structs.replace(self.view.next, seeked=True)


class FakeDesk(FakeView, Seated):
    """console.shell.ports.Desk from dictionaries, live; `open_replay` puts a FakeReplay beside it."""

    def __init__(self) -> None:
        super().__init__(LIVE, NOW_NS)
        self.status = LinkStatus(
            up=True,
            since_ns=NOW_NS - 3600 * NS,
            node_name="西咸中心",
            rtt_ms=12.0,
            simulated=True,
            streams_live=2871,
            streams_known=2874,
            streams_whole=True,
            last_data_ns=NOW_NS - NS,
        )
        self.intents: list[tuple[str, str]] = []
        self.arguments: list[dict[str, Any]] = []
        self.acts: dict[str, ActStanding] = {}
        self.waiting = 0
        self.answer = Answer(id="1", state=IntentState.APPLIED)
        self.cut = False
        self.replay: FakeReplay | None = None

    @property
    def view(self) -> FakeView:
        return self.replay.view if self.replay is not None else self

    async def open_replay(self, at_ns: int, group: str = "") -> None:
        if self.cut:
            raise LinkError("cut")
        self.replay = FakeReplay(group or "7K3P", at_ns or self.now_ns - 3600 * NS, self)

    def leave_replay(self) -> None:
        self.replay = None
        self.next = msgspec.structs.replace(self.next, seeked=True)

    def link(self, **changes: Any) -> None:
        self.status = msgspec.structs.replace(self.status, **changes)
        self.next = msgspec.structs.replace(self.next, link_changed=True)

    def drain(self) -> tuple[FakeDrained, FakeDrained]:
        live = self.drained()
        return live, live if self.replay is None else self.replay.view.drained()

    async def attach(self, content: bytes) -> str:
        raise LinkError("no node here")

    async def fetch(self, sha256: str) -> bytes:
        raise LinkError("no file here")

    def act(self, entity: str) -> ActStanding | None:
        return self.acts.get(entity)

    async def intent(self, name: str, entity: str, **arguments: Any) -> Answer:
        if self.cut:
            raise LinkError("cut")
        self.intents.append((name, entity))
        self.arguments.append(arguments)
        return self.answer

    def watch(self, owner: object, *selectors: Selector, strategy: str = "latest") -> None:
        self.interests[owner] = selectors

    def interest(self, owner: object, *selectors: Selector, strategy: str = "latest") -> None:
        self.view.interests[owner] = selectors

    def release(self, owner: object) -> None:
        for view in (self, self.view):
            view.interests.pop(owner, None)

    def feed(self, camera_id: str, stream: str = "main") -> Feed:
        raise LinkError("no camera here")


class _Kept:
    def add_done_callback(self, callback: object) -> None:
        """It never ends."""


class FakeTasks:
    """Tasks of the running loop, or, where none runs, coroutines kept to be run by the test."""

    def __init__(self) -> None:
        self.waiting: list[Coroutine[Any, Any, Any]] = []

    def start(self, name: str, work: Coroutine[Any, Any, Any], owner: object = None) -> asyncio.Task[Any]:
        self.waiting.append(work)
        return cast("asyncio.Task[Any]", _Kept())

    def cancel(self, owner: object) -> None:
        """Nothing runs."""

    def run_all(self) -> None:
        """Run what was started, to its end."""
        while self.waiting:
            asyncio.run(self.waiting.pop(0))

    def close(self) -> None:
        """Close what was never run."""
        for work in self.waiting:
            work.close()
        self.waiting.clear()


class Room:
    """A session with its pacer and acts over a fake desk."""

    def __init__(self, translations: Path) -> None:
        self.desk = FakeDesk()
        self.tasks = FakeTasks()
        self.notices = Notices(lambda: self.desk.now_ns)
        self.commands = Commands()
        self.language = Language(translations, "zh")
        self.session = Session(self.desk, self.tasks, self.notices, self.commands, self.language)
        self.pacer = Pacer(self.session)
        self.acts = AlarmActs(self.session)
        self.replay = ReplayActs(self.session)
        self.access = AccessActs(self.session)
        self.desk.on_access = self.access.follow
        self.pacer.add_chrome(self.access)

    def close(self) -> None:
        """What the written shutdown does with these."""
        self.pacer.stop()
        self.commands.unbind()
        self.language.close()
        self.tasks.close()


def small_city(desk: FakeDesk) -> None:
    """Five towns, three trades, no alarms."""
    desk.put(Area(id="xixian", level=Level.NEW_AREA, name=Text("西咸新区", "Xixian New Area")))
    towns = [("fengdong", "沣东", "Fengdong"), ("fengxi", "沣西", "Fengxi"), ("qinhan", "秦汉", "Qinhan")]
    for town, zh, en in towns:
        desk.put(Area(id=town, parent="xixian", level=Level.NEW_TOWN, name=Text(f"{zh}新城", f"{en} New Town")))
    desk.put(Domain(id="gas", board=Board.LIFELINE, name=Text("燃气", "Gas"), order=1))
    desk.put(Domain(id="flood", board=Board.NATURAL, name=Text("防汛", "Flood"), order=2))
