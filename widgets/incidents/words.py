"""How an incident's life is put into words: persons, lines, reports and their limits; Qt-free but for translations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from PySide6.QtCore import QCoreApplication

from console.api import (
    NS,
    PHASE_NAMES,
    Area,
    Host,
    Incident,
    IncidentPhase,
    IncidentRecord,
    Person,
    ReportDue,
    ReportKind,
    Text,
    TimelineLine,
)
from widgets.incidents.asks import COLOURS, FIELDS
from widgets.incidents.spec import WORDS
from widgets.kit.names import short_area
from widgets.kit.text import age_text, when_text

translate = QCoreApplication.translate
NUMERALS: Final = ("", "I", "II", "III", "IV")
GRADES: Final = {
    1: (Text("特大", "Extreme"), "I"),
    2: (Text("重大", "Major"), "II"),
    3: (Text("较大", "Large"), "III"),
    4: (Text("一般", "Minor"), "IV"),
}
SHORT_REPORTS: Final = {
    ReportKind.FIRST_PHONE: Text("电话初报", "First by phone"),
    ReportKind.FIRST_WRITTEN: Text("书面初报", "First in writing"),
    ReportKind.FOLLOW_UP: Text("续报", "Follow-up"),
    ReportKind.FINAL: Text("终报", "Final"),
}
MARKS: Final = (0.5, 0.8, 1.0)
"""Shares of a limit at which the officer is warned."""
_FACTS: Final = (
    "place", "nature", "reported_by", "verified_by", "leader", "casualties", "cause", "measures", "lessons",
)  # fmt: skip


def person(host: Host, id_: str) -> str:
    """A person's name; its id where nobody knows more."""
    known = host.entities(Person).get(id_)
    return (known.name.of(host.language) if known is not None else "") or id_ or "—"


def area_of(host: Host, id_: str) -> str:
    """An area's short name, "" unknown."""
    area = host.entities(Area).get(id_)
    return short_area(area, host.language) if area is not None else ""


def colour_word(value: int, language: str) -> str:
    """A warning colour as a word, "" none."""
    return next((w.of(language) for v, w in COLOURS if v == str(value)), "") if value else ""


def report_name(kind: ReportKind, number: int, language: str) -> str:
    """A report's name, with its number where it has one."""
    name = SHORT_REPORTS[kind].of(language)
    return f"{name} {number}" if number else name


def facts(
    record: IncidentRecord, language: str, personal: Mapping[str, tuple[str, bool]]
) -> list[tuple[str, str, bool]]:
    """(what, as it is known, whether it may be asked for) in the order of the forms; "" nobody has said so: no zero.

    `personal`: what stands in the place of what the record does not bear.
    """
    made = []
    for name in _FACTS:
        value = getattr(record.facts, name)
        text, masked = personal.get(name, ("", False))
        if text:
            pass
        elif name == "casualties":
            text = "" if value is None else translate("Incident", "dead {0}, hurt {1}, missing {2}").format(*value)
        else:
            text = str(value)
        if text or name not in ("lessons", "leader"):
            made.append((FIELDS[name].title.of(language), text, masked))
    return made


def line_words(line: TimelineLine, language: str) -> tuple[str, str]:
    """(what was done, in what words) of a line of the timeline."""
    word = WORDS.get(line.kind)
    what = word.of(language) if word is not None else line.kind
    text = line.text
    first, _, rest = text.partition(" ")
    if line.kind in ("incident.grade", "incident.colour", "incident.level") and first.isdigit():
        value = int(first)
        if line.kind == "incident.grade" and value in GRADES:
            named = f"{GRADES[value][0].of(language)} {NUMERALS[value]}"
        elif line.kind == "incident.colour":
            named = colour_word(value, language) or translate("Incident", "taken back")
        else:
            named = NUMERALS[value] if 1 <= value <= 4 else translate("Incident", "taken back")
        text = f"{named}　{rest}".strip()
    if line.lacking:
        names = (
            "、".join(t.zh for t in line.lacking) if language == "zh" else ", ".join(t.of("en") for t in line.lacking)
        )
        text = f"{text}　{translate('Incident', 'without {what}').format(what=names)}".strip()
    return what, text


def when(t_ns: int, now_ns: int) -> str:
    """The clock of today, the day too of any other; "" for not known."""
    return when_text(t_ns, now_ns) if t_ns else ""


def share(due: ReportDue, now_ns: int) -> float:
    """How much of a limit is gone, 0 … 1 and beyond."""
    return (now_ns - due.since_ns) / max(1, due.due_ns - due.since_ns)


def remaining(due: ReportDue, now_ns: int, language: str) -> tuple[str, str]:
    """(what is left, which mark is passed): "余 22 min" and "80 %", or "超 3 min"."""
    left_s = (due.due_ns - now_ns) / NS
    span = age_text(abs(left_s), language)
    if left_s <= 0:
        return translate("Incident", "overdue {span}").format(span=span), ""
    passed = max((mark for mark in MARKS if share(due, now_ns) >= mark), default=0.0)
    return translate("Incident", "{span} left").format(span=span), f"{passed:.0%}" if passed else ""


def phases(incident: Incident) -> list[tuple[IncidentPhase, str]]:
    """Each phase with how it stands: done, now, next, later."""
    if incident.phase is None:
        return []
    order = list(IncidentPhase)
    here = order.index(incident.phase)
    states = {here: "now", here + 1: "next"}
    return [(phase, states.get(i, "done" if i < here else "later")) for i, phase in enumerate(order)]


def phase_word(phase: IncidentPhase, language: str) -> str:
    """The phase's name."""
    return PHASE_NAMES[phase].of(language)


def differences(host: Host, before: Incident, now: Incident) -> list[tuple[str, str, str]]:
    """(what, as it was seen, as it is now) of what two versions of an incident say differently."""
    language = host.language

    def said(version: Incident) -> list[tuple[str, str]]:
        grade = GRADES.get(version.grade)
        numeral = NUMERALS[version.response_level] if 0 <= version.response_level <= 4 else ""
        return [
            (translate("Incident", "Phase"), phase_word(version.phase, language) if version.phase else ""),
            (translate("Incident", "Grade"), f"{grade[0].of(language)} {grade[1]}" if grade else ""),
            (translate("Incident", "Warning colour"), colour_word(version.warning_colour, language)),
            (translate("Incident", "Response level"), numeral),
            (translate("Incident", "What"), version.title.of(language)),
            (translate("Incident", "Place"), version.place.of(language)),
            (translate("Incident", "Area"), area_of(host, version.area)),
            (translate("Incident", "Progress"), version.fact.of(language)),
        ]

    pairs = zip(said(before), said(now), strict=True)
    return [(what, was or "—", is_ or "—") for (what, was), (_, is_) in pairs if was != is_]
