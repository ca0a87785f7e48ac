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
    help=Text(
        "每面大屏现在的样子：场景、何时由谁投放、谁在控制、各机器是否在线。",
        "Each wall as it is now: its scene, since when and by whom, who controls it, and its machines.",
    ),
)
