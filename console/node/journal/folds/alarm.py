"""The fold of alarms as ISA-18.2 has them; pure, and knows no store, sensor or clock."""

from __future__ import annotations

from typing import Final

import msgspec

from console.api import Alarm, AlarmState, Value
from console.node.journal.entry import Entry
from console.node.journal.fold import Fold, Passed
from console.rules.alarm import AlarmEvent, after


class RaisedAct(Value, frozen=True, kw_only=True):
    """`alarm.raised`, `alarm.worsened`: a limit of a sensor holds since `t_ns`."""

    sensor: str
    priority: int
    t_ns: int
    limit: int = 0
    value: float | None = None


class ClearedAct(Value, frozen=True, kw_only=True):
    """`alarm.cleared`: no limit holds since `t_ns`."""

    t_ns: int


class ShelveAct(Value, frozen=True, kw_only=True):
    """`alarm.shelve`, `alarm.suppress`, `alarm.remove`: until when (UTC ns, 0 open end: not for shelving), and why."""

    reason: str
    until_ns: int = 0


class BackAct(Value, frozen=True, kw_only=True):
    """`alarm.unshelve`, `alarm.shelf_ended`, `alarm.release`, `alarm.return`: whether its condition holds then."""

    active: bool


class Hold(Value, frozen=True, kw_only=True):
    """Who took an alarm out of sight, why, since when and until when; times UTC ns."""

    by: str
    reason: str
    since_ns: int
    until_ns: int = 0


class AlarmStanding(Value, frozen=True, kw_only=True):
    """What the journal says of an alarm; `hold` while it is shelved, suppressed or out of service."""

    alarm: Alarm
    hold: Hold | None = None


_RAISED: Final = {"alarm.raised": AlarmEvent.RAISED, "alarm.worsened": AlarmEvent.WORSENED}
_HELD: Final = {
    "alarm.shelve": AlarmEvent.SHELVED,
    "alarm.suppress": AlarmEvent.SUPPRESSED,
    "alarm.remove": AlarmEvent.REMOVED,
}
_BACK: Final = {
    ("alarm.unshelve", True): AlarmEvent.UNSHELVED_ACTIVE,
    ("alarm.unshelve", False): AlarmEvent.UNSHELVED_NORMAL,
    ("alarm.shelf_ended", True): AlarmEvent.SHELF_ENDED_ACTIVE,
    ("alarm.shelf_ended", False): AlarmEvent.UNSHELVED_NORMAL,
    ("alarm.release", True): AlarmEvent.RELEASED_ACTIVE,
    ("alarm.release", False): AlarmEvent.RELEASED_NORMAL,
    ("alarm.return", True): AlarmEvent.RETURNED_ACTIVE,
    ("alarm.return", False): AlarmEvent.RETURNED_NORMAL,
}
_BACK_KINDS: Final = {kind for kind, _ in _BACK}


def _step_alarm(standing: AlarmStanding, entry: Entry) -> AlarmStanding | Passed:
    kind = entry.header.kind
    if kind in _RAISED:
        return _raised(standing, entry, _RAISED[kind])
    if kind == "alarm.cleared":
        t_ns = entry.act(ClearedAct).t_ns
        return _moved(standing, AlarmEvent.CLEARED, changed_ns=t_ns, ended_ns=t_ns)
    if kind == "alarm.acknowledge":
        by, t_ns = entry.header.actor, entry.header.wall_ns
        return _moved(standing, AlarmEvent.ACKNOWLEDGED, changed_ns=t_ns, acknowledged_by=by, acknowledged_ns=t_ns)
    if kind in _HELD:
        return _held(standing, entry, _HELD[kind])
    if kind in _BACK_KINDS:
        moved = _moved(standing, _BACK[(kind, entry.act(BackAct).active)], changed_ns=entry.header.wall_ns)
        return moved if isinstance(moved, Passed) else msgspec.structs.replace(moved, hold=None)
    return Passed(rule=f"this version knows no act {kind!r} of an alarm")


def _raised(standing: AlarmStanding, entry: Entry, event: AlarmEvent) -> AlarmStanding | Passed:
    act = entry.act(RaisedAct)
    since = {"raised_ns": act.t_ns, "ended_ns": 0, "acknowledged_by": "", "acknowledged_ns": 0}
    return _moved(
        standing,
        event,
        sensor=act.sensor,
        priority=act.priority,
        limit=act.limit,
        value=act.value,
        changed_ns=act.t_ns,
        **(since if event is AlarmEvent.RAISED else {}),
    )


def _held(standing: AlarmStanding, entry: Entry, event: AlarmEvent) -> AlarmStanding | Passed:
    act, header = entry.act(ShelveAct), entry.header
    if event is AlarmEvent.SHELVED and act.until_ns <= header.wall_ns:
        return Passed(rule="ISA-18.2: nothing is shelved without an end")
    moved = _moved(standing, event, changed_ns=header.wall_ns)
    if isinstance(moved, Passed):
        return moved
    hold = Hold(by=header.actor, reason=act.reason, since_ns=header.wall_ns, until_ns=act.until_ns)
    return msgspec.structs.replace(moved, hold=hold)


def _moved(standing: AlarmStanding, event: AlarmEvent, **changes: object) -> AlarmStanding | Passed:
    state = after(standing.alarm.state, event)
    if state is None:
        return Passed(rule=f"ISA-18.2: {event.value} means nothing in state {standing.alarm.state.value}")
    alarm = msgspec.structs.replace(standing.alarm, state=state, **changes)
    return msgspec.structs.replace(standing, alarm=alarm)


ALARM: Final = Fold(
    cls="alarm",
    start=lambda id_: AlarmStanding(alarm=Alarm(id=id_, state=AlarmState.NORMAL)),
    step=_step_alarm,
)
