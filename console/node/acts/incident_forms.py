"""The entries that an intent on an incident makes; pure, and in the journal's thread."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

import msgspec

from console.api import Board, Incident, IncidentFacts, IncidentPhase, ReportKind, Text, Value
from console.node.act import RuleError
from console.node.acts.arguments import read
from console.node.acts.making import check_area, check_files, check_id, check_seen, checked, draft_of, said
from console.node.acts.numbers import Numbers
from console.node.acts.scene_rules import Watched
from console.node.journal.entry import Draft
from console.node.journal.fold import View
from console.node.journal.folds import ReportedAct, ScaleAct, SentAct, StepAct, TellAct, Told
from console.rules.elapsed import Mark
from console.rules.incident import ACT_NAMES, IncidentAct, missing
from console.wire.frames import Intent


class ReportForm(Told, frozen=True, kw_only=True):
    """`incident.report`; what the room knows besides the title leads on to verifying and grading at once."""

    board: Board | None = None
    alarm: str = ""
    sensors: tuple[str, ...] = ()
    grade: int = 0
    reason: str = ""


class StepForm(Told, frozen=True, kw_only=True):
    """The acts that move the phase."""

    reason: str = ""
    response_level: int = 0


class ScaleForm(Told, frozen=True, kw_only=True):
    """`incident.grade`, `.colour`, `.level`."""

    value: int
    reason: str = ""


class SendForm(Value, frozen=True, kw_only=True):
    """`incident.send`."""

    report: ReportKind
    to: str
    number: int = 0
    text: str = ""
    sha256: str = ""


class TellForm(Told, frozen=True, kw_only=True):
    """`incident.tell`."""

    text: str = ""


class Around(NamedTuple):
    """What the node knows besides the journal.

    `name`: of a person, by id. `source`: the incident where only a source tells of it. `begun`: what the alarm that a
    report names says of place and sensors, None where there is no such alarm. `walls`: that have rules for scenes.
    """

    now: Mark
    areas: Mapping[str, Any]
    has_file: Callable[[str], bool]
    simulated: bool
    name: Callable[[str], Text] = Text
    source: Incident | None = None
    begun: ReportForm | None = None
    walls: Watched = Watched({}, {})


STEPS: Final = {f"incident.{act.value}": act for act in IncidentAct if act is not IncidentAct.GRADE}
SCALES: Final = ("incident.grade", "incident.colour", "incident.level")
NAMES: Final = ("incident.report", "incident.tell", "incident.send", *STEPS, *SCALES)
WEIGHTY: Final = frozenset((*STEPS, *SCALES))
"""Acts that are a conflict where another of them came in between unseen; lines of the record and reports never are."""
_SCALE_WORDS: Final = {"incident.grade": "定级", "incident.colour": "调整预警颜色", "incident.level": "调整响应级别"}
_STAMPED: Final = frozenset({IncidentAct.CONTROL, IncidentAct.DISMISS, IncidentAct.CLOSE})


def decide(intent: Intent, around: Around, view: View, numbers: Numbers) -> list[Draft]:
    """The entries of an act. Raises RefusedError naming the rule, MovedError where it is a conflict."""
    if intent.name == "incident.report":
        return _report(intent, around, view, numbers)
    if around.source is not None:
        raise RuleError(
            "事件规则：此事件由其数据源管理；请先以“报告”接管",
            "incident rule: its source keeps it; report it to take it on",
        )
    if intent.name in WEIGHTY:
        check_seen(intent, view, WEIGHTY, words, around.name)
    act: StepAct | ScaleAct | SentAct | TellAct
    if intent.name in STEPS:
        act, told = _step(intent, around)
    elif intent.name in SCALES:
        act, told = _scale(intent)
    elif intent.name == "incident.send":
        act, told = _sent(intent, around)
    else:
        form = read(intent, TellForm)
        told = said(form, Told)
        act = TellAct(told=told, text=form.text)
    check_area(told.area or "", around.areas)
    return checked([draft_of(intent, view, intent.name, act)], view)


def words(kind: str) -> str:
    """An act as a sentence names it, Chinese."""
    return _SCALE_WORDS[kind] if kind in SCALES else ACT_NAMES[STEPS[kind]].zh


def _step(intent: Intent, around: Around) -> tuple[StepAct, Told]:
    form = read(intent, StepForm)
    told = said(form, Told)
    at = {"at": around.now} if STEPS[intent.name] in _STAMPED else {}
    return StepAct(told=told, reason=form.reason, response_level=form.response_level, **at), told


def _scale(intent: Intent) -> tuple[ScaleAct, Told]:
    form = read(intent, ScaleForm)
    told = said(form, Told)
    return ScaleAct(value=form.value, reason=form.reason, told=told), told


def _sent(intent: Intent, around: Around) -> tuple[SentAct, Told]:
    form = read(intent, SendForm)
    check_files((form.sha256,), around.has_file)
    act = SentAct(report=form.report, to=form.to, at=around.now, number=form.number, text=form.text, sha256=form.sha256)
    return act, Told()


def _report(intent: Intent, around: Around, view: View, numbers: Numbers) -> list[Draft]:
    """The report, and where it is all there the verification and the grade, as entries of one intent."""
    check_id(intent)
    form = _completed(read(intent, ReportForm), around)
    check_area(form.area or "", around.areas)
    told = said(form, Told)
    act = ReportedAct(
        title=form.title or "",
        at=around.now,
        number=around.source.number if around.source is not None else "",
        board=form.board or Board.LIFELINE,
        told=told,
        sensors=form.sensors,
        alarm=form.alarm,
        simulated=around.simulated,
    )
    drafts = [draft_of(intent, view, intent.name, act)]
    known = IncidentFacts(
        place=told.place or "", nature=told.nature or "", verified_by=told.verified_by or "", grade=form.grade
    )
    verified = not missing(IncidentAct.VERIFY, known)
    if verified or form.grade:  # a grade of what is not verified is refused by the rule that says what lacks
        drafts.append(draft_of(intent, view, "incident.verify", StepAct()))
    if form.grade:
        drafts.append(draft_of(intent, view, "incident.grade", ScaleAct(value=form.grade, reason=form.reason)))
    checked(drafts, view)
    if not act.number:
        act = msgspec.structs.replace(act, number=numbers.of(intent.entity, around.now.wall_ns))
    return [msgspec.structs.replace(drafts[0], act=act), *drafts[1:]]


def _completed(form: ReportForm, around: Around) -> ReportForm:
    """What is not said, as the source that told of it first, or the alarm that it came of, has it."""
    if form.alarm and around.begun is None:
        raise RuleError(f"此处没有报警 {form.alarm[:80]}", f"no alarm {form.alarm[:80]!r} is known here")
    for known in (_of_source(around.source), around.begun):
        if known is None:
            continue
        given = {
            field.name: value
            for field in msgspec.structs.fields(ReportForm)
            if getattr(form, field.name) in (None, "", ()) and (value := getattr(known, field.name)) not in (None, "")
        }
        form = msgspec.structs.replace(form, **given)
    return form


def _of_source(source: Incident | None) -> ReportForm | None:
    if source is None:
        return None
    return ReportForm(
        title=source.title.zh,
        place=source.place.zh,
        area=source.area,
        lon=source.lon,
        lat=source.lat,
        board=source.board,
        sensors=source.sensors,
        fact=source.fact.zh,
    )


def first_phase(intent: Intent) -> IncidentPhase:
    """How far an `incident.report` means to go, for what it has to be allowed."""
    if intent.arguments.get("grade"):
        return IncidentPhase.GRADED
    return IncidentPhase.VERIFIED if intent.arguments.get("verified_by") else IncidentPhase.REPORTED
