"""The fold of a seat: who has it, the shift's log, and its handovers with two signatures; pure, and knows no store.

A signature is the entry of the person who acted, in the chain like every other.
"""

from __future__ import annotations

from typing import Final

import msgspec

from console.api import HandoverPhase, RefusedError, Shift, Text, Value
from console.node.journal.folds.deed import ActRule, Acts, Deed, fold_of
from console.rules.handover import HandoverAct, after, may_draft, may_start

MOST_LINES: Final = 1_000
MOST_HANDOVERS: Final = 60
"""Lines of the present shift and past handovers in the state; older ones are in the journal and counted."""


class StartAct(Value, frozen=True, kw_only=True):
    """`shift.start`: `officer` sits down, where nobody has the seat; else only with a reason.

    `seat`, `area`, `name`: of the seat and the shift, 值班一席, 夜班; None: as before. `end_ns`: until when, 0 open.
    """

    officer: str
    seat: Text | None = None
    area: str | None = None
    name: Text | None = None
    end_ns: int = 0
    reason: str = ""


class LogAct(Value, frozen=True, kw_only=True):
    """`shift.log`: a line of the shift's log; `ref` names what it is about ("incident:…"), "" nothing."""

    text: str
    ref: str = ""


class DraftAct(Value, frozen=True, kw_only=True):
    """`shift.draft`: the handover to `coming` as it is written; `mentioned`: refs of the open matters it speaks of."""

    coming: str
    text: str
    mentioned: tuple[str, ...] = ()


class SignAct(Value, frozen=True, kw_only=True):
    """`shift.sign_off`, `.take`, `.object`.

    `open`: with `.sign_off`, the refs of the seat's open incidents, orders and shelved alarms, as the NODE counts them
    then. `name`, `end_ns`: with `.take`, of the shift that begins.
    """

    reason: str = ""
    open: tuple[str, ...] = ()
    name: Text | None = None
    end_ns: int = 0


class Handover(Value, frozen=True, kw_only=True):
    """A handover; times UTC ns, 0 not yet. `unsaid`: open matters that it does not mention, with the `reason`."""

    leaving: str
    coming: str
    text: str
    mentioned: tuple[str, ...] = ()
    unsaid: tuple[str, ...] = ()
    phase: HandoverPhase = HandoverPhase.DRAFTED
    reason: str = ""
    objections: tuple[tuple[str, str], ...] = ()
    """Who objected, and why, each before the text was written anew."""
    signed_ns: int = 0
    signed_hash: bytes = b""
    taken_ns: int = 0
    taken_hash: bytes = b""


class LogLine(Value, frozen=True, kw_only=True):
    """One line of the shift's log."""

    by: str
    t_ns: int
    text: str
    ref: str = ""
    hash: bytes = b""


class ShiftStanding(Value, frozen=True, kw_only=True):
    """What the journal says of a seat. `officer` "" nobody has it; `handover` the one under way.

    `log` is the present shift's; `past` the handovers before, oldest first.
    """

    id: str
    officer: str = ""
    since_ns: int = 0
    end_ns: int = 0
    seat: Text = Text("")
    area: str = ""
    name: Text = Text("")
    log: tuple[LogLine, ...] = ()
    handover: Handover | None = None
    past: tuple[Handover, ...] = ()
    forgotten: int = 0


def _start(seat: ShiftStanding, deed: Deed) -> ShiftStanding:
    act: StartAct = deed.act
    may_start(act.officer, actor=deed.actor, holder=seat.officer, reason=act.reason)
    given = {"seat": act.seat, "area": act.area, "name": act.name}
    begun = msgspec.structs.replace(
        seat,
        officer=act.officer,
        since_ns=deed.t_ns,
        end_ns=act.end_ns,
        handover=None,
        log=(),
        **{name: value for name, value in given.items() if value is not None},
    )
    return _logged(begun, deed, act.reason) if act.reason else begun


