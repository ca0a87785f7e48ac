"""An incident's record as screens know it, without personal data, from what the journal says; pure, reads no clock."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import msgspec

from console.api import NS, IncidentFacts, IncidentRecord, ReportDue, ReportLine, TimelineLine
from console.node.journal.fold import View
from console.node.journal.folds import IncidentStanding
from console.rules.elapsed import Mark
from console.rules.incident import possible
from console.rules.report_clock import ReportClock

LINES: Final = 200
"""Of the timeline, the newest; the others stand in the journal."""
REPORTS: Final = 200
PERSONAL: Final = ("reported_by",)
"""Facts about a person, often with a telephone number: told to who asks and may, never published."""


def record_of(view: View, clocks: Iterable[ReportClock], now: Mark) -> IncidentRecord:
    """The record; `clocks`: the report limits that run at `now`."""
    standing: IncidentStanding = view.state
    return IncidentRecord(
        id=standing.id,
        simulated=standing.simulated,
        area=standing.area,
        board=standing.board,
        alarm=standing.alarm,
        facts=_without(standing.facts),
        timeline=tuple(
            TimelineLine(kind=m.kind, by=m.by, t_ns=m.t_ns, phase=m.phase, text=m.text, lacking=m.lacking)
            for m in standing.moments[-LINES:]
        ),
        forgotten=standing.forgotten + max(0, len(standing.moments) - LINES),
        reports=tuple(
            ReportLine(
                kind=r.kind, to=r.to, by=r.by, t_ns=r.t_ns, number=r.number, text=r.text, sha256=r.sha256,
                against=r.against,
            )
            for r in standing.reports[-REPORTS:]
        ),
        owed=tuple(due_of(clock, now) for clock in clocks),
        possible=possible(standing.phase, standing.facts),
        contested=tuple(
            TimelineLine(kind=c.kind, by=c.actor, t_ns=0, phase=standing.phase, text=c.rule)
            for c in view.contested[-LINES:]
        ),
        personal=tuple(personal_of(standing.facts)),
    )  # fmt: skip


def personal_of(facts: IncidentFacts) -> dict[str, str]:
    """The personal data that there are, by field."""
    return {name: value for name in PERSONAL if (value := getattr(facts, name))}


def masked(record: IncidentRecord) -> IncidentRecord:
    """A record as it is published, of one that a store of an earlier version kept with personal data."""
    personal = tuple(personal_of(record.facts))
    if not personal:
        return record
    return msgspec.structs.replace(record, facts=_without(record.facts), personal=personal)


def _without(facts: IncidentFacts) -> IncidentFacts:
    return msgspec.structs.replace(facts, **dict.fromkeys(PERSONAL, ""))


def due_of(clock: ReportClock, now: Mark) -> ReportDue:
    """A limit on the wall clock as it is set now, to the millisecond: more would differ at each look."""
    due_ns = round((now.wall_ns + clock.left_s * NS) / 1e6) * 1_000_000
    return ReportDue(kind=clock.kind, since_ns=due_ns - round(clock.limit_s * NS), due_ns=due_ns, number=clock.number)
