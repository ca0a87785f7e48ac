"""Which incident is shown and what goes with it, the same in the detail's own panel and in the list's; no widget."""

from __future__ import annotations

from console.api import Host, Incident, IncidentRecord, Text
from widgets.incidents.acting import Acting, Unsent
from widgets.incidents.view import IncidentView


def chosen_incident(host: Host, acting: Acting, fixed: str, last: str) -> tuple[Incident | None, bool]:
    """(the incident to show, whether it waits to be sent): a fixed one, the selected, the last, the gravest."""
    known = host.entities(Incident)
    kind, _, picked = host.selection.partition(":")
    for id_ in (fixed, picked if kind == "incident" else "", last):
        if id_ in known:
            return known[id_], False
        if id_ in acting.unsent:
            return incident_of(acting.unsent[id_]), True
    open_ = [incident for incident in known.values() if not incident.closed_ns]
    return min(open_, key=lambda i: (i.grade or 9, i.started_ns, i.id), default=None), False


def incident_of(unsent: Unsent) -> Incident:
    """A report that waits to be sent, as an incident: without number and phase, which the node gives."""
    values = unsent.values
    grade = values.get("grade", "")
    return Incident(
        id=unsent.id,
        title=Text(values.get("title", "")),
        grade=int(grade) if grade.isdigit() else 0,
        area=values.get("area", ""),
        place=Text(values.get("place", "")),
        fact=Text(values.get("nature", "")),
    )


def shown_of(view: IncidentView, host: Host, acting: Acting, incident: Incident, now_ns: int, *, waiting: bool) -> None:
    """Show it with what may be done and how the last act stands."""
    record = host.entities(IncidentRecord).get(incident.id)
    acts = [] if waiting else acting.possible(incident, record)
    standing = host.act(incident.id)
    acting.personal.show(incident.id)
    view.show_incident(
        incident, record, now_ns, acts, standing, waiting=waiting, said=acting.said_after(standing).of(host.language),
        personal=acting.personal.texts(record),
    )  # fmt: skip
