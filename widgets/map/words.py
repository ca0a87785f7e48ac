"""What the map's page is told to look like and to say: tokens, strings and settings as one JSON; knows no web view."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QColor

from console.api import Warning_
from widgets.kit.text import clock_text
from widgets.kit.tokens import Tokens, mixed

_PLAIN: Final = (
    "tile", "raised", "line", "text", "text2", "muted", "data", "focus", "fault", "fault_fill", "fault_fill_text",
    "land", "built", "water", "shore", "street", "main_street", "motorway", "border",
)  # fmt: skip


def _hex(colour: QColor) -> str:
    return colour.name().upper()


def token_table(tokens: Tokens) -> dict[str, Any]:
    """The tokens as #RRGGBB; `inside` is the ground of the area itself, between land and built."""
    table: dict[str, Any] = {name: _hex(getattr(tokens, name)) for name in _PLAIN}
    table["inside"] = _hex(mixed(tokens.land, tokens.built, 0.45))
    table["priority"] = [
        {name: _hex(getattr(p, name)) for name in ("line", "fill", "fill_text", "rim")} for p in tokens.priority
    ]
    return table


def string_table() -> dict[str, str]:
    """The few words that the page writes itself."""
    translate = QCoreApplication.translate
    return {
        "layers": translate("Map", "Layers"),
        "in": translate("Map", "Zoom in"),
        "out": translate("Map", "Zoom out"),
        "home": translate("Map", "Whole area"),
        "s": "s",
        "min": "min",
        "h": "h",
        "d": "d",
    }


def layer_names() -> list[tuple[str, str]]:
    """Layer ids and names in the order of the list."""
    translate = QCoreApplication.translate
    return [
        ("sensors", translate("Map", "Sensors")),
        ("alarms", translate("Map", "Alarms")),
        ("cameras", translate("Map", "Cameras")),
        ("posts", translate("Map", "Posts")),
        ("units", translate("Map", "Vehicles")),
        ("places", translate("Map", "Places")),
        ("names", translate("Map", "Names")),
        ("pipes", translate("Map", "Pipes")),
    ]


def warning_chips(warnings: Sequence[Warning_], language: str) -> list[dict[str, Any]]:
    """The warnings for the chips at the top: [{priority, text}]; the colour is always said in words too."""
    return [{"priority": w.priority, "text": warning_text(w, language)} for w in warnings]


def warning_text(warning: Warning_, language: str) -> str:
    """ "暴雨橙色预警 至 06:00" or "Rainstorm warning, orange, to 06:00"."""
    translate = QCoreApplication.translate
    colours = (
        "",
        translate("Map", "red"),
        translate("Map", "orange"),
        translate("Map", "yellow"),
        translate("Map", "blue"),
    )
    event = warning.event.of(language)
    colour = colours[warning.priority] if 0 < warning.priority < len(colours) else ""
    whole = colour in event.lower() and translate("Map", "warning") in event.lower()
    said = event if whole else translate("Map", "{event} warning, {colour}").format(event=event, colour=colour)
    if not warning.expires_ns:
        return said
    until = clock_text(warning.expires_ns, seconds=False)
    return translate("Map", "{warning}, to {time}").format(warning=said, time=until)
