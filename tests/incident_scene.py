"""A river over its danger level as the journal tells it: record, reports, persons; for a FakeHost."""

from __future__ import annotations

import msgspec

from console.api import (
    NS,
    Incident,
    IncidentFacts,
    IncidentPhase,
    IncidentRecord,
    Person,
    PossibleAct,
    ReportDue,
    ReportKind,
    ReportLine,
    Text,
    TimelineLine,
)
from tests.fakes import NOW_NS, FakeHost
from tests.scenes import storm

P = IncidentPhase
MIN = 60 * NS
ALWAYS = (
    PossibleAct(name="incident.tell", asks=("text",)),
    PossibleAct(name="incident.colour", asks=("value",)),
    PossibleAct(name="incident.level", asks=("value",)),
    PossibleAct(name="incident.send", asks=("report", "to")),
)
CLOSE = PossibleAct(
    name="incident.close",
    asks=("casualties", "cause"),
    lacks=(Text("伤亡情况", "casualties"), Text("原因", "cause"), Text("终报", "final report")),
)
PEOPLE = (
    ("li", "李卫国", "Li Weiguo", "值班员"),
    ("wang", "王芳", "Wang Fang", "值班员"),
    ("chen", "陈建军", "Chen Jianjun", "指挥长"),
)


def told(host: FakeHost, *, controlled: bool = False) -> Incident:
    """The storm, its river incident `i3` with a record: responding, or under control and to be closed."""
    storm(host)
    for id_, zh, en, role in PEOPLE:
        host.put(Person(id=id_, name=Text(zh, en), roles=(Text(role, "Duty officer"),)))
    phase = P.CONTROLLED if controlled else P.RESPONDING
    incident = msgspec.structs.replace(
        host.entities(Incident)["i3"], phase=phase, warning_colour=2, response_level=2, step=4 if controlled else 3
    )
    moves = (
        (PossibleAct(name="incident.grade", asks=("value",)), CLOSE, PossibleAct(name="incident.worsen", reason=True))
        if controlled
        else (
            PossibleAct(name="incident.grade", asks=("value",)),
            PossibleAct(name="incident.control", asks=("measures",)),
        )
    )
    host.put(incident, record(moves))
    host.selection = "incident:i3"
    return incident


def record(moves: tuple[PossibleAct, ...]) -> IncidentRecord:
    """The record of `i3` with these acts and those that are always possible."""
    lines = (
        ("incident.report", "li", 38, P.REPORTED, "沣河超保证水位"),
        ("incident.verify", "li", 36, P.VERIFIED, ""),
        ("incident.grade", "li", 35, P.GRADED, "3 "),
        ("incident.send", "li", 33, P.GRADED, ""),
        ("incident.colour", "chen", 31, P.GRADED, "2 上游站雨量 80 mm"),
        ("incident.respond", "chen", 30, P.RESPONDING, ""),
        ("incident.grade", "chen", 22, P.RESPONDING, "2 水位仍涨，低洼区 3 200 人"),
        (
            "incident.tell",
            "wang",
            9,
            P.RESPONDING,
            "马王街道已转移 412 人，卧床 14 人需救护车；G70 马王匝道管制，体育中心安置点已开放。",
        ),
    )
    return IncidentRecord(
        id="i3",
        area="fengxi",
        facts=IncidentFacts(
            place="马王街道 严家渠",
            nature="洪水",
            verified_by="李卫国",
            grade=2,
            warning_colour=2,
            response_level=2,
            leader="刘强（消防）",
            measures="低洼区转移，斗门蓄滞准备",
        ),
        timeline=tuple(TimelineLine(kind=k, by=b, t_ns=NOW_NS - m * MIN, phase=p, text=t) for k, b, m, p, t in lines),
        reports=(
            ReportLine(kind=ReportKind.FIRST_PHONE, to="市应急局值班室", by="li", t_ns=NOW_NS - 33 * MIN),
            ReportLine(
                kind=ReportKind.FIRST_WRITTEN, to="市应急局值班室", by="li", t_ns=NOW_NS - 20 * MIN, text="第 1 号专报"
            ),
        ),
        owed=(
            ReportDue(kind=ReportKind.FOLLOW_UP, since_ns=NOW_NS - 98 * MIN, due_ns=NOW_NS + 22 * MIN, number=1),
            ReportDue(kind=ReportKind.FINAL, since_ns=NOW_NS - 100 * MIN, due_ns=NOW_NS - 3 * MIN),
        ),
        possible=(*moves, *ALWAYS),
        personal=("reported_by",),
    )  # fmt: skip
