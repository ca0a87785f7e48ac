"""Which sensor the chart shows, and which rain stands above it; Qt-free, pure."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from console.api import Alarm, Area, ChannelKind, Host, Incident, Sensor
from widgets.chart.spec import NO_COMPANION, ChartSettings
from widgets.kit.alarm_groups import SHOWN, alarm_groups, urgency
from widgets.kit.names import town_of
from widgets.kit.subject import Subject


def chosen(host: Host, settings: ChartSettings, shown: str, subject: Subject | None = None) -> str:
    """The sensor to be shown: the settings', the selection's, the subject's, the worst alarm's, else what is shown.

    At the start of a quiet night: the stream that is nearest to its limit. "" where no sensor is known, or none of
    where the subject is.
    """
    sensors = host.entities(Sensor)
    if settings.sensor:
        return settings.sensor
    selected = _of_selection(host, sensors, subject)
    if selected:
        return selected
    if subject is not None:
        return _of_subject(host, subject, shown)
    for group in alarm_groups(host.entities(Alarm).values(), sensors):
        if _curve(sensors.get(group.head.sensor)):
            return group.head.sensor
    return shown if shown in sensors else _nearest(host, sensors)


def _of_subject(host: Host, subject: Subject, shown: str) -> str:
    """The worst of its own sensors, of its area; of calm ones its own first, then what is shown already."""
    sensors = host.entities(Sensor)
    own = [id_ for id_ in subject.incident.sensors if _curve(sensors.get(id_))]
    alarmed = sorted((a for a in host.entities(Alarm).values() if a.state in SHOWN), key=urgency)
    for alarm in (*(a for a in alarmed if a.sensor in own), *alarmed):
        sensor = sensors.get(alarm.sensor)
        if _curve(sensor) and subject.has(alarm, sensor):
            return alarm.sensor
    inside = {id_: s for id_, s in sensors.items() if subject.holds(s.area, id_)}
    return own[0] if own else shown if shown in inside else _nearest(host, inside)


def _curve(sensor: Sensor | None) -> bool:
    return sensor is not None and sensor.channel in (ChannelKind.SCALAR, ChannelKind.STATE)


def _of_selection(host: Host, sensors: Mapping[str, Sensor], subject: Subject | None) -> str:
    kind, _, id_ = host.selection.partition(":")
    found = ""
    if kind == "sensor":
        found = id_
    elif kind == "alarm" and id_ in host.entities(Alarm):
        found = host.entities(Alarm)[id_].sensor
    elif kind == "incident" and subject is None and id_ in host.entities(Incident):
        found = next(iter(host.entities(Incident)[id_].sensors), "")
    return found if _curve(sensors.get(found)) else ""


def _nearest(host: Host, sensors: Mapping[str, Sensor]) -> str:
    watched = [s for s in sensors.values() if s.limits and s.channel is ChannelKind.SCALAR and s.normal is not None]
    if not watched:
        return next((s.id for s in sensors.values() if _curve(s)), "")
    normal = np.array([s.normal or 0.0 for s in watched])
    at = np.array([s.limits[-1].value for s in watched])
    with np.errstate(divide="ignore", invalid="ignore"):
        share = (host.latest([s.id for s in watched]).v - normal) / (at - normal)
    share[~np.isfinite(share)] = -1.0
    return watched[int(np.argmax(share))].id


def companion_of(host: Host, settings: ChartSettings, sensor: Sensor) -> str:
    """The sensor shown as bars from the top: the set one, or rain of the same cause or of the same domain and town."""
    if settings.companion == NO_COMPANION or sensor.kind.startswith("rain"):
        return ""
    if settings.companion:
        return settings.companion
    areas = host.entities(Area)
    rains = [s for s in host.entities(Sensor).values() if s.kind.startswith("rain") and s.channel is ChannelKind.SCALAR]
    if sensor.cause:
        same_cause = sorted(s.id for s in rains if s.cause == sensor.cause)
        if same_cause:
            return same_cause[0]
    town = town_of(sensor.area, areas)
    near = sorted(s.id for s in rains if s.domain == sensor.domain and town_of(s.area, areas) is town)
    return near[0] if near else ""
