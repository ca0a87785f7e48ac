"""Evaluates limits on every flush's samples and holds the alarms' states; knows neither sockets nor sources.

The transitions are `console.rules.alarm`; here are the conditions (limit, hysteresis, delay) as columns, so that
thousands of limits cost some numpy calls, and Python runs only for what changed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import msgspec
import numpy as np

from console.api import (
    NS,
    Alarm,
    AlarmState,
    Board,
    ChannelKind,
    Columns,
    Entity,
    Quality,
    Sensor,
)
from console.node.hub import Hub
from console.rules.alarm import AlarmEvent, after

SOURCE: Final = "alarms"
KEEP_ENDED: Final = 20
"""So many ended alarms stay known, for the lists of what was closed last."""
_DELAY_MOST_S: Final = 86_400.0
_DISTRUST: Final = int(Quality.BAD | Quality.LATE | Quality.CLOCK)


class Alarms:
    """One alarm a sensor, of its worst limit that holds. `learn` after sensors were put, `observe` samples."""

    def __init__(self, hub: Hub, on_change: Callable[[Alarm], None] | None = None) -> None:
        self._hub = hub
        self.on_change = on_change
        self._alarms: dict[str, Alarm] = {}
        self._ended: list[str] = []
        self._known = False
        self._sensors: dict[int, Sensor] = {}
        self._incident_of: dict[str, str] = {}
        self._rows_of: dict[int, slice] = {}
        self._handle = np.zeros(0, np.int64)
        self._value = np.zeros(0)
        self._back = np.zeros(0)
        self._sign = np.zeros(0)
        self._delay_ns = np.zeros(0, np.int64)
        self._priority = np.zeros(0, np.int64)
        self._index = np.zeros(0, np.int64)
        self._high, self._low = np.zeros(0), np.zeros(0)
        """By handle: no limit is crossed strictly between `_low` and `_high`."""
        self._active = np.zeros(0, bool)
        self._beyond_since = np.zeros(0, np.int64)
        self._calm = np.zeros(0, bool)
        """By handle: a trusted sample within all its limits was seen in this run."""
        self._said: dict[str, Alarm] = {}
        """Alarms of an earlier run by sensor, until that sensor is known."""
        hub.on_sensors_gone = self.forget

    def forget(self, sensors: Sequence[str]) -> None:
        """Sensors were dropped: their limits hold no more, and their alarms end now, out of service and done."""
        self.learn()
        for id_ in sensors:
            self._active[self._rows_of.pop(self._hub.handles[id_], slice(0))] = False
            alarm = self._alarms.get(f"alarm:{id_}")
            removed = after(alarm.state, AlarmEvent.REMOVED) if alarm is not None else None
            ended = after(removed, AlarmEvent.RETURNED_NORMAL) if removed is not None else None
            if alarm is not None and ended is not None and alarm.state is not AlarmState.NORMAL:
                now = self._hub.clock()
                self._store(msgspec.structs.replace(alarm, state=ended, changed_ns=now, ended_ns=now))

    def learn(self) -> None:
        """Some limits are new: all are read anew before the next samples are judged, and alarms that hold stay.

        Not at once: a source that puts its sensors one by one would have every limit read for each.
        """
        self._known = False

    def _read_limits(self) -> None:
        self._known = True
        since = {
            (int(h), int(i)): (bool(active), int(beyond_ns))
            for h, i, active, beyond_ns in zip(self._handle, self._index, self._active, self._beyond_since, strict=True)
            if active or beyond_ns
        }
        rows: list[tuple[float, ...]] = []
        self._sensors, self._rows_of = {}, {}
        for entity in self._hub.entities.get(Sensor.CLS, {}).values():
            if isinstance(entity, Sensor) and entity.limits and entity.channel is ChannelKind.SCALAR:
                handle = self._hub.handles[entity.id]
                self._sensors[handle] = entity
                self._rows_of[handle] = slice(len(rows), len(rows) + len(entity.limits))
                for index, limit in enumerate(entity.limits):
                    sign = 1.0 if limit.high else -1.0
                    back = sign * limit.value - abs(limit.hysteresis)
                    delay_s = min(max(limit.delay_s, 0.0), _DELAY_MOST_S)
                    rows.append((handle, sign * limit.value, back, sign, delay_s, limit.priority, index))
        table = np.array(rows, float).reshape(len(rows), 7)
        self._handle = table[:, 0].astype(np.int64)
        self._value, self._back, self._sign = table[:, 1], table[:, 2], table[:, 3]
        self._delay_ns = (table[:, 4] * NS).astype(np.int64)
        self._priority, self._index = table[:, 5].astype(np.int64), table[:, 6].astype(np.int64)
        self._high, self._low = np.full(len(self._hub.ids), np.inf), np.full(len(self._hub.ids), -np.inf)
        above = self._sign > 0
        np.minimum.at(self._high, self._handle[above], self._value[above])
        np.maximum.at(self._low, self._handle[~above], -self._value[~above])
        kept = [since.get((int(row[0]), int(row[6])), (False, 0)) for row in rows]
        self._active = np.array([active for active, _ in kept], bool)
        self._beyond_since = np.array([beyond_ns for _, beyond_ns in kept], np.int64)
        self._widen()
        if self._said:
            self._go_on()

    def observe(self, kind: ChannelKind, columns: Columns) -> None:
        """Judge the trusted samples in `columns`: of several of one sensor its highest, its lowest and its last."""
        if kind is not ChannelKind.SCALAR:
            return
        if not self._known:
            self._read_limits()
        if len(self._handle) == 0:
            return
        good = (columns.q & _DISTRUST) == 0
        good &= np.isfinite(columns.v)
        matters = self._matters(columns)
        self._calm[columns.ids[good & ~matters]] = True
        good &= matters
        ids, v, t_ns = columns.ids[good], columns.v[good], columns.t_ns[good]
        for rows in _turns(ids, v):
            self._observe_once(ids[rows], v[rows], t_ns[rows])

    def _widen(self) -> None:
        """Have a place for each handle that the hub knows by now."""
        more = len(self._hub.ids) - len(self._high)
        if more > 0:
            self._high = np.concatenate([self._high, np.full(more, np.inf)])
            self._low = np.concatenate([self._low, np.full(more, -np.inf)])
        more = len(self._hub.ids) - len(self._calm)
        if more > 0:
            self._calm = np.concatenate([self._calm, np.zeros(more, bool)])

    def _matters(self, columns: Columns) -> np.ndarray:
        """Rows of sensors with a value beyond a limit, or of which a limit holds or is about to: mostly none."""
        self._widen()
        ids, v = columns.ids, columns.v
        busy = np.zeros(len(self._high), bool)
        busy[self._handle[self._active | (self._beyond_since > 0)]] = True
        busy[ids[(v >= self._high[ids]) | (v <= self._low[ids])]] = True
        matters: np.ndarray = busy[ids]
        return matters

    def _observe_once(self, ids: np.ndarray, v: np.ndarray, t_ns: np.ndarray) -> None:
        """At most one sample of each sensor."""
        count = len(self._hub.ids)
        value = np.full(count, np.nan)
        when = np.zeros(count, np.int64)
        value[ids], when[ids] = v, t_ns
        rows = np.flatnonzero(when[self._handle] > 0)
        if len(rows) == 0:
            return
        handles = self._handle[rows]
        signed = self._sign[rows] * value[handles]
        beyond = np.where(self._active[rows], signed > self._back[rows], signed >= self._value[rows])
        since = self._beyond_since[rows]
        since = np.where(beyond & (since == 0), when[handles], np.where(beyond, since, 0))
        self._beyond_since[rows] = since
        within = np.zeros(count, bool)
        within[handles] = True
        within[handles[beyond]] = False
        self._calm[:count] |= within
        active = beyond & (self._active[rows] | (when[handles] - since >= self._delay_ns[rows]))
        changed = active != self._active[rows]
        self._active[rows] = active
        for handle in np.unique(handles[changed]):
            self._judge(int(handle), float(value[handle]), int(when[handle]))

    def _judge(self, handle: int, value: float, t_ns: int) -> None:
        rows = self._rows_of[handle]
        mine = np.flatnonzero(self._active[rows]) + rows.start
        sensor = self._sensors[handle]
        id_ = f"alarm:{sensor.id}"
        old = self._alarms.get(id_)
        state = old.state if old else AlarmState.NORMAL
        if len(mine) == 0:
            if old is not None and (new := after(state, AlarmEvent.CLEARED)) is not None:
                self._store(msgspec.structs.replace(old, state=new, changed_ns=t_ns, ended_ns=t_ns))
            return
        row = mine[np.argmin(self._priority[mine])]
        priority, limit = int(self._priority[row]), int(self._index[row])
        if old is None or state in (AlarmState.NORMAL, AlarmState.RETURNED):
            self._store(
                Alarm(
                    id=id_,
                    simulated=sensor.simulated,
                    sensor=sensor.id,
                    priority=priority,
                    state=after(state, AlarmEvent.RAISED) or AlarmState.UNACKNOWLEDGED,
                    limit=limit,
                    value=value,
                    raised_ns=t_ns,
                    changed_ns=t_ns,
                )
            )
            return
        event = AlarmEvent.WORSENED if priority < old.priority else None
        new = (after(state, event) if event else None) or state
        self._store(msgspec.structs.replace(old, state=new, priority=priority, limit=limit, changed_ns=t_ns))

    # ------------------------------------------------------------------ what the journal says

    def get(self, alarm_id: str) -> Alarm | None:
        """How an alarm stands, None where none is known."""
        return self._alarms.get(alarm_id)

    def where(self, alarm_id: str) -> tuple[str, Board | None]:
        """Area and board of an alarm's sensor; ("", None) where it is not known."""
        alarm = self._alarms.get(alarm_id)
        sensor = self._hub.entities.get(Sensor.CLS, {}).get(alarm.sensor) if alarm is not None else None
        return (sensor.area, sensor.board) if isinstance(sensor, Sensor) else ("", None)

    def belongs(self, alarm_id: str, incident: str) -> None:
        """The alarm is an incident's from now on, "" none's."""
        if incident:
            self._incident_of[alarm_id] = incident
        else:
            self._incident_of.pop(alarm_id, None)
        if (alarm := self._alarms.get(alarm_id)) is not None and alarm.incident != incident:
            self._store(alarm)

    def continued(self, alarm: Alarm) -> bool:
        """Whether its limit has held in every trusted sample since this node started: it was raised before that."""
        handle = self._hub.handles.get(alarm.sensor, len(self._calm))
        return handle < len(self._calm) and not self._calm[handle]

    def acknowledged(self, said: Alarm) -> None:
        """An acknowledgement is saved: the alarm follows, where it is still the raising that was acknowledged."""
        alarm = self._alarms.get(said.id)
        if alarm is None or alarm.raised_ns != said.raised_ns or said.state is AlarmState.UNACKNOWLEDGED:
            return
        new = after(alarm.state, AlarmEvent.ACKNOWLEDGED) if said.acknowledged_ns else None
        if new is not None:
            by, t_ns = said.acknowledged_by, said.acknowledged_ns
            self._store(
                msgspec.structs.replace(alarm, state=new, acknowledged_by=by, acknowledged_ns=t_ns, changed_ns=t_ns)
            )

    def restore(self, said: Sequence[Alarm]) -> None:
        """Go on from how these alarms stood in an earlier run, each once its sensor is known.

        One whose limit holds still is that raising, with who acknowledged it; one that was seen to end has ended.
        """
        self._said = {alarm.sensor: alarm for alarm in said}
        self._read_limits()

    def _go_on(self) -> None:
        for handle, sensor in self._sensors.items():
            said = self._said.pop(sensor.id, None)
            if said is not None and said.limit < len(sensor.limits):
                said = msgspec.structs.replace(said, id=f"alarm:{sensor.id}", simulated=sensor.simulated)
                self._go_on_with(said, handle, sensor)

    def _go_on_with(self, said: Alarm, handle: int, sensor: Sensor) -> None:
        now = self._alarms.get(said.id)
        same = sensor.limits[said.limit].priority == said.priority and not self._calm[handle]
        if said.state is AlarmState.RETURNED:
            if now is None:
                self._store(said)
        elif same and now is None:
            self._active[self._rows_of[handle].start + said.limit] = True
            self._store(said)
        elif same and now is not None:
            self._store(_joined(said, now))
        elif now is None:  # it ended while no node was here to see it
            t_ns = self._hub.clock()
            ended = after(said.state, AlarmEvent.CLEARED) or AlarmState.NORMAL
            self._store(msgspec.structs.replace(said, state=ended, changed_ns=t_ns, ended_ns=t_ns))
        if now is not None and self.on_change is not None and self._alarms[said.id] is now:
            self.on_change(now)

    def _store(self, alarm: Alarm) -> None:
        if alarm.incident != (incident := self._incident_of.get(alarm.id, "")):
            alarm = msgspec.structs.replace(alarm, incident=incident)
        self._alarms[alarm.id] = alarm
        if alarm.id in self._ended:
            self._ended.remove(alarm.id)
        if alarm.state is AlarmState.NORMAL:
            self._ended.append(alarm.id)
        over = self._ended[:-KEEP_ENDED]
        del self._ended[:-KEEP_ENDED]
        for id_ in over:
            del self._alarms[id_]
        changes: list[Entity] = [alarm]
        self._hub.put(SOURCE, changes)
        self._hub.drop(Alarm, over)
        if self.on_change is not None:
            self.on_change(alarm)


