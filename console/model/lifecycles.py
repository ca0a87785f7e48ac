"""The phases that incidents, hazards and shifts pass through, and the facts that rules ask for; knows no transition."""

from __future__ import annotations

import enum
from collections.abc import Iterator, Mapping
from typing import Any, Final

from console.model.values import Text, Value


class IncidentPhase(enum.StrEnum):
    """事件阶段, in the order of a life without return."""

    REPORTED = "reported"
    VERIFIED = "verified"
    GRADED = "graded"
    RESPONDING = "responding"
    CONTROLLED = "controlled"
    CLOSED = "closed"
    REVIEWED = "reviewed"


class HazardPhase(enum.StrEnum):
    """隐患阶段: the closed loop 闭环; MENDED is what the mender says, VERIFIED what an inspector has seen."""

    FOUND = "found"
    ASSESSED = "assessed"
    ASSIGNED = "assigned"
    MENDED = "mended"
    VERIFIED = "verified"
    CLOSED = "closed"


class HandoverPhase(enum.StrEnum):
    """交接班阶段: who goes signs first, who comes signs second, and only then the seat has changed hands."""

    DRAFTED = "drafted"
    SIGNED_OFF = "signed_off"
    TAKEN = "taken"


class ReportKind(enum.StrEnum):
    """报告种类 初报, 续报, 终报; the phone call comes before the text."""

    FIRST_PHONE = "first_phone"
    FIRST_WRITTEN = "first_written"
    FOLLOW_UP = "follow_up"
    FINAL = "final"


class IncidentFacts(Value, frozen=True, kw_only=True):
    """What is known of an incident when a rule judges an act on it.

    Grade, warning colour and response level are three scales and none follows from another: 1 is the gravest of each,
    0 not said yet. `casualties`: dead, injured, missing; None where nobody has said so, which is not zero.
    """

    place: str = ""
    nature: str = ""
    reported_by: str = ""
    verified_by: str = ""
    grade: int = 0
    warning_colour: int = 0
    response_level: int = 0
    casualties: tuple[int, int, int] | None = None
    cause: str = ""
    measures: str = ""
    leader: str = ""
    reports_sent: tuple[ReportKind, ...] = ()
    open_orders: int = 0
    lessons: str = ""


class PhaseNames(Mapping[IncidentPhase | HazardPhase | HandoverPhase, Text]):
    """Names by phase. Not a dict: phases of two classes with the same text are equal, and are called differently."""

    def __init__(self, *tables: Mapping[Any, Text]) -> None:
        self._by_class = {type(next(iter(table))): table for table in tables}

    def __getitem__(self, phase: IncidentPhase | HazardPhase | HandoverPhase) -> Text:
        return self._by_class[type(phase)][phase]

    def __iter__(self) -> Iterator[IncidentPhase | HazardPhase | HandoverPhase]:
        return (phase for table in self._by_class.values() for phase in table)

    def __len__(self) -> int:
        return sum(len(table) for table in self._by_class.values())


PHASE_NAMES: Final = PhaseNames(
    {
        IncidentPhase.REPORTED: Text("接报", "Reported"),
        IncidentPhase.VERIFIED: Text("已核实", "Verified"),
        IncidentPhase.GRADED: Text("已定级", "Graded"),
        IncidentPhase.RESPONDING: Text("处置中", "Responding"),
        IncidentPhase.CONTROLLED: Text("已控制", "Controlled"),
        IncidentPhase.CLOSED: Text("已结束", "Closed"),
        IncidentPhase.REVIEWED: Text("已复盘", "Reviewed"),
    },
    {
        HazardPhase.FOUND: Text("已发现", "Found"),
        HazardPhase.ASSESSED: Text("已评估", "Assessed"),
        HazardPhase.ASSIGNED: Text("已交办", "Assigned"),
        HazardPhase.MENDED: Text("已整改", "Mended"),
        HazardPhase.VERIFIED: Text("已复查", "Verified"),
        HazardPhase.CLOSED: Text("已销号", "Closed"),
    },
    {
        HandoverPhase.DRAFTED: Text("待交班签字", "To be signed off"),
        HandoverPhase.SIGNED_OFF: Text("待接班签字", "To be taken"),
        HandoverPhase.TAKEN: Text("已交接", "Taken"),
    },
)
REPORT_NAMES: dict[ReportKind, Text] = {
    ReportKind.FIRST_PHONE: Text("电话初报", "First report by phone"),
    ReportKind.FIRST_WRITTEN: Text("书面初报", "First report in writing"),
    ReportKind.FOLLOW_UP: Text("续报", "Follow-up report"),
    ReportKind.FINAL: Text("终报", "Final report"),
}
