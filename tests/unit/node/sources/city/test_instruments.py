"""The demo city's sensors: enough of them, where they belong, with physics that hold together."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from shapely.geometry import Polygon

from console.api import F64, NS, Board, ChannelKind, Quality, Sensor, Span
from console.node.sources.city import physics, sensors
from console.node.sources.city.cases import CASES
from console.node.sources.city.demo import CityDemo
from console.node.sources.city.kinds import DOMAINS
from console.node.sources.city.plane import to_plane
from tests.unit.node.sources.city.cities import HOUR_NS, NOW_NS, Scenario, source

STAGED = len(CASES)


def at(made: CityDemo, t_ns: int) -> F64:
    """The value of every instrument at a moment."""
    city = made.city
    n = len(city.instruments.sensors)
    habits = city.instruments.habits
    return physics.values(habits, np.full(n, t_ns, np.int64), city.clock, city.instruments.curves)[0]


def beyond(sensor: Sensor, value: float) -> int:
    """The worst priority whose limit the value crosses, 0 none."""
    crossed = [x.priority for x in sensor.limits if (value >= x.value if x.high else value <= x.value)]
    return min(crossed, default=0)


def test_same_seed_same_city_and_another_seed_another_one() -> None:
    again, other = CityDemo(source()._settings).city, source(seed=8).city
    mine = source().city
    assert again.instruments.sensors == mine.instruments.sensors
    assert again.cells.areas == mine.cells.areas and again.forces.posts == mine.forces.posts
    assert np.array_equal(at(source(), NOW_NS), at(CityDemo(source()._settings), NOW_NS), equal_nan=True)
    assert other.instruments.sensors != mine.instruments.sensors


def test_more_than_two_thousand_sensors_over_the_four_boards() -> None:
    known = source().city.instruments.sensors
    assert len(known) == 2300 == len({s.id for s in known})
    assert {s.board for s in known} == set(Board)
    assert {s.domain for s in known} == set(DOMAINS)
    assert sum(sensors.counts(2000).values()) == 2000
    for sensor in known:
        assert sensor.simulated and sensor.name.zh and sensor.name.en and sensor.site.zh
        assert all(1 <= x.priority <= 4 and x.hysteresis > 0 for x in sensor.limits)
        assert not sensor.limits or (sensor.alarm_text.en and sensor.likely.en and sensor.first_act.en), sensor.id


def test_every_position_lies_inside_its_area() -> None:
    city = source().city
    shapes = {name: Polygon(a.boundary[0]) for name, a in city.cells.areas.items()}
    for sensor in city.instruments.sensors:
        assert shapes[sensor.area].covers(shapely.Point(sensor.lon, sensor.lat)), sensor.id
        assert sensor.area.count(".") == 2, "the smallest area is a front end"
    for place in city.forces.places:
        assert shapes[place.area].covers(shapely.Point(place.lon, place.lat)), place.name.zh


def test_pipe_sensors_stand_on_their_pipes() -> None:
    city = source().city
    gas = shapely.union_all([shapely.LineString(p) for p in city.pools.pipes["gas"]])
    for sensor in city.instruments.sensors[STAGED:]:
        if sensor.kind in ("gas.pressure", "gas.flow"):
            km = to_plane(np.array([[sensor.lon, sensor.lat]]))[0]
            assert gas.distance(shapely.Point(*km)) < 0.002, sensor.id


def test_the_storm_stands_when_the_node_starts() -> None:
    known = source().city.instruments.sensors
    now = dict(zip((s.id for s in known), at(source(), NOW_NS + 20 * NS), strict=True))
    worst = {s.id: beyond(s, now[s.id]) for s in known[:STAGED]}
    assert worst["gas.pressure.G-117"] == 1 and 0.075 < now["gas.pressure.G-117"] < 0.095
    assert worst["river.level.H-严家渠"] == 1 and abs(now["river.level.H-严家渠"] - 389.62) < 0.015
    assert worst["drain.underpass.U-同文"] == 2 and round(now["drain.underpass.U-同文"]) == 42
    assert worst["power.oil.T-渭城2"] == 2 and round(now["power.oil.T-渭城2"]) == 96
    assert worst["chem.gas.B-06"] == 2 and round(now["chem.gas.B-06"]) == 18
    assert worst["rain.hour.Y-斗门"] == 3 and round(now["rain.hour.Y-斗门"], 1) in (36.3, 36.4, 36.5)
    assert {s.cause for s in known if s.id[:-1] == "gas.pressure.G-11" and s.id[-1] in "56789"} == {
        "gas.main.G-115..G-119"
    }
    assert all(worst.values())


@pytest.mark.parametrize("scenario", ["storm", "quiet", "cycle"])
def test_nothing_else_crosses_a_limit_at_any_hour(scenario: Scenario) -> None:
    made = source(scenario)
    known = made.city.instruments.sensors
    first = STAGED if scenario != "quiet" else 0
    for quarter in range(-40, 100):
        now = at(made, NOW_NS + quarter * HOUR_NS // 4 + quarter * 7 * NS)
        loud = [s.id for s, v in zip(known[first:], now[first:], strict=True) if beyond(s, v)]
        assert not loud, (quarter, loud)


def test_rain_leads_drains_and_drains_lead_rivers() -> None:
    made = source()
    city = made.city
    t = NOW_NS + np.arange(-6 * 60, 5 * 60, dtype=np.int64) * 60 * NS

    def mean_of(kind: str) -> F64:
        rows = [
            k
            for k, s in enumerate(city.instruments.sensors[STAGED:], STAGED)
            if s.kind == kind and s.area.startswith("fengxi")
        ]
        usable = [k for k in rows if city.instruments.habits.stuck_ns[k] == physics.FOREVER][:12]
        lines = [
            physics.values(city.instruments.habits.take(np.array([k])), t, city.clock, city.instruments.curves)[0]
            for k in usable
        ]
        return np.asarray(np.nanmean(lines, axis=0), float)

    rain = city.instruments.curves.rows[city.instruments.curves.index["rain", "fengxi"]]
    hours = np.clip((city.clock.hours(t) + 6) * 360, 0, len(rain) - 1).astype(int)

    def lag_min(line: F64) -> int:
        """The shift in minutes at which the line follows the rain best."""
        scores = [np.corrcoef(rain[hours][: len(t) - k], line[k:])[0, 1] for k in range(240)]
        return int(np.argmax(scores))

    drain, under, river = (
        lag_min(mean_of("drain.manhole")),
        lag_min(mean_of("canal.level")),
        lag_min(mean_of("river.level")),
    )
    assert 4 <= drain <= 25
    assert drain < under < river
    assert 50 <= river <= 150


async def test_query_fills_any_window_and_is_bounded() -> None:
    made = source()
    day = await made.query(
        Span(sensor="gas.pressure.G-101", start_ns=NOW_NS - 24 * HOUR_NS, end_ns=NOW_NS, max_points=500)
    )
    assert 500 <= len(day) <= 1000 and (np.diff(day.t_ns) > 0).all()
    assert (day.q & Quality.SIMULATED).all()
    river = await made.query(Span(sensor="river.level.H-严家渠", start_ns=NOW_NS - 7 * HOUR_NS, end_ns=NOW_NS))
    assert river.v[0] < 388.0 < 389.5 < river.v[-1], "history already shows the rise"
    assert len(await made.query(Span(sensor="no such", start_ns=0, end_ns=NOW_NS))) == 0
    assert len(await made.query(Span(sensor="gas.pressure.G-101", start_ns=NOW_NS, end_ns=NOW_NS))) == 0


async def test_a_thinned_window_keeps_what_stands_out() -> None:
    made = source(seed=8)  # one that never ran, as a running city tells no future
    span = Span(sensor="gas.pressure.G-117", start_ns=NOW_NS - HOUR_NS, end_ns=NOW_NS + HOUR_NS, max_points=40)
    thin = await made.query(span)
    full = await made.query(Span(sensor=span.sensor, start_ns=span.start_ns, end_ns=span.end_ns, max_points=36_000))
    assert len(thin) <= 80 and len(full) == 36_000
    assert np.nanmin(thin.v) <= np.nanmin(full.v) + 0.003 and np.nanmax(thin.v) >= np.nanmax(full.v) - 0.003


async def test_faults_are_dealt_out() -> None:
    made = source()
    city = made.city
    habits, known = city.instruments.habits, city.instruments.sensors
    assert (habits.until_ns == 0).sum() == 1, "one never reports"
    silent = np.flatnonzero((habits.until_ns > 0) & (habits.until_ns < NOW_NS))
    assert len(silent) == 2 and {known[k].domain for k in silent} == {"build"}
    assert (habits.stuck_ns < physics.FOREVER).sum() >= 3
    span = {"start_ns": NOW_NS - HOUR_NS, "end_ns": NOW_NS, "max_points": 4000}
    gappy = await made.query(Span(sensor=known[int(np.flatnonzero(habits.gap)[0])].id, **span))
    assert 3000 < len(gappy) < 3600
    bad = await made.query(Span(sensor=known[int(np.flatnonzero(habits.bad)[0])].id, **span))
    wrong = (bad.q & Quality.BAD) != 0
    assert wrong.any() and np.isnan(bad.v[wrong]).all() and np.isfinite(bad.v[~wrong]).all()
    stuck = await made.query(Span(sensor=known[int(np.flatnonzero(habits.stuck_ns < physics.FOREVER)[0])].id, **span))
    assert len(np.unique(stuck.v)) == 1


async def test_states_are_codes() -> None:
    made = source()
    pumps = [s for s in made.city.instruments.sensors if s.channel is ChannelKind.STATE]
    assert pumps and all(len(s.states) == 2 for s in pumps)
    got = await made.query(Span(sensor=pumps[0].id, start_ns=NOW_NS - HOUR_NS, end_ns=NOW_NS))
    assert set(np.unique(got.v)) <= {0.0, 1.0}
