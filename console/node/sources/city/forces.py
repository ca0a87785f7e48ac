"""The demo city's command posts, teams, vehicles and places of refuge: where they are, what they do; sends nothing."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path

import msgspec
import numpy as np
from shapely.geometry import LineString, Point

from console.api import F64, NS, Board, ChannelKind, Post, Resource, Sensor, Text, Value
from console.node.sources.city import plan
from console.node.sources.city.areas import Cells
from console.node.sources.city.ground import Ground
from console.node.sources.city.movers import Mover
from console.node.sources.city.placing import Pools
from console.node.sources.city.plane import along, generator, to_lonlat
from console.node.sources.city.sensors import place

T = Text
CUT_PERIOD_S, CUT_S, CUT_AT_START_S = 1500, 540, 360
"""Mobile post 2 loses its link for `CUT_S` of every `CUT_PERIOD_S`, `CUT_AT_START_S` of it at the start."""


class Unit(Value, frozen=True):
    """A team or vehicle on a road; `at` is the scene it was called to (none: it patrols), reached at `arrive_min`."""

    kind: str
    name: Text
    town: str
    road: str
    at: tuple[float, float] | None = None
    arrive_min: float = 0.0
    status: Text = T("巡查", "patrol")
    task: Text = T("")
    post: str = "post.hq"


class Patrols(Value, frozen=True):
    """Units of one trade, numbered from `first`, each on its road: (town, road)."""

    kind: str
    name: Text
    first: int
    roads: tuple[tuple[str, str], ...]

    def units(self) -> Iterator[Unit]:
        """One unit a road."""
        short = {town.id: town.short for town in plan.TOWNS}
        road_en = {road.name.zh: road.name.of("en") for road in plan.ROADS}
        for number, (town, road) in enumerate(self.roads, self.first):
            task = T(f"{short[town].zh} {road}", f"{short[town].en} {road_en[road]}")
            name = T(f"{self.name.zh} {number:02d}", f"{self.name.en} {number:02d}")
            yield Unit(kind=self.kind, name=name, town=town, road=road, task=task)


class Place(Value, frozen=True):
    """A place that stays: kind, name, town, sketch position, capacity and how much of it a storm uses."""

    kind: str
    name: Text
    town: str
    at: tuple[float, float]
    capacity: float | None = None
    used: float | None = None


class Mobile(Value, frozen=True):
    """A mobile command post on its road: where it stands (`at`, sketch units), what is said of its place, its link."""

    number: int
    town: str
    road: str
    place: Text
    link: Text
    kbit_s: float
    at: tuple[float, float] | None = None
    parked: bool = False


class Roll(Value, frozen=True):
    """All of `forces.toml`."""

    called: tuple[Unit, ...]
    patrols: tuple[Patrols, ...]
    place: tuple[Place, ...]
    mobile: tuple[Mobile, ...]


_ROLL = msgspec.convert(tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8")), Roll)
CALLED, PLACES = _ROLL.called, _ROLL.place
PATROLS = tuple(unit for patrols in _ROLL.patrols for unit in patrols.units())


class Forces(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that moves or stands ready, with the position sensor and path of each mover."""

    movers: tuple[Mover, ...]
    sensors: tuple[Sensor, ...]
    units: tuple[tuple[str, Unit, str], ...]
    """Resource id, unit, area."""
    places: tuple[Resource, ...]
    posts: tuple[Post, ...]


def _road(ground: Ground, cells: Cells, name: str, town: str) -> F64:
    """The stretch of a named road inside a town, the longest one."""
    line = LineString(next(s.line for s in ground.streets if s.name.zh == name))
    inside = line.intersection(cells.shapes[town])
    parts = [g for g in getattr(inside, "geoms", [inside]) if g.geom_type == "LineString"]
    best = max(parts, key=lambda g: float(g.length))
    return np.asarray(best.coords, float)


