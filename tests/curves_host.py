"""A host for charts and strips alone, and a storm to look at: everything put in by hand; knows no node and no shell."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Coroutine, Mapping, Sequence
from typing import Any, Literal, TypeVar, cast

import numpy as np

from console.api import (
    LIVE,
    NS,
    ActStanding,
    Alarm,
    AlarmState,
    Answer,
    Area,
    Columns,
    Entity,
    Feed,
    Freshness,
    Header,
    IntentState,
    Latest,
    Level,
    Limit,
    LinkError,
    LinkStatus,
    Notice,
    RefusedError,
    Selector,
    Sensor,
    Text,
)
from tests.seated import Seated

E_ = TypeVar("E_", bound=Entity)
NOW_NS = 1_784_315_667 * NS  # 2026-07-18 03:14:27 Beijing time
RING = 1000


class CurvesHost(Seated):
    """What charts ask for; `spawn` keeps the coroutines until `settle` runs them."""

    def __init__(
        self, *, role: Literal["desk", "wall", "vehicle"] = "desk", language: str = "zh", text_px: float = 13
    ) -> None:
        self.role: Literal["desk", "wall", "vehicle"] = role
        self.language = language
        self.text_px = text_px
        self.visible = True
        self.context = LIVE
        self.now_ns = NOW_NS
        self.link = LinkStatus(up=True, since_ns=NOW_NS, node_name="西咸中心")
        self.selection = ""
        self.store: dict[type[Entity], dict[str, Entity]] = {}
        self.series: dict[str, Columns] = {}
        self.standing: dict[str, Freshness] = {}
        self.rates: dict[str, float] = {}
        self.headers: list[Header] = []
        self.queries: list[tuple[str, int, int, int]] = []
        self.selectors: tuple[Selector, ...] = ()
        self.waiting: list[Coroutine[Any, Any, Any]] = []
        self.commands: list[str] = []
        self.cut = self.unheard = False
        self.lost: dict[str, list[tuple[int, int]]] = {}

    def put(self, *entities: Entity) -> None:
        for entity in entities:
            self.store.setdefault(type(entity), {})[entity.id] = entity

    def fill(self, sensor_id: str, t_ns: Any, v: Any, q: Any = None) -> None:
        """Replace a sensor's samples."""
        t = np.asarray(t_ns, np.int64)
        flags = np.zeros(len(t), np.uint8) if q is None else np.asarray(q, np.uint8)
        self.series[sensor_id] = Columns(t_ns=t, v=np.asarray(v, np.float64), q=flags)

    def add(self, sensor_id: str, t_ns: int, v: float, q: int = 0) -> None:
        """One more sample."""
        had = self.series.get(sensor_id, _none())
        self.fill(sensor_id, np.append(had.t_ns, t_ns), np.append(had.v, v), np.append(had.q, np.uint8(q)))

    def settle(self) -> None:
        """Run what was spawned, to its end."""
        while self.waiting:
            asyncio.run(self.waiting.pop(0))

    def close(self) -> None:
        """Close what was never run."""
        for work in self.waiting:
            work.close()
        self.waiting.clear()

    # ---- Host

    def select(self, ref: str) -> None:
        self.selection = ref

    def subscribe(self, *selectors: Selector, strategy: Literal["latest", "every"] = "latest") -> None:
        self.selectors = selectors

    def entities(self, cls: type[E_]) -> Mapping[str, E_]:
        return cast("Mapping[str, E_]", self.store.setdefault(cls, {}))

    def latest(self, ids: Sequence[str]) -> Latest:
        ends = [self.series.get(i, _none()) for i in ids]
        return Latest(
            t_ns=np.array([c.t_ns[-1] if len(c) else 0 for c in ends], np.int64),
            v=np.array([c.v[-1] if len(c) else np.nan for c in ends], np.float64),
            q=np.array([c.q[-1] if len(c) else 0 for c in ends], np.uint8),
            rate_per_s=np.array([self.rates.get(i, np.nan) for i in ids], np.float64),
        )

    def freshness(self, sensor_id: str) -> Freshness:
        if len(self.series.get(sensor_id, _none())) == 0:
            return Freshness.NEVER
        return self.standing.get(sensor_id, Freshness.LIVE)

    def window(self, sensor_id: str, start_ns: int, end_ns: int) -> Columns:
        return _cut(_tail(self.series.get(sensor_id, _none())), start_ns, end_ns)

    def gaps(self, sensor_id: str) -> Sequence[tuple[int, int]]:
        return self.lost.get(sensor_id, ())

    async def query(self, sensor_id: str, start_ns: int, end_ns: int, max_points: int = 2000) -> Columns:
        self.queries.append((sensor_id, start_ns, end_ns, max_points))
        if self.cut:
            raise LinkError("cut")
        if self.unheard:
            raise RefusedError(f"no sensor {sensor_id!r} is known here")
        return _cut(self.series.get(sensor_id, _none()), start_ns, end_ns)

    async def attach(self, content: bytes) -> str:
        raise LinkError("no node here")

    async def fetch(self, sha256: str) -> bytes:
        raise LinkError("no file here")

    def act(self, entity: str) -> ActStanding | None:
        return None

    async def intent(self, name: str, entity: str, **arguments: Any) -> Answer:
        return Answer(id="1", state=IntentState.SAVED)

    def feed(self, camera_id: str, stream: str = "main") -> Feed:
        raise LinkError("no camera here")

    def command(self, command_id: str) -> None:
        self.commands.append(command_id)

    def header(self, header: Header) -> None:
        self.headers.append(header)

    def notice(self, notice: Notice) -> None:
        """Not looked at."""

    def clear_notice(self, key: str) -> None:
        """Not looked at."""

    def notices(self) -> Sequence[Notice]:
        return []

    def spawn(self, name: str, work: Any) -> None:
        self.waiting.append(work)


