"""The fold of hazards 隐患: the closed loop with its re-inspections; pure, and knows no store, clock or register."""

from __future__ import annotations

from typing import Final

import msgspec

from console.api import Board, HazardPhase, RefusedError, Value
from console.node.journal.folds.deed import ActRule, Acts, Deed, fold_of
from console.rules.hazard import INSPECTING, HazardAct, after

MOST_LINES: Final = 1_000
"""Moments and inspections kept in the state; older ones are in the journal and counted."""


class FoundAct(Value, frozen=True, kw_only=True):
    """`hazard.find`: somebody found it. `sha256s`: pictures and papers."""

    title: str = ""
    nature: str = ""
    place: str = ""
    area: str = ""
    board: Board = Board.PRODUCTION
    lon: float | None = None
    lat: float | None = None
    sha256s: tuple[str, ...] = ()


class LoopAct(Value, frozen=True, kw_only=True):
    """`hazard.assess`, `.assign`, `.mend`, `.pass`, `.fail`, `.close`, `.reopen`, `.dismiss`.

    `severity` with `.assess`: 1 major 重大, 2 general 一般. `to` and `due_ns` with `.assign`, `due_ns` with `.fail` and
    `.reopen` too (0: as before). `by`: who mended or inspected, "" the actor.
    """

    reason: str = ""
    severity: int = 0
    to: str = ""
    due_ns: int = 0
    by: str = ""
    text: str = ""
    sha256s: tuple[str, ...] = ()


class Inspection(Value, frozen=True, kw_only=True):
    """One re-inspection 复查: who looked, when (UTC ns), whether it was mended, and if not why."""

    by: str
    t_ns: int
    passed: bool
    mended_by: str
    reason: str = ""
    sha256s: tuple[str, ...] = ()
    hash: bytes = b""


class HazardMoment(Value, frozen=True, kw_only=True):
    """One line of the loop; `phase` after it."""

    kind: str
    by: str
    t_ns: int
    phase: HazardPhase
    text: str = ""
    hash: bytes = b""


class HazardStanding(Value, frozen=True, kw_only=True):
    """What the journal says of a hazard. Nothing was found where `moments` is empty.

    `due_ns`: until when `assigned_to` is to have it mended, 0 no limit. `turn`: how often it was sent back.
    """

    id: str
    phase: HazardPhase = HazardPhase.FOUND
    found: FoundAct = FoundAct()
    severity: int = 0
    assigned_to: str = ""
    due_ns: int = 0
    mended_by: str = ""
    dismissed: bool = False
    inspections: tuple[Inspection, ...] = ()
    moments: tuple[HazardMoment, ...] = ()
    forgotten: int = 0
    turn: int = 0
    found_ns: int = 0
    closed_ns: int = 0


_BACK: Final = frozenset({HazardAct.FAIL, HazardAct.REOPEN})


def _find(hazard: HazardStanding, deed: Deed) -> HazardStanding:
    act: FoundAct = deed.act
    if hazard.moments:
        raise RefusedError("hazard rule: it is on the register already", zh="隐患规则：已登记")
    if not act.title.strip():
        raise RefusedError(
            "hazard rule: the title is empty; say what is wrong", zh="隐患规则：标题为空；请写明有何隐患"
        )
    return _line(msgspec.structs.replace(hazard, found=act, found_ns=deed.t_ns), deed, act.title)


def _step(hazard: HazardStanding, deed: Deed) -> HazardStanding:
    if not hazard.moments:
        raise RefusedError("hazard rule: nobody has found it", zh="隐患规则：尚未登记此隐患")
    act: LoopAct = deed.act
    what, who = HazardAct(deed.kind.removeprefix("hazard.")), act.by or deed.actor
    phase = after(hazard.phase, what, actor=who, mended_by=hazard.mended_by, reason=act.reason)
    _asked(what, act)
    closed_ns = deed.t_ns if phase is HazardPhase.CLOSED else 0
    then = msgspec.structs.replace(hazard, phase=phase, closed_ns=closed_ns, **_changes(what, act, who, hazard))
    if what in INSPECTING:
        seen = Inspection(
            by=who,
            t_ns=deed.t_ns,
            passed=what is HazardAct.PASS,
            mended_by=hazard.mended_by,
            reason=act.reason,
            sha256s=act.sha256s,
            hash=deed.hash,
        )
        then = msgspec.structs.replace(then, inspections=(*then.inspections, seen)[-MOST_LINES:])
    return _line(then, deed, act.reason or act.text)


def _asked(what: HazardAct, act: LoopAct) -> None:
    if what is HazardAct.ASSESS and act.severity not in (1, 2):
        raise RefusedError(
            f"hazard rule: found severity {act.severity}, expected 1 (重大) or 2 (一般)",
            zh=f"隐患规则：隐患级别为 {act.severity}，应为 1（重大）或 2（一般）",
        )
    if what is HazardAct.ASSIGN and not act.to.strip():
        raise RefusedError("hazard rule: assign asks for who is to mend it", zh="隐患规则：交办须写明由谁整改")


def _changes(what: HazardAct, act: LoopAct, who: str, hazard: HazardStanding) -> dict[str, object]:
    due_ns = act.due_ns or hazard.due_ns
    if what in _BACK:
        return {"mended_by": "", "due_ns": due_ns, "turn": hazard.turn + 1, "dismissed": False}
    match what:
        case HazardAct.ASSESS:
            return {"severity": act.severity}
        case HazardAct.ASSIGN:
            return {"assigned_to": act.to, "due_ns": act.due_ns}
        case HazardAct.MEND:
            return {"mended_by": who}
        case HazardAct.DISMISS:
            return {"dismissed": True}
        case _:
            return {}


def _tell(hazard: HazardStanding, deed: Deed) -> HazardStanding:
    if not hazard.moments:
        raise RefusedError("hazard rule: nobody has found it", zh="隐患规则：尚未登记此隐患")
    if not deed.act.text.strip():
        raise RefusedError("hazard rule: nothing is told", zh="隐患规则：没有内容")
    return _line(hazard, deed, deed.act.text)


def _line(hazard: HazardStanding, deed: Deed, text: str) -> HazardStanding:
    moment = HazardMoment(kind=deed.kind, by=deed.actor, t_ns=deed.t_ns, phase=hazard.phase, text=text, hash=deed.hash)
    moments = (*hazard.moments, moment)
    over = max(0, len(moments) - MOST_LINES)
    return msgspec.structs.replace(hazard, moments=moments[over:], forgotten=hazard.forgotten + over)


HAZARD_ACTS: Final[Acts] = {
    "hazard.find": ActRule(FoundAct, _find),
    "hazard.tell": ActRule(LoopAct, _tell),
    **{f"hazard.{act.value}": ActRule(LoopAct, _step) for act in HazardAct},
}
HAZARD: Final = fold_of("hazard", lambda id_: HazardStanding(id=id_), HAZARD_ACTS)