def _mover(seed: int, anchor_ns: int, mover_id: str, unit: Unit, road: F64, slot: int) -> Mover:
    rng = generator(seed, "mover", mover_id)
    if unit.at is None:
        return Mover(
            id=mover_id,
            path=road,
            speed_m_s=float(rng.uniform(7, 13)),
            phase=float(rng.uniform(0, 1)),
            parked=unit.status.en == "standby",
            anchor_ns=anchor_ns,
            slot=slot,
        )
    dense = along(road, 0.02)
    end = int(np.argmin(np.hypot(*(dense - np.array(plan.km(*unit.at))).T)))
    path = dense[: end + 1] if end >= len(dense) / 2 else dense[: end - 1 if end else None : -1]
    path = path[-min(len(path), 190) :]
    arrive_ns = anchor_ns + int(unit.arrive_min * 60 * NS)
    return Mover(id=mover_id, path=path, speed_m_s=10.5, arrive_ns=arrive_ns, anchor_ns=anchor_ns, slot=slot)


def _position_sensor(mover: Mover, name: Text, area: str) -> Sensor:
    return Sensor(
        id=mover.id,
        kind="position",
        channel=ChannelKind.POSITION,
        board=Board.PUBLIC,
        domain="",
        area=area,
        site=name,
        name=T("位置", "Position"),
        digits=5,
        stale_after_s=10.0,
        source="city",
        simulated=True,
    )


def _resting(unit: Unit) -> Unit:
    """The unit at its station."""
    short = next(t.short for t in plan.TOWNS if t.id == unit.town)
    station = T(f"{short.zh} 站", f"{short.en} station")
    return msgspec.structs.replace(unit, at=None, status=T("待命", "standby"), task=station, post="post.hq")


def build(seed: int, anchor_ns: int, storm: bool, ground: Ground, cells: Cells, pools: Pools) -> Forces:
    """Posts, units and places; without a storm the called teams patrol instead."""
    called = CALLED if storm else tuple(_resting(u) for u in CALLED)
    movers: list[Mover] = []
    sensors: list[Sensor] = []
    units: list[tuple[str, Unit, str]] = []
    for k, unit in enumerate((*called, *PATROLS)):
        key = f"{unit.kind}.{unit.name.en.split()[-1]}"
        mover = _mover(seed, anchor_ns, f"pos.{key}", unit, _road(ground, cells, unit.road, unit.town), k % 10)
        movers.append(mover)
        sensors.append(_position_sensor(mover, unit.name, unit.town))
        units.append((f"res.{k + 1:02d}.{key}", unit, unit.town))
    posts = [_headquarters(anchor_ns, ground, pools)]
    for k, mobile in enumerate(_ROLL.mobile):
        post, mover = _mobile(mobile, 7 + k, anchor_ns, storm, _road(ground, cells, mobile.road, mobile.town))
        posts.append(post)
        movers.append(mover)
        sensors.append(_position_sensor(mover, post.name, post.area))
    return Forces(
        movers=tuple(movers),
        sensors=tuple(sensors),
        units=tuple(units),
        places=tuple(_places(ground, pools, storm)),
        posts=tuple(posts),
    )


def _headquarters(anchor_ns: int, ground: Ground, pools: Pools) -> Post:
    at, area = place(ground, pools, "fengdong", (690, 522))
    lon, lat = (round(float(v), 6) for v in to_lonlat(at)[0])
    return Post(
        id="post.hq",
        name=T("新区指挥部", "HQ"),
        area=area,
        lon=lon,
        lat=lat,
        status=T("在线", "online"),
        place=T("值班 6 人", "6 on duty"),
        members=6,
        link_name=T("专线", "fibre"),
        link_kbit_s=1_000_000,
        link_since_ns=anchor_ns - 86400 * NS,
        simulated=True,
    )


