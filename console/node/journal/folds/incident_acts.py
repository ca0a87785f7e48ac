"""What may be done to an incident and how it stands then, as values; knows no rule and no fold."""

from __future__ import annotations

import enum
from typing import Final

from console.api import Board, IncidentFacts, IncidentPhase, ReportKind, Text, Value
from console.rules.elapsed import Mark

UNMARKED: Final = Mark(boot="", boot_ns=0, wall_ns=0)


class Told(Value, frozen=True, kw_only=True):
    """Facts that an act brings along; None: this act says nothing of it, what was known stays.

    `casualties`: dead, injured, missing. `fact` is the one line that screens show.
    """

    title: str | None = None
    place: str | None = None
    area: str | None = None
    lon: float | None = None
    lat: float | None = None
    nature: str | None = None
    reported_by: str | None = None
    verified_by: str | None = None
    casualties: tuple[int, int, int] | None = None
    cause: str | None = None
    measures: str | None = None
    leader: str | None = None
    lessons: str | None = None
    fact: str | None = None


class ReportedAct(Value, frozen=True, kw_only=True):
    """`incident.report`: somebody told the room. `at`: both clocks of the node when it was told; limits run from it.

    `number`: how the room calls it, "" its id. `alarm`: the alarm it came of, "" none.
    """

    title: str
    at: Mark = UNMARKED
    number: str = ""
    board: Board = Board.LIFELINE
    told: Told = Told()
    sensors: tuple[str, ...] = ()
    alarm: str = ""
    simulated: bool = False


class StepAct(Value, frozen=True, kw_only=True):
    """`incident.verify`, `.respond`, `.control`, `.close`, `.dismiss`, `.review`, `.reopen`, `.worsen`.

    `response_level`: with `.respond`, 1 the highest … 4; 0: as it was set before. `at`: both clocks, for `.control`
    and `.dismiss`, from which the final report's limit runs.
    """

    told: Told = Told()
    reason: str = ""
    response_level: int = 0
    at: Mark = UNMARKED


class ScaleAct(Value, frozen=True, kw_only=True):
    """`incident.grade`, `incident.colour`, `incident.level`: one of three scales, 1 the gravest … 4; no other moves.

    0 takes a colour or a level back; a grade is never taken back.
    """

    value: int
    reason: str = ""
    told: Told = Told()


class SentAct(Value, frozen=True, kw_only=True):
    """`incident.send`: a report went out to `to`, at both clocks' `at`. `number` of a follow-up as it stands on the
    paper, 0: the next one. `sha256` of the paper, "" for a call."""

    report: ReportKind
    to: str
    at: Mark = UNMARKED
    number: int = 0
    text: str = ""
    sha256: str = ""


class TellAct(Value, frozen=True, kw_only=True):
    """`incident.tell`: facts that became known, or a line for the record, in any phase."""

    told: Told = Told()
    text: str = ""


class Scale(enum.StrEnum):
    """The three scales; none follows from another."""

    GRADE = "grade"
    COLOUR = "warning_colour"
    LEVEL = "response_level"


class ScaleSet(Value, frozen=True, kw_only=True):
    """One move on a scale: from what to what (0 not said), by whom, when (UTC ns), why; `hash` of its entry."""

    scale: Scale
    before: int
    value: int
    by: str
    t_ns: int
    reason: str = ""
    hash: bytes = b""


class ReportSent(Value, frozen=True, kw_only=True):
    """A report that went out. `turn`: how often the incident had come back before. `against`: the rule it broke."""

    kind: ReportKind
    number: int
    to: str
    by: str
    t_ns: int
    at: Mark = UNMARKED
    turn: int = 0
    text: str = ""
    sha256: str = ""
    against: str = ""
    hash: bytes = b""


class Moment(Value, frozen=True, kw_only=True):
    """One line of the life. `phase` after it; `lacking` what was not known when it was closed all the same."""

    kind: str
    by: str
    t_ns: int
    phase: IncidentPhase
    text: str = ""
    lacking: tuple[Text, ...] = ()
    hash: bytes = b""


class IncidentStanding(Value, frozen=True, kw_only=True):
    """What the journal says of an incident. Nothing was reported where `moments` is empty.

    Attributes:
        facts: what is known now; `reports_sent` counts a final report only where nothing came back after it.
        scales: every move of grade, warning colour and response level, in order.
        reports: all that went out, those before a reopening too.
        moments: the life, oldest first; `forgotten` lines before them stand in the journal alone.
        heard: both clocks when the room was told; `ended` when it was controlled or dismissed, None while it is not.
        turn: how often it came back: worsened, or reopened.
    """

    id: str
    phase: IncidentPhase = IncidentPhase.REPORTED
    title: str = ""
    number: str = ""
    board: Board = Board.LIFELINE
    area: str = ""
    lon: float | None = None
    lat: float | None = None
    fact: str = ""
    sensors: tuple[str, ...] = ()
    alarm: str = ""
    simulated: bool = False
    facts: IncidentFacts = IncidentFacts()
    scales: tuple[ScaleSet, ...] = ()
    reports: tuple[ReportSent, ...] = ()
    moments: tuple[Moment, ...] = ()
    forgotten: int = 0
    heard: Mark = UNMARKED
    ended: Mark | None = None
    dismissed: bool = False
    started_ns: int = 0
    closed_ns: int = 0
    turn: int = 0
