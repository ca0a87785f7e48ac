"""Maps on their own pages for tests: made, asked, and their pixels found; knows what a map is for, and no test."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from PySide6.QtGui import QColor, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from console.api import ENTITY_CLASSES, Alarm, AlarmState, Area, Frame, MapLayer, Sensor, Text
from tests.qt.map_host import START_NS, MapHost
from widgets.kit.tokens import look
from widgets.map.mercator import world_point
from widgets.map.panel import MapPanel
from widgets.map.spec import Centre, MapSettings

ALL = Frame(now_ns=START_NS, seeked=True, entities=frozenset(ENTITY_CLASSES))
CENTRE = Centre(lon=108.70, lat=34.30)
ZOOM = 13.0
PIXEL_DEG = 360 / (256 * 2**13)
SIZE = (640, 480)
PATIENCE_S = 30.0
Make = Callable[..., MapPanel]


def geojson(*features: tuple[str, str, Any, str]) -> bytes:
    made = [
        {
            "type": "Feature",
            "properties": {"class": c, "zh": n, "rank": 1 if c == "place" else 9},
            "geometry": {"type": t, "coordinates": xy},
        }
        for c, t, xy, n in features
    ]
    return json.dumps({"type": "FeatureCollection", "features": made}).encode()


def a_city(host: MapHost) -> None:
    """A rough ground: land in the west half, water in the east half, a main street, one town."""
    w, s, e, n = 108.5, 34.1, 108.9, 34.5
    ground = geojson(
        ("land", "Polygon", [[[w, s], [108.70, s], [108.70, n], [w, n]]], ""),
        ("water", "Polygon", [[[108.71, s], [e, s], [e, n], [108.71, n]]], "渭河"),
        ("main", "LineString", [[w, 34.29], [e, 34.29]], "天元路"),
        ("place", "Point", [108.68, 34.315], "沣西新城"),
    )
    host.put(MapLayer(id="g", kind="ground", sha256=host.file(ground)))
    ring = ((w, s), (e, s), (e, n), (w, n))
    host.put(Area(id="root", name=Text("西咸新区", "Xixian"), area_km2=882, boundary=(ring,)))


def a_sensor(host: MapHost, key: str, lon: float, lat: float, value: float, priority: int = 0) -> None:
    host.put(Sensor(id=key, site=Text(f"燃气 {key}"), lon=lon, lat=lat, unit="MPa", digits=2, stale_after_s=1e6))
    host.sample(key, value, rate_per_s=-0.01)
    if priority:
        host.put(Alarm(id=f"a{key}", sensor=key, priority=priority, state=AlarmState.UNACKNOWLEDGED, raised_ns=1))


@contextmanager
def maps() -> Iterator[Make]:
    """Makes maps that have painted once; at the end they are closed."""
    made: list[tuple[QWidget, MapPanel]] = []

    def build(host: MapHost, settings: MapSettings | None = None, size: tuple[int, int] = SIZE) -> MapPanel:
        window = QWidget()
        window.resize(*size)
        panel = MapPanel(host, settings or MapSettings(centre=CENTRE, zoom=ZOOM))
        panel.setParent(window)
        panel.setGeometry(0, 0, *size)
        window.show()
        panel.show()
        made.append((window, panel))
        panel.update_frame(ALL)
        assert wait_until(lambda: not panel.loading), "the page never painted"
        return panel

    motion, look.motion = look.motion, False
    try:
        yield build
    finally:
        look.motion = motion
        look.set_mode("night")
        for window, panel in made:
            panel.close_panel()
            window.hide()
            window.deleteLater()
        QTest.qWait(20)


def wait_until(holds: Callable[[], bool]) -> bool:
    """Let events run until `holds`; False when it never did, however slow the machine."""
    end_s = time.monotonic() + PATIENCE_S
    while not holds():
        if time.monotonic() > end_s:
            return False
        QTest.qWait(20)
    return True


def asked(panel: MapPanel, script: str) -> Any:
    """The value of a script in the page."""
    got: list[Any] = []
    assert panel.web is not None
    panel.web.tell(script, got.append)
    assert wait_until(lambda: bool(got))
    return got[0]


def view_bounds(panel: MapPanel) -> list[float]:
    """West, south, east, north of what the panel shows."""
    assert wait_until(lambda: bool(panel.view_state().get("bounds")))
    bounds: list[float] = panel.view_state()["bounds"]
    return bounds


def screen_point(lon: float, lat: float, size: tuple[int, int] = SIZE, centre: Centre = CENTRE) -> tuple[int, int]:
    """Where a place must be on screen, computed without the page."""
    scale = 256 * 2**ZOOM
    (x, y), (cx, cy) = world_point(lon, lat), world_point(centre.lon, centre.lat)
    return round((x - cx) * scale + size[0] / 2), round((y - cy) * scale + size[1] / 2)


def wait_for(panel: MapPanel, seen: Callable[[QImage], bool]) -> QImage:
    """The first picture of which `seen` holds; the last one if none does."""
    image = panel.grab().toImage()

    def look_again() -> bool:
        nonlocal image
        image = panel.grab().toImage()
        return seen(image)

    wait_until(look_again)
    return image


def is_near(image: QImage, at: tuple[int, int], colour: QColor, reach: int = 12) -> bool:
    """Whether the colour stands within `reach` px of the point."""
    r = image.devicePixelRatio()
    return any(
        image.pixelColor(int((at[0] + dx) * r), int((at[1] + dy) * r)).rgb() == colour.rgb()
        for dx in range(-reach, reach + 1)
        for dy in range(-reach, reach + 1)
    )
