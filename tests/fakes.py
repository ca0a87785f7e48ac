"""A host for trying one panel alone: entities, samples and windows put in by hand; knows no shell, link or node."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, TypeVar, cast

import numpy as np

from console.api import (
    LIVE,
    NS,
    ActStanding,
    Answer,
    Columns,
    Entity,
    Feed,
    Frame,
    Freshness,
    Header,
    IntentState,
    Latest,
    LinkError,
    LinkStatus,
    Notice,
    Selector,
    Sensor,
)
from tests.seated import Seated

E_ = TypeVar("E_", bound=Entity)
Role = Literal["desk", "wall", "vehicle"]
NOW_NS = 1_784_315_667 * NS  # 2026-07-18 03:14:27 Beijing time


class FakeHost(Seated):
    """console.api.Host from dictionaries; keeps what a panel asked of it.

    `put` and `sample` collect what the next `frame()` says; nothing runs in the background: what is spawned waits in
    `spawned` until the test runs or closes it.
    """

    def __init__(self, *, role: Role = "desk", language: str = "zh", text_px: float | None = None) -> None:
        self.role: Role = role
        self.language = language
        self.text_px = text_px if text_px is not None else {"desk": 13.0, "vehicle": 15.0, "wall": 64.0}[role]
        self.visible = True
        self.context = LIVE
        self.now_ns = NOW_NS
        self.selection = ""
        self.link = LinkStatus(
            up=True, since_ns=NOW_NS - 3600 * NS, node_name="西咸中心", rtt_ms=12.0, last_data_ns=NOW_NS - NS
        )
        self.store: dict[type[Entity], dict[str, Entity]] = {}
        self.samples: dict[str, tuple[int, Any, int, float]] = {}
        self.windows: dict[str, Columns] = {}
        self.selectors: tuple[Selector, ...] = ()
        self.headers: list[Header] = []
        self.raised: dict[str, Notice] = {}
        self.selected: list[str] = []
        self.commands: list[str] = []
        self.intents: list[tuple[str, str, dict[str, Any]]] = []
        self.spawned: list[tuple[str, Any]] = []
        self.acts: dict[str, ActStanding] = {}
        self.answer = Answer(id="1", state=IntentState.APPLIED)
        self.cut = False
        self.lost: dict[str, list[tuple[int, int]]] = {}
        self._sensors: set[str] = set()
        self._entities: set[str] = set()
        self._selection_changed = False

    # ------------------------------------------------------------------ for the test

    def put(self, *entities: Entity) -> None:
        """Add or replace entities."""
        for entity in entities:
            self.store.setdefault(type(entity), {})[entity.id] = entity
            self._entities.add(entity.CLS)

    def drop(self, cls: type[Entity], *ids: str) -> None:
        """Remove entities."""
        for id_ in ids:
            self.store.get(cls, {}).pop(id_, None)
        self._entities.add(cls.CLS)

    def sample(self, sensor: str, v: Any, *, rate_per_s: float = 0.0, age_s: float = 1.0, q: int = 0) -> None:
        """The sensor's last sample; `v` a number, or (lon, lat, alt, heading, speed)."""
        self.samples[sensor] = (self.now_ns - int(age_s * NS), v, q, rate_per_s)
        self._sensors.add(sensor)

    def frame(self, *, after_s: float = 0.0, seeked: bool = False) -> Frame:
        """What changed since the last call, `after_s` later."""
        self.now_ns += int(after_s * NS)
        made = Frame(
            now_ns=self.now_ns,
            context=self.context,
            seeked=seeked,
            sensors=frozenset(self._sensors),
            entities=frozenset(self._entities),
            link=Freshness.LIVE if self.link.up else Freshness.DISCONNECTED,
            selection_changed=self._selection_changed,
        )
        self._sensors, self._entities, self._selection_changed = set(), set(), False
        return made

    # ------------------------------------------------------------------ console.api.Host

    def select(self, ref: str) -> None:
        self.selected.append(ref)
        self._selection_changed = self._selection_changed or ref != self.selection
        self.selection = ref

    def subscribe(self, *selectors: Selector, strategy: str = "latest") -> None:
        self.selectors = selectors

    def entities(self, cls: type[E_]) -> Mapping[str, E_]:
        return cast("Mapping[str, E_]", self.store.setdefault(cls, {}))

    def latest(self, ids: Sequence[str]) -> Latest:
        rows = [self.samples.get(i, (0, np.nan, 0, np.nan)) for i in ids]
        wide = any(isinstance(row[1], tuple) for row in rows)
        values = [row[1] if isinstance(row[1], tuple) or not wide else (row[1],) * 5 for row in rows]
        return Latest(
            t_ns=np.array([row[0] for row in rows], np.int64),
            v=np.array(values, np.float64),
            q=np.array([row[2] for row in rows], np.uint8),
            rate_per_s=np.array([row[3] for row in rows], np.float64),
        )

    def freshness(self, sensor_id: str) -> Freshness:
        if not self.link.up:
            return Freshness.DISCONNECTED
        row = self.samples.get(sensor_id)
        if row is None:
            return Freshness.NEVER
        sensor = self.entities(Sensor).get(sensor_id)
        limit_s = sensor.stale_after_s if sensor is not None else 10.0
        return Freshness.STALE if self.now_ns - row[0] > limit_s * NS else Freshness.LIVE

    def window(self, sensor_id: str, start_ns: int, end_ns: int) -> Columns:
        held = self.windows.get(sensor_id)
        if held is None:
            return Columns(t_ns=np.empty(0, np.int64), v=np.empty(0), q=np.empty(0, np.uint8))
        inside = (held.t_ns >= start_ns) & (held.t_ns < end_ns)
        return Columns(t_ns=held.t_ns[inside], v=held.v[inside], q=held.q[inside])

    def gaps(self, sensor_id: str) -> Sequence[tuple[int, int]]:
        return self.lost.get(sensor_id, ())

    async def query(self, sensor_id: str, start_ns: int, end_ns: int, max_points: int = 2000) -> Columns:
        if self.cut:
            raise LinkError("cut")
        return self.window(sensor_id, start_ns, end_ns)

    async def attach(self, content: bytes) -> str:
        raise LinkError("no node here")

    async def fetch(self, sha256: str) -> bytes:
        raise LinkError("no file here")

    def act(self, entity: str) -> ActStanding | None:
        return self.acts.get(entity)

    async def intent(self, name: str, entity: str, **arguments: Any) -> Answer:
        if self.cut:
            raise LinkError("cut")
        self.intents.append((name, entity, arguments))
        return self.answer

    def feed(self, camera_id: str, stream: str = "main") -> Feed:
        raise LinkError("no camera here")

    def command(self, command_id: str) -> None:
        self.commands.append(command_id)

    def header(self, header: Header) -> None:
        self.headers.append(header)

    def notice(self, notice: Notice) -> None:
        self.raised[notice.key] = notice

    def clear_notice(self, key: str) -> None:
        self.raised.pop(key, None)

    def notices(self) -> Sequence[Notice]:
        return tuple(self.raised.values())

    def spawn(self, name: str, work: Any) -> None:
        self.spawned.append((name, work))

    def close_spawned(self) -> None:
        """Close what was spawned and never run."""
        for _name, work in self.spawned:
            close: Callable[[], None] | None = getattr(work, "close", None)
            if close is not None:
                close()
        self.spawned.clear()
