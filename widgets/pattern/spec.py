"""What the test pattern is and what can be set about it; Qt-free."""

from __future__ import annotations

from console.api import PanelSpec, Text, Value


class PatternSettings(Value, frozen=True):
    """Settings of one screen's test pattern.

    Attributes:
        name: what is written in its middle, usually the screen's name in the layout.
    """

    name: str = ""


SPEC = PanelSpec(
    id="pattern",
    title=Text("校准图", "Test pattern"),
    factory="widgets.pattern.panel:PatternPanel",
    settings=PatternSettings,
    spans=True,
    help=Text(
        "检查大屏拼接的校准图：线条跨屏应连成一线，圆应是圆的。",
        "A picture to check a wall by: lines run on straight from screen to screen, circles are round.",
    ),
)
