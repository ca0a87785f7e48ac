"""The closed loop of a hazard 隐患 as a pure transition table; knows no clock, no register and no person.

Nobody verifies what he mended himself, and a re-inspection that fails sends the hazard back to be mended: the loop
closes only over an inspector's word.
"""

from __future__ import annotations

import enum
from typing import Final

from console.api import HazardPhase, RefusedError


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


def after(phase: HazardPhase, act: HazardAct, *, actor: str, mended_by: str = "", reason: str = "") -> HazardPhase:
    """The phase after an act of `actor`. Raises RefusedError naming the rule."""
    target = TRANSITIONS.get((phase, act))
    if target is None:
        possible = ", ".join(sorted(a.value for p, a in TRANSITIONS if p is phase))
        raise RefusedError(f"hazard rule: {act.value} is not possible while {phase.value}; possible: {possible}")
    if act in REASONED and not reason.strip():
        raise RefusedError(f"hazard rule: {act.value} needs a reason")
    if act in INSPECTING and actor == mended_by:
        raise RefusedError(f"hazard rule: {actor} mended it, another person must inspect it")
    return target