def _joined(said: Alarm, now: Alarm) -> Alarm:
    """One raising, begun in an earlier run and seen to hold in this one; what is worse by now waits again."""
    state = said.state if now.priority >= said.priority else AlarmState.UNACKNOWLEDGED
    by, t_ns = said.acknowledged_by, said.acknowledged_ns
    return msgspec.structs.replace(now, state=state, raised_ns=said.raised_ns, acknowledged_by=by, acknowledged_ns=t_ns)


def _turns(ids: np.ndarray, v: np.ndarray) -> list[np.ndarray]:
    """Row numbers in up to three turns, no sensor twice in one: a peak between two flushes must not go unseen."""
    if len(ids) == 0:
        return []
    if int(np.bincount(ids).max()) == 1:
        return [np.arange(len(ids))]
    by_value, by_arrival = np.lexsort((v, ids)), np.argsort(ids, kind="stable")
    starts = np.flatnonzero(np.r_[True, np.diff(ids[by_arrival].astype(np.int64)) != 0])
    ends = np.r_[starts[1:], len(ids)] - 1
    chosen = np.unique(np.concatenate([by_value[starts], by_value[ends], by_arrival[ends]]))
    chosen = chosen[np.argsort(ids[chosen], kind="stable")]
    firsts = np.flatnonzero(np.r_[True, np.diff(ids[chosen].astype(np.int64)) != 0])
    turn = np.arange(len(chosen)) - np.repeat(firsts, np.diff(np.r_[firsts, len(chosen)]))
    return [chosen[turn == i] for i in range(int(turn.max()) + 1)]
