"""The life of an incident as a pure transition table, and what each step asks to know; knows no clock, no person.

Grade, warning colour and response level are three facts, each set by its own act; no rule derives one from another
(Emergency Response Law: event grades, warning colours and response levels are separate scales).
"""

from __future__ import annotations

import enum
from typing import Final

from console.api import PHASE_NAMES, IncidentFacts, IncidentPhase, PossibleAct, RefusedError, ReportKind, Text


class IncidentAct(enum.StrEnum):
    """What a person may do to an incident's phase."""

    VERIFY = "verify"
    GRADE = "grade"
    RESPOND = "respond"
    CONTROL = "control"
    CLOSE = "close"
    DISMISS = "dismiss"
    """A false report 误报: closed from any phase before the response, with a reason."""
    REVIEW = "review"
    REOPEN = "reopen"
    WORSEN = "worsen"
    """It is out of control again: back to the response, with a reason."""


_R, _V, _G = IncidentPhase.REPORTED, IncidentPhase.VERIFIED, IncidentPhase.GRADED
_N, _C, _X, _W = IncidentPhase.RESPONDING, IncidentPhase.CONTROLLED, IncidentPhase.CLOSED, IncidentPhase.REVIEWED
_A = IncidentAct

TRANSITIONS: Final[dict[tuple[IncidentPhase, IncidentAct], IncidentPhase]] = {
    (_R, _A.VERIFY): _V,
    (_V, _A.GRADE): _G,
    (_G, _A.RESPOND): _N,
    (_N, _A.CONTROL): _C,
    (_C, _A.CLOSE): _X,
    (_C, _A.WORSEN): _N,
    (_X, _A.REVIEW): _W,
    (_X, _A.REOPEN): _N,
    (_W, _A.REOPEN): _N,
    # the grade may change for as long as the incident lasts; the phase stays
    (_G, _A.GRADE): _G,
    (_N, _A.GRADE): _N,
    (_C, _A.GRADE): _C,
    **{(phase, _A.DISMISS): _X for phase in (_R, _V, _G)},
}
REASONED: Final = frozenset({_A.DISMISS, _A.REOPEN, _A.WORSEN})
"""Acts that are never done without a reason."""
ACT_NAMES: Final[dict[IncidentAct, Text]] = {
    _A.VERIFY: Text("核实", "verify"),
    _A.GRADE: Text("定级", "grade"),
    _A.RESPOND: Text("启动响应", "respond"),
    _A.CONTROL: Text("确认控制", "control"),
    _A.CLOSE: Text("结束", "close"),
    _A.DISMISS: Text("判为误报", "dismiss"),
    _A.REVIEW: Text("复盘", "review"),
    _A.REOPEN: Text("重新打开", "reopen"),
    _A.WORSEN: Text("再次失控", "worsen"),
}

_ASKED: Final[dict[IncidentAct, tuple[tuple[str, Text], ...]]] = {
    _A.VERIFY: (
        ("place", Text("地点", "place")),
        ("nature", Text("性质", "nature")),
        ("verified_by", Text("核实人", "who verified")),
    ),
    _A.GRADE: (("grade", Text("等级", "grade")),),
    _A.RESPOND: (
        ("response_level", Text("响应级别", "response level")),
        ("leader", Text("现场负责人", "leader on scene")),
    ),
    _A.CONTROL: (("measures", Text("已采取措施", "measures taken")),),
    _A.CLOSE: (
        ("casualties", Text("伤亡情况", "casualties")),
        ("cause", Text("原因", "cause")),
        ("measures", Text("已采取措施", "measures taken")),
    ),
    _A.REVIEW: (("lessons", Text("改进事项", "lessons")),),
}


def missing(act: IncidentAct, facts: IncidentFacts) -> tuple[Text, ...]:
    """What the act asks to be known and is not, in the order of the form; casualties of zero are known, None is not."""
    asked = [name for field, name in _ASKED.get(act, ()) if getattr(facts, field) in ("", 0, None)]
    if act is IncidentAct.CLOSE:
        if ReportKind.FINAL not in facts.reports_sent:
            asked.append(Text("终报", "final report"))
        if facts.open_orders:
            asked.append(Text(f"{facts.open_orders} 条指令未完成", f"{facts.open_orders} orders not finished"))
    return tuple(asked)


def after(phase: IncidentPhase, act: IncidentAct, facts: IncidentFacts, reason: str = "") -> IncidentPhase:
    """The phase after an act.

    Closing with something missing needs a reason, which is then on record; all other acts that ask for a fact are
    refused without it. Raises RefusedError naming the rule and what is missing.
    """
    target = TRANSITIONS.get((phase, act))
    if target is None:
        raise _impossible(phase, act)
    if act in REASONED and not reason.strip():
        raise RefusedError(f"incident rule: {act.value} needs a reason", zh=f"事件规则：{ACT_NAMES[act].zh}须填写理由")
    lacking = missing(act, facts)
    if lacking and not (act is IncidentAct.CLOSE and reason.strip()):
        names = "、".join(f"{text.zh} ({text.en})" for text in lacking)
        tip = "; or give a reason for closing without" if act is IncidentAct.CLOSE else ""
        zh = "；或填写不齐而结束的理由" if act is IncidentAct.CLOSE else ""
        raise RefusedError(
            f"incident rule: {act.value} asks for {names}{tip}",
            zh=f"事件规则：{ACT_NAMES[act].zh}须有{'、'.join(text.zh for text in lacking)}{zh}",
        )
    if act is IncidentAct.GRADE and not 1 <= facts.grade <= 4:
        raise RefusedError(
            f"incident rule: found grade {facts.grade}, expected 1 (特别重大) to 4 (一般)",
            zh=f"事件规则：等级为 {facts.grade}，应为 1（特别重大）至 4（一般）",
        )
    return target


def _impossible(phase: IncidentPhase, act: IncidentAct) -> RefusedError:
    possible = sorted(a for p, a in TRANSITIONS if p is phase)
    names = "、".join(ACT_NAMES[a].zh for a in possible)
    return RefusedError(
        f"incident rule: {act.value} is not possible while {phase.value}; possible: {', '.join(possible)}",
        zh=f"事件规则：{PHASE_NAMES[phase].zh}时不能{ACT_NAMES[act].zh}；可以：{names}",
    )


_ALWAYS: Final = ("tell", "colour", "level", "send")
"""What may be done in any phase, in the order of the form; a report that went out is a fact whenever it did."""
_ASKED_BY: Final = {"tell": ("text",), "colour": ("value",), "level": ("value",), "send": ("report", "to")}


def possible(phase: IncidentPhase, facts: IncidentFacts) -> tuple[PossibleAct, ...]:
    """What the rules let be done now, those that move the phase first; `asks` by the names of intents' arguments."""
    moves = [act for at, act in TRANSITIONS if at is phase]
    return (
        *(_possible(act, facts) for act in sorted(moves, key=list(IncidentAct).index)),
        *(PossibleAct(name=f"incident.{name}", asks=_ASKED_BY[name]) for name in _ALWAYS),
    )


def _possible(act: IncidentAct, facts: IncidentFacts) -> PossibleAct:
    unknown = tuple(field for field, _ in _ASKED.get(act, ()) if getattr(facts, field) in ("", 0, None))
    asks = ("value",) if act is IncidentAct.GRADE else unknown
    lacks = missing(act, facts) if act is IncidentAct.CLOSE else ()
    return PossibleAct(name=f"incident.{act.value}", asks=asks, reason=act in REASONED, lacks=lacks)
