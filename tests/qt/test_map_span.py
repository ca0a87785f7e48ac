"""One map over three screens of other sizes, pitch and rotation: streets run on, nothing written or drawn is cut."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import partial
from typing import Any, Final

import msgspec
import numpy as np
import numpy.typing as npt
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from console.api import (
    ENTITY_CLASSES,
    Alarm,
    AlarmState,
    Area,
    Frame,
    Incident,
    MapLayer,
    Post,
    Sensor,
    Spanned,
    Text,
    Warning_,
)
from layouts.canvas import spanned
from layouts.tree import VERSION, Layout, Part, Screen, numbered
from tests.qt.map_host import START_NS, MapHost
from tests.qt.map_pages import CENTRE, ZOOM, asked, geojson, maps, wait_until
from widgets.kit.tokens import look
from widgets.map.mercator import world_point
from widgets.map.panel import MapPanel
from widgets.map.spec import MapSettings

BEZEL_MM: Final = 8.0
MAP: Final = Part(panel="map", span="m")
SCREENS: Final = (
    Screen(name="a", tree=MAP, text_px=20.0, pitch_mm=0.5, size_px=(640, 480), at_mm=(0.0, 0.0)),
    # as large, and finer
    Screen(name="b", tree=MAP, text_px=30.0, pitch_mm=1 / 3, size_px=(960, 720), at_mm=(320 + BEZEL_MM, 0.0)),
    # upright, below the first
    Screen(name="c", tree=MAP, text_px=20.0, pitch_mm=0.5, size_px=(480, 640), at_mm=(0.0, 240 + BEZEL_MM)),
)
WALL: Final = numbered(Layout(version=VERSION, id="w", title=Text("w"), role="wall", screens=SCREENS))
SIZE_MM: Final = (640 + BEZEL_MM, 560 + BEZEL_MM)
EAST, SOUTH = (0.36, -0.30)
"""Degrees from the middle of the whole to beyond its edges."""
SLOPED: Final = [[CENTRE.lon - EAST, CENTRE.lat + 0.12], [CENTRE.lon + EAST, CENTRE.lat - 0.05]]
STEEP: Final = [[CENTRE.lon - 0.08, CENTRE.lat - SOUTH], [CENTRE.lon - 0.05, CENTRE.lat + SOUTH]]
BAND_PX: Final = 12
Pixels = npt.NDArray[np.uint8]


class Wall:
    """The maps of the three screens, in the order of the layout."""

    def __init__(self, hosts: list[MapHost], panels: list[MapPanel]) -> None:
        self.hosts, self.panels = hosts, panels

    def frame(self, **changes: Any) -> None:
        for panel in self.panels:
            panel.update_frame(Frame(now_ns=START_NS, **changes))

    def step(self, moved: int) -> None:
        """What the stage does: the others stand as the one that a hand moved."""
        view = self.hosts[moved].views[-1]
        for panel in self.panels[:moved] + self.panels[moved + 1 :]:
            panel.restore(view)

    def looks(self) -> list[tuple[float, float, float]]:
        states = [panel.view_state() for panel in self.panels]
        return [(s.get("lon", 0), s.get("lat", 0), s.get("zoom", 0)) for s in states]

    def agree(self) -> bool:
        """All parts look at the same place."""
        first, *rest = self.looks()
        return all(other == pytest.approx(first, abs=1e-6) for other in rest)


def put(host: MapHost, lon_lat: list[tuple[str, float, float]]) -> None:
    """Land everywhere, two main streets, and a post, a name and an alarm at each place."""
    west, south, east, north = 108.0, 33.9, 109.4, 34.7
    places = [("place", "Point", list(place_at(*at)), name) for name, at in TOWNS_MM.items()]
    ground = geojson(
        ("land", "Polygon", [[[west, south], [east, south], [east, north], [west, north]]], ""),
        ("main", "LineString", SLOPED, ""),
        ("main", "LineString", STEEP, ""),
        *places,
    )
    host.put(MapLayer(id="g", kind="ground", sha256=host.file(ground)))
    ring = ((west, south), (east, south), (east, north), (west, north))
    host.put(Area(id="root", name=Text("西咸新区", "Xixian"), area_km2=882, boundary=(ring,)))
    host.put(Warning_(id="w", event=Text("暴雨"), priority=2))
    for name, lon, lat in lon_lat:
        host.put(Post(id=name, name=Text(f"指挥部{name}"), lon=lon, lat=lat))
        host.put(Sensor(id=name, site=Text(f"燃气 {name}"), lon=lon, lat=lat, unit="MPa", digits=2, stale_after_s=1e6))
        host.sample(name, 0.08)
        host.put(Alarm(id=name, sensor=name, priority=1, state=AlarmState.UNACKNOWLEDGED, raised_ns=1))


def place_at(x_mm: float, y_mm: float) -> tuple[float, float]:
    """Degrees of a place of the wall, computed without the page."""
    cx, cy = world_point(CENTRE.lon, CENTRE.lat)
    scale = 0.5 * 256 * 2**ZOOM  # mm: the first screen's pixel is half a mm
    x, y = cx + (x_mm - SIZE_MM[0] / 2) / scale, cy + (y_mm - SIZE_MM[1] / 2) / scale
    return x * 360 - 180, float(np.degrees(np.arctan(np.sinh((0.5 - y) * 2 * np.pi))))


def wall_mm(lon: float, lat: float) -> tuple[float, float]:
    """Where a place of the earth is on the wall, mm."""
    (cx, cy), (x, y) = world_point(CENTRE.lon, CENTRE.lat), world_point(lon, lat)
    scale = 0.5 * 256 * 2**ZOOM
    return (x - cx) * scale + SIZE_MM[0] / 2, (y - cy) * scale + SIZE_MM[1] / 2


PLACES_MM: Final = {
    "mid": (160.0, 120.0),
    "right": (500.0, 90.0),
    "low": (120.0, 430.0),
    "bezel": (322.0, 60.0),
    "other": (326.0, 190.0),
    "under": (60.0, 246.0),
    "corner": (324.0, 242.0),
    "edge": (319.5, 130.0),
    "hole": (560.0, 480.0),
    "far": (1400.0, 120.0),
}
TOWNS_MM: Final = {"左镇": (321.0, 20.0), "右镇": (326.0, 30.0), "下镇": (200.0, 247.0)}
"""All three lie behind a bezel."""
SEEN_BY: Final = {
    "mid": "a",
    "right": "b",
    "low": "c",
    "bezel": "a",
    "other": "b",
    "under": "c",
    "corner": "a",
    "edge": "a",
}
"""Whose it is: where it lies, and of what lies behind a bezel the nearest, of two as near the first."""


@pytest.fixture
def wall(qapp: QApplication) -> Iterator[Wall]:
    """The three maps, painted, with something at each of PLACES_MM."""
    seen = dict.fromkeys((f"{s.name}/0" for s in SCREENS), (0.0, 0.0, 1.0, 1.0))
    parts = spanned(WALL, seen)
    where = [(name, *place_at(*at)) for name, at in PLACES_MM.items()]
    hosts: list[MapHost] = []
    with maps() as make:
        panels = []
        for screen in SCREENS:
            host = MapHost(role="wall", text_px=screen.text_px)
            host.spanned = parts[f"{screen.name}/0"]
            put(host, where)
            hosts.append(host)
            panels.append(make(host, MapSettings(centre=CENTRE, zoom=ZOOM), screen.size_px))
        one = Wall(hosts, panels)
        assert wait_until(one.agree)
        for panel in panels:
            assert wait_until(partial(asked, panel, PAINTED)), "all of it has never been painted"
        yield one


def picture(panel: MapPanel) -> Pixels:
    image = panel.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    array = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine() // 4, 4)
    return array[:, : image.width(), 2::-1].copy()


def line_at(pixels: Pixels, column: int, near: float, reach: int = 25) -> float:
    """Where a street crosses a column of pixels, near a row: the middle of what is not land; NaN where none is."""
    low, high = max(0, round(near) - reach), min(len(pixels), round(near) + reach)
    if high - low < 4:
        return float("nan")
    column_px = pixels[low:high, column].astype(float)
    ground = np.median(column_px, axis=0)
    inside = np.abs(column_px - ground).sum(axis=1)
    if inside.max() < 12:
        return float("nan")
    return low + float((inside * np.arange(len(inside))).sum() / inside.sum()) + 0.5


def street_points(wall: Wall) -> list[tuple[float, float]]:
    """Where the street was found in the pixels near the edges of two screens, and where it has to be, mm."""
    (x0, y0), (x1, y1) = (wall_mm(lon, lat) for lon, lat in SLOPED)
    found = []
    for panel, pitch, from_mm in ((wall.panels[0], 0.5, 0.0), (wall.panels[1], 1 / 3, 320 + BEZEL_MM)):
        pixels = picture(panel)
        width = pixels.shape[1]
        for column in (2, 5, 8, width - 9, width - 6, width - 3):
            expected = y0 + (from_mm + (column + 0.5) * pitch - x0) * (y1 - y0) / (x1 - x0)
            row = line_at(pixels, column, expected / pitch)
            if np.isfinite(row):
                found.append((row * pitch, expected))
    return found


def street_runs_straight(wall: Wall) -> None:
    """Where it leaves one screen it would meet where it enters the next: all of it lies on one straight line."""

    def holds() -> bool:
        points = street_points(wall)
        return len(points) >= 9 and all(abs(found - expected) < 0.35 for found, expected in points)

    assert wait_until(holds), street_points(wall)


PAINTED = (
    f"yilan.state.grounds.length > 0 && yilan.state.baseKey !== '' && yilan.state.marks.length >= {2 * len(PLACES_MM)}"
)
SHOWN = "JSON.stringify(yilan.state.shown.map((m) => [m.kind, m.ref, m.sx, m.sy, m.size, m.away]))"
RECTS = "JSON.stringify(yilan.state.plates.concat(yilan.state.names, yilan.state.written).map((one) => one.rect))"
WRITTEN = "JSON.stringify(yilan.state.written.map((one) => one.text))"


def test_streets_run_on_and_what_lies_behind_a_bezel_stands_once_and_whole(wall: Wall) -> None:
    street_runs_straight(wall)
    shown: dict[tuple[int, str], list[str]] = {}
    for screen, panel in zip(SCREENS, wall.panels, strict=True):
        width, height = screen.size_px
        for kind, ref, x, y, size, away in json.loads(asked(panel, SHOWN)):
            name = ref.partition(":")[2]
            shown.setdefault((kind, name), []).append(screen.name)
            half = 0.6 * size
            assert half <= x <= width - half and half <= y <= height - half, (screen.name, ref, x, y)
            assert (away is None) == (name not in ("hole", "far")), "what is out of sight is held with its way"
        for left, top, right, bottom in json.loads(asked(panel, RECTS)):
            assert left >= 16 and top >= 16 and right <= width - 16 and bottom <= height - 16
        pixels = picture(panel)
        ink = look.tokens.main_street
        street = max(ink.red(), ink.green(), ink.blue())
        for band in (pixels[:BAND_PX], pixels[-BAND_PX:], pixels[:, :BAND_PX], pixels[:, -BAND_PX:]):
            assert int(band.max()) <= street + 2, "brighter than any street: a word, a plate or a symbol"
    alarms = {name: seen for (kind, name), seen in shown.items() if kind == 0}
    posts = {name: seen for (kind, name), seen in shown.items() if kind == 2}
    assert {name: seen for name, seen in alarms.items() if name in SEEN_BY} == {n: [s] for n, s in SEEN_BY.items()}
    assert posts == {n: [s] for n, s in SEEN_BY.items()}
    assert (alarms["hole"], alarms["far"]) == (["b"], ["b"]), "held once, at the screen nearest to it"
    towns = [(s.name, t) for s, p in zip(SCREENS, wall.panels, strict=True) for t in json.loads(asked(p, WRITTEN))]
    assert sorted(towns) == [("a", "左镇"), ("b", "右镇"), ("c", "下镇")], (
        "a name behind a bezel is written once, whole"
    )
    chips = [asked(panel, "document.querySelectorAll('.warning').length") for panel in wall.panels]
    assert sum(chips) == 1, "a warning stands once on the wall"


def test_a_hand_on_one_moves_all(wall: Wall) -> None:
    home = wall.looks()[0]
    QTest.keyClick(wall.panels[1], Qt.Key.Key_Right)
    assert wait_until(lambda: bool(wall.hosts[1].views) and wall.looks()[1][0] > home[0] + 0.01)
    wall.step(1)
    assert wait_until(wall.agree)
    QTest.keyClick(wall.panels[2], Qt.Key.Key_Plus)
    assert wait_until(lambda: bool(wall.hosts[2].views) and wall.looks()[2][2] > home[2] + 0.4)
    wall.step(2)
    assert wait_until(wall.agree)
    assert wall.hosts[0].views == (), "who only follows tells nobody"
    QTest.keyClick(wall.panels[0], Qt.Key.Key_Home)
    assert wait_until(lambda: bool(wall.hosts[0].views) and wall.hosts[0].views[-1].get("home") is True)
    wall.step(0)
    assert wait_until(lambda: wall.agree() and wall.looks()[1] == pytest.approx(home, abs=1e-6))


def test_a_selection_moves_all_alike_and_is_cut_by_no_bezel(wall: Wall) -> None:
    lon, lat = place_at(1200.0, 300.0)
    for host in wall.hosts:
        host.put(Incident(id="i", title=Text("泄漏"), lon=lon, lat=lat))
        host.selection = "incident:i"
    home = wall.looks()[0]
    wall.frame(selection_changed=True, entities=frozenset(ENTITY_CLASSES))
    assert wait_until(lambda: wall.looks()[0] != home and wall.agree())

    def seen() -> list[list[float]]:
        shown = [json.loads(asked(panel, SHOWN)) for panel in wall.panels]
        return [m[2:4] for one in shown for m in one if m[1] == "incident:i"]

    assert wait_until(lambda: bool(seen()))
    assert seen() == [pytest.approx([320, 240], abs=1.5)], "once, in the middle of the first screen"


def test_a_part_that_changes_stays_a_part(wall: Wall) -> None:
    """A screen is exchanged for one that hangs lower: its map is moved, those of the others stay."""
    lower = msgspec.structs.replace(SCREENS[1], at_mm=(320 + BEZEL_MM, 60.0))
    seen = dict.fromkeys((f"{s.name}/0" for s in SCREENS), (0.0, 0.0, 1.0, 1.0))
    changed = msgspec.structs.replace(
        WALL, screens=(WALL.screens[0], msgspec.structs.replace(lower, tree=WALL.screens[1].tree), WALL.screens[2])
    )
    parts: dict[str, Spanned] = spanned(changed, seen)
    before = [panel.view_state()["bounds"] for panel in wall.panels]
    for screen, host in zip(SCREENS, wall.hosts, strict=True):
        host.spanned = parts[f"{screen.name}/0"]
    wall.frame(seeked=True)

    def moved() -> bool:
        after = [panel.view_state()["bounds"] for panel in wall.panels]
        return bool(after[1][3] < before[1][3] - 0.005 and after[0] == pytest.approx(before[0], abs=1e-6))

    assert wait_until(moved)