def _none() -> Columns:
    return Columns(t_ns=np.empty(0, np.int64), v=np.empty(0), q=np.empty(0, np.uint8))


def _tail(c: Columns) -> Columns:
    return Columns(t_ns=c.t_ns[-RING:], v=c.v[-RING:], q=c.q[-RING:])


def _cut(c: Columns, start_ns: int, end_ns: int) -> Columns:
    inside = (c.t_ns >= start_ns) & (c.t_ns < end_ns)
    return Columns(t_ns=c.t_ns[inside], v=c.v[inside], q=c.q[inside])


# ---------------------------------------------------------------- a storm

RIVER = "river.yanjiaqu"
RAIN = "rain.mawang"
_TOWNS = [("fengdong", "沣东", "Fengdong"), ("fengxi", "沣西", "Fengxi"), ("qinhan", "秦汉", "Qinhan")]


def course(points: Sequence[tuple[float, float]], hours: float, noise: float, seed: int, step_s: int = 10) -> Any:
    """(t_ns, v): a smooth course through (hours from now, value), with noise; every `step_s`, the last at now."""
    rng = np.random.default_rng(seed)
    t_s = np.arange(-hours * 3600, 0.5, step_s)
    xs, ys = zip(*points, strict=True)
    v = np.interp(t_s / 3600, xs, ys)
    kernel = np.ones(61) / 61
    v = np.convolve(np.pad(v, 30, mode="edge"), kernel, mode="valid")
    wander = np.convolve(rng.normal(0, noise * 8, len(t_s) + 120), np.ones(121) / 121, mode="valid")
    return NOW_NS + (t_s * NS).astype(np.int64), v + wander + rng.normal(0, noise, len(t_s)) * 0.4


