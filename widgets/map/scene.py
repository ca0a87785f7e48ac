"""What stands on the map now, from the host's entities and latest samples; Qt-free, and knows no pixel."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from console.api import (
    F64,
    NS,
    U8,
    Alarm,
    AlarmState,
    Area,
    Camera,
    ChannelKind,
    Host,
    Incident,
    Latest,
    Post,
    Quality,
    Resource,
    Sensor,
    Warning_,
)
from widgets.kit.alarm_groups import alarm_groups, waiting
from widgets.map import feed
from widgets.map.feed import Mark
from widgets.map.mercator import world, world_point

PLACE_KINDS: Final = {"shelter", "hospital", "depot", "quake"}


class Dots:
    """The quiet sensors: where they stand and how they are. `ids` in the order of the arrays; n places."""

    def __init__(self, sensors: Mapping[str, Sensor]) -> None:
        standing = [s for s in sensors.values() if s.lon is not None and s.channel is not ChannelKind.POSITION]
        self.ids: list[str] = [s.id for s in standing]
        lon = np.array([s.lon for s in standing], np.float64)
        lat = np.array([s.lat if s.lat is not None else 0.0 for s in standing], np.float64)
        self.xy: F64 = world(lon, lat)
        self._stale_after_ns = np.array([s.stale_after_s for s in standing], np.float64) * NS

    def states(self, latest: Latest, now_ns: int) -> U8:
        """State of each dot from the latest sample of each of `ids`, u8 (n,)."""
        never = latest.t_ns == 0
        old = (now_ns - latest.t_ns) > self._stale_after_ns
        bad = (latest.q & int(Quality.BAD)) != 0
        out = np.where(old | bad, feed.DOT_FAULT, feed.DOT_LIVE)
        return np.where(never, feed.DOT_NEVER, out).astype(np.uint8)


class Scene:
    """Builds the list of symbols for one map. `layers` is what the user wants to see."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self.newest_ns = 0
        self.units_on_line = 0
        self._held: dict[str, tuple[float, float, float, int]] = {}
        """Last good x, y, heading_deg and time of each position: a bad fix moves nothing."""
        self.watched: frozenset[str] = frozenset()
        """Sensors whose values are written on the map."""

    def marks(self, layers: frozenset[str], plate_priority: int) -> list[Mark]:
        """All symbols but quiet sensors, most urgent first."""
        self.newest_ns = 0
        out = self._alarms(plate_priority)
        out += self._selected_sensor({m.ref for m in out})
        out += self._selected_place(out)
        out += self._posts() if "posts" in layers else []
        units = self._units()
        self.units_on_line = sum(1 for m in units if not m.bits & feed.STALE)
        out += units if "units" in layers else []
        out += self._places() if "places" in layers else []
        out += self._cameras() if "cameras" in layers else []
        return out

    # ------------------------------------------------------------ alarms

    def _alarms(self, plate_priority: int) -> list[Mark]:
        sensors = self._host.entities(Sensor)
        shown: list[tuple[Alarm, Sensor, bool]] = []
        for group in alarm_groups(self._host.entities(Alarm).values(), sensors):
            placed = [a for a in group.all if a.sensor in sensors and sensors[a.sensor].lon is not None]
            # the selected one speaks for its group, else the most urgent one that has a place
            placed.sort(key=lambda a: not self._is_selected(a))
            shown += [(alarm, sensors[alarm.sensor], n > 0) for n, alarm in enumerate(placed)]
        self.watched = frozenset(s.id for _, s, _ in shown)
        latest = self._host.latest([s.id for _, s, _ in shown])
        self._note(latest)
        return [
            self._alarm(alarm, sensor, latest, row, minor, plate_priority)
            for row, (alarm, sensor, minor) in enumerate(shown)
        ]

    def _is_selected(self, alarm: Alarm) -> bool:
        """Whether it is the selection itself, or an alarm of the selected incident."""
        if self._host.selection in (f"sensor:{alarm.sensor}", f"alarm:{alarm.id}"):
            return True
        incident = self._selected_incident()
        return incident is not None and alarm.sensor in incident.sensors

    def _selected_incident(self) -> Incident | None:
        cls, _, key = self._host.selection.partition(":")
        return self._host.entities(Incident).get(key) if cls == "incident" else None

    def _selected_place(self, already: list[Mark]) -> list[Mark]:
        """The selected incident where no alarm of its own stands for it."""
        incident = self._selected_incident()
        if incident is None or incident.lon is None or any(m.bits & feed.SELECTED for m in already):
            return []
        x, y = _place(incident.lon, incident.lat)
        name = f"{incident.number} {incident.title.of(self._host.language)}".strip()
        bits = feed.SELECTED | feed.PLATE
        return [Mark(kind=feed.SENSOR, ref=f"incident:{incident.id}", name=name, x=x, y=y, bits=bits)]

    def _alarm(self, alarm: Alarm, sensor: Sensor, latest: Latest, row: int, minor: bool, plate_priority: int) -> Mark:
        ref = f"sensor:{sensor.id}"
        chosen = self._is_selected(alarm)
        bits = feed.FILLED if waiting(alarm) else 0
        bits |= feed.RETURNED if alarm.state is AlarmState.RETURNED else 0
        bits |= feed.SELECTED if chosen else 0
        bits |= feed.MINOR if minor and not chosen else 0
        bits |= feed.PLATE if chosen or (alarm.priority <= plate_priority and not minor) else 0
        age_s = self._age_s(int(latest.t_ns[row]), sensor.stale_after_s)
        bits |= feed.STALE if math.isfinite(age_s) else 0
        value = float(latest.v[row]) if latest.v.ndim == 1 else feed.NAN
        if not math.isfinite(value) and alarm.value is not None:
            value = alarm.value
        x, y = _place(sensor.lon, sensor.lat)
        return Mark(
            kind=feed.ALARM,
            ref=ref,
            name=self._sensor_name(sensor),
            x=x,
            y=y,
            value=value,
            age_s=age_s,
            bits=bits,
            priority=alarm.priority,
            trend=0 if bits & feed.STALE else trend_of(float(latest.rate_per_s[row]), sensor.digits),
            unit=sensor.unit,
            digits=sensor.digits,
        )

    def _selected_sensor(self, already: set[str]) -> list[Mark]:
        """The selected quiet sensor: its plate tells what the dot cannot."""
        cls, _, key = self._host.selection.partition(":")
        sensor = self._host.entities(Sensor).get(key) if cls == "sensor" else None
        if sensor is None or f"sensor:{key}" in already or sensor.lon is None:
            return []
        if sensor.channel is ChannelKind.POSITION:
            return []
        self.watched |= {sensor.id}
        latest = self._host.latest([sensor.id])
        age_s = self._age_s(int(latest.t_ns[0]), sensor.stale_after_s)
        x, y = _place(sensor.lon, sensor.lat)
        return [
            Mark(
                kind=feed.SENSOR,
                ref=f"sensor:{key}",
                name=self._sensor_name(sensor),
                x=x,
                y=y,
                value=float(latest.v[0]) if latest.v.ndim == 1 else feed.NAN,
                age_s=age_s,
                bits=feed.SELECTED | feed.PLATE | (feed.STALE if math.isfinite(age_s) else 0),
                trend=trend_of(float(latest.rate_per_s[0]), sensor.digits),
                unit=sensor.unit,
                digits=sensor.digits,
            )
        ]

    def _sensor_name(self, sensor: Sensor) -> str:
        language = self._host.language
        return sensor.site.of(language) or sensor.name.of(language) or sensor.id

    # ------------------------------------------------------------ what moves and what stands

    def _posts(self) -> list[Mark]:
        now_ns = self._host.now_ns
        posts = list(self._host.entities(Post).values())
        where = self._positions([p.position for p in posts])
        out = []
        for post in posts:
            x, y, _, _ = where.get(post.position, (*_place(post.lon, post.lat), 0.0, 0.0))
            cut = not post.link_up and post.link_since_ns
            age_s = steady((now_ns - post.link_since_ns) / NS) if cut else feed.NAN
            bits = (feed.MOBILE if post.mobile else 0) | self._chosen(f"post:{post.id}")
            bits |= 0 if post.link_up else feed.STALE
            name = post.name.of(self._host.language)
            out.append(Mark(kind=feed.POST, ref=f"post:{post.id}", name=name, x=x, y=y, age_s=age_s, bits=bits))
        return [m for m in out if math.isfinite(m.x)]

    def _units(self) -> list[Mark]:
        units = [r for r in self._host.entities(Resource).values() if r.kind not in PLACE_KINDS]
        where = self._positions([r.position for r in units])
        out = []
        for unit in units:
            fixed = (*_place(unit.lon, unit.lat), feed.NAN, feed.NAN)
            x, y, heading, age_s = where.get(unit.position, fixed)
            bits = self._chosen(f"resource:{unit.id}") | (feed.BUSY if unit.busy else 0)
            bits |= feed.STALE if math.isfinite(age_s) else 0
            out.append(
                Mark(
                    kind=feed.UNIT,
                    ref=f"resource:{unit.id}",
                    name=unit.name.of(self._host.language),
                    x=x,
                    y=y,
                    heading_deg=heading,
                    age_s=age_s,
                    bits=bits,
                )
            )
        return [m for m in out if math.isfinite(m.x)]

    def _positions(self, ids: Sequence[str]) -> dict[str, tuple[float, float, float, float]]:
        """x, y, heading_deg and age_s (NaN while fresh) of every position sensor that ever reported."""
        sensors = self._host.entities(Sensor)
        asked = [i for i in ids if i in sensors]
        if not asked:
            return {}
        latest = self._host.latest(asked)
        self._note(latest)
        if latest.v.ndim != 2:
            return {}
        xy = world(latest.v[:, 0], latest.v[:, 1])
        good = (latest.t_ns > 0) & np.isfinite(xy[:, 0]) & ((latest.q & int(Quality.BAD)) == 0)
        for n in np.flatnonzero(good).tolist():
            self._held[asked[n]] = (float(xy[n, 0]), float(xy[n, 1]), float(latest.v[n, 3]), int(latest.t_ns[n]))
        held = {i: self._held[i] for i in asked if i in self._held}
        return {i: (x, y, turn, self._age_s(t, sensors[i].stale_after_s)) for i, (x, y, turn, t) in held.items()}

    def _places(self) -> list[Mark]:
        out = []
        for place in self._host.entities(Resource).values():
            if place.kind in PLACE_KINDS and place.lon is not None:
                x, y = _place(place.lon, place.lat)
                out.append(
                    Mark(
                        kind=feed.PLACE,
                        ref=f"resource:{place.id}",
                        name=place.name.of(self._host.language),
                        x=x,
                        y=y,
                        bits=self._chosen(f"resource:{place.id}") | (feed.BUSY if place.kind == "shelter" else 0),
                        note=filling(place.used, place.capacity),
                        unit=place.kind,
                    )
                )
        return out

    def _cameras(self) -> list[Mark]:
        out = []
        for camera in self._host.entities(Camera).values():
            if camera.lon is not None:
                x, y = _place(camera.lon, camera.lat)
                heading = camera.azimuth_deg if camera.azimuth_deg is not None else feed.NAN
                ref = f"camera:{camera.id}"
                name = camera.name.of(self._host.language)
                bits = self._chosen(ref)
                out.append(Mark(kind=feed.CAMERA, ref=ref, name=name, x=x, y=y, heading_deg=heading, bits=bits))
        return out

    def _chosen(self, ref: str) -> int:
        return feed.SELECTED if self._host.selection == ref else 0

    def _age_s(self, t_ns: int, stale_after_s: float) -> float:
        """Seconds since t_ns when that is too long, else NaN; NaN too for what never came (its own look)."""
        age_s = (self._host.now_ns - t_ns) / NS
        return steady(age_s) if t_ns and age_s > stale_after_s else feed.NAN

    def _note(self, latest: Latest) -> None:
        if len(latest.t_ns):
            self.newest_ns = max(self.newest_ns, int(latest.t_ns.max()))


