"""The sensors of the demo city: entities and their habits, row by row the same; publishes nothing."""

from __future__ import annotations

import itertools
import zlib
from collections.abc import Iterator

import msgspec
import numpy as np
import numpy.typing as npt

from console.api import F64, I64, NS, ChannelKind, Limit, Sensor, Text
from console.node.sources.city import cases, plan
from console.node.sources.city.areas import Cells
from console.node.sources.city.cases import CASES, Case
from console.node.sources.city.ground import Ground
from console.node.sources.city.kinds import DOMAINS, KINDS, SHARES, Kind, above
from console.node.sources.city.physics import DAILY, FOREVER, Habits
from console.node.sources.city.placing import Pools
from console.node.sources.city.plane import generator, point_at, to_lonlat
from console.node.sources.city.weather import Curves, curves

TOWN_WEIGHT = {"fengdong": 0.27, "fengxi": 0.23, "qinhan": 0.2, "konggang": 0.13, "jinghe": 0.17}
SOURCE = "city"
SITES = 4
"""Sites of a domain in a town, per spot."""
GONE_NS, STUCK_NS = 1200 * NS, 7200 * NS
"""How long before the start the silent sensors fell silent and the stuck ones stuck."""
FAULTY = (6, 4, 6, 8)
"""How many are stuck, have gaps, have bad spells, drift."""

_ZERO_WHEN_DRY = ("rain.hour", "drain.underpass", "drain.pump")
_KIND = {kind.id: kind for kind in KINDS}
_PIPE_SPOT = {"gas": "gas", "water": "water"}


class Row(msgspec.Struct, kw_only=True):
    """One sensor's habits before they become columns."""

    base: float
    kind: Kind
    town: str
    row: int
    gain: float
    noise: float
    wander: float
    amp: float
    floor: float
    ceiling: float
    staged: bool = False


class Instruments(msgspec.Struct, frozen=True, kw_only=True):
    """All scalar and state sensors: entity k behaves as row k of the habits."""

    sensors: tuple[Sensor, ...]
    habits: Habits
    curves: Curves


def counts(total: int) -> dict[str, int]:
    """How many sensors of each kind: `total` in all, shared out by domain and kind, the cases included."""
    exact = np.array([SHARES[k.domain] * k.share for k in KINDS])
    exact *= total / exact.sum()
    whole = np.floor(exact).astype(int)
    for k in np.argsort(whole - exact)[: total - int(whole.sum())]:
        whole[k] += 1
    return {kind.id: int(n) for kind, n in zip(KINDS, whole, strict=True)}


def _limits(kind: Kind, normal: float) -> tuple[Limit, ...]:
    if kind.id != "river.level":
        return kind.bounds()
    return (
        above(1, round(normal + 2.4, 2), 0.03, Text("保证", "guaranteed")),
        above(2, round(normal + 1.7, 2), 0.03, Text("警戒", "warning")),
    )


def _sensor(kind: Kind, code: str, at: F64, area: str, site: Text, normal: float) -> Sensor:
    lon, lat = (round(float(v), 6) for v in to_lonlat(at)[0])
    return Sensor(
        id=f"{kind.id}.{code}",
        kind=kind.id,
        channel=kind.channel,
        board=DOMAINS[kind.domain].board,
        domain=kind.domain,
        area=area,
        site=site,
        name=kind.name,
        unit=kind.unit,
        digits=kind.digits,
        lon=lon,
        lat=lat,
        states=kind.states,
        normal=round(normal, kind.digits + 1),
        limits=_limits(kind, normal),
        stale_after_s=10.0 if kind.period_s == 1 else 45.0,
        source=SOURCE,
        alarm_text=kind.alarm,
        likely=kind.likely,
        first_act=kind.act,
        simulated=True,
    )


def _town_counts(count: int, rng: np.random.Generator) -> list[str]:
    """The town of each of `count` sensors, by weight, every town served where there are enough."""
    towns = [t.id for t in plan.TOWNS]
    weights = np.array([TOWN_WEIGHT[t] for t in towns])
    return [
        towns[k]
        for k in np.sort(
            np.searchsorted(np.cumsum(weights), (np.arange(count) + rng.uniform(0, 1)) / max(count, 1)) % 5
        )
    ]


