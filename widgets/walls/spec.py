"""The panel of walls as a declaration; Qt-free."""

from __future__ import annotations

from console.api import PanelSpec, Text, Value


class WallsSettings(Value, frozen=True):
    """`only`: ids of the walls that are shown, none: all."""

    only: tuple[str, ...] = ()


SPEC = PanelSpec(
    id="walls",
    title=Text("大屏", "Walls"),
    factory="widgets.walls.panel:WallsPanel",
    settings=WallsSettings,
    live=True,
)