def _mobile(unit: Mobile, slot: int, anchor_ns: int, storm: bool, line: F64) -> tuple[Post, Mover]:
    """A mobile post on its road; link state and queue are those of the start."""
    phase = 0.5
    if unit.at is not None:
        road = LineString(line)
        phase = road.project(Point(plan.km(*unit.at))) / road.length
    mover = Mover(
        id=f"pos.post{unit.number}",
        path=line,
        speed_m_s=9.0,
        phase=phase,
        anchor_ns=anchor_ns,
        slot=slot,
        parked=unit.parked or not storm,
    )
    lon, lat = (round(float(v), 6) for v in mover.states(np.array([anchor_ns]))[0, :2])
    short = next(town.short for town in plan.TOWNS if town.id == unit.town)
    post = Post(
        id=f"post.mobile{unit.number}",
        name=T(f"移动指挥部 {unit.number}", f"Mobile post {unit.number}"),
        mobile=True,
        area=unit.town,
        lon=lon,
        lat=lat,
        position=mover.id,
        status=T("在线", "online") if storm else T("驻车", "parked"),
        place=unit.place if storm else T(f"{short.zh} 车库", f"{short.en} garage"),
        members=4,
        link_name=unit.link,
        link_kbit_s=unit.kbit_s,
        link_since_ns=anchor_ns - 7200 * NS,
        simulated=True,
    )
    return post, mover


def _places(ground: Ground, pools: Pools, storm: bool) -> Iterator[Resource]:
    for k, spot in enumerate(PLACES):
        at, area = place(ground, pools, spot.town, spot.at)
        lon, lat = (round(float(v), 6) for v in to_lonlat(at)[0])
        now_used = 0.0 if spot.kind == "shelter" and not storm else spot.used
        yield Resource(
            id=f"place.{k + 1:02d}.{spot.kind}",
            kind=spot.kind,
            name=spot.name,
            area=area,
            lon=lon,
            lat=lat,
            capacity=spot.capacity,
            used=now_used,
            status=T("开放", "open") if now_used else T("待命", "ready"),
            busy=bool(now_used and spot.kind == "shelter"),
            simulated=True,
        )


def units_at(forces: Forces, now_ns: int) -> Iterator[Resource]:
    """The teams and vehicles with what they do now."""
    for (res_id, unit, area), mover in zip(forces.units, forces.movers, strict=False):
        status, busy = unit.status, unit.at is not None and unit.status.en != "standby"
        if unit.at is not None and unit.status.en == "en route" and now_ns >= mover.arrive_ns:
            status = T("到场", "on scene")
        if busy:
            minutes = abs(now_ns - mover.arrive_ns) // (60 * NS)
            status = T(f"{status.zh} {minutes} min", f"{status.en} {minutes} min")
        lon, lat = (round(float(v), 6) for v in mover.states(np.array([mover.anchor_ns]))[0, :2])
        yield Resource(
            id=res_id,
            kind="team" if unit.kind == "rescue" else "vehicle",
            name=unit.name,
            post=unit.post,
            area=area,
            lon=lon,
            lat=lat,
            position=mover.id,
            status=status,
            task=unit.task,
            busy=busy,
            simulated=True,
        )


def cut_since(now_ns: int, anchor_ns: int) -> int:
    """Since when mobile post 2 is cut off, UTC ns; 0 while its link is up."""
    into_s = ((now_ns - anchor_ns) / NS + CUT_AT_START_S) % CUT_PERIOD_S
    return now_ns - int(into_s * NS) if into_s < CUT_S else 0


def posts_at(forces: Forces, now_ns: int, anchor_ns: int, storm: bool) -> Iterator[Post]:
    """The posts as they stand now."""
    for post in forces.posts:
        cut_ns = cut_since(now_ns, anchor_ns) if post.id == "post.mobile2" and storm else 0
        if cut_ns:
            queued = 2 + (now_ns - cut_ns) // (30 * NS)
            yield msgspec.structs.replace(
                post, link_up=False, link_since_ns=cut_ns // NS * NS, queued=int(queued), status=T("断联", "cut off")
            )
        else:
            yield post