def _sites(seed: int, kind: Kind, town: str, spot: str, pools: Pools) -> Iterator[tuple[F64, str]]:
    """Positions for a kind's sensors in a town, round and round: sensors of a domain share their sites."""
    found = pools.sites(generator(seed, "sites", kind.domain, town, spot), town, spot, SITES)
    turn = generator(seed, "turn", kind.id, town).permutation(len(found))
    return itertools.cycle([found[k] for k in turn])


def _quarter(cells: Cells, area: str, language: str) -> str:
    """The short name of the subdistrict of a front end."""
    name = cells.areas[cells.areas[area].parent].name.of(language)
    return name.removesuffix("街道").removesuffix(" Subdistrict")


def _ordinary(
    seed: int, kind: Kind, count: int, cells: Cells, pools: Pools, table: Curves
) -> Iterator[tuple[Sensor, Row]]:
    """The sensors of one kind that are not staged."""
    rng = generator(seed, "sensors", kind.id)
    taken = {case.code for case in CASES}
    names = (code for code in (f"{kind.code}-{k}" for k in range(101, 10_000)) if code not in taken)
    spot = _PIPE_SPOT.get(kind.domain, kind.spot) if kind.spot == "street" else kind.spot
    towns = _town_counts(count, rng)
    drawn = {town: _sites(seed, kind, town, spot, pools) for town in set(towns)}
    for town in towns:
        code = next(names)
        at, area = next(drawn[town])
        normal = kind.normal + kind.spread * float(rng.uniform(-1, 1))
        zh, en = (kind.site.of(x).format(_quarter(cells, area, x)) for x in ("zh", "en"))
        site = Text(f"{zh} {code}", f"{en} {code}")
        row = Row(
            base=normal + _leaning(kind, normal, rng),
            kind=kind,
            town=town,
            row=table.index[kind.response, town] if kind.response else 0,
            gain=kind.gain * float(rng.uniform(0.8, 1.1)),
            noise=kind.noise,
            wander=kind.wander,
            amp=kind.amp * float(rng.uniform(0.8, 1.15)),
            floor=kind.floor,
            ceiling=kind.ceiling,
        )
        yield _sensor(kind, code, at, area, site, normal), row


def _leaning(kind: Kind, normal: float, rng: np.random.Generator) -> float:
    """How far a sensor stands from its kind's normal towards its nearest limit: little for most, more for a few.

    What the day, the rain and the noise add still leaves it inside.
    """
    share = float(
        rng.choice((rng.uniform(0, 0.1), rng.uniform(0.15, 0.4), rng.uniform(0.45, 0.7)), p=(0.955, 0.038, 0.007))
    )
    limits = _limits(kind, normal)
    if not limits or kind.id in _ZERO_WHEN_DRY:
        return 0.0
    nearest = min((limit.value - normal for limit in limits), key=abs)
    swing = abs(kind.amp) * 1.15 + abs(kind.gain) * 1.1 + kind.wander + 4 * kind.noise
    return nearest * max(0.0, min(share, 0.76 - swing / abs(nearest)))


def _line_named(ground: Ground, name: str) -> F64 | None:
    """The centre line of a named road, or the near bank of a named river."""
    for river in plan.RIVERS:
        if river.name.zh == name:
            return ground.rivers[river.id]
    return next((s.line for s in ground.streets if s.name.zh == name), None)


def place(ground: Ground, pools: Pools, town: str, at: tuple[float, float], on: str = "") -> tuple[F64, str]:
    """A sketch position moved onto a named road or river bank and into the town: km and front end."""
    wish = np.array(plan.km(*at))
    line = _line_named(ground, on) if on else None
    if line is not None and not any(r.name.zh == on for r in plan.RIVERS):
        dense = point_at(line, np.linspace(0, 60, 6000))
        wish = dense[np.argmin(np.hypot(*(dense - wish).T))]
    elif line is not None:
        bank = line - np.array([0.17, 0.0])
        wish = bank[np.argmin(np.abs(bank[:, 1] - wish[1]))]
    return pools.nearest(wish, town)


