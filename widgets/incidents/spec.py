"""The incident list as a declaration; Qt-free."""

from __future__ import annotations

from console.api import PanelSpec, Text, Value


class IncidentsSettings(Value, frozen=True):
    """`area`: only incidents of this area and below, "" all; `closed`: how many closed ones stand beneath."""

    area: str = ""
    closed: int = 2


SPEC = PanelSpec(
    id="incidents",
    title=Text("事件", "Incidents"),
    factory="widgets.incidents.panel:IncidentsPanel",
    settings=IncidentsSettings,
)
