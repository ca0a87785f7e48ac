"""Lines that were written at this console and do not stand in a seat's log yet; Qt-free."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from console.api import Host, IntentState, Seat, Value
from widgets.shift.spec import LOG

LOST = (IntentState.REFUSED, IntentState.CONFLICT)


class Unsaved(Value, frozen=True, kw_only=True):
    """One line, `number` the order of writing; `after_ns`: the log's newest when it was written."""

    number: int
    seat: str
    text: str
    ref: str
    by: str
    at_ns: int
    after_ns: int
    state: IntentState = IntentState.PENDING
    reason: str = ""


def still_unsaved(host: Host, seat: Seat | None, lines: Iterable[Unsaved], newest: int) -> list[Unsaved]:
    """Without those that stand in the log now; `newest` of the seat, where the node refused it meanwhile, says so."""
    return [_stands(host, seat, line, newest) for line in lines if not _logged(host, line)]


def _logged(host: Host, line: Unsaved) -> bool:
    known = host.entities(Seat).get(line.seat)
    return known is not None and any(
        one.text == line.text and (one.by == line.by or host.access.local) and one.t_ns > line.after_ns
        for one in known.log
    )


def _stands(host: Host, seat: Seat | None, line: Unsaved, newest: int) -> Unsaved:
    act = host.act(seat.id) if seat is not None else None
    if act is None or (act.entity, act.name, line.number) != (line.seat, LOG, newest):
        return line
    if act.state not in LOST or line.state is not IntentState.PENDING:
        return line
    return msgspec.structs.replace(line, state=act.state, reason=act.reason.of(host.language))