def steady(age_s: float) -> float:
    """An age in the steps in which it is written, so that nothing is sent or painted in between."""
    return math.floor(age_s) if age_s < 60 else math.floor(age_s / 60) * 60.0


def trend_of(rate_per_s: float, digits: int) -> int:
    """1 rising, 2 falling, 0 steady or unknown: steady is less than half the last painted digit in a minute."""
    if not math.isfinite(rate_per_s) or abs(rate_per_s) * 60 < 0.5 * 10.0**-digits:
        return 0
    return 1 if rate_per_s > 0 else 2


def filling(used: float | None, capacity: float | None) -> str:
    """How full a place is, "1 240/3 000"; "" where nobody knows its capacity, "—" for an unknown number in it."""
    if capacity is None:
        return ""
    return f"{'—' if used is None else grouped(used)}/{grouped(capacity)}"


def grouped(number: float) -> str:
    """A whole number with thin spaces between thousands."""
    return f"{number:,.0f}".replace(",", "\u2009")


def live_warnings(warnings: Mapping[str, Warning_], now_ns: int) -> list[Warning_]:
    """Warnings that hold now, the gravest first."""
    held = [w for w in warnings.values() if not w.expires_ns or w.expires_ns > now_ns]
    return sorted(held, key=lambda w: (w.priority, -w.sent_ns, w.id))


