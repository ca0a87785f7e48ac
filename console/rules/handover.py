"""The handover of a seat with two signatures 交接班 as a pure table; knows no clock and no signature's bytes."""

from __future__ import annotations

import enum
from typing import Final

from console.api import PHASE_NAMES, HandoverPhase, RefusedError


class HandoverAct(enum.StrEnum):
    """What may happen to a handover."""

    SIGN_OFF = "sign_off"
    TAKE = "take"
    OBJECT = "object"
    """Who comes on does not take it as it is written: it goes back to be written anew, with a reason."""


TRANSITIONS: Final[dict[tuple[HandoverPhase, HandoverAct], HandoverPhase]] = {
    (HandoverPhase.DRAFTED, HandoverAct.SIGN_OFF): HandoverPhase.SIGNED_OFF,
    (HandoverPhase.SIGNED_OFF, HandoverAct.TAKE): HandoverPhase.TAKEN,
    (HandoverPhase.SIGNED_OFF, HandoverAct.OBJECT): HandoverPhase.DRAFTED,
}


_NAMES: Final = {HandoverAct.SIGN_OFF: "交班签字", HandoverAct.TAKE: "接班签字", HandoverAct.OBJECT: "提出异议"}
_TWO: Final = "handover rule: two persons sign; found one"
_TWO_ZH: Final = "交接班规则：须由两人签字；现只有一人"


def after(
    phase: HandoverPhase,
    act: HandoverAct,
    *,
    actor: str,
    leaving: str,
    coming: str,
    unsaid: int = 0,
    reason: str = "",
) -> HandoverPhase:
    """The phase after an act of `actor` at a seat that `leaving` gives to `coming`.

    `unsaid`: open incidents, orders and shelved alarms of the seat that the draft does not mention.
    Raises RefusedError naming the rule.
    """
    target = TRANSITIONS.get((phase, act))
    if target is None:
        raise RefusedError(
            f"handover rule: {act.value} is not possible while {phase.value}",
            zh=f"交接班规则：{PHASE_NAMES[phase].zh}时不能{_NAMES[act]}",
        )
    if leaving == coming:
        raise RefusedError(_TWO, zh=_TWO_ZH)
    signer = leaving if act is HandoverAct.SIGN_OFF else coming
    if actor != signer:
        raise RefusedError(
            f"handover rule: {act.value} is {signer}'s to sign; found {actor}",
            zh=f"交接班规则：{_NAMES[act]}须由 {signer} 本人签字；现为 {actor}",
        )
    if act is HandoverAct.SIGN_OFF and unsaid and not reason.strip():
        raise RefusedError(
            f"handover rule: {unsaid} open matters are not mentioned; mention them or give a reason",
            zh=f"交接班规则：{unsaid} 项未了事项未提及；请写明，或填写理由",
        )
    if act is HandoverAct.OBJECT and not reason.strip():
        raise RefusedError("handover rule: an objection needs a reason", zh="交接班规则：提出异议须填写理由")
    return target


def may_start(officer: str, *, actor: str, holder: str, reason: str = "") -> None:
    """Ask before `officer` sits down at a seat that `holder` has ("" nobody). Raises RefusedError naming the rule.

    The way from one to the next is a handover; without one only with a reason, e.g. that the other has fallen ill.
    """
    if actor != officer:
        raise RefusedError(
            f"shift rule: {officer} sits down himself; found {actor}",
            zh=f"值班规则：须由 {officer} 本人上岗；现为 {actor}",
        )
    if holder == officer:
        raise RefusedError(f"shift rule: {officer} has the seat already", zh=f"值班规则：{officer} 已在此席位")
    if holder and not reason.strip():
        raise RefusedError(
            f"shift rule: {holder} has the seat; hand it over, or give a reason for taking it without",
            zh=f"值班规则：{holder} 在此席位；请交接班，或填写不经交接而上岗的理由",
        )


def may_draft(phase: HandoverPhase | None, *, actor: str, holder: str, coming: str) -> None:
    """Ask before a handover is written, or written anew; `phase` of the one under way. Raises RefusedError."""
    if not holder:
        raise RefusedError("handover rule: nobody has the seat", zh="交接班规则：席位无人值班")
    if actor != holder:
        raise RefusedError(
            f"handover rule: {holder} has the seat and writes the handover; found {actor}",
            zh=f"交接班规则：交接记录由在岗的 {holder} 填写；现为 {actor}",
        )
    if not coming or coming == holder:
        raise RefusedError(_TWO, zh=_TWO_ZH)
    if phase is HandoverPhase.SIGNED_OFF:
        raise RefusedError(
            "handover rule: it is signed; who comes takes it or objects",
            zh="交接班规则：已签字；由接班人签字或提出异议",
        )
