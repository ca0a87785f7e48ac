"""What screens show of an incident that the journal tells, and which of its reports are due; pure, reads no clock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from console.api import NS, PHASE_NAMES, Incident, IncidentPhase, ReportKind, Text
from console.node.journal.folds.incident_acts import IncidentStanding
from console.rules.elapsed import Boot, Elapsed, Mark, since
from console.rules.report_clock import (
    DEFAULT_LIMITS,
    ReportClock,
    ReportLimits,
    Sent,
    report_name,
    running,
)

STEPS: Final = (
    IncidentPhase.VERIFIED,
    IncidentPhase.GRADED,
    IncidentPhase.RESPONDING,
    IncidentPhase.CONTROLLED,
    IncidentPhase.CLOSED,
)
"""The five steps of the progress bar; a step is done when its phase is reached."""
_PHASES: Final = tuple(IncidentPhase)
_LEVELS: Final = ("", "I", "II", "III", "IV")


def report_clocks(
    standing: IncidentStanding,
    boots: Sequence[Boot],
    now: Mark,
    limits: Mapping[int, ReportLimits] = DEFAULT_LIMITS,
) -> tuple[ReportClock, ...]:
    """The report limits that run now, the most pressing first.

    `boots` are this machine's, from the fold of its clock marks, and `now` its two clocks: a restart between costs
    certainty, which the clocks tell, and never the limit.
    """
    if not standing.moments or (standing.dismissed and not standing.reports):
        return ()

    def ago(mark: Mark) -> Elapsed:
        return since(mark, boots, now)

    sent = [
        Sent(kind=report.kind, ago=ago(report.at), number=report.number)
        for report in standing.reports
        if report.kind is not ReportKind.FINAL or report.kind in standing.facts.reports_sent
    ]
    ended = ago(standing.ended) if standing.ended is not None else None
    return running(standing.facts.grade, ago(standing.heard), sent, ended=ended, limits=limits)


def incident_of(
    standing: IncidentStanding,
    *,
    boots: Sequence[Boot] = (),
    now: Mark | None = None,
    limits: Mapping[int, ReportLimits] = DEFAULT_LIMITS,
    conflict: bool = False,
    contested: int = 0,
) -> Incident:
    """The entity as screens know it.

    `now`: both clocks, to put the next report's limit on the wall clock as it is set now; None: by the wall clock
    alone, as it was when the room was told. `conflict`, `contested`: as the entity's View has them.
    """
    facts = standing.facts
    kind, due_ns = _due(standing, boots, now, limits)
    return Incident(
        id=standing.id,
        simulated=standing.simulated,
        number=standing.number,
        title=Text(standing.title),
        grade=facts.grade,
        area=standing.area,
        board=standing.board,
        place=Text(facts.place),
        response=_response(standing),
        fact=_fact(standing),
        started_ns=standing.started_ns,
        closed_ns=standing.closed_ns,
        report_kind=kind,
        report_due_ns=due_ns,
        step=sum(_PHASES.index(standing.phase) >= _PHASES.index(step) for step in STEPS),
        steps=len(STEPS),
        lon=standing.lon,
        lat=standing.lat,
        sensors=standing.sensors,
        phase=standing.phase,
        warning_colour=facts.warning_colour,
        response_level=facts.response_level,
        conflict=conflict,
        contested=contested,
    )


def _due(
    standing: IncidentStanding, boots: Sequence[Boot], now: Mark | None, limits: Mapping[int, ReportLimits]
) -> tuple[Text, int]:
    if now is None:
        marks = [standing.heard, *(r.at for r in standing.reports), *([standing.ended] if standing.ended else [])]
        now = Mark(boot="", boot_ns=0, wall_ns=max(mark.wall_ns for mark in marks))
    clocks = report_clocks(standing, boots, now, limits)
    if not clocks:
        return Text(""), 0
    first = clocks[0]
    return report_name(first.kind, first.number), now.wall_ns + round(first.left_s * NS)


def _response(standing: IncidentStanding) -> Text:
    """The phase, or the response level while the response lasts, and who leads it."""
    facts, name = standing.facts, PHASE_NAMES[standing.phase]
    if standing.phase is IncidentPhase.RESPONDING and facts.response_level:
        level = _LEVELS[facts.response_level]
        name = Text(f"{level} 级响应", f"response level {level}")
    if standing.dismissed:
        name = Text("误报", "false report")
    if not facts.leader:
        return name
    return Text(f"{name.zh} · {facts.leader}", f"{name.of('en')} · {facts.leader}")


def _fact(standing: IncidentStanding) -> Text:
    """The line that was told for screens; else casualties where there are any, measures, nature."""
    facts = standing.facts
    if standing.fact:
        return Text(standing.fact)
    if facts.casualties is not None and any(facts.casualties):
        dead, hurt, lost = facts.casualties
        return Text(f"死 {dead} 伤 {hurt} 失联 {lost}", f"{dead} dead, {hurt} hurt, {lost} missing")
    return Text(facts.measures or facts.nature)
