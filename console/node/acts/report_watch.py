"""Reports that are owed: the officer is warned at half, four fifths and the whole of each limit; knows no socket."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Final

from console.api import NS, Incident, Notice, Severity, Text
from console.node.acts.incidents import Incidents
from console.node.acts.numbers import ROOM_ZONE
from console.node.journal.folds import IncidentStanding
from console.rules.elapsed import Mark
from console.rules.report_clock import ReportClock, report_name

_SEVERITY: Final = ((1.0, Severity.ERROR), (0.8, Severity.WARNING), (0.5, Severity.INFO))


class ReportWatch:
    """Raises a notice an owed report, `report:INCIDENT:KIND:NUMBER`, and clears it once the report is sent."""

    def __init__(
        self, incidents: Incidents, *, on_notice: Callable[[Notice], None], on_clear: Callable[[str], None]
    ) -> None:
        self._incidents, self._on_notice, self._on_clear = incidents, on_notice, on_clear
        self._told: dict[str, float] = {}
        """The share of its limit at which each was last told, by key."""

    def tick(self, now: Mark) -> bool:
        """Look at both clocks; returns whether any limit runs."""
        owed: dict[str, tuple[IncidentStanding, ReportClock]] = {}
        for view in self._incidents.owing.values():
            for clock in self._incidents.clocks(view, now):
                owed[f"report:{view.id}:{clock.kind.value}:{clock.number}"] = (view.state, clock)
        for key in [key for key in self._told if key not in owed or not owed[key][1].warning]:
            del self._told[key]
            self._on_clear(key)
        for key, (standing, clock) in owed.items():
            if clock.warning and self._told.get(key) != clock.warning:
                self._told[key] = clock.warning
                self._on_notice(notice_of(key, standing, clock, now))
        return bool(owed)


def notice_of(key: str, standing: IncidentStanding, clock: ReportClock, now: Mark) -> Notice:
    """What the officer is told of a report that is owed."""
    name = report_name(clock.kind, clock.number)
    due = dt.datetime.fromtimestamp(now.wall_ns / NS + clock.left_s, ROOM_ZONE)
    passed = round(clock.warning * 100)
    zh, en = f"时限已过 {passed}%", f"{passed} % of its time is gone"
    if clock.overdue:
        zh, en = "已超时限", "it is overdue"
    title = standing.number or standing.title
    unsure = round(clock.uncertain_s / 60)
    return Notice(
        key=key,
        about=(f"{Incident.CLS}:{standing.id}",),
        severity=next(severity for share, severity in _SEVERITY if clock.warning >= share),
        summary=Text(
            f"{title} {name.zh}{zh}（{due:%H:%M} 前报送）", f"{title}: {name.of('en')}: {en} (due by {due:%H:%M})"
        ),
        detail=f"of this only the wall clock tells: {unsure} min" if unsure else "",
        tip=Text("报送后在事件中登记", "Send it, then record it with the incident"),
    )