def _log(seat: ShiftStanding, deed: Deed) -> ShiftStanding:
    act: LogAct = deed.act
    if not act.text.strip():
        raise RefusedError("shift rule: the line is empty", zh="值班规则：内容为空")
    return _logged(seat, deed, act.text, act.ref)


def _draft(seat: ShiftStanding, deed: Deed) -> ShiftStanding:
    act: DraftAct = deed.act
    before = seat.handover
    may_draft(before.phase if before else None, actor=deed.actor, holder=seat.officer, coming=act.coming)
    written = Handover(
        leaving=seat.officer,
        coming=act.coming,
        text=act.text,
        mentioned=act.mentioned,
        objections=before.objections if before else (),
    )
    return msgspec.structs.replace(seat, handover=written)


def _sign(seat: ShiftStanding, deed: Deed) -> ShiftStanding:
    act: SignAct = deed.act
    handover = seat.handover
    if handover is None:
        raise RefusedError("handover rule: no handover is written", zh="交接班规则：尚未填写交接记录")
    what = HandoverAct(deed.kind.removeprefix("shift."))
    unsaid = tuple(ref for ref in act.open if ref not in handover.mentioned)
    phase = after(
        handover.phase,
        what,
        actor=deed.actor,
        leaving=handover.leaving,
        coming=handover.coming,
        unsaid=len(unsaid),
        reason=act.reason,
    )
    signed = msgspec.structs.replace(handover, phase=phase)
    match what:
        case HandoverAct.SIGN_OFF:
            said = {"unsaid": unsaid, "reason": act.reason, "signed_ns": deed.t_ns, "signed_hash": deed.hash}
            return msgspec.structs.replace(seat, handover=msgspec.structs.replace(signed, **said))
        case HandoverAct.OBJECT:
            objections = (*handover.objections, (deed.actor, act.reason))[-MOST_HANDOVERS:]
            anew = {"objections": objections, "signed_ns": 0, "signed_hash": b"", "unsaid": (), "reason": ""}
            return msgspec.structs.replace(seat, handover=msgspec.structs.replace(signed, **anew))
        case HandoverAct.TAKE:
            return _taken(seat, signed, deed)


def _taken(seat: ShiftStanding, signed: Handover, deed: Deed) -> ShiftStanding:
    act: SignAct = deed.act
    done = msgspec.structs.replace(signed, taken_ns=deed.t_ns, taken_hash=deed.hash)
    past = (*seat.past, done)
    over = max(0, len(past) - MOST_HANDOVERS)
    return msgspec.structs.replace(
        seat,
        officer=signed.coming,
        since_ns=deed.t_ns,
        end_ns=act.end_ns,
        name=seat.name if act.name is None else act.name,
        log=(),
        handover=None,
        past=past[over:],
        forgotten=seat.forgotten + over,
    )


def _logged(seat: ShiftStanding, deed: Deed, text: str, ref: str = "") -> ShiftStanding:
    log = (*seat.log, LogLine(by=deed.actor, t_ns=deed.t_ns, text=text, ref=ref, hash=deed.hash))
    over = max(0, len(log) - MOST_LINES)
    return msgspec.structs.replace(seat, log=log[over:], forgotten=seat.forgotten + over)


SHIFT_ACTS: Final[Acts] = {
    "shift.start": ActRule(StartAct, _start),
    "shift.log": ActRule(LogAct, _log),
    "shift.draft": ActRule(DraftAct, _draft),
    **{f"shift.{act.value}": ActRule(SignAct, _sign) for act in HandoverAct},
}
SHIFT: Final = fold_of("shift", lambda id_: ShiftStanding(id=id_), SHIFT_ACTS)


def shift_of(seat: ShiftStanding) -> Shift:
    """The entity as screens know it."""
    return Shift(
        id=seat.id,
        officer=Text(seat.officer),
        seat=seat.seat,
        area=seat.area,
        name=seat.name,
        start_ns=seat.since_ns,
        end_ns=seat.end_ns,
    )
