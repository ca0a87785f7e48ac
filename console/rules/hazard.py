"""The closed loop of a hazard 隐患 as a pure transition table; knows no clock, no register and no person.

Nobody verifies what he mended himself, and a re-inspection that fails sends the hazard back to be mended: the loop
closes only over an inspector's word.
"""

from __future__ import annotations

import enum
from typing import Final

from console.api import PHASE_NAMES, HazardPhase, PossibleAct, RefusedError, Text


class HazardAct(enum.StrEnum):
    """What a person may do to a hazard's phase."""

    ASSESS = "assess"
    ASSIGN = "assign"
    MEND = "mend"
    PASS = "pass"
    FAIL = "fail"
    """The re-inspection 复查 found it not mended."""
    CLOSE = "close"
    REOPEN = "reopen"
    DISMISS = "dismiss"
    """No hazard after all: only at the assessment, with a reason."""


_F, _A, _G = HazardPhase.FOUND, HazardPhase.ASSESSED, HazardPhase.ASSIGNED
_M, _V, _C = HazardPhase.MENDED, HazardPhase.VERIFIED, HazardPhase.CLOSED
_X = HazardAct

TRANSITIONS: Final[dict[tuple[HazardPhase, HazardAct], HazardPhase]] = {
    (_F, _X.ASSESS): _A,
    (_F, _X.DISMISS): _C,
    (_A, _X.DISMISS): _C,
    (_A, _X.ASSIGN): _G,
    (_G, _X.ASSIGN): _G,  # to somebody else, or with another deadline
    (_G, _X.MEND): _M,
    (_M, _X.PASS): _V,
    (_M, _X.FAIL): _G,
    (_V, _X.CLOSE): _C,
    (_V, _X.FAIL): _G,
    (_C, _X.REOPEN): _G,
}
REASONED: Final = frozenset({_X.FAIL, _X.REOPEN, _X.DISMISS})
INSPECTING: Final = frozenset({_X.PASS, _X.FAIL})
ACT_NAMES: Final[dict[HazardAct, Text]] = {
    _X.ASSESS: Text("评估", "assess"),
    _X.ASSIGN: Text("交办", "assign"),
    _X.MEND: Text("报告已整改", "mend"),
    _X.PASS: Text("复查合格", "pass"),
    _X.FAIL: Text("复查不合格", "fail"),
    _X.CLOSE: Text("销号", "close"),
    _X.REOPEN: Text("重新打开", "reopen"),
    _X.DISMISS: Text("排除", "dismiss"),
}
_ASKED: Final = {_X.ASSESS: ("severity",), _X.ASSIGN: ("to",)}


def after(phase: HazardPhase, act: HazardAct, *, actor: str, mended_by: str = "", reason: str = "") -> HazardPhase:
    """The phase after an act of `actor`. Raises RefusedError naming the rule."""
    target = TRANSITIONS.get((phase, act))
    if target is None:
        raise _impossible(phase, act)
    if act in REASONED and not reason.strip():
        raise RefusedError(f"hazard rule: {act.value} needs a reason", zh=f"隐患规则：{ACT_NAMES[act].zh}须填写理由")
    if act in INSPECTING and actor == mended_by:
        raise RefusedError(
            f"hazard rule: {actor} mended it, another person must inspect it",
            zh=f"隐患规则：由 {actor} 整改，须由他人复查",
        )
    return target


def _impossible(phase: HazardPhase, act: HazardAct) -> RefusedError:
    possible = sorted(a for p, a in TRANSITIONS if p is phase)
    names = "、".join(ACT_NAMES[a].zh for a in possible)
    return RefusedError(
        f"hazard rule: {act.value} is not possible while {phase.value}; possible: {', '.join(possible)}",
        zh=f"隐患规则：{PHASE_NAMES[phase].zh}时不能{ACT_NAMES[act].zh}；可以：{names}",
    )


def possible(phase: HazardPhase) -> tuple[PossibleAct, ...]:
    """What the rules let be done now, those that move the phase first; who mended may not inspect."""
    moves = sorted((act for at, act in TRANSITIONS if at is phase), key=list(HazardAct).index)
    return (
        *(PossibleAct(name=f"hazard.{a.value}", asks=_ASKED.get(a, ()), reason=a in REASONED) for a in moves),
        PossibleAct(name="hazard.tell", asks=("text",)),
    )
