"""The fold of incidents: their whole life from the acts done to them; pure, and knows no store, clock or screen."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from console.api import IncidentPhase, RefusedError, ReportKind
from console.node.journal.folds.deed import ActRule, Acts, Deed, both, fold_of
from console.node.journal.folds.incident_acts import (
    UNMARKED,
    IncidentStanding,
    Moment,
    ReportedAct,
    ReportSent,
    Scale,
    ScaleAct,
    ScaleSet,
    SentAct,
    StepAct,
    TellAct,
    Told,
)
from console.rules.elapsed import Mark
from console.rules.incident import IncidentAct, after, missing
from console.rules.report_clock import may_send, next_follow_up

MOST_LINES: Final = 1_000
"""Moments, reports and moves on scales kept in the state; older ones are in the journal and counted."""
_OF_FACTS: Final = frozenset(
    {"place", "nature", "reported_by", "verified_by", "casualties", "cause", "measures", "leader", "lessons"}
)
_SCALES: Final = {"incident.grade": Scale.GRADE, "incident.colour": Scale.COLOUR, "incident.level": Scale.LEVEL}
_SCALE_NAMES: Final = {Scale.GRADE: "等级", Scale.COLOUR: "预警颜色", Scale.LEVEL: "响应级别"}
_ENDING: Final = frozenset({IncidentAct.CONTROL, IncidentAct.DISMISS})
_RETURNING: Final = frozenset({IncidentAct.WORSEN, IncidentAct.REOPEN})
S = IncidentStanding


def _report(standing: S, deed: Deed) -> S:
    act: ReportedAct = deed.act
    if standing.moments:
        raise RefusedError(
            "incident rule: it was reported before; tell what is new", zh="事件规则：此事件已报过；请补充新情况"
        )
    if not act.title.strip():
        raise RefusedError(
            "incident rule: a report says what happened; the title is empty", zh="事件规则：须写明发生了什么；标题为空"
        )
    begun = msgspec.structs.replace(
        standing,
        title=act.title,
        number=act.number or standing.id,
        board=act.board,
        sensors=act.sensors,
        alarm=act.alarm,
        simulated=act.simulated,
        heard=_mark(act.at, deed),
        started_ns=_mark(act.at, deed).wall_ns,
    )
    return _line(_told(begun, act.told), deed, act.title)


def _step(standing: S, deed: Deed) -> S:
    _known(standing)
    act: StepAct = deed.act
    what = IncidentAct(deed.kind.removeprefix("incident."))
    then = _told(standing, act.told)
    if what is IncidentAct.RESPOND and act.response_level:
        then = _moved(then, Scale.LEVEL, act.response_level, deed, act.reason)
    phase = after(standing.phase, what, then.facts, act.reason)
    lacking = missing(what, then.facts) if what is IncidentAct.CLOSE else ()
    then = msgspec.structs.replace(then, phase=phase)
    if what in _ENDING:
        then = msgspec.structs.replace(then, ended=_mark(act.at, deed), dismissed=what is IncidentAct.DISMISS)
    elif what in _RETURNING:
        then = _returned(then)
    if phase is IncidentPhase.CLOSED:
        then = msgspec.structs.replace(then, closed_ns=_mark(act.at, deed).wall_ns)
    return _line(then, deed, act.reason, lacking)


def _returned(standing: S) -> S:
    """Out of control again, or opened again: the final report is to be made anew."""
    kinds = tuple(kind for kind in standing.facts.reports_sent if kind is not ReportKind.FINAL)
    return msgspec.structs.replace(
        standing,
        ended=None,
        dismissed=False,
        closed_ns=0,
        turn=standing.turn + 1,
        facts=msgspec.structs.replace(standing.facts, reports_sent=kinds),
    )


def _scale(standing: S, deed: Deed) -> S:
    _known(standing)
    act: ScaleAct = deed.act
    scale = _SCALES[deed.kind]
    then = _moved(_told(standing, act.told), scale, act.value, deed, act.reason)
    if scale is Scale.GRADE:
        phase = after(standing.phase, IncidentAct.GRADE, then.facts, act.reason)
        then = msgspec.structs.replace(then, phase=phase)
    return _line(then, deed, f"{act.value} {act.reason}".strip())


def _moved(standing: S, scale: Scale, value: int, deed: Deed, reason: str) -> S:
    lowest = 1 if scale is Scale.GRADE else 0
    if not lowest <= value <= 4:
        raise RefusedError(
            f"incident rule: found {scale.value} {value}, expected {lowest} to 4, 1 the gravest",
            zh=f"事件规则：{_SCALE_NAMES[scale]}为 {value}，应为 {lowest} 至 4，1 最高",
        )
    before: int = getattr(standing.facts, scale.value)
    move = ScaleSet(
        scale=scale, before=before, value=value, by=deed.actor, t_ns=deed.t_ns, reason=reason, hash=deed.hash
    )
    facts = msgspec.structs.replace(standing.facts, **{scale.value: value})
    return msgspec.structs.replace(standing, facts=facts, scales=(*standing.scales, move)[-MOST_LINES:])


def _ask_send(standing: S, deed: Deed) -> None:
    _known(standing)
    act: SentAct = deed.act
    may_send(act.report, standing.facts.reports_sent, ended=standing.ended is not None)
    number = next_number(standing)
    if act.report is ReportKind.FOLLOW_UP and act.number not in (0, number):
        raise RefusedError(
            f"report rule: found follow-up {act.number}, expected {number}",
            zh=f"报告规则：续报编号为 {act.number}，应为 {number}",
        )


def _send(standing: S, deed: Deed) -> S:
    """What went out is a fact: it is on record whatever the rule says of it, and the rule with it."""
    _known(standing)
    act: SentAct = deed.act
    against = ""
    try:
        _ask_send(standing, deed)
    except RefusedError as error:
        against = both(error)
    number = (act.number or next_number(standing)) if act.report is ReportKind.FOLLOW_UP else 0
    sent = ReportSent(
        kind=act.report,
        number=number,
        to=act.to,
        by=deed.actor,
        t_ns=deed.t_ns,
        at=_mark(act.at, deed),
        turn=standing.turn,
        text=act.text,
        sha256=act.sha256,
        against=against,
        hash=deed.hash,
    )
    then = msgspec.structs.replace(standing, reports=(*standing.reports, sent)[-MOST_LINES:])
    if act.report is not ReportKind.FINAL or standing.ended is not None:
        # a final report before the end ends nothing
        facts = msgspec.structs.replace(then.facts, reports_sent=(*then.facts.reports_sent, act.report))
        then = msgspec.structs.replace(then, facts=facts)
    return _line(then, deed, act.text)


def next_number(standing: S) -> int:
    """The number of the next follow-up."""
    return next_follow_up(report.number for report in standing.reports if report.kind is ReportKind.FOLLOW_UP)


def _tell(standing: S, deed: Deed) -> S:
    _known(standing)
    act: TellAct = deed.act
    if act.told == Told() and not act.text.strip():
        raise RefusedError("incident rule: nothing is told", zh="事件规则：没有内容")
    return _line(_told(standing, act.told), deed, act.text)


def _known(standing: S) -> None:
    if not standing.moments:
        raise RefusedError("incident rule: nobody has reported it", zh="事件规则：尚无人报告此事件")


def _told(standing: S, told: Told) -> S:
    """The facts that an act says; what it is silent about stays."""
    if told.casualties is not None and min(told.casualties) < 0:
        raise RefusedError(
            f"incident rule: found casualties {told.casualties}, expected none below 0",
            zh=f"事件规则：伤亡为 {told.casualties}，不应小于 0",
        )
    said: dict[str, Any] = {
        name: value for name in Told.__struct_fields__ if (value := getattr(told, name)) is not None
    }
    of_facts = {name: said.pop(name) for name in _OF_FACTS & said.keys()}
    if not said and not of_facts:
        return standing
    facts = msgspec.structs.replace(standing.facts, **of_facts)
    return msgspec.structs.replace(standing, facts=facts, **said)


def _mark(at: Mark, deed: Deed) -> Mark:
    """Both clocks as the act says; where it does not, the entry's own time, which only the wall clock vouches for."""
    return at if at != UNMARKED else Mark(boot="", boot_ns=0, wall_ns=deed.t_ns)


def _line(standing: S, deed: Deed, text: str = "", lacking: tuple[Any, ...] = ()) -> S:
    moment = Moment(
        kind=deed.kind,
        by=deed.actor,
        t_ns=deed.t_ns,
        phase=standing.phase,
        text=text,
        lacking=lacking,
        hash=deed.hash,
    )
    moments = (*standing.moments, moment)
    over = max(0, len(moments) - MOST_LINES)
    return msgspec.structs.replace(standing, moments=moments[over:], forgotten=standing.forgotten + over)


INCIDENT_ACTS: Final[Acts] = {
    "incident.report": ActRule(ReportedAct, _report),
    "incident.tell": ActRule(TellAct, _tell),
    "incident.send": ActRule(SentAct, _send, _ask_send),
    **{kind: ActRule(ScaleAct, _scale) for kind in _SCALES},
    **{f"incident.{act.value}": ActRule(StepAct, _step) for act in IncidentAct if act is not IncidentAct.GRADE},
}
INCIDENT: Final = fold_of("incident", lambda id_: IncidentStanding(id=id_), INCIDENT_ACTS, authority=True)
