"""What a row of the alarm list says: texts from an alarm group, its sensors and the last sample; paints nothing."""

from __future__ import annotations

import math
from collections.abc import Mapping

from PySide6.QtCore import QCoreApplication

from console.api import NS, Alarm, AlarmState, Area, Incident, Latest, Sensor, Value
from widgets.kit.alarm_groups import AlarmGroup
from widgets.kit.names import place_of, subject_of, what_of
from widgets.kit.text import age_text, clock_text, value_text

translate = QCoreApplication.translate
STEADY_SHARE = 1e-4
"""A rate below this share of the value a second is painted as steady."""


class Row(Value, frozen=True):
    """One painted row. `trend` −1, 0, 1; `value` "" where nothing was ever received."""

    key: str
    priority: int
    state: AlarmState
    title: str
    limit: str
    act: str
    value: str
    unit: str
    trend: int
    standing: str


def limit_of(alarm: Alarm, sensor: Sensor | None) -> str:
    """The limit that holds: "限 0.20" or "保证 389.50"."""
    if sensor is None or not 0 <= alarm.limit < len(sensor.limits):
        return ""
    limit = sensor.limits[alarm.limit]
    return value_text(limit.value, sensor.digits)


def merged(group: AlarmGroup, sensors: Mapping[str, Sensor], language: str) -> str:
    """What was merged with the head: "同因 6 条：G-115、G-116"."""
    if not group.members:
        return translate("Alarms", "single")
    names = []
    for alarm in group.members[:3]:
        sensor = sensors.get(alarm.sensor)
        names.append(subject_of(sensor, language).split()[-1] if sensor is not None else alarm.sensor)
    text = translate("Alarms", "{count} of one cause: {names}")
    joined = ("、" if language == "zh" else ", ").join(names)
    return text.format(count=len(group.all), names=joined + ("…" if len(group.members) > 3 else ""))


def _short(name: str) -> str:
    """A name's own part: "燃气 G-117" → "G-117", but "风机 3" stays."""
    last = name.split()[-1] if name.split() else name
    return last if len(last) > 2 else name


def trend_of(rate_per_s: float, value: float) -> int:
    """−1 falling, 1 rising, 0 steady or unknown."""
    if not math.isfinite(rate_per_s) or abs(rate_per_s) <= STEADY_SHARE * max(abs(value), 1e-9):
        return 0
    return 1 if rate_per_s > 0 else -1


def row_of(
    group: AlarmGroup,
    sensors: Mapping[str, Sensor],
    areas: Mapping[str, Area],
    incidents: Mapping[str, Incident],
    latest: Latest,
    index: int,
    now_ns: int,
    language: str,
) -> Row:
    """The row of a group; `latest` holds the head's last sample at `index`."""
    alarm = group.head
    sensor = sensors.get(alarm.sensor)
    if sensor is None:
        place, what, digits, unit = "", alarm.sensor, 2, ""
    else:
        place, what = place_of(sensor, areas, language), what_of(alarm, sensor, language)
        digits, unit = sensor.digits, sensor.unit
    value = float(latest.v[index]) if latest.v.ndim == 1 else math.nan
    limit = limit_of(alarm, sensor)
    limit_text = translate("Alarms", "limit {value}").format(value=limit) if limit else ""
    return Row(
        key=alarm.id,
        priority=alarm.priority,
        state=alarm.state,
        title=" · ".join(part for part in (place, what) if part),
        limit="　".join(part for part in (limit_text, merged(group, sensors, language)) if part),
        act=_act(alarm, sensor, incidents, language),
        value=value_text(value, digits) if latest.t_ns[index] else "",
        unit=unit,
        trend=trend_of(float(latest.rate_per_s[index]), value),
        standing=_standing(alarm, now_ns, language),
    )


def _act(alarm: Alarm, sensor: Sensor | None, incidents: Mapping[str, Incident], language: str) -> str:
    """Likely cause and first act, or who acknowledged it and which incident it belongs to."""
    if alarm.state is AlarmState.ACKNOWLEDGED:
        text = translate("Alarms", "{who} acknowledged {when}")
        parts = [text.format(who=alarm.acknowledged_by, when=clock_text(alarm.acknowledged_ns, seconds=False))]
        incident = incidents.get(alarm.incident)
        if incident is not None:
            parts.append(translate("Alarms", "incident {number}").format(number=incident.number))
        return "　".join(parts)
    if sensor is None:
        return translate("Alarms", "sensor not known here")
    parts = [sensor.likely.of(language)] if sensor.likely.zh else []
    if sensor.first_act.zh:
        parts.append(translate("Alarms", "first: {act}").format(act=sensor.first_act.of(language)))
    return "　".join(parts)


def _standing(alarm: Alarm, now_ns: int, language: str) -> str:
    """How long, and what it waits for: "42 s 未确认"."""
    age = age_text((now_ns - alarm.raised_ns) / NS, language)
    if alarm.state is AlarmState.UNACKNOWLEDGED:
        return translate("Alarms", "{age} not acked").format(age=age)
    if alarm.state is AlarmState.RETURNED:
        return translate("Alarms", "{age} returned").format(age=age)
    return age
