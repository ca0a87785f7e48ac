"""The alarm list as a declaration; Qt-free."""

from __future__ import annotations

from console.api import PanelSpec, Text, Value


class AlarmsSettings(Value, frozen=True):
    """`area`: only alarms of this area and below, "" all; `closed`: how many closed ones an empty list shows."""

    area: str = ""
    closed: int = 4


SPEC = PanelSpec(
    id="alarms",
    title=Text("报警", "Alarms"),
    factory="widgets.alarms.panel:AlarmsPanel",
    settings=AlarmsSettings,
)
