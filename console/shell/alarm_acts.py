"""The acts on alarms that have keys: acknowledge, next, cameras; they know the session and no window."""

from __future__ import annotations

import math
import time
from collections.abc import Iterable

from console.api import Alarm, Camera, IntentState, Notice, Sensor, Severity, Text, YilanError
from console.shell.session import Session
from console.shell.undone import undone
from widgets.kit.acts import act_of
from widgets.kit.alarm_groups import AlarmGroup, waiting

PAINTED_S = 0.5
"""An alarm can be acknowledged by key only after it has been on screen this long."""


class AlarmActs:
    """Acts by the alarm's id, never on what slid under the key.

    The alarm strips say with `painted` what they show; what is no longer shown is forgotten with `keep_painted`.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._painted_s: dict[str, float] = {}

    # ------------------------------------------------------------------ what has been seen

    def painted(self, ids: Iterable[str]) -> None:
        """These alarms have just been painted as the first group, and no others."""
        now = time.monotonic()
        self._painted_s = {alarm_id: self._painted_s.get(alarm_id, now) for alarm_id in ids}

    def seen_long_enough(self, alarm_id: str) -> bool:
        """Whether this alarm has been painted for half a second without a break."""
        since = self._painted_s.get(alarm_id)
        return since is not None and time.monotonic() - since >= PAINTED_S

    # ------------------------------------------------------------------ acts

    def first(self) -> AlarmGroup | None:
        """The group that stands at the head of the strip: the most urgent with something to acknowledge.

        What was acknowledged here and waits to be sent makes room: while the link is cut the next one can be reached.
        """
        open_ = [group for group in self._session.groups if group.unacknowledged]
        return next((group for group in open_ if any(map(self._asks, group.all))), next(iter(open_), None))

    def _asks(self, alarm: Alarm) -> bool:
        """Whether it waits for an acknowledgement that was not given here yet."""
        return waiting(alarm) and not self._given(alarm.id)

    def _given(self, alarm_id: str) -> bool:
        act = self._session.desk.act(alarm_id)
        return act is not None and act.state is IntentState.PENDING

    def mark_of(self, group: AlarmGroup) -> IntentState | None:
        """How the acts on a group's alarms stand, the one that a person must know of first; None: nothing to say."""
        return act_of(self._session.desk.act(alarm.id) for alarm in group.all)

    def acknowledge_first(self) -> None:
        """Acknowledge what the head of the strip has shown long enough."""
        group = self.first()
        if group is None:
            return
        for alarm in group.all:
            if self._asks(alarm) and self.seen_long_enough(alarm.id):
                # one by one: each is on disk and under way before an answer to another is waited for
                self._session.tasks.start("acknowledge", self._acknowledge(alarm), owner=self)

    async def _acknowledge(self, alarm: Alarm) -> None:
        key = f"act.{alarm.id}"
        try:
            answer = await self._session.intent("alarm.acknowledge", alarm.id, raised_ns=alarm.raised_ns)
        except YilanError as error:
            self._session.notices.raise_(_not_done(key, str(error)))
            return
        notice = undone("alarm.acknowledge", alarm.id, answer)
        if notice is not None:
            self._session.notices.raise_(notice)
        else:
            self._session.notices.clear(key)

    def next(self) -> None:
        """Select the stream of the next group that waits for an acknowledgement, of any where none does; then anew.

        From elsewhere, one just acknowledged included, that is the head of the strip.
        """
        groups = [group for group in self._session.groups if group.unacknowledged] or self._session.groups
        if not groups:
            return
        refs = [f"sensor:{group.head.sensor}" for group in groups]
        here = refs.index(self._session.selection) if self._session.selection in refs else -1
        self._session.select(refs[(here + 1) % len(refs)])

    def cameras(self) -> None:
        """Select the camera nearest to the selected stream, or to the first alarm's."""
        sensor = self._subject()
        if sensor is None or sensor.lon is None or sensor.lat is None:
            return
        lon, lat = sensor.lon, sensor.lat
        placed = [c for c in self._session.desk.entities(Camera).values() if c.lon is not None and c.lat is not None]
        if placed:
            shrink = math.cos(math.radians(lat))
            nearest = min(placed, key=lambda c: math.hypot(((c.lon or 0.0) - lon) * shrink, (c.lat or 0.0) - lat))
            self._session.select(f"camera:{nearest.id}")

    def _subject(self) -> Sensor | None:
        sensors = self._session.desk.entities(Sensor)
        kind, _, chosen = self._session.selection.partition(":")
        if kind == "sensor" and chosen in sensors:
            return sensors[chosen]
        group = self.first() or next(iter(self._session.groups), None)
        return sensors.get(group.head.sensor) if group is not None else None

    def closed_alarms(self) -> list[Alarm]:
        """Alarms that have ended, newest first."""
        ended = [a for a in self._session.desk.entities(Alarm).values() if a.ended_ns and not waiting(a)]
        return sorted(ended, key=lambda a: -a.ended_ns)


def _not_done(key: str, detail: str) -> Notice:
    return Notice(
        key=key,
        severity=Severity.WARNING,
        summary=Text("确认未生效", "Acknowledgement not in effect"),
        detail=detail,
        tip=Text("请按说明处理；需要时再按 A", "Do as it says; press A again where it is still needed"),
    )
