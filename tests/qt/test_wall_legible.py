"""On every shipped wall, on screens of several shapes, with a subject and without: nothing is cut, too small, or over
other words."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from functools import partial
from itertools import combinations
from typing import Any

import msgspec
import pytest
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter

from console.api import Incident, IncidentRecord, settings_from
from layouts.arrange import GAP_PX, Box, arrange
from layouts.store import PRESETS, read
from layouts.wall import text_px
from tests.fakes import FakeHost
from tests.incident_scene import told
from tests.qt.panel_making import Make
from tests.qt.saying import saying
from tests.scenes import quiet, storm
from widgets.alarms.panel import AlarmsPanel
from widgets.alarms.spec import AlarmsSettings
from widgets.board_matrix.panel import BoardMatrixPanel
from widgets.board_matrix.spec import BoardMatrixSettings
from widgets.incidents.panel import IncidentsPanel
from widgets.incidents.spec import IncidentsSettings
from widgets.kit import text as kit_text
from widgets.posts.panel import PostsPanel
from widgets.posts.spec import PostsSettings
from widgets.strips.panel import StripsPanel
from widgets.strips.spec import StripsSettings

WALLS = [file for file in sorted(PRESETS.glob("*.toml")) if read(file).role == "wall"]
PANELS: dict[str, tuple[Any, Any]] = {
    "alarms": (AlarmsPanel, AlarmsSettings),
    "board_matrix": (BoardMatrixPanel, BoardMatrixSettings),
    "incidents": (IncidentsPanel, IncidentsSettings),
    "posts": (PostsPanel, PostsSettings),
    "strips": (StripsPanel, StripsSettings),
}
SHAPES = ((1920, 1080, 1.0), (1080, 1920, 1.0), (1920, 1080, 0.5))
"""Width and height of screens that a scene may stand on, and the em as a share of what its file gives: as planned,
upright, and seen from half as far. 4K of the same size is the first again, of other pixels."""


class Written:
    """Stands between the widgets and their texts: where each stands, which is cut, the smallest size."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.texts: list[tuple[str, QRectF]] = []
        self.cut: list[str] = []
        self.least = float("inf")
        for name, module in list(sys.modules.items()):
            if not name.startswith("widgets.") or module is kit_text:
                continue
            if getattr(module, "draw_elided", None) is kit_text.draw_elided:
                patch.setattr(module, "draw_elided", self._draw)
            if getattr(module, "font", None) is kit_text.font:
                patch.setattr(module, "font", self._font)

    def forget(self) -> None:
        """Begin anew."""
        self.texts, self.cut, self.least = [], [], float("inf")

    def _font(self, px: float, bold: bool = False) -> QFont:
        self.least = min(self.least, px)
        return kit_text.font(px, bold)

    def _draw(self, p: QPainter, rect: QRectF, flags: Qt.AlignmentFlag | int, text: str) -> None:
        bits = flags.value if isinstance(flags, Qt.AlignmentFlag) else flags
        metrics = QFontMetricsF(p.font())
        if text and rect.width() > 0:
            wide = metrics.horizontalAdvance(text)
            if wide > rect.width() + 0.5:
                self.cut.append(text)
            left = rect.left()
            if bits & Qt.AlignmentFlag.AlignRight.value:
                left = rect.right() - wide
            elif bits & Qt.AlignmentFlag.AlignHCenter.value:
                left = rect.center().x() - wide / 2
            tall = metrics.capHeight()
            box = QRectF(left, rect.center().y() - tall / 2, min(wide, rect.width()), tall)
            self.texts.append((text, p.deviceTransform().mapRect(box)))
        kit_text.draw_elided(p, rect, flags, text)

    def overlaps(self) -> list[tuple[str, str]]:
        """Words that stand over other words."""
        found = []
        stand = {(text, *_edges(box)): box for text, box in self.texts}
        for ((a, *_), one), ((b, *_), other) in combinations(stand.items(), 2):
            both = one.intersected(other)
            if both.width() > 1 and both.height() > 1:
                found.append((a, b))
        return found


def _edges(box: QRectF) -> tuple[float, float, float, float]:
    return box.left(), box.top(), box.right(), box.bottom()


def _made(face: Any, settings: Any, host: FakeHost) -> Any:
    return face(host, settings)


def _told(host: FakeHost) -> None:
    told(host)
    record = host.entities(IncidentRecord)["i3"]
    facts = msgspec.structs.replace(record.facts, casualties=(0, 12, 1))
    host.put(msgspec.structs.replace(record, facts=facts))


def _without_place(host: FakeHost) -> None:
    """An incident of which nobody has said where it is, with a long name."""
    storm(host)
    known = host.entities(Incident)["i3"]
    host.put(msgspec.structs.replace(known, id="x", area="", lon=None, lat=None, sensors=(), grade=0))
    host.selection = "incident:x"


@pytest.mark.parametrize(
    "scene",
    [quiet, storm, lambda host: None, _told, _without_place],
    ids=["quiet", "storm", "nothing", "told", "where"],
)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_tiles_of_a_wall_are_whole_and_large_enough(
    make: Make,
    monkeypatch: pytest.MonkeyPatch,
    language: str,
    scene: Callable[[FakeHost], None],
) -> None:
    written = Written(monkeypatch)
    with saying(language, "lists_zh", "incidents_zh", "curves_zh"):
        host = FakeHost(role="wall", language=language)
        scene(host)
        for panel, settings, width, height, em in sorted(_places()):
            host.text_px = em
            face, form = PANELS[panel]
            written.forget()
            asked = settings_from(form, json.loads(settings), panel)
            tile = make(host, partial(_made, face, asked), width, height)
            written.forget()
            tile.grab()
            where = f"{panel} {settings} of {width} × {height} px, em {em:.1f}"
            assert not written.cut, where
            assert written.least >= em * 0.995, where
            assert not written.overlaps(), where
            host.close_spawned()


@pytest.mark.parametrize("name", ["watch", "storm", "hazmat", "lifeline", "crowd", "consult"])
def test_every_scene_of_a_common_case_asks_about_its_subject(name: str) -> None:
    parts = [part for screen in read(PRESETS / f"scene-{name}.toml").screens for part in _tiles(screen.tree)]
    assert [part.panel for part in parts if part.settings.get("about") == "subject"].count("incidents") == 1
    assert sum(part.settings.get("about") == "subject" for part in parts) >= 3


def _tiles(part: Any) -> list[Any]:
    return [part] if part.panel else [tile for kid in part.parts or part.tabs for tile in _tiles(kid)]


def _places() -> set[tuple[str, str, int, int, float]]:
    """Panel, settings, width, height and em of every such tile on any wall and any shape of screen."""
    found = set()
    for file in WALLS:
        wall = read(file)
        for screen in wall.screens:
            for wide, high, share in SHAPES:
                em = text_px(screen, wall) * share
                placed = arrange(screen.tree, Box(0, 0, wide - 2 * GAP_PX, high - 2 * GAP_PX), scale=em / 64.0)
                for tile in placed.tiles:
                    if tile.box is not None and tile.part.panel in PANELS:
                        settings = json.dumps(tile.part.settings, sort_keys=True)
                        found.add((tile.part.panel, settings, tile.box.width, tile.box.height, em))
    return found
