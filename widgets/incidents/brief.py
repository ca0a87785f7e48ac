"""What a row of the incident list says: how long, where, what is counted, which report comes next; no widget."""

from __future__ import annotations

from console.api import NS, Host, Incident
from widgets.incidents.words import area_of, translate
from widgets.kit.text import age_text, beijing, clock_text, date_text, duration_text, value_text


def running(incident: Incident, now_ns: int, language: str) -> str:
    """How long it has been going on; whole minutes from the first one on: nobody counts its seconds.

    "" while nobody has saved when it began.
    """
    if not incident.started_ns:
        return ""
    seconds = (now_ns - incident.started_ns) / NS
    return duration_text(seconds - seconds % 60 if seconds >= 60 else seconds, language)


def where(host: Host, incident: Incident) -> str:
    """Place and response."""
    language = host.language
    place = incident.place.of(language) or area_of(host, incident.area)
    return " · ".join(part for part in (place, incident.response.of(language)) if part)


def fact_words(incident: Incident, language: str) -> str:
    """What is counted, without the numbers."""
    text = incident.fact.of(language)
    return text.rstrip("0123456789 /人").strip() or text


def fact(incident: Incident, language: str) -> str:
    """The fact with its count: "转移 412 / 620 人"."""
    text = incident.fact.of(language)
    if incident.fact_done is None or not incident.fact_of or any(sign.isdigit() for sign in text):
        return text
    return f"{text} {value_text(incident.fact_done, 0)} / {value_text(incident.fact_of, 0)}"


def due(incident: Incident, now_ns: int, language: str) -> tuple[str, bool]:
    """(next report: "续报 余 22 min", whether it is overdue)."""
    if not incident.report_due_ns:
        last = incident.steps > 0 and incident.step >= incident.steps - 1
        return translate("Incidents", "to be closed") if last else "", False
    kind = incident.report_kind.of(language)
    left_s = (incident.report_due_ns - now_ns) / NS
    if left_s >= 0:
        text = translate("Incidents", "{report} in {span}")
        return text.format(report=kind, span=age_text(left_s, language)), False
    text = translate("Incidents", "{report} overdue {span}")
    return text.format(report=kind, span=age_text(-left_s, language)), True


def when(incident: Incident, now_ns: int, language: str) -> str:
    """When it began, see `when_of`."""
    return when_of(incident.started_ns, now_ns, language)


def when_of(t_ns: int, now_ns: int, language: str) -> str:
    """ "21:02" today, "昨 21:02" or "Fri 21:02" yesterday, before that the day alone."""
    days = (beijing(now_ns).date() - beijing(t_ns).date()).days
    clock = clock_text(t_ns, seconds=False)
    if days <= 0:
        return clock
    if days > 1:
        return f"{beijing(t_ns):%m-%d}"
    return f"{date_text(t_ns, 'en')[:3]} {clock}" if language == "en" else f"昨 {clock}"