def scope_area(areas: Mapping[str, Area], wanted: str) -> Area | None:
    """The area a map is about: the one wanted, else the root of the tree."""
    if wanted in areas:
        return areas[wanted]
    return next((a for a in areas.values() if not a.parent or a.parent not in areas), None)


Box = tuple[float, float, float, float]
"""West, south, east, north in degrees."""


def home_box(areas: Mapping[str, Area], area: Area | None) -> Box | None:
    """What a map shows at first: the middles of the area's parts with room around them, within its boundary.

    Outskirts without a middle of anything would take half the screen; what happens there is shown at the edge. An
    area of fewer than three parts is shown whole; None where nothing has a place yet.
    """
    whole = extent(area)
    parts = [a for a in areas.values() if area and a.parent == area.id and (a.lon or a.lat)]
    if len(parts) < 3:
        return whole
    west, east = min(a.lon for a in parts), max(a.lon for a in parts)
    south, north = min(a.lat for a in parts), max(a.lat for a in parts)
    wide, high = 0.17 * (east - west), 0.17 * (north - south)
    box = (west - wide, south - high, east + wide, north + high)
    if whole is None:
        return box
    return max(box[0], whole[0]), max(box[1], whole[1]), min(box[2], whole[2]), min(box[3], whole[3])


def extent(area: Area | None) -> Box | None:
    """The box of an area's boundary; None where it has none."""
    points = [p for ring in area.boundary for p in ring] if area else []
    if not points:
        return None
    lon, lat = zip(*points, strict=True)
    return min(lon), min(lat), max(lon), max(lat)


def _place(lon: float | None, lat: float | None) -> tuple[float, float]:
    return (feed.NAN, feed.NAN) if lon is None or lat is None else world_point(lon, lat)
