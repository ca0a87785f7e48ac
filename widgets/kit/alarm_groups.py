"""Which alarms belong together and in what order they are shown; knows how none of them is painted.

One order for the alarm strip, the lists and the map, so that "the first alarm" is the same everywhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from console.api import Alarm, AlarmState, Sensor, Value

SHOWN = (AlarmState.UNACKNOWLEDGED, AlarmState.ACKNOWLEDGED, AlarmState.RETURNED)
"""States in which an alarm stands in lists: shelved, suppressed and ended ones are only counted."""


class AlarmGroup(Value, frozen=True):
    """Alarms of one physical cause: `head` speaks for all; `members` are the others, worst first."""

    head: Alarm
    members: tuple[Alarm, ...] = ()

    @property
    def all(self) -> tuple[Alarm, ...]:
        """Head and members."""
        return (self.head, *self.members)

    @property
    def unacknowledged(self) -> bool:
        """Whether anyone still has to acknowledge something in it."""
        return any(waiting(alarm) for alarm in self.all)


def waiting(alarm: Alarm) -> bool:
    """Whether the alarm waits for an acknowledgement: unacknowledged, or returned without one."""
    return alarm.state in (AlarmState.UNACKNOWLEDGED, AlarmState.RETURNED)


def urgency(alarm: Alarm) -> tuple[int, int, int, str]:
    """Sort key, most urgent first: priority, then still active before returned, waiting before acknowledged, newest."""
    standing = {AlarmState.UNACKNOWLEDGED: 0, AlarmState.ACKNOWLEDGED: 1}.get(alarm.state, 2)
    return (alarm.priority, standing, -alarm.raised_ns, alarm.id)


def alarm_groups(alarms: Iterable[Alarm], sensors: Mapping[str, Sensor]) -> list[AlarmGroup]:
    """Groups of all shown alarms by `Sensor.cause` (alone where that is empty), most urgent first."""
    by_cause: dict[str, list[Alarm]] = {}
    for alarm in alarms:
        if alarm.state not in SHOWN:
            continue
        sensor = sensors.get(alarm.sensor)
        cause = f"cause {sensor.cause}" if sensor is not None and sensor.cause else f"alarm {alarm.id}"
        by_cause.setdefault(cause, []).append(alarm)
    groups: list[AlarmGroup] = []
    for members in by_cause.values():
        members.sort(key=urgency)
        groups.append(AlarmGroup(head=members[0], members=tuple(members[1:])))
    groups.sort(key=lambda group: urgency(group.head))
    return groups
