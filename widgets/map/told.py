"""All that the page is told but symbols and grounds, as one JSON-able table; knows no web view."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QWidget

from console.api import Area, Host, MapLayer, Spanned, Warning_
from widgets.kit import covers
from widgets.kit.subject import Subject
from widgets.kit.tokens import look
from widgets.map.scene import home_box, live_warnings, scope_area
from widgets.map.spec import LAYERS, MapSettings
from widgets.map.words import layer_names, string_table, token_table, warning_chips

MOST_WARNINGS = 2


def page_settings(
    host: Host, settings: MapSettings, layers: frozenset[str], widget: QWidget, subject: Subject | None = None
) -> dict[str, Any]:
    """Tokens, words, role, span, home and what lies over the map, for `yilan.set`; `widget` is the map's own."""
    return {
        "tokens": token_table(look.tokens),
        "strings": string_table(),
        "layerNames": layer_names(),
        "layers": [n for n in LAYERS if n in layers],
        "warnings": warning_chips(live_warnings(host.entities(Warning_), host.now_ns)[:MOST_WARNINGS], host.language),
        "px": host.text_px,
        "target": host.target_px,
        "role": host.role,
        "language": host.language,
        "span": span_table(host.spanned),
        "covers": covers_of(widget) if host.role == "wall" else [],
        "attribution": attribution(host.entities(MapLayer).values()),
        "home": home_table(host.entities(Area), settings, subject),
    }


def home_table(areas: Mapping[str, Area], settings: MapSettings, subject: Subject | None) -> dict[str, Any] | None:
    """Where the map looks unless a hand moved it: at what it is about, else as the settings say; None: unknown."""
    centre = (settings.centre.lon, settings.centre.lat) if settings.centre else None
    zoom, area, aim = settings.zoom, settings.area, False
    if subject is not None and subject.lon is not None and subject.lat is not None:
        centre, zoom, aim = (subject.lon, subject.lat), settings.near_zoom, True  # no bezel is to run through it
    elif subject is not None and subject.area:
        centre, zoom, area = None, 0.0, subject.area
    bounds = home_box(areas, scope_area(areas, area))
    return {"centre": centre, "zoom": zoom, "bounds": bounds, "aim": aim} if centre or bounds else None


def attribution(grounds: Iterable[MapLayer]) -> str:
    """What the map names at its foot: whom its grounds are from, and that some are made up."""
    known = list(grounds)
    schematic = [QCoreApplication.translate("Map", "schematic")] if any(m.simulated for m in known) else []
    return " · ".join(["WGS 84", *schematic, *sorted({m.attribution for m in known if m.attribution})])


def span_table(spanned: Spanned | None) -> dict[str, Any] | None:
    """Which part of a map over several tiles this is: fractions of the whole, its `size` in px of its first tile."""
    if spanned is None:
        return None
    return {
        "x": spanned.x,
        "y": spanned.y,
        "w": spanned.width,
        "h": spanned.height,
        "part": spanned.part,
        "parts": spanned.parts,
        "size": [side / spanned.pitch_mm for side in spanned.size_mm],
    }


def covers_of(widget: QWidget) -> list[list[int]]:
    """What the window lays over the map: left, top, right, bottom in px."""
    return [[r.left(), r.top(), r.right() + 1, r.bottom() + 1] for r in covers.covers_of(widget)]
