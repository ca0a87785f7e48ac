"""The demo city as a source: builds it, publishes it on time and answers for its past; keeps no history."""

from __future__ import annotations

import asyncio
import itertools
import os
import time
from typing import Final

import msgspec
import numpy as np

from console.api import F64, I64, NS, U32, ChannelKind, Columns, Entity, Quality, Sensor, SettingsError, Sink, Span
from console.node.sources.city import areas, cameras, forces, ground, incidents, layers, physics, placing, plan, sensors
from console.node.sources.city.cases import CASES
from console.node.sources.city.clock import StormClock
from console.node.sources.city.kinds import DOMAINS
from console.node.sources.city.movers import Mover
from console.node.sources.city.physics import TICK_NS, Habits
from console.node.sources.city.plane import to_lonlat
from console.node.sources.city.spec import CitySettings

SLOTS: Final = 100
"""Groups of sensors: slow ones report in one of 100 slots of 100 ms, the others in every tenth."""


BACKLOG_STEP_NS: Final = 10 * NS
BACKLOG_STEPS: Final = 1080
"""Three hours in steps of ten seconds."""


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """Sensors of one channel that report in the same tick."""

    habits: Habits
    handles: U32
    channel: ChannelKind


class City(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that was built from the settings."""

    clock: StormClock
    ground: ground.Ground
    cells: areas.Cells
    pools: placing.Pools
    instruments: sensors.Instruments
    forces: forces.Forces
    positions: dict[int, tuple[float, float]]
    """lon, lat of each affair by its order."""


def build(settings: CitySettings, anchor_ns: int) -> City:
    """Build the city: half a second of work, the same for the same settings and anchor."""
    seed = settings.seed
    land = ground.build(seed)
    cells = areas.build(seed, land)
    pools = placing.build(seed, land, cells)
    instruments = sensors.build(seed, settings.sensors, anchor_ns, land, cells, pools)
    clock = StormClock(scenario=settings.scenario, anchor_ns=anchor_ns, speed=settings.speed)
    crew = forces.build(seed, anchor_ns, settings.scenario == "storm", land, cells, pools)
    degrees = to_lonlat(np.array([plan.km(*a.at) for a in incidents.AFFAIRS]))
    positions = {
        a.order: (round(float(x), 6), round(float(y), 6)) for a, (x, y) in zip(incidents.AFFAIRS, degrees, strict=True)
    }
    return City(
        clock=clock, ground=land, cells=cells, pools=pools, instruments=instruments, forces=crew, positions=positions
    )


class CityDemo:
    """The source. `run` publishes at least 2,000 values a second in ten batches; `query` computes any span."""

    def __init__(self, settings: CitySettings) -> None:
        if settings.sensors < 200 or settings.speed <= 0:
            raise SettingsError(
                "city: sensors or speed", found=f"{settings.sensors}, {settings.speed}", expected="200 or more, above 0"
            )
        self._settings = settings
        self._anchor_ns = settings.anchor_ns or time.time_ns() // NS * NS
        self._city: City | None = None
        self._rows: dict[str, int] = {}
        self._movers: dict[str, Mover] = {}
        self._sent: dict[tuple[str, str], Entity] = {}
        self._sink: Sink | None = None

    @property
    def city(self) -> City:
        """The city, built at first use."""
        if self._city is None:
            self._city = build(self._settings, self._anchor_ns)
            self._rows = {s.id: k for k, s in enumerate(self._city.instruments.sensors)}
            self._movers = {m.id: m for m in self._city.forces.movers}
        return self._city

    async def run(self, sink: Sink) -> None:
        """Publish until cancelled; ticks that a stalled machine missed are made up for, up to five seconds of them."""
        city = await asyncio.to_thread(lambda: self.city)
        self._sink = sink
        self._sent.clear()
        await self._introduce(sink, city)
        await self._backlog(sink, city)
        groups = self._groups(sink, city)
        handles = {m.id: sink.handle(m.id) for m in city.forces.movers}
        tick = sink.now_ns // TICK_NS
        self._last_said(sink, city, tick * TICK_NS)
        while True:
            now_ns = sink.now_ns
            due = now_ns // TICK_NS
            for missed in range(max(tick + 1, due - 50), due + 1):
                self._publish(sink, city, groups, handles, missed)
                if missed % 10 == 0:
                    self._update(sink, city, missed * TICK_NS)
            tick = max(tick, due)
            await asyncio.sleep(((tick + 1) * TICK_NS - sink.now_ns) / NS + 0.001)

    async def _introduce(self, sink: Sink, city: City) -> None:
        """Put every entity once; yields to the loop between the larger lots."""
        sink.put(*city.cells.areas.values())
        sink.put(*DOMAINS.values())
        files = await asyncio.to_thread(layers.build, city.ground, city.cells, city.pools.pipes)
        west, south, east, north = city.cells.shapes[areas.ROOT].bounds
        corners = to_lonlat(np.array([(west, south), (east, north)])).round(6)
        layers.publish(
            sink, files, (float(corners[0, 0]), float(corners[0, 1]), float(corners[1, 0]), float(corners[1, 1]))
        )
        everything: list[Sensor] = [*city.instruments.sensors, *city.forces.sensors]
        for start in range(0, len(everything), 500):
            sink.put(*everything[start : start + 500])
            await asyncio.sleep(0)
        base = self._settings.camera_base or os.environ.get("YILAN_CAMERA_BASE", "")
        cameras.publish(sink, base, city.ground, city.pools)
        sink.put(*city.forces.places)
        self._update(sink, city, sink.now_ns)

    async def _backlog(self, sink: Sink, city: City) -> None:
        """Publish the near past of staged sensors that stand beyond a limit, from when they crossed it, oldest first.

        So an alarm that is raised now bears the time at which its condition began.
        """
        now_ns = sink.now_ns // BACKLOG_STEP_NS * BACKLOG_STEP_NS
        t = now_ns + np.arange(-BACKLOG_STEPS, 0, dtype=np.int64) * BACKLOG_STEP_NS
        due: list[tuple[int, int, float, int]] = []
        for row, sensor in enumerate(city.instruments.sensors[: len(CASES)]):
            habits = city.instruments.habits.take(np.array([row]))
            v, q = physics.values(habits, t, city.clock, city.instruments.curves)
            due += [
                (int(t[k]), sink.handle(sensor.id), float(v[k]), int(q[k])) for k in range(_crossed(sensor, v), len(t))
            ]
        for step, (t_ns, lot) in enumerate(itertools.groupby(sorted(due), key=lambda d: d[0])):
            _, ids, values, quality = zip(*lot, strict=True)
            stamps, handles = np.full(len(ids), t_ns, np.int64), np.array(ids, np.uint32)
            columns = Columns(t_ns=stamps, v=np.array(values), q=np.array(quality, np.uint8), ids=handles)
            sink.samples(ChannelKind.SCALAR, columns)
            if step % 100 == 99:
                await asyncio.sleep(0)

    def _last_said(self, sink: Sink, city: City, now_ns: int) -> None:
        """Publish the last sample that every instrument gave until now, so that slow and silent ones are known too."""
        habits = city.instruments.habits
        until = np.minimum(habits.until_ns - 1, now_ns) - habits.slot * TICK_NS
        step = habits.period * TICK_NS
        due = until // step * step + habits.slot * TICK_NS
        here = physics.present(habits, due) & (habits.until_ns > 0)
        v, q = physics.values(habits, due, city.clock, city.instruments.curves)
        channels = np.array([s.channel for s in city.instruments.sensors])
        handles = np.array([sink.handle(s.id) for s in city.instruments.sensors], np.uint32)
        for channel in (ChannelKind.SCALAR, ChannelKind.STATE):
            mine = here & (channels == channel)
            sink.samples(channel, Columns(t_ns=due[mine], v=v[mine], q=q[mine], ids=handles[mine]))

    def _groups(self, sink: Sink, city: City) -> list[list[Group]]:
        """For each of the hundred slots, the groups that report in it."""
        habits = city.instruments.habits
        known = city.instruments.sensors
        handles = np.array([sink.handle(s.id) for s in known], np.uint32)
        channels = np.array([s.channel for s in known])
        slots: list[list[Group]] = []
        for slot in range(SLOTS):
            mine = (habits.slot == slot % habits.period) & (habits.until_ns > 0)
            groups = []
            for channel in (ChannelKind.SCALAR, ChannelKind.STATE):
                rows = np.flatnonzero(mine & (channels == channel))
                if len(rows):
                    groups.append(Group(habits=habits.take(rows), handles=handles[rows], channel=channel))
            slots.append(groups)
        return slots

    def _publish(self, sink: Sink, city: City, groups: list[list[Group]], handles: dict[str, int], tick: int) -> None:
        """Publish what is due in one tick of 100 ms."""
        t_ns = tick * TICK_NS
        for group in groups[tick % SLOTS]:
            t = np.full(len(group.handles), t_ns, np.int64)
            here = physics.present(group.habits, t)
            v, q = physics.values(group.habits, t, city.clock, city.instruments.curves)
            sink.samples(group.channel, Columns(t_ns=t[here], v=v[here], q=q[here], ids=group.handles[here]))
        moving = [m for m in city.forces.movers if m.slot == tick % 10 and self._heard(m, t_ns)]
        if moving:
            v = np.vstack([m.states(np.array([t_ns])) for m in moving])
            ids = np.array([handles[m.id] for m in moving], np.uint32)
            q = np.full(len(ids), Quality.SIMULATED, np.uint8)
            sink.samples(ChannelKind.POSITION, Columns(t_ns=np.full(len(ids), t_ns, np.int64), v=v, q=q, ids=ids))

    def _heard(self, mover: Mover, t_ns: int) -> bool:
        """Whether a position gets through: nothing is heard of mobile post 2 while its link is down."""
        storm = self._settings.scenario == "storm"
        return not (storm and mover.id == "pos.post2" and forces.cut_since(t_ns, self._anchor_ns))

    def _update(self, sink: Sink, city: City, now_ns: int) -> None:
        """Put the entities that are another than when they were last put; drop warnings that are over."""
        storm = self._settings.scenario == "storm"
        now: list[Entity] = [
            *forces.posts_at(city.forces, now_ns, self._anchor_ns, storm),
            *forces.units_at(city.forces, now_ns),
            *incidents.affairs_at(city.clock, now_ns, city.positions),
            *incidents.warnings_at(city.clock, now_ns),
            incidents.shift_at(now_ns),
        ]
        fresh = {(e.CLS, e.id): e for e in now}
        changed = [e for key, e in fresh.items() if self._sent.get(key) != e]
        if changed:
            sink.put(*changed)
        for key in self._sent.keys() - fresh.keys():
            sink.drop(type(self._sent[key]), key[1])
        self._sent = fresh

    async def query(self, span: Span) -> Columns:
        """The samples in the span up to now; too many are thinned to the least and greatest of each bucket."""
        city = self.city
        if self._sink is not None:  # what has not been yet is no history, though a model could tell it
            span = msgspec.structs.replace(span, end_ns=min(span.end_ns, self._sink.now_ns + 1))
        if span.end_ns <= span.start_ns:
            return _nothing()
        most = max(2, span.max_points)
        if span.sensor in self._movers:
            return self._track(self._movers[span.sensor], span)
        row = self._rows.get(span.sensor)
        if row is None:
            return _nothing()
        habits = city.instruments.habits.take(np.array([row]))
        t = physics.due_times(int(habits.slot[0]), int(habits.period[0]), span.start_ns, span.end_ns, 6 * most)
        t = t[physics.present(habits, t)]
        v, q = physics.values(habits, t, city.clock, city.instruments.curves)
        keep = _extremes(v, most) if len(t) > 2 * most else np.arange(len(t))
        return Columns(t_ns=t[keep], v=v[keep], q=q[keep])

    def _track(self, mover: Mover, span: Span) -> Columns:
        """A mover's positions, thinned evenly."""
        t = physics.due_times(mover.slot, 10, span.start_ns, span.end_ns, 2 * max(2, span.max_points))
        t = t[np.array([self._heard(mover, int(x)) for x in t], bool)]
        return Columns(t_ns=t, v=mover.states(t), q=np.full(len(t), Quality.SIMULATED, np.uint8))


def _crossed(sensor: Sensor, v: F64) -> int:
    """Where the samples beyond the worst limit of the last one begin; len(v) when it is beyond none."""
    held = [x for x in sensor.limits if (v[-1] >= x.value if x.high else v[-1] <= x.value)]
    if not held:
        return len(v)
    worst = min(held, key=lambda limit: limit.priority)
    inside = np.flatnonzero(v < worst.value if worst.high else v > worst.value)
    return int(inside[-1]) + 1 if len(inside) else 0


def _nothing() -> Columns:
    return Columns(t_ns=np.empty(0, np.int64), v=np.empty(0), q=np.empty(0, np.uint8))


def _extremes(v: F64, buckets: int) -> I64:
    """Rows of the least and greatest value of each bucket, ascending; a bucket without numbers keeps its first row."""
    starts = np.linspace(0, len(v), buckets + 1).astype(np.int64)[:-1]
    bucket = np.repeat(np.arange(buckets), np.diff(np.r_[starts, len(v)]))
    order = np.lexsort((v, bucket))  # stable, and what is no number comes last in its bucket
    numbers = np.add.reduceat(~np.isnan(v), starts, dtype=np.int64)
    return np.unique(np.r_[order[starts], order[starts + np.maximum(numbers - 1, 0)]])