def storm(host: CurvesHost) -> None:
    """The mock's night: a river over its limit, gas falling, an underpass filling, hot oil, chemicals, rain."""
    host.put(Area(id="xixian", level=Level.NEW_AREA, name=Text("西咸新区", "Xixian New Area")))
    for id_, zh, en in _TOWNS:
        host.put(Area(id=id_, parent="xixian", level=Level.NEW_TOWN, name=Text(f"{zh}新城", f"{en} New Town")))
    limits = (
        Limit(priority=1, value=389.5, name=Text("保证", "Danger")),
        Limit(priority=2, value=388.9, name=Text("警戒", "Alert")),
    )
    host.put(Sensor(
        id=RIVER, kind="river.level", domain="flood", area="fengxi", site=Text("沣河 严家渠", "Feng River at Yanjiaqu"),
        name=Text("水位", "level"), unit="m", digits=2, normal=387.95, limits=limits, cause="feng",
    ))  # fmt: skip
    river = [(-6.3, 387.95), (-5, 387.93), (-4, 388.1), (-3.3, 388.3), (-2.5, 388.62), (-2.1, 388.9), (-1.6, 389.2),
             (-1.0, 389.5), (-0.6, 389.62), (0, 389.72)]  # fmt: skip
    host.fill(RIVER, *course(river, 7, 0.004, 1))
    host.put(Sensor(
        id=RAIN, kind="rain.hour", domain="flood", area="fengxi", site=Text("雨量 马王", "Rain Mawang"),
        name=Text("时雨量", "hourly rain"), unit="mm", digits=1, normal=0, cause="feng",
    ))  # fmt: skip
    t, _ = course([(-7, 0), (0, 0)], 7, 0, 2, 300)
    rain = 30 * np.exp(-(((t - NOW_NS) / 3.6e12 + 1.8) ** 2) / 2) * (0.5 + np.random.default_rng(3).random(len(t)))
    host.fill(RAIN, t, rain)
    rows: list[Any] = [
        ("gas", "燃气 G-117", "Gas G-117", "中压", "medium pressure", "fengdong", "MPa", 2, 0.37, (1, 0.2, False),
         [(-3, 0.38), (-0.6, 0.375), (-0.4, 0.36), (0, 0.08)], 0.0005, -0.05, "B"),
        ("under", "同文路下穿", "Tongwen", "积水", "water", "fengxi", "cm", 0, 0.6, (2, 27, True),
         [(-3, 2), (-1.2, 6), (-0.5, 20), (0, 42)], 0.1, 3, "B"),
        ("oil", "渭城变 2号", "Weicheng T2", "油温", "oil", "qinhan", "℃", 0, 62, (2, 95, True),
         [(-3, 64), (-1.2, 66), (-0.3, 88), (0, 96)], 0.2, 0.4, "B"),
        ("chem", "化工园 B-06", "Plant B-06", "可燃气", "gas", "qinhan", "%LEL", 0, 1, (2, 15, True),
         [(-3, 2), (-1, 1), (-0.5, 11), (0, 18)], 0.1, 0.2, "C"),
        ("rain", "雨量 斗门", "Rain Doumen", "1 h", "1 h", "fengdong", "mm", 1, 0, (3, 30, True),
         [(-3, 5), (-1.5, 15), (-0.7, 36), (-0.3, 38), (0, 36.5)], 0.2, -1, "B"),
    ]  # fmt: skip
    for n, (
        id_,
        zh,
        en,
        nzh,
        nen,
        area,
        unit,
        digits,
        normal,
        (pri, at, high),
        points,
        noise,
        rate,
        state,
    ) in enumerate(rows):
        host.put(Sensor(
            id=id_, kind=id_, domain=id_, area=area, site=Text(zh, en), name=Text(nzh, nen), unit=unit, digits=digits,
            normal=normal, limits=(Limit(priority=pri, value=at, high=high, name=Text("限", "limit")),),
        ))  # fmt: skip
        host.fill(id_, *course(points, 3.2, noise, 10 + n))
        host.rates[id_] = rate / 60
        host.put(Alarm(id=f"a.{id_}", sensor=id_, priority=pri, state=AlarmState(state), raised_ns=NOW_NS - n * NS))
    host.put(Alarm(id="a.river", sensor=RIVER, priority=1, state=AlarmState.ACKNOWLEDGED, raised_ns=NOW_NS - 2280 * NS))
    host.rates[RIVER] = 0.005 / 60


def calm(host: CurvesHost, count: int = 24) -> None:
    """Streams that have nothing to say."""
    for n in range(count):
        id_ = f"calm.{n:02d}"
        host.put(Sensor(
            id=id_, kind="water.pressure", domain="water", area="fengdong",
            site=Text(f"供水 W-{n:03d}", f"Water W-{n:03d}"), name=Text("水压", "pressure"), unit="MPa",
            digits=2, normal=0.35, limits=(Limit(priority=2, value=0.2, high=False, name=Text("低", "low")),),
        ))  # fmt: skip
        base = 0.34 - 0.003 * (n % 7)
        host.fill(id_, *course([(-3, base), (-1, base + 0.01), (0, base)], 3.2, 0.0008, 50 + n, 30))
        host.rates[id_] = 0.0 if math.fmod(n, 3) else 0.002 / 60
