"""Which cameras a grid shows and what each of them sees of the alarms; pure functions, no Qt."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

from console.api import Alarm, Camera, Incident, Sensor, Value
from widgets.kit.alarm_groups import AlarmGroup, urgency
from widgets.kit.subject import Subject

_M_A_DEGREE = 111_320.0


class Target(Value, frozen=True):
    """A place to be looked at; `alarm` "" where it is only selected."""

    lon: float | None = None
    lat: float | None = None
    area: str = ""
    alarm: str = ""


def distance_m(lon: float, lat: float, camera: Camera) -> float:
    """Metres between a place and a camera, on a plane; infinite where the camera has no place."""
    if camera.lon is None or camera.lat is None:
        return math.inf
    east = (camera.lon - lon) * _M_A_DEGREE * math.cos(math.radians(lat))
    return math.hypot(east, (camera.lat - lat) * _M_A_DEGREE)


def target_of(sensor: Sensor, alarm: str = "") -> Target:
    """Where a sensor stands, as a target."""
    return Target(lon=sensor.lon, lat=sensor.lat, area=sensor.area, alarm=alarm)


def targets(
    selection: str, groups: Sequence[AlarmGroup], sensors: Mapping[str, Sensor], incidents: Mapping[str, Incident]
) -> list[Target]:
    """What is to be looked at: what is selected, then the heads of all groups, most urgent first."""
    found: list[Target] = []
    cls, _, id_ = selection.partition(":")
    if cls == "sensor" and id_ in sensors:
        alarm = next((a.id for g in groups for a in g.all if a.sensor == id_), "")
        found.append(target_of(sensors[id_], alarm))
    elif cls == "incident" and id_ in incidents:
        incident = incidents[id_]
        found.append(Target(lon=incident.lon, lat=incident.lat, area=incident.area))
    for group in groups:
        sensor = sensors.get(group.head.sensor)
        if sensor is not None and group.head.id not in {t.alarm for t in found if t.alarm}:
            found.append(target_of(sensor, group.head.id))
    return found


def nearest(target: Target, cameras: Iterable[Camera], near_m: float) -> Camera | None:
    """The nearest camera within `near_m`; else one of the same area; else None."""
    pool = list(cameras)
    if target.lon is not None and target.lat is not None:
        lon, lat = target.lon, target.lat
        best = min(pool, key=lambda c: (distance_m(lon, lat, c), c.id), default=None)
        if best is not None and distance_m(lon, lat, best) <= near_m:
            return best
    return min((c for c in pool if c.area and c.area == target.area), key=lambda c: c.id, default=None)


def around(subject: Subject, cameras: Sequence[Camera], near_m: float) -> list[str]:
    """Ids of the cameras that see an incident's surroundings: within `near_m` nearest first, then its new town's.

    Of the town's those that have a place come by distance, the others after them by id.
    """
    away = {c.id: (subject.distance_m(c.lon, c.lat), c.id) for c in cameras}
    near = [id_ for id_, (metres, _) in away.items() if metres <= near_m]
    town = [c.id for c in cameras if c.area and c.area in subject.areas and c.id not in near]
    return [*sorted(near, key=away.__getitem__), *sorted(town, key=away.__getitem__)]


def choose(
    cameras: Sequence[Camera],
    wanted: Sequence[Target],
    count: int,
    near_m: float,
    turn: int,
    pinned: str = "",
    first: Sequence[str] = (),
) -> tuple[str, ...]:
    """Camera ids for `count` cells, most important first.

    Args:
        cameras: to choose among, in their own order.
        wanted: see `targets`.
        turn: how often the rotation has moved on; it fills what the targets leave free.
        pinned: a camera id that is shown in any case, "" none.
        first: camera ids that come before all targets, see `around`.
    """
    chosen: list[str] = [c.id for c in cameras if c.id == pinned][:count]
    chosen = list(dict.fromkeys([*chosen, *first]))[:count]
    for target in wanted:
        if len(chosen) >= count:
            break
        camera = nearest(target, cameras, near_m)
        if camera is not None and camera.id not in chosen:
            chosen.append(camera.id)
    rest = [c.id for c in cameras if c.id not in chosen]
    free = count - len(chosen)
    if free > 0 and rest:
        start = (turn * free) % len(rest) if len(rest) > free else 0
        chosen += (rest[start:] + rest[:start])[:free]
    return tuple(chosen)


def place(shown: Sequence[str], chosen: Sequence[str], count: int) -> tuple[str, ...]:
    """Cells, "" for empty: a camera that stays keeps its cell, so that pictures do not jump about."""
    cells = ["" for _ in range(count)]
    for i, id_ in enumerate(shown[:count]):
        if id_ in chosen:
            cells[i] = id_
    new = [id_ for id_ in chosen if id_ not in cells]
    for i in range(count):
        if not cells[i] and new:
            cells[i] = new.pop(0)
    return tuple(cells)


def events(
    cells: Iterable[str],
    cameras: Mapping[str, Camera],
    groups: Sequence[AlarmGroup],
    sensors: Mapping[str, Sensor],
    near_m: float,
) -> dict[str, Alarm]:
    """The most urgent alarm that each shown camera is the nearest one to."""
    found: dict[str, Alarm] = {}
    ids = set(cells) & set(cameras)
    alarms = sorted((a for g in groups for a in g.all), key=urgency)
    for alarm in alarms:
        sensor = sensors.get(alarm.sensor)
        if sensor is None:
            continue
        camera = nearest(target_of(sensor), cameras.values(), near_m)
        if camera is not None and camera.id in ids:
            found.setdefault(camera.id, alarm)
    return found


def grid(role: str, width_px: float, height_px: float, text_px: float, rows: int, columns: int) -> tuple[int, int]:
    """(rows, columns): as set, or as many as can be read: a picture on a wall is about 18 em wide and 10 high."""
    if rows and columns:
        return rows, columns
    if role == "vehicle":
        return rows or 1, columns or 1
    if role == "wall":
        across, down = (max(1, min(4, round(px / text_px / em))) for px, em in ((width_px, 18), (height_px, 10)))
        return rows or down, columns or across
    if width_px and height_px > 1.4 * width_px:
        return rows or 3, columns or 1
    return rows or 2, columns or 2
