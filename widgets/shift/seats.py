"""Which seats there are, which of them is shown, and what its head says; Qt-free but for translations."""

from __future__ import annotations

from collections.abc import Iterable

from console.api import NS, HandoverPhase, Host, Seat, Shift
from widgets.kit.text import age_text, when_text
from widgets.shift.words import area_words, person_name, phase_words, steps, tr


def seats_of(host: Host) -> dict[str, Seat]:
    """All seats by id; those that only a source tells of after the others, without an officer."""
    seats = dict(sorted(host.entities(Seat).items()))
    for id_, shift in sorted(host.entities(Shift).items()):
        if id_ not in seats:
            seats[id_] = Seat(id=id_, name=shift.seat, area=shift.area, shift=shift.name,
                              since_ns=shift.start_ns, end_ns=shift.end_ns, simulated=shift.simulated)  # fmt: skip
    return seats


def shown_seat(host: Host, wanted: str) -> Seat | None:
    """The seat `wanted`, else the one that is coming to me, mine, the first; None where there is none."""
    seats = seats_of(host)
    if wanted in seats:
        return seats[wanted]
    me = host.access.person
    mine = [s for s in seats.values() if me and s.officer == me]
    coming = [s for s in seats.values() if me and s.handover is not None and s.handover.coming == me]
    return next(iter(coming or mine or seats.values()), None)


def head_words(host: Host, seat: Seat, now_ns: int) -> tuple[str, str, list[tuple[str, str]]]:
    """(who has the seat, since when until when, lines with their shades)."""
    told = _told_by(host, seat)
    officer = person_name(host, seat.officer) or told or tr("Nobody on duty")
    lines: list[tuple[str, str]] = []
    if told:
        lines.append((tr("Named by its data source; a shift here begins with Start shift."), "text2"))
    lines += _standing(host, seat)
    lines += [(step.rule, "text2") for step in steps(host, seat) if step.rule][:1]
    return officer, _span(host, seat, now_ns) if seat.officer or told else "", lines


def _told_by(host: Host, seat: Seat) -> str:
    """Who a source says is at a seat that the journal does not know."""
    shift = host.entities(Shift).get(seat.id)
    known = seat.id in host.entities(Seat)
    return shift.officer.of(host.language) if shift is not None and not known else ""


def _standing(host: Host, seat: Seat) -> Iterable[tuple[str, str]]:
    """How the handover stands; where none is begun what is open."""
    handover = seat.handover
    if handover is not None:
        yield tr("Handover: {how}").format(how=phase_words(host, handover)), "text"
        if handover.objections and handover.phase is HandoverPhase.DRAFTED:
            yield tr("Reason: {reason}").format(reason=handover.objections[-1][1]), "text2"
    elif seat.officer:
        open_ = tr("{count} open matters").format(count=len(seat.open)) if seat.open else tr("No open matters")
        yield " · ".join(p for p in (area_words(host, seat.area), open_) if p), "text2"


def _span(host: Host, seat: Seat, now_ns: int) -> str:
    if not seat.since_ns:
        return ""
    since = tr("since {clock}").format(clock=when_text(seat.since_ns, now_ns))
    if not seat.end_ns:
        return since
    left_s = (seat.end_ns - now_ns) / NS
    words = tr("until {clock}, {span} left") if left_s >= 0 else tr("until {clock}, {span} over")
    until = words.format(clock=when_text(seat.end_ns, now_ns), span=age_text(abs(left_s), host.language))
    return f"{since}{'，' if host.language == 'zh' else ', '}{until}"
