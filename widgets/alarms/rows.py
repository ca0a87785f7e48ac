"""What a row of the alarm list says: texts from an alarm group, its sensors and the last sample; paints nothing."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence

from PySide6.QtCore import QCoreApplication

from console.api import (
    NS,
    Alarm,
    AlarmState,
    Area,
    Freshness,
    Incident,
    IntentState,
    Latest,
    Sensor,
    Text,
    Value,
)
from widgets.kit.alarm_groups import AlarmGroup
from widgets.kit.names import place_of, subject_of, what_of
from widgets.kit.text import age_text, clock_off_s, clock_off_text, clock_text, value_text

translate = QCoreApplication.translate
NAMED = 3
"""So many merged streams are named, a run of numbers counting as one."""
TAIL = re.compile(r"(.*?)(\d{1,9})")


class Row(Value, frozen=True):
    """One painted row. `trend` −1, 0, 1; `value` "" where nothing was ever received; `late` "" while it is live."""

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
    late: str = ""
    mark: IntentState | None = None
    """What became of the acts done here on the group's alarms."""


def limit_of(alarm: Alarm, sensor: Sensor | None, language: str) -> str:
    """The limit that holds: "限 0.20", or by its name "保证 389.50"."""
    if sensor is None or not 0 <= alarm.limit < len(sensor.limits):
        return ""
    limit = sensor.limits[alarm.limit]
    text = value_text(limit.value, sensor.digits)
    name = limit.name.of(language)
    return f"{name} {text}" if name else translate("Alarms", "limit {value}").format(value=text)


def merged(group: AlarmGroup, sensors: Mapping[str, Sensor], language: str) -> str:
    """What was merged with the head: "同因 6 条：G-115…G-119、阀井水位"."""
    if not group.members:
        return translate("Alarms", "single")
    head, *others = [_short(alarm, sensors, language) for alarm in group.all]
    told, with_head = runs(others), runs([head, *others])
    if len(with_head) <= len(told):  # the head is named only where it closes a run
        told = with_head
    joined = ("、" if language == "zh" else ", ").join(told[:NAMED]) + ("…" if len(told) > NAMED else "")
    return translate("Alarms", "{count} of one cause: {names}").format(count=len(group.all), names=joined)


def _short(alarm: Alarm, sensors: Mapping[str, Sensor], language: str) -> str:
    """The last word of what it stands at: 燃气 G-116 → G-116."""
    sensor = sensors.get(alarm.sensor)
    return subject_of(sensor, language).split()[-1] if sensor is not None else alarm.sensor


def runs(names: Sequence[str]) -> list[str]:
    """Names once each, in the order they came; three or more that count up without a gap as "first…last"."""
    numbered: dict[str, list[tuple[int, str]]] = {}
    for name in dict.fromkeys(names):
        found = TAIL.fullmatch(name)
        stem, number = (found[1], int(found[2])) if found else (name, 0)
        numbered.setdefault(stem, []).append((number, name))
    told = []
    for members in numbered.values():
        members.sort()
        if len(members) >= 3 and members[-1][0] - members[0][0] == len(members) - 1:
            told.append(f"{members[0][1]}…{members[-1][1]}")
        else:
            told += [name for _number, name in members]
    return told


def trend_of(rate_per_s: float, digits: int) -> int:
    """−1 falling, 1 rising, 0 steady or unknown: less than half the last painted digit a minute is no trend."""
    if not math.isfinite(rate_per_s) or abs(rate_per_s) * 60 < 0.5 * 10.0**-digits:
        return 0
    return 1 if rate_per_s > 0 else -1


def row_of(
    group: AlarmGroup,
    sensors: Mapping[str, Sensor],
    areas: Mapping[str, Area],
    incidents: Mapping[str, Incident],
    latest: Latest,
    freshness: Freshness,
    now_ns: int,
    language: str,
    officers: Mapping[str, Text] | None = None,
) -> Row:
    """The row of a group; `officers` names them in both languages by their Chinese name.

    `latest` is that of the group's head alone, which stands as `freshness` says.
    """
    alarm = group.head
    sensor = sensors.get(alarm.sensor)
    if sensor is None:
        place, what, digits, unit = "", alarm.sensor, 2, ""
    else:
        place, what = place_of(sensor, areas, language), what_of(alarm, sensor, language)
        digits, unit = sensor.digits, sensor.unit
    value = float(latest.v[0]) if latest.v.ndim == 1 else math.nan
    t_ns = int(latest.t_ns[0])
    late = age_text((now_ns - t_ns) / NS, language) if t_ns and freshness is not Freshness.LIVE else ""
    if off_s := clock_off_s(t_ns, int(latest.q[0]), now_ns):
        late = clock_off_text(off_s, language)
    return Row(
        key=alarm.id,
        priority=alarm.priority,
        state=alarm.state,
        title=" · ".join(part for part in (place, what) if part),
        limit="　".join(part for part in (limit_of(alarm, sensor, language), merged(group, sensors, language)) if part),
        act=_act(alarm, sensor, incidents, language, officers or {}),
        value=_value(alarm, sensor, value, digits, language),
        unit=unit,
        trend=0 if late else trend_of(float(latest.rate_per_s[0]), digits),
        standing=_standing(alarm, now_ns, language),
        late=late,
    )


def _value(alarm: Alarm, sensor: Sensor | None, v: float, digits: int, language: str) -> str:
    """The newest value, else the one that raised the alarm, else ""; a state by its name."""
    if not math.isfinite(v):
        v = alarm.value if alarm.value is not None else math.nan
    if not math.isfinite(v):
        return ""
    if sensor is not None and 0 <= int(v) < len(sensor.states):
        return sensor.states[int(v)].of(language)
    return value_text(v, digits)


def _act(
    alarm: Alarm,
    sensor: Sensor | None,
    incidents: Mapping[str, Incident],
    language: str,
    officers: Mapping[str, Text],
) -> str:
    """Likely cause and first act, or who acknowledged it and which incident it belongs to."""
    if alarm.state is AlarmState.ACKNOWLEDGED:
        text = translate("Alarms", "{who} acknowledged {when}")
        known = officers.get(alarm.acknowledged_by)
        who = known.of(language) if known is not None else alarm.acknowledged_by
        parts = [text.format(who=who, when=clock_text(alarm.acknowledged_ns, seconds=False))]
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
