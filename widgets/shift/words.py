"""What a seat's persons, refs, times and rules are called; Qt-free but for its translations."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final, NamedTuple

from PySide6.QtCore import QCoreApplication

from console.api import LIVE, NS, Alarm, Area, HandoverPhase, HandoverRecord, Host, Incident, Person, Seat, Sensor, Text
from widgets.kit.names import place_of, short_area, what_of
from widgets.kit.text import beijing

ACTION: Final = "handover"
GRADES: Final = {1: Text("特别重大 I 级", "I extra major"), 2: Text("重大 II 级", "II major"),
                 3: Text("较大 III 级", "III large"), 4: Text("一般 IV 级", "IV minor")}  # fmt: skip


def tr(source: str) -> str:
    """The text in the language of the screens."""
    return QCoreApplication.translate("Shift", source)


class Step(NamedTuple):
    """An act at a seat: the intent's `name`, its word, and in words the rule that forbids it to this person."""

    name: str
    word: str
    rule: str = ""


def person_name(host: Host, person: str) -> str:
    """Who an id is."""
    known = host.entities(Person).get(person)
    if known is not None and known.name.zh:
        return known.name.of(host.language)
    if person and person == host.access.person and host.access.name.zh:
        return host.access.name.of(host.language)
    return person


def ref_words(host: Host, ref: str) -> str:
    """What "incident:…" or "alarm:…" is, readable; what is not here any more by its id."""
    kind, _, id_ = ref.partition(":")
    language = host.language
    if kind == "incident" and (incident := host.entities(Incident).get(id_)) is not None:
        return f"{incident.number} {incident.title.of(language)}".strip()
    if kind == "alarm" and (alarm := host.entities(Alarm).get(id_)) is not None:
        return _alarm_words(host, alarm)
    if kind == "sensor" and (sensor := host.entities(Sensor).get(id_)) is not None:
        return f"{place_of(sensor, host.entities(Area), language)} {sensor.name.of(language)}".strip()
    return id_ or ref


def _alarm_words(host: Host, alarm: Alarm) -> str:
    sensor = host.entities(Sensor).get(alarm.sensor)
    if sensor is None:
        return alarm.id
    language = host.language
    return f"{place_of(sensor, host.entities(Area), language)} {what_of(alarm, sensor, language)}".strip()


def matter_words(host: Host, ref: str) -> tuple[str, str]:
    """(what an open matter is, which kind: its grade, or that it is a shelved alarm)."""
    kind, _, id_ = ref.partition(":")
    incident = host.entities(Incident).get(id_) if kind == "incident" else None
    if incident is not None:
        grade = GRADES.get(incident.grade)
        return ref_words(host, ref), grade.of(host.language) if grade else tr("ungraded")
    return ref_words(host, ref), tr("shelved alarm") if kind == "alarm" else ""


def end_of(text: str, now_ns: int) -> int:
    """ "08:00" as the next such time after now, UTC ns; 0 for nothing, −1 where it is no time. Beijing time."""
    raw = text.strip().replace("：", ":")
    if not raw:
        return 0
    try:
        clock = datetime.strptime(raw, "%H:%M")
    except ValueError:
        return -1
    now = beijing(now_ns)
    end = now.replace(hour=clock.hour, minute=clock.minute, second=0, microsecond=0)
    return int((end if end > now else end + timedelta(days=1)).timestamp()) * NS


def area_words(host: Host, area: str) -> str:
    """An area's short name, "" for none."""
    known = host.entities(Area).get(area)
    return short_area(known, host.language) if known is not None else area


def forbidden(host: Host, seat: Seat | None) -> str:
    """Why this person may do nothing at the seat, "" where they may."""
    if host.context != LIVE:
        return tr("A replay is looked at; nothing is done in it.")
    if not host.access.person:
        return tr("Nobody is logged in.")
    if not host.may(ACTION, seat.area if seat is not None else ""):
        return tr("Your roles do not allow shift and handover here.")
    return ""


def who(host: Host, seat: Seat | None) -> str:
    """Who acts here; on a machine of one's own, where nobody logs in, it is always whoever has the seat."""
    own = host.access.local and seat is not None and seat.officer
    return seat.officer if own and seat is not None else host.access.person


def steps(host: Host, seat: Seat | None) -> list[Step]:
    """The acts that come next at a seat, for the person who is logged in; mirrors the node's rules, which decide."""
    me, no = who(host, seat), forbidden(host, seat)
    if seat is None or not seat.officer:
        return [Step("shift.start", tr("Start shift"), no)]
    found: list[Step] = []
    handover = seat.handover
    if handover is not None and handover.phase is HandoverPhase.SIGNED_OFF:
        coming = handover.coming
        rule = no or (tr("{name} signs to take it.").format(name=person_name(host, coming)) if me != coming else "")
        found += [Step("shift.take", tr("Sign and take over"), rule), Step("shift.object", tr("Object"), rule)]
    else:
        holder = tr("{name} has the seat, writes the handover and signs it.")
        rule = no or (holder.format(name=person_name(host, seat.officer)) if me != seat.officer else "")
        if handover is not None:
            found.append(Step("shift.sign_off", tr("Sign off"), rule))
        found.append(Step("shift.draft", tr("Hand over") if handover is None else tr("Rewrite"), rule))
    if me != seat.officer:
        found.append(Step("shift.start", tr("Start without handover"), no))
    return found


def phase_words(host: Host, record: HandoverRecord) -> str:
    """How a handover stands, as a sentence."""
    names = {"leaving": person_name(host, record.leaving), "coming": person_name(host, record.coming)}
    if record.phase is HandoverPhase.TAKEN:
        return tr("{leaving} to {coming}, taken").format(**names)
    if record.phase is HandoverPhase.SIGNED_OFF:
        return tr("{leaving} signed, {coming} has to sign").format(**names)
    if record.objections:
        return tr("{coming} objected, {leaving} rewrites").format(**names)
    return tr("{leaving} to {coming}, written, not signed").format(**names)
