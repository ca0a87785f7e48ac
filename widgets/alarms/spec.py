"""The alarm list as a declaration; Qt-free."""

from __future__ import annotations

from console.api import PanelSpec, Text, Value
from widgets.kit.subject import About


class AlarmsSettings(Value, frozen=True):
    """`area`: only alarms of this area and below, "" all; `closed`: how many closed ones an empty list shows.

    `about` "subject": those of the incident that is selected, on a wall its scene's: joined to it, of its sensors or
    of its new town; none selected: as `area` says.
    """

    area: str = ""
    closed: int = 4
    about: About = ""


SPEC = PanelSpec(
    id="alarms",
    title=Text("报警", "Alarms"),
    factory="widgets.alarms.panel:AlarmsPanel",
    settings=AlarmsSettings,
)