def _staged(case: Case, ground: Ground, pools: Pools, table: Curves) -> tuple[Sensor, Row]:
    """The sensor of a case: its kind's, with the case's own words, limits and course."""
    kind = _KIND[case.kind]
    at, area = place(ground, pools, case.town, case.at, case.on)
    normal = case.normal if case.normal is not None else case.course[0][1]
    sensor = _sensor(kind, case.code, at, area, case.site, normal)
    changes = {
        "name": case.name,
        "limits": case.limits,
        "alarm_text": case.alarm,
        "likely": case.likely,
        "first_act": case.act,
        "unit": case.unit,
    }
    changed = {key: v for key, v in changes.items() if v not in ("", (), Text(""))}
    sensor = msgspec.structs.replace(sensor, cause=case.cause, normal=normal, **changed)
    row = Row(
        base=0.0,
        kind=kind,
        town=case.town,
        row=table.index["course", case.code],
        gain=1.0,
        noise=case.noise,
        wander=0.0,
        amp=0.0,
        floor=kind.floor,
        ceiling=np.inf,
        staged=True,
    )
    return sensor, row


def build(seed: int, total: int, anchor_ns: int, ground: Ground, cells: Cells, pools: Pools) -> Instruments:
    """All instruments of the city, `total` of them."""
    table = curves(seed, {case.code: case.course for case in CASES})
    staged = {kind: sum(c.kind == kind for c in CASES) for kind in _KIND}
    pairs = [_staged(case, ground, pools, table) for case in cases.CASES]
    for kind_id, count in counts(total).items():
        pairs += _ordinary(seed, _KIND[kind_id], max(0, count - staged[kind_id]), cells, pools, table)
    sensors = tuple(sensor for sensor, _ in pairs)
    return Instruments(
        sensors=sensors, habits=_habits(seed, anchor_ns, sensors, [row for _, row in pairs]), curves=table
    )


class Faults(msgspec.Struct, kw_only=True):
    """Which sensors are faulty, as columns of length n; see `Habits`."""

    until_ns: I64
    stuck_ns: I64
    gap: npt.NDArray[np.bool_]
    bad: npt.NDArray[np.bool_]
    drift: F64


def _faults(seed: int, anchor_ns: int, sensors: tuple[Sensor, ...], rows: list[Row]) -> Faults:
    """The city's faults dealt out among the scalar sensors that are not staged."""
    n = len(rows)
    found = Faults(
        until_ns=np.full(n, FOREVER, np.int64),
        stuck_ns=np.full(n, FOREVER, np.int64),
        gap=np.zeros(n, bool),
        bad=np.zeros(n, bool),
        drift=np.zeros(n),
    )
    free = np.flatnonzero([not r.staged and r.kind.channel is ChannelKind.SCALAR for r in rows])
    free = generator(seed, "faults").permutation(free)
    silent = [k for k in free if sensors[k].domain == "build" and sensors[k].area.startswith("konggang.")][:3]
    found.until_ns[silent] = anchor_ns - GONE_NS
    found.until_ns[silent[:1]] = 0
    rest = np.array([k for k in free if k not in silent], int)
    stuck, gap, bad, drifting, _ = np.split(rest, np.cumsum(FAULTY))
    found.stuck_ns[stuck] = anchor_ns - STUCK_NS
    found.gap[gap], found.bad[bad] = True, True
    found.drift[drifting] = [max(rows[k].wander, rows[k].noise) * 0.2 for k in drifting]
    return found


def _period(row: Row) -> int:
    """Ticks of 100 ms between samples: the loggers at a burst main watch its pressure waves five times a second."""
    return 2 if row.staged and row.kind.id == "gas.pressure" else 10 * row.kind.period_s


def _habits(seed: int, anchor_ns: int, sensors: tuple[Sensor, ...], rows: list[Row]) -> Habits:
    """The rows as columns, with the city's faults."""
    faults = _faults(seed, anchor_ns, sensors, rows)
    period = np.array([_period(r) for r in rows], np.int64)
    numbers = ("base", "amp", "noise", "wander", "gain", "floor", "ceiling")
    return Habits(
        key=np.array([zlib.crc32(s.id.encode()) * 0x1_0000_0001 ^ (seed * 0x9E37_79B9) for s in sensors], np.uint64),
        daily=np.array([DAILY.index(r.kind.daily) for r in rows], np.int64),
        row=np.array([r.row for r in rows], np.int64),
        slot=np.arange(len(rows), dtype=np.int64) % period,
        period=period,
        **{name: np.array([getattr(r, name) for r in rows], float) for name in numbers},
        **{name: getattr(faults, name) for name in faults.__struct_fields__},
    )
