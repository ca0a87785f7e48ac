"""The demo city as a source: what it puts, that it publishes on time what it would answer, and its people."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from shapely.geometry import Polygon

from console.api import (
    NS,
    Area,
    Camera,
    ChannelKind,
    Domain,
    Incident,
    MapLayer,
    Post,
    Quality,
    Resource,
    Sensor,
    SettingsError,
    Shift,
    Span,
    Warning_,
)
from console.node.sources.city import forces, incidents
from console.node.sources.city.cases import CASES
from console.node.sources.city.clock import END_H, START_H, StormClock
from console.node.sources.city.demo import CityDemo
from console.node.sources.city.plane import to_plane
from console.node.sources.city.spec import SPEC, CitySettings
from tests.unit.node.sources.city.cities import HOUR_NS, MINUTE_NS, NOW_NS, played, source

SCENES = {
    camera
    for line in (
        "valve_room river_gauge underpass substation avenue arrivals",
        "tank_farm bridge metro_gate manhole slope square",
    )
    for camera in line.split()
}


async def test_what_is_published_is_what_a_query_answers() -> None:
    made = source()
    sink = await played(made, NOW_NS, 6.0)
    rng = np.random.default_rng(1)
    known = list(sink.handles)
    some = [*rng.choice(known, 40), "gas.pressure.G-117", "pos.repair.07", "pos.post1"]
    compared = 0
    for name in map(str, some):
        live = sink.of(name)
        fresh = live.t_ns >= NOW_NS
        if not fresh.any():
            continue
        t, v, q = live.t_ns[fresh], live.v[fresh], live.q[fresh]
        assert (np.diff(t) > 0).all(), name
        asked = await made.query(Span(sensor=name, start_ns=int(t[0]), end_ns=int(t[-1]) + 1))
        assert np.array_equal(asked.t_ns, t) and np.array_equal(asked.q, q), name
        assert np.array_equal(asked.v, v, equal_nan=True), name
        compared += 1
    assert compared > 30


async def test_two_thousand_values_a_second_in_few_batches() -> None:
    sink = await played(source(), NOW_NS, 8.0)
    live = [(kind, c) for kind, c in sink.batches if len(c) and len(np.unique(c.t_ns)) == 1 and c.t_ns[0] > NOW_NS]
    seconds = np.concatenate([c.t_ns for _, c in live]) // NS
    whole = np.unique(seconds)[1:-1]
    for second in whole:
        assert (seconds == second).sum() >= 2000
    assert len(live) / max(len(np.unique(seconds)), 1) <= 32
    assert {kind for kind, _ in live} == {ChannelKind.SCALAR, ChannelKind.STATE, ChannelKind.POSITION}
    assert all((c.q & Quality.SIMULATED).all() for _, c in live)


async def test_all_references_resolve_and_all_is_simulated() -> None:
    sink = await played(source(), NOW_NS, 0.5)
    got = sink.entities
    assert all(entity.simulated for entity in sink.puts)
    areas, known = got["area"], got["sensor"]
    for cls in (Sensor, Camera, Incident, Post, Resource, Shift, Warning_):
        for entity in got[cls.CLS].values():
            assert getattr(entity, "area", None) in areas, (cls.CLS, entity.id)
    for area in got[Area.CLS].values():
        assert isinstance(area, Area) and (area.parent in areas or not area.parent)
    for sensor in known.values():
        assert isinstance(sensor, Sensor) and (sensor.domain in got[Domain.CLS] or sensor.kind == "position")
    for cls in (Post, Resource):
        for entity in got[cls.CLS].values():
            assert isinstance(entity, Post | Resource) and (entity.position in known or not entity.position)
    for unit in got["resource"].values():
        assert isinstance(unit, Resource) and (unit.post in got["post"] or not unit.post)
    for incident in got["incident"].values():
        assert isinstance(incident, Incident) and set(incident.sensors) <= set(known)
    for layer in got["map_layer"].values():
        assert isinstance(layer, MapLayer) and len(sink.files[layer.sha256]) == layer.size_bytes


async def test_cameras_stand_beside_what_they_watch() -> None:
    sink = await played(source(), NOW_NS, 0.5)
    cameras = {c.id: c for c in sink.entities["camera"].values() if isinstance(c, Camera)}
    assert {c.removeprefix("cam:") for c in cameras} == SCENES
    assert sink.urls["cam:valve_room", "main"] == "rtsp://127.0.0.1:8554/valve_room"
    assert sink.urls["cam:valve_room", "sub"] == "rtsp://127.0.0.1:8554/valve_room-sub"
    for camera, sensor in (("cam:valve_room", "gas.pressure.G-117"), ("cam:river_gauge", "river.level.H-严家渠")):
        near = sink.entities["sensor"][sensor]
        assert isinstance(near, Sensor)
        assert near.lon is not None and near.lat is not None
        assert abs((cameras[camera].lon or 0) - near.lon) < 0.003 and abs((cameras[camera].lat or 0) - near.lat) < 0.003


async def test_a_backlog_tells_since_when_a_limit_is_crossed() -> None:
    sink = await played(source(), NOW_NS, 0.5)
    past = sink.of("river.level.H-严家渠")
    assert 35 < (NOW_NS - past.t_ns[0]) / MINUTE_NS < 41
    assert (np.diff(past.t_ns) > 0).all() and past.v[0] >= 389.5
    staged = {sink.handles[s.id] for s in source().city.instruments.sensors[: len(CASES)]}
    early = np.unique(np.concatenate([c.ids[c.t_ns < NOW_NS - 11 * NS] for _, c in sink.batches]))
    assert len(set(early.tolist()) - staged) == 2, "and the two that fell silent"


async def test_entities_are_put_again_only_when_they_change() -> None:
    sink = await played(source(), NOW_NS, 20.0, pace=20.0)
    again = [e for e in sink.puts if isinstance(e, Post | Resource | Incident | Shift)]
    assert len(again) < 160
    for k, entity in enumerate(again):
        before = [e for e in again[:k] if (e.CLS, e.id) == (entity.CLS, entity.id)]
        assert not before or before[-1] != entity


def test_at_least_twenty_units_move_along_streets() -> None:
    city = source().city
    t = NOW_NS + np.arange(0, 1200, 5, dtype=np.int64) * NS
    roads = shapely.union_all([shapely.LineString(s.line) for s in city.ground.streets if s.rank <= 2]).buffer(0.03)
    assert len({m.id for m in city.forces.movers}) == len(city.forces.movers)
    assert len({u[0] for u in city.forces.units}) == len(city.forces.units)
    moving = 0
    for mover in city.forces.movers:
        states = mover.states(t)
        assert states.shape == (len(t), 5) and ((states[:, 3] >= 0) & (states[:, 3] < 360)).all()
        assert (states[:, 4] < 25).all()
        moving += bool((states[:, 4] > 0).any())
        steps = np.hypot(*(np.diff(states[:, :2], axis=0) * (92000, 111000)).T)
        assert steps.max() < 25 * 5 + 1, f"{mover.id} jumps"
        assert roads.covers(shapely.Point(*to_plane(states[0, :2])[0])), mover.id
    assert moving >= 20


def test_mobile_post_two_is_cut_off_now_and_then() -> None:
    crew = source().city.forces
    queued = []
    for minute in range(60):
        now_ns = NOW_NS + minute * MINUTE_NS
        post = next(p for p in forces.posts_at(crew, now_ns, NOW_NS, True) if p.id == "post.mobile2")
        queued.append(post.queued if not post.link_up else 0)
    assert queued[0] == 14, "the picture of the start: cut off for six minutes"
    assert queued[2] > queued[1] > queued[0] and queued[4] == 0 and max(queued[10:]) > 10


def test_the_shift_is_the_one_of_the_hour() -> None:
    night, day = incidents.shift_at(NOW_NS), incidents.shift_at(NOW_NS + 8 * HOUR_NS)
    assert night.officer.zh == "李卫国" and night.name.zh == "夜班" and day.name.zh == "白班"
    assert night.start_ns <= NOW_NS < night.end_ns == day.start_ns
    assert night.end_ns - night.start_ns == 12 * HOUR_NS


def test_incidents_begin_grow_and_end() -> None:
    city = source().city

    def open_at(minutes: float) -> dict[str, Incident]:
        found = incidents.affairs_at(city.clock, NOW_NS + int(minutes * MINUTE_NS), city.positions)
        return {i.number: i for i in found if not i.closed_ns}

    now = open_at(0)
    assert set(now) == {"0718-03", "0718-04", "0718-05"}
    river = now["0718-03"]
    assert (river.grade, river.fact_done, river.fact_of, river.step) == (2, 412, 620, 3)
    assert river.started_ns == NOW_NS - 38 * MINUTE_NS and river.report_due_ns == NOW_NS + 22 * MINUTE_NS
    assert (open_at(30)["0718-03"].fact_done or 0) > 412 and "0718-06" in open_at(10) and "0718-04" not in open_at(40)
    assert open_at(30)["0718-03"].report_due_ns > NOW_NS + 30 * MINUTE_NS
    assert not open_at(7 * 60)
    quiet = list(incidents.affairs_at(source("quiet").city.clock, NOW_NS, city.positions))
    assert len(quiet) == 2 and all(0 < i.closed_ns < NOW_NS for i in quiet)
    warning = next(iter(incidents.warnings_at(city.clock, NOW_NS)))
    assert warning.priority == 2 and warning.expires_ns % HOUR_NS == 0 and warning.expires_ns > NOW_NS + 2 * HOUR_NS
    assert not list(incidents.warnings_at(city.clock, NOW_NS + 5 * HOUR_NS))


@pytest.mark.parametrize("scenario", ["storm", "cycle"])
@pytest.mark.parametrize("speed", [1.0, 30.0])
def test_the_storm_clock_turns_back(scenario: str, speed: float) -> None:
    clock = StormClock(scenario=scenario, anchor_ns=NOW_NS, speed=speed)
    for hour in (-3.0, -0.5, 0.0, 0.8, 4.0):
        t_ns = clock.time_of(hour, 1)
        assert clock.round_of(t_ns + NS) == 1
        assert abs(float(clock.hours(np.array([t_ns]))[0]) - hour) < 0.01
    assert clock.hours(np.array([NOW_NS - 20 * HOUR_NS]))[0] == START_H
    assert END_H > 0


def test_a_cycle_is_quiet_for_twenty_minutes_and_ends() -> None:
    clock = StormClock(scenario="cycle", anchor_ns=NOW_NS)
    hours = clock.hours(NOW_NS + np.arange(0, 60) * MINUTE_NS)
    assert (hours[:20] == START_H).all() and abs(hours[35]) < 0.01 and hours[59] > 6 and (np.diff(hours) >= 0).all()


def test_settings_that_make_no_city_are_refused() -> None:
    with pytest.raises(SettingsError):
        CityDemo(CitySettings(sensors=3))
    assert SPEC.settings is CitySettings and CitySettings().sensors >= 2000


def test_posts_stand_in_the_new_area() -> None:
    city = source().city
    whole = Polygon(city.cells.areas["xixian"].boundary[0])
    assert sum(p.mobile for p in city.forces.posts) == 3 and any(not p.mobile for p in city.forces.posts)
    assert all(whole.covers(shapely.Point(p.lon, p.lat)) for p in city.forces.posts)
